"""Consultations: who was asked before a decision, what they said, what became of it."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.types import (
    ActorId,
    Data,
    EventId,
    Holders,
    Link,
    Moment,
    Part,
    Reason,
    Ref,
    Sealed,
    Source,
    Text,
    personal,
)


class Requested(Data, frozen=True, kw_only=True):
    """Advice was asked for."""

    about: Ref
    asked: Annotated[Holders, Meta(description="Who was asked; empty: anyone")]
    by: ActorId
    mandatory: Annotated[bool, Meta(description="The matrix demands it")] = False
    due: Moment | None = None


class AdviceGiven(Data, frozen=True, kw_only=True):
    """Somebody advised."""

    by: Annotated[ActorId, Meta(description="Absent: anonymous")] | None = None
    stance: Literal["support", "concern", "objection", "information"]
    text: Annotated[Sealed, personal(Text)] | None = None
    ref: Link | None = None


class Advice(Part, frozen=True, kw_only=True):
    """The event that gave the advice."""

    source: Source
    id: EventId


class AdviceAnswered(Data, frozen=True, kw_only=True):
    """What was done with a piece of advice."""

    advice: Advice
    by: ActorId
    disposition: Literal["integrated", "declined", "withdrawn"]
    reason: Reason | None = None


class Closed(Data, frozen=True, kw_only=True):
    """The consultation ended."""

    reason: Literal["complete", "timeout", "waived"]
    by: ActorId | None = None
