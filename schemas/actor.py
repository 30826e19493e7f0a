"""Actors: people, agents (software that decides) and systems."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.types import MAX_LIST, ActorId, Data, Label, Name, Part, Reason, Sealed, personal


class Profile(Part, frozen=True, kw_only=True):
    """Who an actor is, in words. It never leaves the ledger except through the directory."""

    name: Name
    email: Annotated[Label, Meta(description="An address to reach them")] | None = None
    handles: Annotated[
        tuple[Label, ...], Meta(max_length=MAX_LIST, description="Names elsewhere, such as `github:ada`")
    ] = ()


class Described(Data, frozen=True, kw_only=True):
    """What both `registered` and `updated` state, whole."""

    kind: Literal["person", "agent", "system"]
    profile: Annotated[Profile | Sealed, personal(Profile)]
    reports_to: (
        Annotated[ActorId, Meta(description="Their superior; for an agent, who answers for it")] | None
    ) = None


class Registered(Described, frozen=True, kw_only=True):
    """An actor became known."""


class Updated(Described, frozen=True, kw_only=True):
    """What is known of an actor, replaced whole: absent means none."""


class Merged(Data, frozen=True, kw_only=True):
    """The subject and `into` are one actor: known from now on, for all occurred times."""

    into: ActorId


class Left(Data, frozen=True, kw_only=True):
    """An actor left the organisation."""

    reason: Reason | None = None


class Returned(Data, frozen=True, kw_only=True):
    """An actor who had left is back."""
