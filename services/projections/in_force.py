"""Which row was in force in a domain, from when to when: its own, or the nearest above it. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.projections.facts.matrix import Row
from services.projections.structure import Structure


class Reign(NamedTuple):
    """One row in force (None: no row), over the same ancestors, in [since, until); None: still as of `at`."""

    since: datetime
    until: datetime | None
    row: Row | None
    chain: tuple[str, ...]


def _since(reign: Reign) -> datetime:
    return reign.since


class InForce:
    """As of one instant: what was stated or took effect later is left out. Each domain is worked out once."""

    def __init__(self, structure: Structure, at: datetime) -> None:
        self._matrix = structure.matrix
        self._at = at
        self._reigns: dict[str, Sequence[Reign]] = {}

    def reigns(self, domain: str) -> Sequence[Reign]:
        """What was in force in a domain, in order of time without gaps; empty if nothing was ever said."""
        found = self._reigns.get(domain)
        if found is None:
            found = self._reigns[domain] = tuple(self._walk(domain))
        return found

    def own(self, domain: str) -> Sequence[Reign]:
        """When the row in force in a domain was its own, and which."""
        return [one for one in self.reigns(domain) if one.row is not None and one.row.domain == domain]

    def at(self, domain: str, at: datetime) -> Reign | None:
        """What was in force at an instant; None before anything was said."""
        reigns = self.reigns(domain)
        place = bisect_right(reigns, at, key=_since)
        return reigns[place - 1] if place else None

    def ever(self, domain: str, at: datetime) -> bool:
        """Whether any row, own or inherited, was in force at an instant or before it."""
        return any(one.row is not None and one.since <= at for one in self.reigns(domain))

    def next(self, domain: str, at: datetime) -> Reign | None:
        """The first row to come into force after an instant."""
        return next((one for one in self.reigns(domain) if one.row is not None and one.since > at), None)

    def _walk(self, domain: str) -> list[Reign]:
        found: list[Reign] = []
        for edge in self._edges(domain):
            chain = self._matrix.chain(domain, edge)
            row = self._matrix.row(chain, edge, self._at)
            if found and found[-1].row is row and found[-1].chain == chain:
                continue
            if found:
                found[-1] = found[-1]._replace(until=edge)
            found.append(Reign(edge, None, row, chain))
        return found

    def _edges(self, domain: str) -> list[datetime]:
        """Every instant by `at` at which the answer may change."""
        edges: set[datetime] = set()
        above, todo = {domain}, [domain]
        while todo:
            name = todo.pop()
            edges.update(row.effective for row in self._matrix.rows(name) if row.stated <= self._at)
            for told in self._matrix.tellings(name):
                edges.add(told.valid_from)
                if told.parent is not None and told.parent not in above:
                    above.add(told.parent)
                    todo.append(told.parent)
        return sorted(edge for edge in edges if edge <= self._at)
