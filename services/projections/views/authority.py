"""Where authority actually sits: shares and concentration, by actor, body, domain, level or stakes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from services.projections.measures import UNIT
from services.projections.structure import Structure
from services.projections.views.answer import (
    NOTHING_DECIDED,
    BothLenses,
    Concentration,
    Held,
    HolderShare,
    RestsOn,
    concentration,
    nothing_held,
    ranked,
)
from services.projections.views.question import By, Lens, Question, Window
from services.projections.views.roster import Rosters
from services.projections.views.tally import Counts, Place

VIEW: Final = "authority"
VERSION: Final = 1
_TOP = 5
_ORDER = {stakes: place for place, stakes in enumerate(("strategic", "high", "medium", "low", "none"))}


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """How many decisions there are, and how many are left out of the shares."""

    decisions: Annotated[int, Meta(description="Those with a known decider: what shares are parts of.")]
    inferred: Annotated[
        int, Meta(description="Of these, those whose deciders were inferred, not recorded or observed.")
    ]
    unknown: Annotated[int, Meta(description="Decided, but nobody knows by whom; outside the shares.")]
    deferred: int
    returned: int
    unresolved: Annotated[
        int,
        Meta(description="Of the decisions, those in which a body's part could not be split over its seats."),
    ]


class Levels(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the lines of reporting decisions were made, by the seats' actors."""

    closeness: Annotated[
        float | None,
        Meta(description="Closeness to the field, 0 to 1: authority-weighted depth/(depth + height below)"),
    ]
    coverage: Annotated[
        float | None, Meta(description="The part of authority that lies with somebody who has a level.")
    ]
    why_null: dict[str, str]


class ActorRow(HolderShare, frozen=True, kw_only=True, tag_field="by", tag="actor"):
    """One holder's part. Under the seat lens a body is here only with parts that could not be split."""


class BodyRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="by", tag="body"):
    """One body's part under the node lens."""

    body: str
    name: str | None
    share: float
    decisions: int
    inferred: int
    inside: Annotated[
        Concentration, Meta(description="Of the decisions the body took part in, under the seat lens.")
    ]


class DomainRow(Decisions, frozen=True, kw_only=True, tag_field="by", tag="domain"):
    """The decisions of one domain's subtree."""

    domain: str
    name: str | None
    concentration: BothLenses
    top: Annotated[
        list[HolderShare],
        Meta(description="The holders with the largest shares of these decisions, at most five."),
    ]


class StakesRow(Decisions, frozen=True, kw_only=True, tag_field="by", tag="stakes"):
    """The decisions of one level of stakes."""

    stakes: Annotated[str, Meta(description="`none` where neither the decision nor any of its domains says.")]
    concentration: BothLenses
    top: list[HolderShare]


class LevelRow(msgspec.Struct, frozen=True, kw_only=True, tag_field="by", tag="level"):
    """The part of authority at one depth, by the seats' actors."""

    level: Annotated[int, Meta(description="Steps below the top: 0 has nobody above.")]
    share: float
    decisions: int


Row: TypeAlias = ActorRow | BodyRow | DomainRow | StakesRow | LevelRow


