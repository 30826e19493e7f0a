"""Spaces: where people meet to share decisions, obstacles and needs."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.types import MAX_LIST, Data, DecisionId, Domains, Duration, Holder, Holders, Name, Texts


class Opened(Data, frozen=True, kw_only=True):
    """A space began."""

    name: Name
    kind: Literal["circle", "community", "forum", "review", "meeting"]
    cadence: Annotated[Duration, Meta(description="How often it means to meet")] | None = None
    members: Holders = ()
    domains: Domains = ()


class SessionHeld(Data, frozen=True, kw_only=True):
    """A space met."""

    attendees: Holders
    facilitator: Holder | None = None
    decisions: Annotated[
        tuple[DecisionId, ...], Meta(max_length=MAX_LIST, description="The decisions that were shared")
    ] = ()
    obstacles: Texts = ()
    insights: Texts = ()
    needs: Texts = ()
    upcoming: Annotated[Texts, Meta(description="Decisions that are coming")] = ()


class Closed(Data, frozen=True, kw_only=True):
    """A space ended."""
