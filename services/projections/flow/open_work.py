"""Work without a standing decision: when it was open, and whether what comes in goes out. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.decision import Reopened, Superseded
from services.projections.cases import Cases
from services.projections.flow.lapse import Lapse
from services.projections.history import Decision, History, Initiative, Step

DAY = timedelta(days=1)


def openings(cases: Cases) -> Iterator[Lapse]:
    """Each span in which an initiative or a decision was open.

    From when it was proposed, else opened or first heard of, and again from each reopening; until it is
    decided (deferred and returned decide nothing) or superseded, or the initiative is withdrawn or completed.
    An initiative is open by itself only while no decision carries it on from the proposal, so that no work is
    counted twice.
    """
    history = cases.history
    for initiative in history.initiatives.values():
        first = carrying(history, initiative)
        for decision in history.decided.get(initiative.id, ()):
            yield from _decision(
                cases, decision, initiative, initiative.proposed if decision is first else None
            )
        if first is None and initiative.proposed is not None:
            yield _lapse(cases, initiative, initiative.proposed[0], initiative.ended, "ended")
    for decision in history.decisions.values():
        if decision.initiative is None or decision.initiative not in history.initiatives:
            yield from _decision(cases, decision, None, None)


def carrying(history: History, initiative: Initiative) -> Decision | None:
    """The first decision of an initiative, if that had not ended before it was begun."""
    of = history.decided.get(initiative.id, ())
    first = min(of, key=lambda one: (one.steps[0].at, one.id), default=None)
    late = first is not None and initiative.ended is not None and initiative.ended.at < _begun(first).at
    return None if late else first


def _decision(
    cases: Cases, decision: Decision, initiative: Initiative | None, proposed: tuple[Step, object] | None
) -> Iterator[Lapse]:
    settling = {act.position for act in decision.acts if act.status != "apart"}
    over = initiative.ended if initiative else None
    begun = _begun(decision)
    since: Step | None = min(proposed[0], begun, key=_at) if proposed else begun
    for step in decision.steps:
        superseded = isinstance(step.data, Superseded) and step.at >= begun.at
        if isinstance(step.data, Reopened):
            since = since or step
        elif (superseded or step.position in settling) and since is not None:
            if since.at < step.at:
                dropped = over is not None and since.at <= over.at < step.at
                end, how = (over, "ended") if dropped else (step, "superseded" if superseded else "decided")
                yield _lapse(cases, decision, since, end, how)
            since = None
    if since is not None:
        yield _lapse(cases, decision, since, over, "ended")


def _lapse(cases: Cases, work: Decision | Initiative, since: Step, end: Step | None, how: str) -> Lapse:
    if end is not None and end.at < since.at:
        end = None  # what was begun after its initiative had ended is open all the same
    return Lapse(
        what="open",
        of=f"{'decision' if isinstance(work, Decision) else 'initiative'}/{work.id}",
        start=since.at,
        end=end.at if end else cases.history.at,
        ended=end is not None,
        entries=(since.position, end.position) if end else (since.position,),
        case=cases.work(work),
        how=how if end else None,
    )


def _begun(decision: Decision) -> Step:
    return decision.opened[0] if decision.opened else decision.steps[0]


def _at(step: Step) -> datetime:
    return step.at


def open_at(lapses: Iterable[Lapse], at: datetime) -> list[Lapse]:
    """What was open at an instant, the oldest first."""
    found = [lapse for lapse in lapses if lapse.start <= at and (at < lapse.end or not lapse.ended)]
    return sorted(found, key=lambda lapse: (lapse.start, lapse.of))


class Balance(NamedTuple):
    """The three of Little's law over a window: mean number open L, arrivals a day λ, mean days open W.

    `days` is the window's length. W is that of the work that was settled in the window; None if none was.
    """

    days: float
    arrivals: int
    departures: int
    mean_open: float
    per_day: float
    mean_days: float | None


def balance(lapses: Sequence[Lapse], start: datetime, end: datetime) -> Balance | None:
    """L, λ and W over [start, end), None where it has no length (Little 1961).

    L = λW holds in the long run where what comes in goes out. Where L is much the greater, work is left lying
    that is in no mean of finished work; where it is much the less, old work is being cleared.
    """
    length = end - start
    if length <= timedelta():
        return None
    inside = sum((lapse.within(start, end) for lapse in lapses), timedelta())
    arrived = sum(start <= lapse.start < end for lapse in lapses)
    left = [lapse.lasted for lapse in lapses if lapse.ended and start <= lapse.end < end]
    mean = sum(left, timedelta()) / DAY / len(left) if left else None
    return Balance(length / DAY, arrived, len(left), inside / length, arrived / (length / DAY), mean)