class WindowAnswer(Decisions, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    concentration: BothLenses
    levels: Levels
    rows: Annotated[list[Row], Meta(description="By what was asked, the largest first; levels from the top")]


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: one window, or one an interval."""

    rests_on: RestsOn
    question: Question
    windows: list[WindowAnswer]


class Tallied(msgspec.Struct, frozen=True, kw_only=True):
    """What the database counted for one question."""

    counts: Mapping[Place, Counts]
    node: Mapping[Place, Held]
    seat: Mapping[Place, Held]
    levels: Mapping[int, Mapping[int, tuple[int, int]]]


def authority(
    rests_on: RestsOn,
    question: Question,
    windows: Sequence[Window],
    tallied: Tallied,
    structure: Structure,
    as_of: datetime,
) -> Authority:
    """The answer from what was counted; pure."""
    rosters = Rosters(structure, as_of)
    answers = [
        _Of(question, place, window, tallied, structure, rosters).answer()
        for place, window in enumerate(windows)
    ]
    return Authority(rests_on=rests_on, question=question, windows=answers)


class _Of:
    """One window's answer in the making."""

    def __init__(
        self,
        question: Question,
        place: int,
        window: Window,
        tallied: Tallied,
        structure: Structure,
        rosters: Rosters,
    ) -> None:
        self._question, self._place, self._window = question, place, window
        self._tallied, self._structure, self._rosters = tallied, structure, rosters

    def answer(self) -> WindowAnswer:
        return WindowAnswer(
            from_=self._window.start,
            to=self._window.end,
            concentration=self._concentrated("", self._question),
            levels=_levels(self._counts("")),
            rows=list(self._rows(self._question.by)),
            **_decisions(self._counts("")),
        )

    def _rows(self, by: By) -> Sequence[Row]:
        match by:
            case "actor":
                return [
                    ActorRow(**msgspec.structs.asdict(share))
                    for share in self._ranked("", self._question.lens)
                ]
            case "body":
                return [
                    self._body(share) for share in self._ranked("", "node") if share.holder[:5] == "body/"
                ]
            case "domain":
                return sorted(map(self._domain, self._groups()), key=lambda row: (-row.decisions, row.domain))
            case "stakes":
                return sorted(map(self._stakes, self._groups()), key=lambda row: _ORDER[row.stakes])
            case "level":
                return self._by_level()

    def _body(self, share: HolderShare) -> BodyRow:
        body = share.holder.removeprefix("body/")
        profile = self._structure.bodies.profile(body, self._end())
        return BodyRow(
            body=body,
            name=profile.name if profile else None,
            share=share.share,
            decisions=share.decisions,
            inferred=share.inferred,
            inside=self._seats(share.holder, msgspec.structs.replace(self._question, body=body)),
        )

    def _domain(self, domain: str) -> DomainRow:
        known = self._structure.matrix.domain(domain, self._end())
        return DomainRow(
            domain=domain,
            name=known.name if known else None,
            concentration=self._concentrated(domain, msgspec.structs.replace(self._question, domain=domain)),
            top=self._ranked(domain, self._question.lens)[:_TOP],
            **_decisions(self._counts(domain)),
        )

    def _stakes(self, stakes: str) -> StakesRow:
        return StakesRow(
            stakes=stakes,
            concentration=self._concentrated(stakes, self._question),
            top=self._ranked(stakes, self._question.lens)[:_TOP],
            **_decisions(self._counts(stakes)),
        )

    def _by_level(self) -> list[LevelRow]:
        decisions = self._counts("").decisions
        parts = self._tallied.levels.get(self._place, {})
        return [
            LevelRow(level=level, share=units / (decisions * UNIT), decisions=count)
            for level, (units, count) in sorted(parts.items())
        ]

    def _concentrated(self, group: str, question: Question) -> BothLenses:
        node = self._tallied.node.get((self._place, group))
        return BothLenses(
            node=concentration(node.units if node else {}, None), seat=self._seats(group, question)
        )

    def _seats(self, group: str, question: Question) -> Concentration:
        seat = self._tallied.seat.get((self._place, group))
        return concentration(seat.units if seat else {}, self._rosters.of(question, self._window))

    def _ranked(self, group: str, lens: Lens) -> list[HolderShare]:
        sides = self._tallied.node if lens == "node" else self._tallied.seat
        held = sides.get((self._place, group), _NOBODY)
        return ranked(held, self._counts(group).decisions)

    def _counts(self, group: str) -> Counts:
        return self._tallied.counts.get((self._place, group), _NONE)

    def _groups(self) -> list[str]:
        return [group for place, group in self._tallied.counts if place == self._place and group]

    def _end(self) -> datetime:
        return self._rosters.closes(self._window)


_NOBODY: Final = nothing_held()
_NONE: Final = Counts()


def _decisions(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in Decisions.__struct_fields__}


def _levels(counts: Counts) -> Levels:
    why: dict[str, str] = {}
    if not counts.decisions:
        why["coverage"] = NOTHING_DECIDED
    if not counts.closeness_units:
        why["closeness"] = (
            "nobody who decided has anybody above or below" if counts.decisions else NOTHING_DECIDED
        )
    return Levels(
        closeness=counts.closeness / counts.closeness_units if counts.closeness_units else None,
        coverage=counts.level_units / (counts.decisions * UNIT) if counts.decisions else None,
        why_null=why,
    )
