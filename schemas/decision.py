"""Decisions: opened, argued, made, and what became of them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.types import (
    MAX_LIST,
    ActorId,
    Actors,
    Attested,
    BodyId,
    Data,
    DecisionId,
    Emergency,
    Holder,
    Holders,
    HomeDomains,
    InitiativeId,
    Label,
    Link,
    Moment,
    Name,
    Part,
    Reason,
    Rule,
    Sealed,
    Size,
    Stakes,
    Text,
    Weight,
    Weighted,
    personal,
)


class Opened(Data, frozen=True, kw_only=True):
    """A question was put to those who decide."""

    title: Name
    domains: HomeDomains
    initiative: InitiativeId | None = None
    electorate: Annotated[Weighted, Meta(description="Who may take part, as of now: a snapshot")]
    rule: Rule | None = None
    by: ActorId
    due: Moment | None = None
    stakes: Stakes | None = None


class Amended(Data, frozen=True, kw_only=True):
    """The question changed; positions taken before lapse."""

    by: ActorId
    round: Annotated[int, Meta(ge=1, le=10_000)]
    ref: Link | None = None


class PositionTaken(Data, frozen=True, kw_only=True):
    """Somebody said where they stand. `hold` asks for time, `block` objects."""

    by: ActorId
    for_: Annotated[Holder, Meta(description="The holder spoken for")] | None = msgspec.field(
        default=None, name="for"
    )
    value: Literal["approve", "reject", "abstain", "hold", "block"]
    reason: Annotated[Sealed, personal(Text)] | None = None


class Escalated(Data, frozen=True, kw_only=True):
    """The question was passed on to another holder."""

    by: ActorId
    from_: Holder = msgspec.field(name="from")
    to: Holder
    reason: Reason


class Decider(Part, frozen=True, kw_only=True):
    """A holder's share of one decision."""

    holder: Holder
    parts: (
        Annotated[Weight, Meta(description="Its share is parts over the sum of parts; 1 if absent")] | None
    ) = None
    under: Annotated[BodyId, Meta(description="The body in whose name it decided")] | None = None


Deciders = Annotated[
    tuple[Decider, ...], Meta(max_length=MAX_LIST, description="Who in fact decided; empty: nobody knows")
]


class Made(Data, frozen=True, kw_only=True):
    """It was decided."""

    title: Name | None = None
    domains: HomeDomains
    initiative: InitiativeId | None = None
    outcome: Literal["accepted", "rejected", "provisional", "deferred", "returned"]
    choice: Annotated[Text, Meta(description="What was chosen")] | None = None
    deciders: Deciders
    attested: Annotated[Attested, Meta(description="How we know who decided")]
    by: Annotated[ActorId, Meta(description="Who recorded it")] | None = None
    formality: Literal["formal", "tacit"] | None = None
    stakes: Stakes | None = None
    size: Size | None = None
    emergency: Emergency | None = None
    review_on: Moment | None = None
    ref: Link | None = None


class Ratified(Data, frozen=True, kw_only=True):
    """A decision taken in an emergency was confirmed."""

    by: Actors
    ref: Link | None = None


class Formalised(Data, frozen=True, kw_only=True):
    """A tacit decision was written down."""

    by: ActorId
    ref: Link


class Reopened(Data, frozen=True, kw_only=True):
    """A decision no longer stands until it is made anew."""

    by: ActorId
    reason: Reason


class Overridden(Data, frozen=True, kw_only=True):
    """Others put their word in the place of the decision."""

    deciders: Deciders
    outcome: (
        Annotated[
            Literal["accepted", "rejected", "provisional", "deferred", "returned"],
            Meta(description="Absent: void"),
        ]
        | None
    ) = None
    attested: Annotated[Attested, Meta(description="`recorded` if absent")] | None = None
    reason: Reason
    emergency: Emergency | None = None


class Superseded(Data, frozen=True, kw_only=True):
    """A later decision took this one's place."""

    by_decision: DecisionId


class Reviewed(Data, frozen=True, kw_only=True):
    """A decision was looked at again."""

    by: ActorId
    result: Literal["kept", "changed"]


class Communicated(Data, frozen=True, kw_only=True):
    """Somebody was told."""

    to: Holders
    channel: Label | None = None


class Executed(Data, frozen=True, kw_only=True):
    """It was carried out."""

    by: ActorId | None = None
    ref: Link | None = None
