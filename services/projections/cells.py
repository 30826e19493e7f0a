"""What decisions add up to: counts and shares in units, exact, so that they can be taken away again. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple, get_args

import msgspec

COUNTS = (
    "decisions",
    "inferred",
    "unknown",
    "deferred",
    "returned",
    "unresolved",
    "unstated",
    "vacant",
    "stated",
    "stated_inferred",
    "within",
    "outside",
    "unjudged",
    "closeness",
    "closeness_units",
    "level_units",
)
_AT = {name: place for place, name in enumerate(COUNTS)}

Share = list[int]  # units, decisions taken part in, of these inferred
Side = list[int]  # units stated, units actual
RowSides = tuple[Share, dict[str, Side]]  # 0, decisions, inferred; and both sides by holder
Packed = tuple[list[int], bytes, bytes, bytes]  # counts, shares, drift_node, drift_seat
Tense = Literal["made", "shift"]
Grain = Literal["day", "third", "month", "quarter", "year"]
GRAINS: tuple[Grain, ...] = get_args(Grain)
"""Thirds of months begin on the 1st, 11th and 21st. Scopes within the ledger have only months and years."""


class Place(NamedTuple):
    """Where a cell lies: see the columns of `projections.cells`."""

    scope: str
    tense: Tense
    grain: Grain
    period: date


class Cell:
    """A sum of acts: counts in the order of COUNTS, the rest by holder or depth, drift by row domain."""

    __slots__ = ("counts", "drift_node", "drift_seat", "level", "node", "seat")

    def __init__(self) -> None:
        self.counts = [0] * len(COUNTS)
        self.node: dict[str, Share] = {}
        self.seat: dict[str, Share] = {}
        self.level: dict[str, Share] = {}
        self.drift_node: dict[str, RowSides] = {}
        self.drift_seat: dict[str, RowSides] = {}

    def add(self, other: "Cell", sign: int = 1) -> None:
        """Add another sum, or take it away."""
        mine = self.counts
        for place, its in enumerate(other.counts):
            if its:
                mine[place] += sign * its
        add_shares(self.node, other.node, sign)
        add_shares(self.seat, other.seat, sign)
        add_shares(self.level, other.level, sign)
        add_sides(self.drift_node, other.drift_node, sign)
        add_sides(self.drift_seat, other.drift_seat, sign)

    def add_packed(
        self,
        counts: Sequence[int],
        shares: bytes | None,
        drift_node: bytes | None,
        drift_seat: bytes | None,
        sign: int = 1,
    ) -> None:
        """Add a sum as `packed` wrote it, or such parts of it as are given, or take it away."""
        self.counts = [mine + sign * its for mine, its in zip(self.counts, counts, strict=True)]
        if shares is not None:
            node, seat, level = unpack_shares(shares)
            add_shares(self.node, node, sign)
            add_shares(self.seat, seat, sign)
            add_shares(self.level, level, sign)
        if drift_node is not None:
            add_sides(self.drift_node, unpack_sides(drift_node), sign)
        if drift_seat is not None:
            add_sides(self.drift_seat, unpack_sides(drift_seat), sign)

    def add_count(self, name: str, value: int = 1) -> None:
        """Add to one of COUNTS."""
        self.counts[_AT[name]] += value

    def prune(self) -> None:
        """Leave out what comes to nothing."""
        self.node, self.seat, self.level = _some(self.node), _some(self.seat), _some(self.level)
        self.drift_node, self.drift_seat = _some_sides(self.drift_node), _some_sides(self.drift_seat)

    def packed(self) -> Packed | None:
        """The sum as columns, the same for the same sum if pruned; None if it comes to nothing."""
        shares = self.node, self.seat, self.level
        if not (any(self.counts) or any(shares) or self.drift_node or self.drift_seat):
            return None
        return self.counts, _pack(shares), _pack(self.drift_node), _pack(self.drift_seat)


_pack = msgspec.msgpack.Encoder(order="deterministic").encode
unpack_shares = msgspec.msgpack.Decoder(tuple[dict[str, Share], dict[str, Share], dict[str, Share]]).decode
unpack_sides = msgspec.msgpack.Decoder(dict[str, RowSides]).decode


def add_shares(mine: dict[str, Share], other: Mapping[str, Share], sign: int = 1) -> None:
    """Add shares to shares, or take them away."""
    for key, (units, decisions, inferred) in other.items():
        held = mine.get(key)
        if held is None:
            mine[key] = [sign * units, sign * decisions, sign * inferred]
        else:
            held[0] += sign * units
            held[1] += sign * decisions
            held[2] += sign * inferred


def add_sides(mine: dict[str, RowSides], other: Mapping[str, RowSides], sign: int = 1) -> None:
    """Add both sides of rows to those of others, or take them away."""
    for domain, (counts, sides) in other.items():
        held, of_holders = mine.setdefault(domain, ([0, 0, 0], {}))
        held[1] += sign * counts[1]
        held[2] += sign * counts[2]
        for holder, (stated, actual) in sides.items():
            side = of_holders.get(holder)
            if side is None:
                of_holders[holder] = [sign * stated, sign * actual]
            else:
                side[0] += sign * stated
                side[1] += sign * actual


def _some(shares: Mapping[str, Share]) -> dict[str, Share]:
    return {key: share for key, share in shares.items() if share[1] or share[0] or share[2]}


def _some_sides(sides: Mapping[str, RowSides]) -> dict[str, RowSides]:
    kept = {
        domain: (counts, {holder: side for holder, side in of.items() if side[0] or side[1]})
        for domain, (counts, of) in sides.items()
    }
    return {domain: row for domain, row in kept.items() if any(row[0]) or row[1]}


def raised(places: Iterable[Place], grain: Grain) -> list[tuple[Place, Place]]:
    """The places of a grain, each with the one above it."""
    return [(place, _above(place)) for place in places if place.grain == grain]


def _above(place: Place) -> Place:
    grain: Grain = "year" if place.scope else GRAINS[GRAINS.index(place.grain) + 1]
    return place._replace(grain=grain, period=first_of(grain, place.period))


def first_of(grain: Grain, day: date) -> date:
    """The first day of the period a day lies in."""
    match grain:
        case "day":
            return day
        case "third":
            return day.replace(day=min(day.day - 1, 20) // 10 * 10 + 1)
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
