"""Knots: patterns worth a conversation, and the answers given to them."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.types import MAX_LIST, ActorId, Data, Label, Position, Refs, Sealed, Text, personal


class Raised(Data, frozen=True, kw_only=True):
    """Somebody named a pattern."""

    by: ActorId
    pattern: Label
    about: Refs
    entries: Annotated[
        tuple[Position, ...],
        Meta(max_length=MAX_LIST, description="The positions of the entries that show it"),
    ]
    note: Annotated[Sealed, personal(Text)] | None = None


class Answered(Data, frozen=True, kw_only=True):
    """Somebody answered it, raised by a person or found by a view."""

    response: Literal["formalise", "change", "accept", "dispute"]
    by: ActorId
    note: Annotated[Sealed, personal(Text)] | None = None
