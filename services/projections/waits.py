"""Who was waited on, from when, until when. Pure.

Asked for advice until they advise, the consultation closes or it is decided; an elector until a position or
the decision, anew when the question is amended or reopened; whom a pause waits on until it resumes; to whom
it was escalated until it is decided. All end with the initiative. A body answers by any of its seats.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from schemas.consultation import Closed
from schemas.decision import Amended, Escalated, Made, Opened, Overridden, PositionTaken, Reopened, Superseded
from schemas.initiative import Resumed
from services.projections.history import Consultation, Decision, History, Step


class Wait(NamedTuple):
    """One holder, after merges, waited on from the entry at `position`. `until` None: still."""

    holder: str
    kind: Literal["advice", "position", "pause", "escalation"]
    about: str
    """The decision or initiative (or whatever else advice was asked about), as a subject."""
    subject: str
    since: datetime
    position: int
    until: datetime | None
    ended_by: int | None
    """The position of the entry that ended it."""
    answered: bool | None
    """By them; else it was closed or decided without them, or still waits. None: nobody knows, for it was
    closed or decided after advice that bears no name, and it may have been theirs."""

    def days(self, at: datetime) -> float:
        """How long, up to an instant."""
        return (min(self.until or at, at) - self.since).total_seconds() / 86_400


def waits(history: History) -> Sequence[Wait]:
    """Every wait that had begun, in order of time."""
    return history.once(waits, lambda: _waits(history))


def _waits(history: History) -> Sequence[Wait]:
    found = [
        *(wait for one in history.consultations.values() for wait in advice_waits(history, one)),
        *(wait for one in history.decisions.values() for wait in _decision(history, one)),
        *_pauses(history),
    ]
    return sorted(found, key=lambda wait: (wait.since, wait.position, wait.holder))


def advice_waits(history: History, one: Consultation) -> Iterator[Wait]:
    """Of each of those asked by name."""
    if one.requested is None:
        return
    asked, said = one.requested
    closed = next((step for step in one.steps if isinstance(step.data, Closed) and step.at >= asked.at), None)
    ends = [*([closed] if closed else []), *decided(history, said.about, asked)]
    unnamed = [step for step, given in one.advice if given.by is None]
    spoke = {history.who(f"actor/{given.by}"): step for step, given in reversed(one.advice) if given.by}
    for holder in sorted(set(map(history.who, said.asked))):
        answer = spoke.get(holder) if holder.startswith("actor/") else _for_body(history, one, holder)
        first = min([*ends, *([answer] if answer else [])], key=_when, default=None)
        subject = f"consultation/{one.id}"
        answered: bool | None = answer is not None and first is answer
        if not answered and first is not None and any(_when(step) < _when(first) for step in unnamed):
            answered = None
        yield _wait(holder, "advice", said.about, subject, asked, first, answered)


def _for_body(history: History, one: Consultation, body: str) -> Step | None:
    """The first advice of anybody who had a seat in it."""
    said = (step for step, given in one.advice if given.by and speaks(history, given.by, body, step.at))
    return next(said, None)


def speaks(history: History, actor: str, holder: str, at: datetime) -> bool:
    """Whether an actor (a bare id) is this holder or has a seat in it."""
    who = history.who(f"actor/{actor}")
    if who == holder:
        return True
    if not holder.startswith("body/"):
        return False
    return any(seat == who for seat, _ in history.structure.bodies.seating(holder[5:], at).weights)


def decided(history: History, about: str, since: Step) -> list[Step]:
    """What ended the question a subject puts, after an entry: its first decision, the initiative's end."""
    kind, _, id = about.partition("/")
    if kind == "decision":
        decision = history.decisions.get(id)
        return [] if decision is None else _ends(history, decision, since)
    if kind != "initiative":
        return []
    ends = history.once((decided, id), lambda: sorted(_ends_of(history, id), key=_when))
    place = bisect_left(ends, _when(since), key=_when)
    return ends[place : place + 1]


