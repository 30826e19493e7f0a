"""Stated authority against actual, over the same decisions, by the rows' domains and by holder."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, structs

from services.projections import measures
from services.projections.measures import UNIT
from services.projections.structure import Structure
from services.projections.views.answer import Count, RestsOn, Share
from services.projections.views.question import Question, Window
from services.projections.views.tally import Counts, Place, Sides

VIEW: Final = "drift"
VERSION: Final = 2
_ORDER = {stakes: place for place, stakes in enumerate(("strategic", "high", "medium", "low", "none"))}
_NONE: Final = Counts()
_NOT_BOTH: Final = "no decision has both a row that gives somebody authority and a known decider"
_NONE_JUDGED: Final = "no decision could be judged against a row"


class _Apart(NamedTuple):
    """How far apart the two sides are under one row."""

    drift: float | None
    noise: float | None
    decisions: int


class InMandate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether those who decided were entitled to, by the row, the mandates and the limits."""

    yes: Count
    no: Count
    unknown: Annotated[Count, Meta(description="No row, no known decider, or a limit that cannot be judged")]
    out_of_mandate: Annotated[float | None, Meta(description="no/(yes + no)")]
    why_null: dict[str, str]


class Distance(msgspec.Struct, frozen=True, kw_only=True):
    """How far actual authority was from what is stated, over the decisions that have both sides."""

    decisions: Annotated[Count, Meta(description="With a row, somebody it gives authority to, and a decider")]
    inferred: Annotated[Count, Meta(description="Of these, those whose deciders were inferred")]
    drift: Annotated[
        float | None,
        Meta(description="Jensen-Shannon divergence, base 2: 0 as stated, 1 entirely others; mean over rows"),
    ]
    noise: Annotated[float | None, Meta(description="The drift chance alone would give sole deciders")]
    in_words: str | None
    why_null: dict[str, str]


class Compared(Distance, frozen=True, kw_only=True):
    """With the decisions that cannot be compared, and how all of them stand to the mandates."""

    unstated: Annotated[Count, Meta(description="No row, own or inherited, was in force")]
    vacant: Annotated[Count, Meta(description="A row was in force, but nobody live could satisfy its rule")]
    unknown: Annotated[Count, Meta(description="Decided, but nobody knows by whom")]
    deferred: Count
    returned: Count
    mandate: InMandate


class RowDrift(Distance, frozen=True, kw_only=True, tag_field="by", tag="domain"):
    """The decisions under one domain's row, wherever below it they were made."""

    domain: str
    name: str | None


class HolderDrift(msgspec.Struct, frozen=True, kw_only=True, tag_field="by", tag="actor"):
    """One holder's stated and actual share of the decisions compared."""

    holder: str
    stated: Share
    actual: Share
    difference: Annotated[float, Meta(description="actual - stated")]


class BodyDrift(HolderDrift, frozen=True, kw_only=True, tag_field="by", tag="body"):
    """The same of a body, as one holder."""


class StakesDrift(Compared, frozen=True, kw_only=True, tag_field="by", tag="stakes"):
    """The decisions of one level of stakes."""

    stakes: Annotated[str, Meta(description="`none` where neither the decision nor any of its domains says")]


Row: TypeAlias = RowDrift | HolderDrift | BodyDrift | StakesDrift


