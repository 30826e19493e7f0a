"""What was stated, at any instant: the tree of domains, the matrix rows, the mandates."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from typing import Final

from services.projections.facts.domains import Domain
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Row
from services.projections.structure_timeline import Timeline

_MOST_TREES: Final = 16
_CHAINS: Final = 8  # kept of each domain, about


class Matrix:
    """Domains, rows and mandates as known at one position; holders are named as they were written."""

    def __init__(self) -> None:
        self._domains: dict[str, list[Domain]] = defaultdict(list)
        self._rows: dict[str, list[Row]] = defaultdict(list)
        self._mandates: dict[str, set[Mandate]] = defaultdict(set)
        self._edges: list[datetime] = []  # every instant at which the tree may change
        self._trees: dict[int, dict[str, list[str]]] = {}
        self._chains: dict[tuple[str, int], tuple[str, ...]] = {}
        self._lent: dict[str, Timeline[tuple[Mandate, ...]]] = {}

    def set_domain(self, domain: Domain, *, known: bool) -> None:
        _set(self._domains[domain.domain], domain, known)
        place = bisect_left(self._edges, domain.valid_from)
        if place == len(self._edges) or self._edges[place] != domain.valid_from:
            self._edges.insert(place, domain.valid_from)
        self._trees.clear()
        self._chains.clear()

    def set_row(self, row: Row, *, known: bool) -> None:
        self._trees.clear()  # a domain may have no more than a row
        rows = self._rows[row.domain]
        if known:
            insort(rows, row, key=_precedence)
        else:
            rows.remove(row)

    def set_mandate(self, mandate: Mandate, *, known: bool) -> None:
        mandates = self._mandates[mandate.scope]
        if known:
            mandates.add(mandate)
        else:
            mandates.discard(mandate)
        self._lent.pop(mandate.scope, None)

    def domains(self) -> set[str]:
        """Every domain that was defined or has a row."""
        return {domain for domain, known in (*self._domains.items(), *self._rows.items()) if known}

    def tellings(self, domain: str) -> Sequence[Domain]:
        """All that was ever stated about a domain's place in the tree, in order of time."""
        return tuple(self._domains.get(domain, ()))

    def domain(self, domain: str, at: datetime) -> Domain | None:
        facts = self._domains.get(domain)
        if not facts:
            return None
        if facts[-1].valid_from <= at:  # the question most often asked
            return facts[-1]
        place = bisect_right(facts, at, key=_valid_from)
        return facts[place - 1] if place else None

    def moments(self, domain: str, at: datetime) -> Iterator[datetime]:
        """When, up to an instant, a domain's place in the tree and its own row last may have changed."""
        facts, rows = self._domains.get(domain, ()), self._rows.get(domain, ())
        if place := bisect_right(facts, at, key=_valid_from):
            yield facts[place - 1].valid_from
        if place := bisect_right(rows, at, key=_effective):
            yield rows[place - 1].effective

    def chain(self, domain: str, at: datetime) -> tuple[str, ...]:
        """The domain and its ancestors, nearest first; a loop of parents ends where it would repeat."""
        key = domain, bisect_right(self._edges, at)
        chain = self._chains.get(key)
        if chain is None:
            if len(self._chains) > _CHAINS * len(self._domains):
                self._chains.clear()
            chain = self._chains[key] = self._chain(domain, at)
        return chain

    def _chain(self, domain: str, at: datetime) -> tuple[str, ...]:
        chain = [domain]
        while (fact := self.domain(chain[-1], at)) and fact.parent is not None and fact.parent not in chain:
            chain.append(fact.parent)
        return tuple(chain)

    def below(self, domain: str, at: datetime) -> Sequence[str]:
        """The domains whose chain leads through this one, itself included if it is known."""
        place = bisect_right(self._edges, at)
        tree = self._trees.get(place)
        if tree is None:
            tree = defaultdict(list)
            for other in self.domains():
                for above in self.chain(other, at):
                    tree[above].append(other)
            if len(self._trees) >= _MOST_TREES:
                self._trees.clear()
            self._trees[place] = tree  # whole: whoever asks may be broken off
        return tree.get(domain, ())

    def ever_below(self, domain: str) -> frozenset[str]:
        """The domains whose chain may lead through this one at some instant, itself included."""
        under = self.ever_under()
        found, next_ = {domain}, [domain]
        while next_:
            new = under.get(next_.pop(), frozenset()) - found
            found |= new
            next_.extend(new)
        return frozenset(found)

    def ever_above(self, domain: str) -> frozenset[str]:
        """The domains its chain may lead through at some instant, itself included."""
        found, next_ = {domain}, [domain]
        while next_:
            stated = self.tellings(next_.pop())
            new = {fact.parent for fact in stated if fact.parent is not None} - found
            found |= new
            next_.extend(new)
        return frozenset(found)

    def ever_under(self) -> Mapping[str, Set[str]]:
        """By domain, those that were stated to lie right below it at some instant."""
        under: dict[str, set[str]] = defaultdict(set)
        for other, facts in self._domains.items():
            for fact in facts:
                if fact.parent is not None:
                    under[fact.parent].add(other)
        return under

    def stakes(self, chain: Sequence[str], at: datetime) -> str | None:
        """The nearest stakes along a chain of domains."""
        for domain in chain:
            fact = self.domain(domain, at)
            if fact is not None and fact.stakes is not None:
                return fact.stakes
        return None

    def row(self, chain: Sequence[str], at: datetime, as_of: datetime) -> Row | None:
        """The row in force along a chain of domains, nearest first; `row.domain` says where it was found."""
        for domain in chain:
            row = self.own_row(domain, at, as_of)
            if row is not None and not row.cleared:
                return row
        return None

    def own_row(self, domain: str, at: datetime, as_of: datetime) -> Row | None:
        """The last word about a domain's own row, which may be that it was cleared."""
        rows = self._rows.get(domain)
        if not rows:
            return None
        for place in range(bisect_right(rows, at, key=_effective) - 1, -1, -1):
            if rows[place].stated <= as_of:
                return rows[place]
        return None

    def rows(self, domain: str) -> Sequence[Row]:
        """All that was ever stated about a domain's own row, in the order in which it takes effect."""
        return tuple(self._rows.get(domain, ()))

    def mandates(self, scopes: Sequence[str], at: datetime, as_of: datetime) -> list[Mandate]:
        """The mandates of these scopes that are live, in order of their ids."""
        found = [
            mandate
            for scope in scopes
            if scope in self._mandates
            for mandate in self._in_force(scope, at)
            if mandate.stated <= as_of
        ]
        if len(found) > 1:
            found.sort(key=_mandate)
        return found

    def _in_force(self, scope: str, at: datetime) -> tuple[Mandate, ...]:
        timeline = self._lent.get(scope)
        if timeline is None:
            edges = (e for mandate in self._mandates[scope] for e in (mandate.valid_from, mandate.valid_to))
            timeline = self._lent[scope] = Timeline(edges)
        return timeline.at(at, partial(self._lent_at, scope))

    def _lent_at(self, scope: str, at: datetime) -> tuple[Mandate, ...]:
        return tuple(m for m in self._mandates[scope] if m.valid_from <= at < m.valid_to)

    def all_mandates(self) -> Iterator[Mandate]:
        """Every mandate ever stated, in order of time and id."""
        everything = (mandate for mandates in self._mandates.values() for mandate in mandates)
        yield from sorted(everything, key=lambda mandate: (mandate.valid_from, mandate.mandate))


def _set(domains: list[Domain], domain: Domain, known: bool) -> None:
    if known:
        insort(domains, domain, key=_order)
    else:
        del domains[domains.index(domain, bisect_left(domains, _order(domain), key=_order))]


def _order(domain: Domain) -> tuple[datetime, int]:
    return domain.valid_from, domain.position


def _valid_from(domain: Domain) -> datetime:
    return domain.valid_from


def _precedence(row: Row) -> tuple[datetime, datetime, int]:
    return row.effective, row.stated, row.position


def _effective(row: Row) -> datetime:
    return row.effective


def _mandate(mandate: Mandate) -> str:
    return mandate.mandate