def _ends_of(history: History, initiative: str) -> Iterator[Step]:
    """Whatever ends a question put about an initiative: its end, and what was decided in it."""
    for one in history.decided.get(initiative, ()):
        yield from filter(_decides, one.steps)
    known = history.initiatives.get(initiative)
    if known is not None and known.ended is not None:
        yield known.ended


def _over(history: History, decision: Decision) -> Step | None:
    initiative = history.initiatives.get(decision.initiative or "")
    return None if initiative is None else initiative.ended


def _first(since: Step, end: Step, over: Step | None) -> Step:
    """What came first after an entry: what ended it, or the end of the initiative."""
    return over if over is not None and _when(since) <= _when(over) < _when(end) else end


def _ends(history: History, decision: Decision, since: Step) -> list[Step]:
    ended = _over(history, decision)
    steps = [*(step for step in decision.steps if _decides(step)), *([ended] if ended else [])]
    return (
        [min(later, key=_when)] if (later := [step for step in steps if _when(step) >= _when(since)]) else []
    )


def _decides(step: Step) -> bool:
    return isinstance(step.data, Made | Overridden | Superseded)


def _decision(history: History, decision: Decision) -> Iterator[Wait]:
    """Electors and those it was escalated to."""
    subject = f"decision/{decision.id}"
    electors: frozenset[str] = frozenset()
    bodies: list[str] = []
    open_: dict[str, Step] = {}
    over = _over(history, decision)
    for step in decision.steps:
        match step.data:
            case Opened(electorate=electorate):
                electors = frozenset(history.who(one.holder) for one in electorate)
                bodies = [one for one in electors if one.startswith("body/")]
                open_ = dict.fromkeys(electors, step)
            case Amended() | Reopened():
                open_ = dict.fromkeys(electors, step) | open_
            case PositionTaken() as taken:
                for holder in _spoken_for(history, taken, bodies, step.at) & open_.keys():
                    since = open_.pop(holder)
                    end = _first(since, step, over)
                    yield _wait(holder, "position", subject, subject, since, end, end is step)
            case Made() | Overridden() | Superseded():
                for holder, since in open_.items():
                    end = _first(since, step, over)
                    yield _wait(holder, "position", subject, subject, since, end, False)
                open_ = {}
            case Escalated(to=to):
                first = min(_ends(history, decision, step), key=_when, default=None)
                answered = first is not None and _decides(first)
                yield _wait(history.who(to), "escalation", subject, subject, step, first, answered)
    for holder, step in open_.items():
        first = min(_ends(history, decision, step), key=_when, default=None)
        yield _wait(holder, "position", subject, subject, step, first, False)


def _spoken_for(history: History, taken: PositionTaken, bodies: Sequence[str], at: datetime) -> set[str]:
    if taken.for_ is not None:
        return {history.who(taken.for_)}
    return {history.who(f"actor/{taken.by}"), *(one for one in bodies if speaks(history, taken.by, one, at))}


def _pauses(history: History) -> Iterator[Wait]:
    for one in history.initiatives.values():
        for step, data, end in one.pauses:
            if data.waiting_on is not None:
                subject = f"initiative/{one.id}"
                resumed = end is not None and isinstance(end.data, Resumed)
                yield _wait(history.who(data.waiting_on), "pause", subject, subject, step, end, resumed)


def _wait(
    holder: str,
    kind: Literal["advice", "position", "pause", "escalation"],
    about: str,
    subject: str,
    since: Step,
    end: Step | None,
    answered: bool | None,
) -> Wait:
    # Who had advised before they were asked was not waited for.
    until, ended_by = (None, None) if end is None else (max(end.at, since.at), end.position)
    return Wait(holder, kind, about, subject, since.at, since.position, until, ended_by, answered)


def _when(step: Step) -> tuple[datetime, int]:
    return step.at, step.position
