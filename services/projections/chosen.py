"""What of a history a question is about, and in which of its windows. Pure.

Decisions are chosen as `authority` and `drift` choose them; whatever else occurred, by the domains of what it
is about, as the tree was when it occurred. By stakes, level or people, it is chosen where what it is about
leads to a decision or an initiative that would be: these are not said of anything else.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from schemas.space import SessionHeld
from services.projections.cases import Case, Cases, Narrowing
from services.projections.evidence import Rate, rate
from services.projections.facts.fact import FOREVER
from services.projections.facts.matrix import Row
from services.projections.history import Act, Decision, History, Initiative, Step, Stream
from services.projections.views.answer import NOTHING_DECIDED
from services.projections.views.question import FIRST, Question, Window

T = TypeVar("T")
U = TypeVar("U")
_UP = {  # by kind, the members of data that name what it is about
    "consultation": ("about",),
    "debrief": ("about",),
    "lesson": ("from_",),
    "experiment": ("initiative",),
}


class Chosen:
    """The acts and other occurrences of one history that a question is about.

    `people`: a body (its bare id) that is to have a part in them, itself or by somebody seated in it then.
    """

    def __init__(
        self, history: History, question: Question, level: int | None = None, people: str | None = None
    ) -> None:
        self.history = history
        self.question = question
        self._level, self._people = level, people
        self._cases = Cases(history)
        self._narrowing = Narrowing(stakes=question.stakes, level=level)
        self._scopes: dict[tuple[str, datetime], frozenset[str]] = {}

    def acts(self) -> Iterator[tuple[datetime, Act]]:
        """The acts asked about, whatever their status, each with the instant that places it in a window."""
        asked = self.question
        standing, body, actor = asked.tense == "standing", f"body/{asked.body}", f"actor/{asked.actor}"
        for act in self.history.acts:
            if (
                (not standing or act.stands)
                and (asked.domain is None or asked.domain in act.scopes)
                and (asked.body is None or body in act.node)
                and (asked.actor is None or actor in act.node or actor in act.seat)
                and (asked.stakes is None or asked.stakes == (act.stakes or "none"))
                and (asked.attested == "all" or not act.inferred)
                and (self._level is None or self._level == self._cases.act(act).level)
                and (self._people is None or self._takes(self._cases.act(act), act.at))
            ):
                yield act.first if standing else act.at, act

    def concerns(self, subject: str, at: datetime) -> bool:
        """Whether something is asked about, as of an instant; everything is if nothing is left out."""
        return self.within(subject, at) and self.takes(subject, at)

    def session(self, space: str, step: Step, held: SessionHeld) -> bool:
        """Whether a session is asked about: by the space's own domains, or by a decision it shared."""
        return self.concerns(f"space/{space}", step.at) or any(
            self.concerns(f"decision/{shared}", step.at) for shared in held.decisions
        )

    def shared(self, space: str, step: Step, held: SessionHeld) -> bool:
        """The same, but by the space's own domains alone."""
        return self.within(f"space/{space}", step.at) and (
            self.takes(f"space/{space}", step.at)
            or any(self.takes(f"decision/{shared}", step.at) for shared in held.decisions)
        )

    def within(self, subject: str, at: datetime) -> bool:
        """Whether something lies in the subtree asked about."""
        return self.question.domain is None or self.question.domain in self.scopes(subject, at)

    def takes(self, subject: str, at: datetime) -> bool:
        """Whether something leads to work of the stakes, level and people asked about."""
        if self.question.stakes is None and self._level is None and self._people is None:
            return True
        return any(self._takes(self._cases.work(one), at) for one in _work(self.history, subject, set()))

    def _takes(self, case: Case, at: datetime) -> bool:
        if not self._narrowing.takes(case):
            return False
        people = self._people
        return (
            people is None
            or f"body/{people}" in case.holders
            or any(people in seated(self.history, one, at) for one in case.holders if one[:6] == "actor/")
        )

    def scopes(self, subject: str, at: datetime) -> frozenset[str]:
        """The domains something is about, with all above them as the tree was at that instant."""
        key = subject, at
        if key not in self._scopes:
            chain = self.history.structure.matrix.chain
            domains = _domains(self.history, subject, set())
            self._scopes[key] = frozenset(above for domain in domains for above in chain(domain, at))
        return self._scopes[key]

    @cached_property
    def _rows(self) -> dict[int, Row]:
        matrix = self.history.structure.matrix
        return {row.position: row for domain in matrix.domains() for row in matrix.rows(domain)}

    def row(self, act: Act) -> Row | None:
        """The row an act was under."""
        return None if act.row_position is None else self._rows.get(act.row_position)


