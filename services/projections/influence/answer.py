"""The shape of the answer of `influence`. Published names stay."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from services.projections.evidence import Counted, Entries, Rate
from services.projections.views.answer import Count, RestsOn, Share
from services.projections.views.question import Question


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of advice, and how often the outcome was what they were for."""

    pieces: Annotated[Count, Meta(description="Before the decision, by name, from one who did not decide.")]
    followed: Annotated[Count, Meta(description="Integrated, else the stance matched the outcome.")]
    judged: Annotated[
        Count, Meta(description="Support or objection where the domain has other decisions: what lift is of.")
    ]
    matches: Annotated[Count, Meta(description="Of those judged, where the outcome was what they were for.")]
    expected: Annotated[
        float | None, Meta(description="How many would have matched by the rates of the domains' others.")
    ]
    lift: Annotated[
        float | None,
        Meta(description="mean[match - p], p the leave-one-out rate: association, not cause."),
    ]
    in_words: str | None
    why_null: dict[str, str]
    entries: Entries


class InDomain(Heard, frozen=True, kw_only=True):
    """One adviser's advice on the decisions of one home domain."""

    domain: str


class Adviser(Heard, frozen=True, kw_only=True):
    """One adviser. The lift says what went together with what, not what caused it."""

    adviser: str
    integrated: Annotated[Count, Meta(description="Of the pieces, those answered so.")]
    declined: Annotated[Count, Meta(description="Of the pieces, those answered so.")]
    support: Count
    concern: Count
    objection: Count
    information: Count
    domains: list[InDomain]


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """Advice that says nothing about who influences, by why."""

    anonymous: Counted
    by_deciders: Annotated[Counted, Meta(description="The adviser had a part in the decision.")]
    after_the_decision: Counted
    undecided: Annotated[Counted, Meta(description="Nothing was decided after it, or by nobody known.")]
    withdrawn: Counted


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """One holder in the network."""

    holder: str
    pagerank: Annotated[Share, Meta(description="Who is followed by those who are followed; all sum to 1.")]
    betweenness: Annotated[Share, Meta(description="The share of pairs of others it lies between.")]
    followed: Annotated[float, Meta(description="Its advice that was followed, each piece 1 in all.")]
    follows: Annotated[float, Meta(description="The advice it followed as a decider, by its parts.")]
    deciders: Annotated[Count, Meta(description="How many follow its advice.")]
    advisers: Annotated[Count, Meta(description="Whose advice it follows: how many.")]


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A decider who followed an adviser."""

    decider: str
    adviser: str
    weight: Annotated[float, Meta(description="Pieces followed, each split by the deciders' parts.")]
    followed: Annotated[Count, Meta(description="Pieces followed in decisions the decider had a part in.")]
    entries: Entries


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Decider → adviser, weighted by advice followed, and its centres."""

    holders: Count
    ties: Annotated[Count, Meta(description="How many edges there are.")]
    in_words: str | None
    why_null: dict[str, str]
    nodes: Annotated[list[Node], Meta(description="The highest PageRank first; `holders` says how many.")]
    edges: Annotated[list[Edge], Meta(description="The heaviest first; `ties` says how many.")]


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """How often one holder's doing was directly followed by another's within one decision."""

    from_: str = msgspec.field(name="from")
    to: str
    handovers: Count
    decisions: Annotated[Count, Meta(description="In how many decisions.")]
    entries: Entries


class Handovers(msgspec.Struct, frozen=True, kw_only=True):
    """Handover of work (van der Aalst, Reijers & Song 2005)."""

    handovers: Count
    pairs: Annotated[Count, Meta(description="Of whom to whom: how many.")]
    rows: Annotated[list[Handed], Meta(description="The most frequent first; `pairs` says how many.")]


class InfluenceWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    inferred: Annotated[
        Rate, Meta(description="Of the decisions of the window, those whose deciders were inferred")
    ]
    decisions: Annotated[Count, Meta(description="With a known decider: what advice is held against.")]
    advised: Annotated[Count, Meta(description="Of these, those with advice that counts.")]
    advice: Heard
    left_out: Left
    holders: Annotated[Count, Meta(description="How many advised.")]
    advisers: Annotated[
        list[Adviser],
        Meta(
            description="Those with the most matches beyond what was expected first; `holders` says how many."
        ),
    ]
    network: Network
    handover: Handovers


class Influence(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: one window, or one an interval."""

    rests_on: RestsOn
    question: Question
    level: int | None
    windows: list[InfluenceWindow]
