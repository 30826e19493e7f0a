"""The sessions a question is about, and how spaces kept the cadence they gave themselves. Pure.

Rules decided here:
- A session is of a domain if its space names that domain or one below it, or if it shared a decision of it.
- It is of a body if that body, or somebody with a seat in it then, attended.
- A space is to meet once in each period of its cadence, counted from its opening by the calendar, while it is
  open. A period belongs to the window in which it ends; one that is not over yet is not judged.
- A gap is a time without a session of two cadences or more: at least one meeting was left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from schemas.space import Closed, Opened, SessionHeld
from services.projections import calendar
from services.projections.calendar import Duration
from services.projections.chosen import Chosen, seated, seats
from services.projections.evidence import Mark
from services.projections.history import History, Space, Step

_MOST_PERIODS: Final = 20_000


class Session(NamedTuple):
    """One meeting of one space."""

    space: str
    step: Step
    held: SessionHeld
    present: frozenset[str]
    """Those who attended, after merges."""
    bodies: frozenset[str]
    """Bare ids of the bodies that attended, or had somebody seated in them there."""

    @property
    def mark(self) -> Mark:
        return self.step.at, self.step.position


class Lasting(NamedTuple):
    """A time in which a space was open."""

    opened: Step
    said: Opened
    closed: Step | None

    def end(self, at: datetime) -> datetime:
        return self.closed.at if self.closed is not None else at


class Period(NamedTuple):
    """One period of a cadence that is over, and the first session in it, if it met."""

    end: datetime
    session: Session | None


def sessions(chosen: Chosen, only: str | None = None) -> list[Session]:
    """In order of time; of one space only, if it is named."""
    history, question = chosen.history, chosen.question
    found = []
    for id, space in history.spaces.items():
        for step, held in space.sessions if only in (None, id) else ():
            if not chosen.session(id, step, held):
                continue
            session = _session(history, id, step, held)
            if question.body is None or question.body in session.bodies:
                found.append(session)
    return sorted(found, key=lambda session: session.mark)


def _session(history: History, space: str, step: Step, held: SessionHeld) -> Session:
    present = frozenset(map(history.who, held.attendees))
    bodies = {holder[5:] for holder in present if holder.startswith("body/")}
    for holder in present:
        if holder.startswith("actor/"):
            bodies.update(seated(history, holder, step.at))
    return Session(space, step, held, present, frozenset(bodies))


def attending(history: History, session: Session) -> frozenset[str]:
    """Who attended, bodies by their seats; one without any by itself."""
    found: set[str] = set()
    for holder in session.present:
        found.update(seats(history, holder, session.step.at) or {holder})
    return frozenset(found)


def members(history: History, said: Opened, at: datetime) -> frozenset[str]:
    """The actors a session is for: members who have not left, bodies by their seats."""
    found: set[str] = set()
    for holder in map(history.who, said.members):
        if holder.startswith("body/"):
            found.update(seats(history, holder, at))
        elif history.structure.live(holder, at):
            found.add(holder)
    return frozenset(found)


def spans(space: Space) -> list[Lasting]:
    """When a space was open."""
    found: list[Lasting] = []
    for step in space.steps:
        match step.data:
            case Opened() as said:
                found.append(Lasting(step, said, None))
            case Closed() if found and found[-1].closed is None:
                found[-1] = found[-1]._replace(closed=step)
            case _:
                pass
    return found


def cadence(said: Opened) -> Duration | None:
    """How often a space means to meet; None where it does not say, or says never."""
    if said.cadence is None:
        return None
    duration = calendar.read(said.cadence)
    return None if duration.nothing else duration


def periods(span: Lasting, met: Sequence[Session], at: datetime) -> list[Period] | None:
    """The periods that are over; None where the space has no cadence, or one of too many periods."""
    duration = cadence(span.said)
    if duration is None:
        return None
    ends = calendar.periods(span.opened.at, duration, span.end(at), _MOST_PERIODS)
    if ends is None:
        return None
    found, begun = [], span.opened.at
    waiting = iter(met)
    session = next(waiting, None)
    for end in ends:
        while session is not None and session.step.at < begun:
            session = next(waiting, None)
        found.append(Period(end, session if session is not None and session.step.at < end else None))
        begun = end
    return found


def gaps(span: Lasting, met: Sequence[Session], at: datetime) -> Iterator[tuple[Step, datetime, bool]]:
    """From which step until when nobody met for two cadences or more, and whether somebody then did."""
    duration = cadence(span.said)
    if duration is None:
        return
    before = span.opened
    ends = [(session.step.at, session.step) for session in met]
    for end, step in [*ends, (span.end(at), None)]:
        late = calendar.after(before.at, duration, 2)
        if late is not None and late <= end:
            yield before, end, step is not None
        before = step or before


def by_space(met: Sequence[Session]) -> Mapping[str, list[Session]]:
    """The sessions of each space."""
    found: dict[str, list[Session]] = defaultdict(list)
    for session in met:
        found[session.space].append(session)
    return found
