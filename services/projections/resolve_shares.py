"""Whose a decision is, in integer units: as it was made, and as the matrix and the mandates say."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final, Generic, NamedTuple, TypeVar

from schemas.types import Rule
from services.projections.measures import apportion
from services.projections.structure_bodies import Seating
from services.projections.voting import index

Held = tuple[tuple[str, int], ...]
"""Holders and their weights or parts."""
Seatings = tuple[tuple[str, Seating], ...]
"""Bodies and who sits in them."""
T = TypeVar("T")
_ROOM: Final = 100_000


class Loan(NamedTuple):
    """How authority passes between two holders. Mandates whose limits cannot be judged are not sure."""

    redelegable: bool = False
    sure: bool = False
    surely_redelegable: bool = False


class Edge(NamedTuple):
    """Authority lent by one holder to another, after loops were taken out."""

    grantor: str
    grantee: str
    redelegable: bool
    sure: bool = True
    surely_redelegable: bool = False


class Split(NamedTuple):
    """One decision by holder, under both lenses. `unresolved` units stayed on bodies under the seat lens."""

    node: Mapping[str, int]
    seat: Mapping[str, int]
    unresolved: int


NOBODY: Final = Split({}, {}, 0)


class Memo(Generic[T]):
    """Remembers what was worked out, up to a number of holders in all, then begins afresh."""

    def __init__(self) -> None:
        self._taken = 0
        self._known: dict[object, T] = {}

    def find(self, key: object, size: int, work: Callable[[], T]) -> T:
        """The answer for a key that says everything it depends on; `size` is the holders it names."""
        known = self._known.get(key)
        if known is None:
            self._taken += size + 4
            if self._taken > _ROOM:
                self._known.clear()
                self._taken = size + 4
            known = self._known[key] = work()
        return known


_ACTUAL: Final[Memo[Split]] = Memo()
_STATED: Final[Memo[Split]] = Memo()


def actual(node: Held, seat: Held, seatings: Seatings) -> Split:
    """Shares of those who decided: `node` by body where they decided under one, `seat` by themselves."""
    size = len(node) + len(seat) + sum(len(seating.weights) for _, seating in seatings)
    return _ACTUAL.find((node, seat, seatings), size, lambda: _actual(node, seat, seatings))


def _actual(node: Held, seat: Held, seatings: Seatings) -> Split:
    units = _seated(_proportional(seat), dict(seatings))
    return Split(apportion(_proportional(node)), units, _unresolved(units))


def stated(rule: Rule | None, weights: Held, edges: tuple[Edge, ...], seatings: Seatings) -> Split:
    """Shares the row gives its live holders, moved by mandates; NOBODY where they cannot satisfy its rule.

    Under the seat lens a body's part is split by its own index (Owen 1977).
    """
    size = 2 * len(weights) + len(edges) + sum(len(seating.weights) for _, seating in seatings)
    return _STATED.find(
        (rule, weights, edges, seatings), size, lambda: _stated(rule, weights, edges, seatings)
    )


def _stated(rule: Rule | None, weights: Held, edges: tuple[Edge, ...], seatings: Seatings) -> Split:
    parts = index(rule, weights)
    if not parts:
        return NOBODY
    moved = flow(dict(parts), edges)
    units = _seated(moved, dict(seatings))
    return Split(apportion(moved), units, _unresolved(units))


def flow(parts: Mapping[str, Fraction], edges: Iterable[Edge]) -> dict[str, Fraction]:
    """Follows mandates to the chain's end: a grantor's part goes to all its grantees equally.

    What was received moves on only if it came through a mandate that is redelegable. Edges form no loops.
    """
    grantees: dict[str, list[Edge]] = {}
    for edge in edges:
        grantees.setdefault(edge.grantor, []).append(edge)
    moving, kept = dict(parts), dict[str, Fraction]()
    for grantor in _downwards(grantees):
        part = moving.pop(grantor, None)
        if part is None:
            continue
        for edge in grantees[grantor]:
            target = moving if edge.redelegable else kept
            target[edge.grantee] = target.get(edge.grantee, Fraction()) + part / len(grantees[grantor])
    for holder, part in moving.items():
        kept[holder] = kept.get(holder, Fraction()) + part
    return kept


def _downwards(grantees: Mapping[str, list[Edge]]) -> list[str]:
    """Grantors in an order in which nobody lends before everything lent to them has arrived."""
    order: list[str] = []
    seen: set[str] = set()
    for source in grantees:
        path = [(source, False)]
        while path:
            holder, done = path.pop()
            if done:
                order.append(holder)
            elif holder not in seen and holder in grantees:
                seen.add(holder)
                path.append((holder, True))
                path += [(edge.grantee, False) for edge in grantees[holder]]
    return order[::-1]


def without_loops(lent: Mapping[tuple[str, str], Loan]) -> tuple[Edge, ...]:
    """The loans by (grantor, grantee), without those whose grantee could lend back to the grantor."""
    onwards: dict[str, list[str]] = {}
    for grantor, grantee in lent:
        onwards.setdefault(grantor, []).append(grantee)
    return tuple(
        Edge(grantor, grantee, *loan)
        for (grantor, grantee), loan in sorted(lent.items())
        if grantee not in onwards or not _reaches(grantee, grantor, onwards)
    )


def _reaches(start: str, end: str, onwards: Mapping[str, list[str]]) -> bool:
    seen, path = {start}, [start]
    while path:
        for holder in onwards.get(path.pop(), ()):
            if holder == end:
                return True
            if holder not in seen:
                seen.add(holder)
                path.append(holder)
    return False


def _proportional(held: Held) -> dict[str, Fraction]:
    whole = sum(parts for _, parts in held)
    shares: dict[str, Fraction] = {}
    for holder, parts in held:
        shares[holder] = shares.get(holder, Fraction()) + Fraction(parts, whole)
    return shares


def _seated(parts: Mapping[str, Fraction], seatings: Mapping[str, Seating]) -> dict[str, int]:
    """Splits each body's part over its seats; a body nobody can speak for keeps its part."""
    shares: dict[str, Fraction] = {}
    for holder, part in parts.items():
        seating = seatings.get(holder)
        for actor, share in (seating.shares if seating else ()) or ((holder, Fraction(1)),):
            shares[actor] = shares.get(actor, Fraction()) + part * share
    return apportion(shares)


def _unresolved(units: Mapping[str, int]) -> int:
    return sum(held for holder, held in units.items() if not holder.startswith("actor/"))