def _domains(history: History, subject: str, seen: set[str]) -> Sequence[str]:
    """What a subject is about, followed to the decision, initiative, space or domain it leads to."""
    kind, _, id = subject.partition("/")
    if subject in seen:
        return ()
    seen.add(subject)
    if kind in ("domain", "matrix"):
        return (id,)
    if kind == "decision":
        return history.decisions[id].domains if id in history.decisions else ()
    if kind == "initiative":
        initiative = history.initiatives.get(id)
        return () if initiative is None or initiative.proposed is None else initiative.proposed[1].domains
    if kind == "space":
        space = history.spaces.get(id)
        return () if space is None or space.opened is None else space.opened[1].domains
    return [domain for above in _above(history, kind, id) for domain in _domains(history, above, seen)]


def _above(history: History, kind: str, id: str) -> Iterator[str]:
    streams: dict[str, dict[str, Stream]] = {
        "consultation": history.consultations,  # type: ignore[dict-item]  # narrower streams
        "debrief": history.debriefs,
        "lesson": history.lessons,
        "experiment": history.experiments,
    }
    stream = streams.get(kind, {}).get(id)
    for step in stream.steps if stream else ():
        for member in _UP[kind]:
            named: str | None = getattr(step.data, member, None)
            if named is not None:
                yield named if "/" in named else f"initiative/{named}"
        proposed: str | None = getattr(step.data, "proposes_row", None)
        if proposed is not None:
            yield f"domain/{proposed}"


def _work(history: History, subject: str, seen: set[str]) -> Iterator[Decision | Initiative]:
    """The decisions and initiatives a subject leads to."""
    kind, _, id = subject.partition("/")
    if subject in seen:
        return
    seen.add(subject)
    if kind == "decision":
        yield from [history.decisions[id]] if id in history.decisions else []
    elif kind == "initiative":
        yield from [history.initiatives[id]] if id in history.initiatives else []
        yield from history.decided.get(id, ())
    else:
        for above in _above(history, kind, id):
            yield from _work(history, above, seen)


def seated(history: History, actor: str, at: datetime) -> Iterator[str]:
    """The bodies an actor (a subject) has a seat in at an instant."""
    bodies = history.structure.bodies
    for body in bodies.sat_in(actor[6:]):
        if any(holder == actor for holder, _ in bodies.seating(body, at).weights):
            yield body


def seats(history: History, holder: str, at: datetime) -> frozenset[str]:
    """Who sits in a body (`body/b-1`), by subject; in an actor nobody does."""
    if not holder.startswith("body/"):
        return frozenset()
    return frozenset(actor for actor, _ in history.structure.bodies.seating(holder[5:], at).weights)


def inferred(acts: Sequence[Act]) -> Rate:
    """How many of some decisions have deciders who were inferred."""
    return rate(
        [(act.at, act.position) for act in acts if act.inferred],
        len(acts),
        "the deciders of {count} of {of} {of:decision|decisions} were inferred",
        NOTHING_DECIDED,
    )


class Windows:
    """Windows that follow one another without gaps, and which of them an instant lies in."""

    def __init__(self, windows: Sequence[Window], as_of: datetime) -> None:
        self.windows = windows
        self._as_of = as_of
        self._starts = [window.start or FIRST for window in windows]
        self._end = (windows[-1].end or FOREVER) if windows else FIRST

    def of(self, at: datetime) -> int | None:
        """The place of the window an instant lies in."""
        place = bisect_right(self._starts, at) - 1
        return place if place >= 0 and at < self._end else None

    def each(self, of: Sequence[T], items: Iterable[tuple[datetime, U]]) -> Iterator[tuple[T, U]]:
        """Items that lie in a window, with what stands for that window in `of`."""
        for at, item in items:
            if (place := self.of(at)) is not None:
                yield of[place], item

    def parted(self, items: Iterable[tuple[datetime, U]]) -> list[list[U]]:
        """The items that lie in each window."""
        found: list[list[U]] = [[] for _ in self.windows]
        for here, item in self.each(found, items):
            here.append(item)
        return found

    def opens(self, place: int) -> datetime:
        return self._starts[place]

    def closes(self, place: int) -> datetime:
        """When a window ends, as far as anything had occurred."""
        return min(self.windows[place].end or FOREVER, self._as_of)
