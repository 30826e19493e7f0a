"""The shape of what `participation` answers. Published names stay."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from services.projections.evidence import Counted, Rate


class Proposing(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody put forward, and whether they then decided it."""

    proposed: Annotated[Counted, Meta(description="Initiatives, and decisions opened without one")]
    decided_alone: Annotated[
        Counted, Meta(description="Of what they proposed: decided by its proposers and nobody else")
    ]
    decided_with_others: Annotated[Counted, Meta(description="Decided with a part of theirs and of others")]
    asked_up: Annotated[Counted, Meta(description="Escalated by them, or decided by others alone")]
    could_alone: Annotated[
        Counted, Meta(description="Of what was asked up: the row and mandates in force let them decide alone")
    ]
    without_asking_up: Annotated[Rate, Meta(description="The first two, of all three")]


class Advising(msgspec.Struct, frozen=True, kw_only=True):
    """Being asked before others decide, and speaking."""

    asked: Annotated[Counted, Meta(description="Named in a request")]
    silent: Annotated[
        Counted,
        Meta(description="Of these, closed or decided without their word; none where advice had no name"),
    ]
    open: Annotated[Counted, Meta(description="Of these, still waiting for their word")]
    not_asked: Annotated[
        Counted,
        Meta(description="Decided without asking them, though the row in force names them as contributor"),
    ]
    advised: Annotated[Counted, Meta(description="Pieces of advice where they were asked")]
    unasked: Annotated[Counted, Meta(description="Pieces of advice where they were not asked by name")]
    late: Annotated[Counted, Meta(description="Pieces of advice after it had been decided")]


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """Having a part in what is decided."""

    decisions: Annotated[Counted, Meta(description="Decisions with a part of theirs, under either lens")]
    share_node: Annotated[float | None, Meta(description="Of all decisions; bodies as one holder")]
    share_seat: Annotated[float | None, Meta(description="The same, bodies split over their seats")]
    positions: Annotated[Counted, Meta(description="Positions they took")]
    elector_heard: Annotated[
        Counted, Meta(description="In the electorate, and decided with their position or part")
    ]
    elector_silent: Annotated[
        Counted, Meta(description="In the electorate, and decided without; never where any one decides")
    ]
    why_null: dict[str, str]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waited on somebody: advice asked, positions, pauses, escalations. By when it began to wait."""

    items: Counted
    days: Annotated[float, Meta(ge=0, description="All of them together, as far as they had lasted")]
    median_days: Annotated[
        float | None, Meta(description="Kaplan-Meier, open items censored; null if not reached")
    ]
    open: Annotated[Counted, Meta(description="Of these, those that still wait at the answer's instant")]
    oldest_open_days: float | None
    in_words: str | None
    why_null: dict[str, str]


class Attending(msgspec.Struct, frozen=True, kw_only=True):
    """Meeting others in the spaces one belongs to."""

    attended: Counted
    absent: Annotated[
        Counted,
        Meta(description="Sessions without them of spaces that they, or a body they sit in, are a member of"),
    ]
    facilitated: Counted


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One holder's part in one window. There is no total and no rank: kinds of contribution do not add up."""

    holder: Annotated[str, Meta(description="`actor/<id>` or `body/<id>`, after merges")]
    kind: Annotated[str | None, Meta(description="person, agent, system; of a body what kind; null: unknown")]
    proposing: Proposing
    advising: Advising
    deciding: Deciding
    waiting: Waiting
    attending: Attending
    contribution: Annotated[
        dict[str, Counted],
        Meta(description="Everything they did, by kind, by its name; kinds they did not are left out"),
    ]


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How one way of taking part was spread over the roster, those without any included."""

    gini: Annotated[float | None, Meta(description="0: everybody the same (Gini 1912)")]
    half_by: Annotated[int | None, Meta(description="The fewest people who together did at least half")]
    people: Annotated[int, Meta(description="The roster and whoever else took part")]
    without: Annotated[int, Meta(description="Of these, those who did none of it")]
    n: Annotated[int, Meta(description="Decisions, pieces of advice, proposals or waits that were spread")]
    in_words: str | None
    why_null: dict[str, str]


class Spreads(msgspec.Struct, frozen=True, kw_only=True):
    """Three ways of taking part, and whom others wait for."""

    deciding: Annotated[Spread, Meta(description="Shares of decisions, seat lens")]
    advising: Annotated[Spread, Meta(description="Pieces of advice before the decision, asked or not")]
    proposing: Annotated[
        Spread,
        Meta(description="Proposals, shared equally among their proposers, a body's equally over its seats"),
    ]
    waiting: Annotated[Spread, Meta(description="Time that others waited for them; high: few hold much up")]


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of what happened was recorded so that it can be told who took part."""

    decisions: Annotated[Counted, Meta(description="With a known decider: what shares are parts of")]
    inferred: Annotated[Counted, Meta(description="Of these, those whose deciders were inferred")]
    unknown: Annotated[Counted, Meta(description="Decided, but nobody knows by whom")]
    with_proposers: Annotated[Rate, Meta(description="Decisions whose proposers are known")]
    with_electorate: Annotated[Rate, Meta(description="Decisions opened with those who may take part")]
    with_consultation: Annotated[Rate, Meta(description="Decisions about which somebody was asked before")]
    unresolved_share: Annotated[
        float | None,
        Meta(description="The part of deciding that stayed with bodies whose seats are not known"),
    ]
    anonymous_advice: Annotated[Counted, Meta(description="Advice that nobody put their name to")]
    why_null: dict[str, str]


class Among(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a roster; which, the lists beside it say."""

    count: Annotated[int, Meta(ge=0)]
    of: Annotated[int, Meta(ge=0)]
    in_words: str | None
    why_null: dict[str, str]


class PartWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    coverage: Coverage
    spread: Spreads
    took_part: Annotated[Among, Meta(description="Of the roster")]
    took_no_part: Annotated[
        list[str], Meta(description="Of the roster: did nothing of any kind, though they may have been asked")
    ]
    parts: Annotated[list[Part], Meta(description="By holder's id, never by how much")]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One role somebody had for a while."""

    kind: Annotated[
        str,
        Meta(
            description="seat: in a body; decides, contributes, informed, escalates_to, accountable: named"
            " in a row; mandate: authority lent to them; reports: answers to somebody; away: had left"
        ),
    ]
    of: Annotated[str, Meta(description="The body, domain, mandate's scope or superior, as a subject")]
    role: Annotated[str | None, Meta(description="Of a seat, if it was named")]
    from_: datetime = msgspec.field(name="from")
    to: Annotated[datetime | None, Meta(description="Null: still, as of the answer's instant")]
    entry: Annotated[int, Meta(description="The position of the entry that began it")]


class Path(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's way through roles over time."""

    holder: str
    spans: Annotated[list[Span], Meta(description="In order of time")]
    bodies: Annotated[int, Meta(description="Different bodies they ever had a seat in")]
    domains: Annotated[int, Meta(description="Different domains whose own rows ever named them")]
    in_words: str
