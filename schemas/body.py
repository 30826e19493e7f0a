"""Bodies: groups and roles that can decide as one, and the seats in them."""

from typing import Annotated

from msgspec import Meta

from schemas.types import MAX_LIST, ActorId, BodyId, Data, Label, Moment, Name, Reason, Rule, Weight


class Described(Data, frozen=True, kw_only=True):
    """What both `formed` and `updated` state, whole."""

    name: Name
    kind: Annotated[Label, Meta(description="A team, circle, council, board, community, role …")]
    parent: Annotated[BodyId, Meta(description="The body it is part of")] | None = None
    rule: Annotated[Rule, Meta(description="How its seats decide together; none stated: unknown")] | None = (
        None
    )
    purpose: Reason | None = None


class Formed(Described, frozen=True, kw_only=True):
    """A body began."""


class Updated(Described, frozen=True, kw_only=True):
    """What is stated of a body, replaced whole: absent means none."""


class SeatTaken(Data, frozen=True, kw_only=True):
    """An actor took a seat; on a seat already held it renews role, weight and term."""

    actor: ActorId
    role: Label | None = None
    weight: Annotated[Weight, Meta(description="Its weight under the body's rule; 1 if absent")] | None = None
    by: Annotated[ActorId, Meta(description="Who appointed or recorded it")] | None = None
    until: Annotated[Moment, Meta(description="The end of the term")] | None = None


class SeatVacated(Data, frozen=True, kw_only=True):
    """An actor gave up a seat."""

    actor: ActorId
    role: Annotated[Label, Meta(description="Absent: every seat the actor holds in this body")] | None = None


class Dissolved(Data, frozen=True, kw_only=True):
    """A body ended."""

    into: Annotated[
        tuple[BodyId, ...], Meta(max_length=MAX_LIST, description="The bodies that carry on its work")
    ] = ()
