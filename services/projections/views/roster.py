"""Whom inequality compares: everybody who could have had a share in a window, as subjects."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import zip_longest
from typing import Final

from services.projections.facts.fact import FOREVER
from services.projections.facts.matrix import Row
from services.projections.structure import Structure
from services.projections.views.question import FIRST, Question, Window

_INSTANT: Final = timedelta(microseconds=1)
_COMPARED: Final = frozenset({"person", "agent"})


class Rosters:
    """The rosters of one structure, while it does not change, as of one instant."""

    def __init__(self, structure: Structure, as_of: datetime) -> None:
        self._structure = structure
        self._as_of = as_of
        self._everybody = lru_cache(maxsize=64)(self._present)

    def of(self, question: Question, window: Window) -> frozenset[str]:
        """Of the ledger: persons and agents present; of a body: its seats; of a domain: all its rows name.

        Those who did decide belong to it as well; they are added with their shares.
        """
        opens = window.start or FIRST
        closes = self.closes(window)
        if opens > closes:
            return frozenset()
        if question.body is not None:
            return frozenset(self._seated(question.body, opens, closes))
        if question.domain is not None:
            return frozenset(self._named(question.domain, opens, closes))
        return self._everybody(opens, closes)

    def closes(self, window: Window) -> datetime:
        """The last instant of the window, as far as anything had occurred; its end is no part of it."""
        if window.end is None or window.end > self._as_of:
            return self._as_of
        return max(window.end, FIRST + _INSTANT) - _INSTANT

    def _present(self, opens: datetime, closes: datetime) -> frozenset[str]:
        """Registered by the end of the window and not away throughout."""
        actors, present = self._structure.actors, []
        for actor, registered in actors.everyone().items():
            away = actors.away(actor)
            if registered > closes or (away and any(start <= opens and closes < end for start, end in away)):
                continue
            profile = actors.profile(actor, closes)
            if profile is not None and profile.actor_kind in _COMPARED:
                present.append(f"actor/{actor}")
        return frozenset(present)

    def _seated(self, body: str, opens: datetime, closes: datetime) -> Iterator[str]:
        """Whoever held a seat at some time of the window."""
        for seat in self._structure.bodies.seats(body):
            if seat.valid_from <= closes and opens < seat.valid_to:
                yield "actor/" + self._structure.actors.who(seat.actor)

    def _named(self, domain: str, opens: datetime, closes: datetime) -> Iterator[str]:
        """Holders and contributors of the rows in force in the domain's subtree, bodies by their seats."""
        for row in self._rows(domain, opens, closes):
            named = (*(part.holder for part in row.decides), *(one.holder for one in row.contributes))
            for holder in named:
                kind, _, name = holder.partition("/")
                if kind == "body":
                    yield from self._seated(name, opens, closes)
                else:
                    yield self._structure.actors.holder(holder)

    def _rows(self, domain: str, opens: datetime, closes: datetime) -> Iterator[Row]:
        matrix = self._structure.matrix
        for below in {domain, *matrix.below(domain, closes)}:
            yield from self._own(matrix.rows(below), opens, closes)
        chain = matrix.chain(domain, closes)
        changes = {row.effective for above in chain for row in matrix.rows(above)}
        for instant in (opens, *sorted(change for change in changes if opens < change <= closes)):
            inherited = matrix.row(chain, instant, self._as_of)
            if inherited is not None:
                yield inherited

    def _own(self, rows: Sequence[Row], opens: datetime, closes: datetime) -> Iterator[Row]:
        """The rows of one domain that were in force at some time of the window."""
        stated = [row for row in rows if row.stated <= self._as_of]
        for row, following in zip_longest(stated, stated[1:]):
            end = following.effective if following else FOREVER
            if not row.cleared and row.effective <= closes and max(opens, row.effective) < end:
                yield row
