"""The stages a piece of work passes, and how long it takes from each to the next."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from schemas.decision import Communicated, Executed, Reopened, Superseded
from services.projections.cases import Case, Cases
from services.projections.flow.lapse import Lapse
from services.projections.history import Act, Decision, History, Initiative, Step

STAGES: Final = ("proposed", "consulted", "opened", "made", "communicated", "executed")
SKIPPED: Final = "skipped"
OUT_OF_ORDER: Final = "out of order"
Leg: TypeAlias = tuple[str, str]
LEGS: Final[tuple[Leg, ...]] = (
    *pairwise(STAGES),
    ("consulted", "made"),
    ("proposed", "made"),
    ("made", "executed"),
)
"""Each stage to the next; then the ways to the decision whatever was skipped, and from it to the deed."""


class Moment(NamedTuple):
    """When a stage was passed, and the entry that says so."""

    at: datetime
    position: int


class Piece(NamedTuple):
    """A decision, or an initiative that has none yet, and the stages passed since it was last reopened.

    `dropped`: from then on nobody works on it any more, unless a stage was passed after it. `deed`: it asks
    to be carried out.
    """

    of: str
    case: Case
    passed: Mapping[str, Moment]
    dropped: datetime | None
    deed: bool


def pieces(cases: Cases) -> list[Piece]:
    """Every decision, and every initiative that has none, in order of their subjects."""
    history = cases.history
    found = [_decision(cases, decision) for decision in history.decisions.values()]
    found.extend(
        _initiative(cases, initiative)
        for initiative in history.initiatives.values()
        if initiative.id not in history.decided and initiative.proposed is not None
    )
    return sorted(found, key=lambda piece: piece.of)


def _initiative(cases: Cases, initiative: Initiative) -> Piece:
    about = f"initiative/{initiative.id}"
    stages = {"proposed": _first(initiative), "consulted": _consulted(cases.history, about)}
    passed = {stage: moment for stage, moment in stages.items() if moment is not None}
    return Piece(
        of=about,
        case=cases.work(initiative),
        passed=passed,
        dropped=_dropped([initiative.ended] if initiative.ended else [], passed),
        deed=True,
    )


def _decision(cases: Cases, decision: Decision) -> Piece:
    """A reopening stands for `opened`: the question is open again, and what was asked before it is over."""
    history = cases.history
    reopened = decision.last(Reopened)
    initiative = history.initiatives.get(decision.initiative or "")
    about = [f"decision/{decision.id}", f"initiative/{decision.initiative}"]
    settled = [act for act in decision.acts if _settles(act) and _after(act, reopened)]
    act = settled[0] if settled else None
    superseded = next((step for step, _ in decision.every(Superseded)), None)
    stages: dict[str, Moment | None]
    if reopened is None:
        stages = {
            "proposed": _first(initiative) if initiative else None,
            "consulted": _before(_consulted(history, *about), act or superseded),
            "opened": _moment(decision.opened[0]) if decision.opened else None,
        }
    else:
        stages = {"opened": _moment(reopened[0])}
    if act is not None:
        made = stages["made"] = Moment(act.at, act.position)
        for stage, kind in (("communicated", Communicated), ("executed", Executed)):
            told = [_moment(step) for step, _ in decision.every(kind) if _after(_moment(step), reopened)]
            since = (moment for moment in told if moment >= made)
            stages[stage] = next(since, told[0] if told else None)
    passed = {stage: moment for stage, moment in stages.items() if moment is not None}
    return Piece(
        of=about[0],
        case=cases.act(act) if act else cases.undecided(decision, decision.steps[0].at),
        passed=passed,
        dropped=_dropped(_drops(decision, initiative, act), passed),
        deed=act is None or settled[-1].outcome in ("accepted", "provisional"),
    )


def _settles(act: Act) -> bool:
    """Deferred and returned settle nothing."""
    return act.status != "apart"


def _after(moment: Moment | Act, step: tuple[Step, Reopened] | None) -> bool:
    return step is None or (moment.at, moment.position) > step[0][:2]


def _before(asked: Moment | None, over: Act | Step | None) -> Moment | None:
    """What is asked once a decision was made, or superseded, is about what comes next."""
    return None if asked and over and over.at < asked.at else asked


def _drops(decision: Decision, initiative: Initiative | None, act: Act | None) -> Iterator[Step]:
    """Superseded; before it was made, its initiative is over too."""
    yield from (step for step, _ in decision.every(Superseded))
    if act is None and initiative and initiative.ended:
        yield initiative.ended


def _dropped(drops: Iterable[Step], passed: Mapping[str, Moment]) -> datetime | None:
    """The first end after the last stage that was passed: to pass one is to work on it again."""
    last = max(passed.values(), default=None)
    return min((step.at for step in drops if last is None or step[:2] >= last), default=None)


def _moment(step: Step) -> Moment:
    return Moment(step.at, step.position)


def _first(initiative: Initiative) -> Moment | None:
    return _moment(initiative.proposed[0]) if initiative.proposed else None


def _consulted(history: History, *about: str) -> Moment | None:
    """When anybody was first asked about any of these."""
    first = history.once(_consulted, lambda: _first_asked(history))
    return min((first[subject] for subject in about if subject in first), default=None)


def _first_asked(history: History) -> Mapping[str, Moment]:
    return {
        subject: min(_moment(one.requested[0]) for one in consultations if one.requested)
        for subject, consultations in history.consulted.items()
    }


def legs(history: History, found: Iterable[Piece]) -> dict[Leg, list[Lapse]]:
    """How long each leg took. A piece of work is in the legs whose first stage it has passed.

    Where it has not come to the second stage it is censored: at the history's instant, or when it was
    dropped. One that has passed a later stage without it has skipped the leg, one whose second stage came
    before the first has them out of order: neither is a duration, and `how` says so. What was rejected or
    voided asks for no deed and waits for none.
    """
    of: dict[Leg, list[Lapse]] = {leg: [] for leg in LEGS}
    for piece in found:
        for leg, lapses in of.items():
            if leg[0] in piece.passed:
                lapses.extend(_lapse(history, piece, leg))
    return of


def _lapse(history: History, piece: Piece, leg: Leg) -> Iterator[Lapse]:
    start, end = piece.passed[leg[0]], piece.passed.get(leg[1])
    lapse = Lapse(
        what="-".join(leg),
        of=piece.of,
        start=start.at,
        end=start.at,
        ended=False,
        entries=(start.position,) if end is None else (start.position, end.position),
        case=piece.case,
    )
    if end is not None:
        yield (
            lapse._replace(how=OUT_OF_ORDER) if end.at < start.at else lapse._replace(end=end.at, ended=True)
        )
    elif any(later in piece.passed for later in STAGES[STAGES.index(leg[1]) + 1 :]):
        yield lapse._replace(how=SKIPPED)
    elif leg[1] != "executed" or piece.deed:
        yield lapse._replace(end=piece.dropped or history.at)
