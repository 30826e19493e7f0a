"""Who was waited on, for what and how long. Pure.

- advice: each holder that was asked, from the request until their advice, the closing of the consultation, or
  the decision it is about. About an initiative: until any decision of it. Where the decision stood already
  when advice was asked for, nothing waited.
- position: each elector, from the opening until their position or the decision; again from an amendment
  (positions before it lapse) and from a reopening.
- resuming: whom a pause waits on, until it is resumed.
- escalation: to whom it was passed, until it is decided.

Advice or a position of somebody seated in a body at that instant, or given for it, is the body's. What is
withdrawn or completed ends every wait for it; a wait that has not ended is censored at the history's instant.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from schemas.decision import Amended, Escalated, Made, Overridden, PositionTaken, Reopened
from services.projections.cases import Case, Cases
from services.projections.flow.lapse import Lapse
from services.projections.history import Consultation, Decision, History, Initiative, Step

FOR: Final = ("advice", "position", "resuming", "escalation")


def waits(cases: Cases) -> Iterator[Lapse]:
    """Every wait: `holder` is who was waited on, `what` for which of FOR, `of` the decision or initiative."""
    history = cases.history
    for decision in history.decisions.values():
        case = cases.work(decision)
        over = _over(history, decision)
        for holder in _electors(history, decision):
            yield from _positions(history, decision, holder, case, over)
        for step, escalated in decision.every(Escalated):
            ends = [_first(decision, step, Made, Overridden), over]
            yield _wait(history, "escalation", decision, escalated.to, step, ends, case)
    for initiative in history.initiatives.values():
        for step, paused, resumed in initiative.pauses:
            if paused.waiting_on is not None:
                case = cases.work(initiative)
                yield _wait(history, "resuming", initiative, paused.waiting_on, step, [resumed], case)
    for consultation in history.consultations.values():
        yield from _advice(cases, consultation)


def _wait(
    history: History,
    what: str,
    work: Decision | Initiative,
    holder: str,
    since: Step,
    ends: Sequence[Step | None],
    case: Case,
) -> Lapse:
    later = [end for end in ends if end is not None and end[:2] >= since[:2]]
    end = min(later, key=lambda step: step[:2], default=None)
    return Lapse(
        what=what,
        of=_subject(work),
        start=since.at,
        end=end.at if end else history.at,
        ended=end is not None,
        entries=(since.position, end.position) if end else (since.position,),
        case=case,
        holder=history.who(holder),
    )


def _subject(work: Decision | Initiative) -> str:
    return f"{'decision' if isinstance(work, Decision) else 'initiative'}/{work.id}"


def _over(history: History, decision: Decision) -> Step | None:
    """How the decision's initiative ended."""
    initiative = history.initiatives.get(decision.initiative or "")
    return initiative.ended if initiative else None


def _first(decision: Decision, since: Step, *kinds: type[Made] | type[Overridden]) -> Step | None:
    return next(
        (step for step in decision.steps if step[:2] > since[:2] and isinstance(step.data, kinds)), None
    )


def _electors(history: History, decision: Decision) -> list[str]:
    """Each once, after merges."""
    if decision.opened is None:
        return []
    return list(dict.fromkeys(history.who(one.holder) for one in decision.opened[1].electorate))


def _positions(
    history: History, decision: Decision, holder: str, case: Case, over: Step | None
) -> Iterator[Lapse]:
    since: Step | None = None
    settled = False
    for step in decision.steps:
        data = step.data
        if decision.opened and step is decision.opened[0]:
            since = step
        elif isinstance(data, Made | Overridden):
            settled = data.outcome not in ("deferred", "returned")
            if since is not None:
                yield _wait(history, "position", decision, holder, since, [step, over], case)
            since = None
        elif isinstance(data, PositionTaken) and since is not None and _speaks(history, step, data, holder):
            yield _wait(history, "position", decision, holder, since, [step, over], case)
            since = None
        elif isinstance(data, Reopened) or (isinstance(data, Amended) and not settled):
            settled = False
            since = since or (step if decision.opened else None)
    if since is not None:
        yield _wait(history, "position", decision, holder, since, [over], case)


def _speaks(history: History, step: Step, taken: PositionTaken, holder: str) -> bool:
    if taken.for_ is not None and history.who(taken.for_) == holder:
        return True
    return _is(history, f"actor/{taken.by}", holder, step.at)


def _is(history: History, actor: str, holder: str, at: datetime) -> bool:
    """Whether what this actor says is the holder's word: its own, or from a seat in the body."""
    actor = history.who(actor)
    if holder.startswith("body/"):
        return any(one == actor for one, _ in history.structure.bodies.seating(holder[5:], at).weights)
    return actor == holder


def _advice(cases: Cases, consultation: Consultation) -> Iterator[Lapse]:
    history, requested = cases.history, consultation.requested
    work = _work(history, consultation.about or "")
    if requested is None or work is None:
        return
    since = requested[0]
    decisions = [work] if isinstance(work, Decision) else list(history.decided.get(work.id, ()))
    if any(_stood(decision, since) for decision in decisions):
        return
    over = _over(history, work) if isinstance(work, Decision) else work.ended
    ends = [_first(decision, since, Made, Overridden) for decision in decisions]
    ends += [over, consultation.closed[0] if consultation.closed else None]
    for holder in dict.fromkeys(map(history.who, requested[1].asked)):
        given = [
            step
            for step, data in consultation.advice
            if data.by is not None and _is(history, f"actor/{data.by}", holder, step.at)
        ]
        yield _wait(history, "advice", work, holder, since, [*given, *ends], cases.work(work))


def _work(history: History, subject: str) -> Decision | Initiative | None:
    kind, _, id = subject.partition("/")
    if kind == "initiative":
        return history.initiatives.get(id)
    return history.decisions.get(id) if kind == "decision" else None


def _stood(decision: Decision, since: Step) -> bool:
    """Whether it had been decided, and not reopened, when something was asked."""
    words = [step.data for step in decision.words if step[:2] < since[:2]]
    if not words or isinstance(words[-1], Reopened):
        return False
    return words[-1].outcome not in ("deferred", "returned")  # type: ignore[attr-defined]  # made or overridden
