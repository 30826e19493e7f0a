"""What decisions add up to: counts and shares in units, exact, so that they can be taken away again. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from services.projections.facts.fact import FOREVER

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
_JUDGED = {"yes": "within", "no": "outside", "unknown": "unjudged"}
_AT = {name: place for place, name in enumerate(COUNTS)}

Share = list[int]  # units, decisions taken part in, of these inferred
Side = list[int]  # units stated, units actual
RowSides = tuple[Share, dict[str, Side]]  # 0, decisions, inferred; and both sides by holder
Packed = tuple[list[int], bytes, bytes, bytes]  # counts, shares, drift_node, drift_seat
Tense = Literal["made", "shift"]
Grain = Literal["day", "month", "year"]


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
    ) -> None:
        """Add a sum as `packed` wrote it, or such parts of it as are given."""
        self.counts = [mine + its for mine, its in zip(self.counts, counts, strict=True)]
        if shares is not None:
            node, seat, level = _unpack_shares(shares)
            add_shares(self.node, node)
            add_shares(self.seat, seat)
            add_shares(self.level, level)
        if drift_node is not None:
            add_sides(self.drift_node, _unpack_sides(drift_node))
        if drift_seat is not None:
            add_sides(self.drift_seat, _unpack_sides(drift_seat))

    def add_count(self, name: str, value: int) -> None:
        """Add to one of COUNTS."""
        self.counts[_AT[name]] += value

    def prune(self) -> None:
        """Leave out what comes to nothing."""
        self.node, self.seat, self.level = _some(self.node), _some(self.seat), _some(self.level)
        self.drift_node, self.drift_seat = _some_sides(self.drift_node), _some_sides(self.drift_seat)

    def packed(self) -> Packed | None:
        """The sum as columns, the same for the same sum; None if it comes to nothing."""
        self.prune()
        shares = self.node, self.seat, self.level
        if not (any(self.counts) or any(shares) or self.drift_node or self.drift_seat):
            return None
        return self.counts, _pack(shares), _pack(self.drift_node), _pack(self.drift_seat)


_pack = msgspec.msgpack.Encoder(order="deterministic").encode
_unpack_shares = msgspec.msgpack.Decoder(tuple[dict[str, Share], dict[str, Share], dict[str, Share]]).decode
_unpack_sides = msgspec.msgpack.Decoder(dict[str, RowSides]).decode


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


def of_act(act: Mapping[str, Any]) -> Cell:
    """What one act (a row of `acts`) comes to by itself."""
    cell = Cell()
    counts, status, inferred = cell.counts, act["status"], int(act["inferred"])
    if status == "apart":
        counts[_AT[act["outcome"]]] = 1
        return cell
    counts[_AT[_JUDGED[act["mandate"]]]] = 1
    if status == "unknown":
        counts[_AT["unknown"]] = 1
        return cell
    counts[_AT["decisions"]], counts[_AT["inferred"]] = 1, inferred
    counts[_AT["unresolved"]] = int(act["unresolved"] > 0)
    counts[_AT["closeness"]], counts[_AT["closeness_units"]] = act["closeness"], act["closeness_units"]
    counts[_AT["level_units"]] = sum(act["level_units"])
    cell.node = {key: [units, 1, inferred] for key, units in _units(act, "actual_node")}
    cell.seat = {key: [units, 1, inferred] for key, units in _units(act, "actual_seat")}
    levels = zip(act["levels"], act["level_units"], strict=True)
    cell.level = {str(level): [units, 1, inferred] for level, units in levels}
    if act["row_domain"] is None:
        counts[_AT["unstated"]] = 1
    elif act["vacant"]:
        counts[_AT["vacant"]] = 1
    else:
        counts[_AT["stated"]], counts[_AT["stated_inferred"]] = 1, inferred
        cell.drift_node = {act["row_domain"]: ([0, 1, inferred], _sides(act, "node"))}
        cell.drift_seat = {act["row_domain"]: ([0, 1, inferred], _sides(act, "seat"))}
    return cell


def _units(act: Mapping[str, Any], name: str) -> Iterator[tuple[str, int]]:
    return zip(act[name], act[f"{name}_units"], strict=True)


def _sides(act: Mapping[str, Any], lens: str) -> dict[str, Side]:
    sides = {holder: [units, 0] for holder, units in _units(act, f"stated_{lens}")}
    for holder, units in _units(act, f"actual_{lens}"):
        sides.setdefault(holder, [0, 0])[1] = units
    return sides


def places(act: Mapping[str, Any]) -> Iterator[tuple[Place, int]]:
    """The smallest cells an act is in, as of the end of time, and whether it adds or takes away (+1, −1).

    Standing = made + shift: most decisions are spoken of once, and count the same in both tenses.
    """
    made = act["at_to"] == FOREVER
    stands = act["stands_to"] == FOREVER
    if made:
        yield from _in_scopes(act, "made", act["occurred"], 1)
    if made and stands and act["window"] == act["occurred"]:
        return
    if made:
        yield from _in_scopes(act, "shift", act["occurred"], -1)
    if stands:
        yield from _in_scopes(act, "shift", act["window"], 1)


def _in_scopes(act: Mapping[str, Any], tense: Tense, at: datetime, sign: int) -> Iterator[tuple[Place, int]]:
    day = at.date()
    month = day.replace(day=1)
    yield Place("", tense, "day", day), sign
    for domain in act["scopes"]:
        if domain:
            yield Place(f"domain/{domain}", tense, "month", month), sign
    for holder in act["actual_node"]:
        if holder.startswith("body/"):
            yield Place(holder, tense, "month", month), sign


def raised(sums: dict[Place, Cell], grain: Grain) -> dict[Place, Cell]:
    """The sums of days by month, or of months by year."""
    above: dict[Place, Cell] = {}
    for place, cell in sums.items():
        if grain == "month" and place.grain == "day":
            first = place.period.replace(day=1)
            above.setdefault(place._replace(grain=grain, period=first), Cell()).add(cell)
        elif grain == "year" and place.grain == "month":
            first = place.period.replace(month=1)
            above.setdefault(place._replace(grain=grain, period=first), Cell()).add(cell)
    return above