class WindowDrift(Compared, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    rows: Annotated[
        list[Row], Meta(description="By what was asked, the largest difference or most decisions first")
    ]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: one window, or one an interval."""

    rests_on: RestsOn
    question: Question
    windows: list[WindowDrift]


class Tallied(msgspec.Struct, frozen=True, kw_only=True):
    """What the database counted for one question."""

    counts: Mapping[Place, Counts]
    sides: Mapping[Place, Mapping[str, Sides]]


def drift(
    rests_on: RestsOn,
    question: Question,
    windows: Sequence[Window],
    tallied: Tallied,
    structure: Structure,
    as_of: datetime,
) -> Drift:
    """The answer from what was counted; pure."""
    return Drift(
        rests_on=rests_on,
        question=question,
        windows=[
            _window(question, place, window, tallied, structure, min(window.end or as_of, as_of))
            for place, window in enumerate(windows)
        ],
    )


def _window(
    question: Question,
    place: int,
    window: Window,
    tallied: Tallied,
    structure: Structure,
    closes: datetime,
) -> WindowDrift:
    counts, sides = tallied.counts.get((place, ""), _NONE), tallied.sides.get((place, ""), {})
    apart = _measured(sides)
    rows: Sequence[Row]
    if question.by == "domain":
        by_domain = [_row(domain, side, apart[domain], structure, closes) for domain, side in sides.items()]
        by_domain.sort(key=_most_first)
        rows = by_domain
    elif question.by == "stakes":
        groups = (group for at, group in tallied.counts if at == place and group)
        rows = [_stakes(group, place, tallied) for group in sorted(groups, key=_ORDER.__getitem__)]
    else:
        holders = _holders(sides.values())
        bodies = [BodyDrift(**structs.asdict(row)) for row in holders if row.holder.startswith("body/")]
        rows = bodies if question.by == "body" else holders
    return WindowDrift(
        from_=window.start,
        to=window.end,
        rows=list(rows),
        **_distance(apart.values(), counts),
        **_beside(counts),
    )


def _most_first(row: RowDrift) -> tuple[int, str]:
    return -row.decisions, row.domain


def _stakes(stakes: str, place: int, tallied: Tallied) -> StakesDrift:
    counts = tallied.counts[place, stakes]
    apart = _measured(tallied.sides.get((place, stakes), {}))
    return StakesDrift(stakes=stakes, **_distance(apart.values(), counts), **_beside(counts))


def _row(domain: str, side: Sides, apart: _Apart, structure: Structure, closes: datetime) -> RowDrift:
    known = structure.matrix.domain(domain, closes)
    return RowDrift(
        domain=domain,
        name=known.name if known else None,
        decisions=side.decisions,
        inferred=side.inferred,
        **_told(apart.drift, apart.noise),
    )


def _measured(sides: Mapping[str, Sides]) -> dict[str, _Apart]:
    return {domain: _apart(side) for domain, side in sides.items()}


def _apart(side: Sides) -> _Apart:
    both = side.by_holder.values()
    holders = len([stated for stated, _ in both if stated])
    return _Apart(measures.divergence(both), measures.noise(holders, side.decisions), side.decisions)


def _holders(sides: Iterable[Sides]) -> list[HolderDrift]:
    """Signed differences over all rows together, the largest first."""
    both: dict[str, list[int]] = {}
    decisions = 0
    for side in sides:
        decisions += side.decisions
        for holder, (stated, actual) in side.by_holder.items():
            held = both.get(holder)
            if held is None:
                both[holder] = [stated, actual]
            else:
                held[0] += stated
                held[1] += actual
    whole = decisions * UNIT
    rows = [(-abs(actual - stated), holder, stated, actual) for holder, (stated, actual) in both.items()]
    return [
        HolderDrift(
            holder=holder, stated=stated / whole, actual=actual / whole, difference=(actual - stated) / whole
        )
        for _, holder, stated, actual in sorted(rows)
    ]


def _distance(rows: Collection[_Apart], counts: Counts) -> dict[str, Any]:
    drift = measures.weighted_mean([(row.drift, row.decisions) for row in rows])
    noise = measures.weighted_mean([(row.noise, row.decisions) for row in rows])
    return {"decisions": counts.stated, "inferred": counts.stated_inferred, **_told(drift, noise)}


def _told(drift: float | None, noise: float | None) -> dict[str, Any]:
    if drift is None or noise is None:
        why = dict.fromkeys(("drift", "noise", "in_words"), _NOT_BOTH)
        return {"drift": None, "noise": None, "in_words": None, "why_null": why}
    return {"drift": drift, "noise": noise, "in_words": _words(drift, noise), "why_null": {}}


def _words(drift: float, noise: float) -> str:
    if drift == 0:
        return "decided exactly as stated"
    return f"{drift / noise:.1f} times what chance alone would give" if noise else "chance would give none"


def _beside(counts: Counts) -> dict[str, Any]:
    judged = counts.within + counts.outside
    return {
        "unstated": counts.unstated,
        "vacant": counts.vacant,
        "unknown": counts.unknown,
        "deferred": counts.deferred,
        "returned": counts.returned,
        "mandate": InMandate(
            yes=counts.within,
            no=counts.outside,
            unknown=counts.unjudged,
            out_of_mandate=counts.outside / judged if judged else None,
            why_null={} if judged else {"out_of_mandate": _NONE_JUDGED},
        ),
    }
