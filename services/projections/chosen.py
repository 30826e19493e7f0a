"""What of a history a question is about, and in which of its windows. Pure.

Decisions are chosen as `authority` and `drift` choose them; whatever else occurred, by the domains of what it
is about, as the tree was when it occurred.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from services.projections.facts.fact import BEGINNING, FOREVER
from services.projections.facts.matrix import Row
from services.projections.history import Act, History, Stream
from services.projections.views.question import Question, Window

T = TypeVar("T")
U = TypeVar("U")
_UP = {  # by kind, the members of data that name what it is about
    "consultation": ("about",),
    "debrief": ("about",),
    "lesson": ("from_",),
    "experiment": ("initiative",),
}


class Chosen:
    """The acts and other occurrences of one history that a question is about."""

    def __init__(self, history: History, question: Question) -> None:
        self.history = history
        self.question = question
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
            ):
                yield act.first if standing else act.at, act

    def concerns(self, subject: str, at: datetime) -> bool:
        """Whether something lies in the subtree asked about; everything does if none is."""
        return self.question.domain is None or self.question.domain in self.scopes(subject, at)

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


class Windows:
    """Windows that follow one another without gaps, and which of them an instant lies in."""

    def __init__(self, windows: Sequence[Window], as_of: datetime) -> None:
        self.windows = windows
        self._as_of = as_of
        self._starts = [window.start or BEGINNING for window in windows]
        self._end = (windows[-1].end or FOREVER) if windows else BEGINNING

    def of(self, at: datetime) -> int | None:
        """The place of the window an instant lies in."""
        place = bisect_right(self._starts, at) - 1
        return place if place >= 0 and at < self._end else None

    def each(self, of: Sequence[T], items: Iterable[tuple[datetime, U]]) -> Iterator[tuple[T, U]]:
        """Items that lie in a window, with what stands for that window in `of`."""
        for at, item in items:
            if (place := self.of(at)) is not None:
                yield of[place], item

    def opens(self, place: int) -> datetime:
        return self._starts[place]

    def closes(self, place: int) -> datetime:
        """When a window ends, as far as anything had occurred."""
        return min(self.windows[place].end or FOREVER, self._as_of)
