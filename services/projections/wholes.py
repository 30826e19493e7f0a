"""The ledger's cells as one large integer each: adding them up takes as long however many they name. Pure."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from struct import pack, unpack
from typing import Any, Final

from services.projections.cells import Cell, RowSides, unpack_shares, unpack_sides
from services.projections.measures import UNIT

Entry = tuple[tuple[Any, str], Sequence[int]]  # group, holder; the numbers of these
_MOST: Final = 2**62 // UNIT  # decisions whose units surely fit
_TABLES: Final = 30


class Wholes:
    """Those added last, each read once; the others are given up."""

    def __init__(self, room: int = 12_000_000) -> None:
        self._room, self._held = room, 0  # bytes
        self._kept: OrderedDict[tuple[_Table, bytes], int] = OrderedDict()
        self._tables: dict[tuple[Hashable, int], _Table] = {}

    def add_packed(self, total: Cell, of: Hashable, rows: Sequence[Any]) -> None:
        """Do with all these rows what `Cell.add_packed` does with each. They are of one scope, `of`."""
        for counts, *_, sign in rows:
            total.add_packed(counts, None, None, None, sign)
        if any(row[0][0] > _MOST for row in rows) or total.counts[0] > _MOST:
            for row in rows:
                total.add_packed([0] * len(row[0]), *row[1:])
            return
        for part, (width, read, put) in _PARTS.items():
            if rows and rows[0][part] is not None:
                table = self._table(of, part, width)
                put(total, table.entries(sum(row[-1] * self._whole(table, row[part], read) for row in rows)))

    def _table(self, of: Hashable, part: int, width: int) -> "_Table":
        if len(self._tables) > _TABLES:
            self._tables.clear()  # and nobody finds what was kept of them
        return self._tables.setdefault((of, part), _Table(width))

    def _whole(self, table: "_Table", packed: bytes, read: Callable[[bytes], Iterable[Entry]]) -> int:
        whole = self._kept.pop((table, packed), None)
        if whole is None:
            whole = table.whole(read(packed))
            self._held += _size(packed, whole)
        self._kept[table, packed] = whole
        while self._held > self._room:
            (_, given_up), number = self._kept.popitem(last=False)
            self._held -= _size(given_up, number)
        return whole


def _size(packed: bytes, whole: int) -> int:
    return len(packed) + whole.bit_length() // 8


class _Table:
    """Every group and holder ever met has a place, where some fields of 64 bits belong to them.

    All fields one after the other, read as one number, can be added, whatever the signs of each.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._places: dict[tuple[Any, str], int] = {}

    def whole(self, entries: Iterable[Entry]) -> int:
        """The number that stands for these entries."""
        found = [(self._places.setdefault(key, len(self._places)), fields) for key, fields in entries]
        flat = [0] * (self._width * len(self._places))
        for place, fields in found:
            flat[place * self._width : (place + 1) * self._width] = fields
        signs = _signs(len(flat))
        return (int.from_bytes(pack(f"<{len(flat)}q", *flat), "little") ^ signs) - signs

    def entries(self, whole: int) -> Iterator[Entry]:
        """What a number stands for, but for what is nothing."""
        length = self._width * len(self._places)
        signs = _signs(length)
        flat = iter(unpack(f"<{length}q", ((whole + signs) ^ signs).to_bytes(8 * length, "little")))
        for key, fields in zip(self._places, zip(*[flat] * self._width, strict=True), strict=True):
            if any(fields):
                yield key, fields


def _signs(length: int) -> int:
    """The sign bits of so many fields: with them turned over, one below zero borrows from no other."""
    return int.from_bytes(b"\0\0\0\0\0\0\0\x80" * length, "little")


def _of_shares(packed: bytes) -> Iterator[Entry]:
    for facet, shares in enumerate(unpack_shares(packed)):
        for holder, share in shares.items():
            yield (facet, holder), share


def _of_sides(packed: bytes) -> Iterator[Entry]:
    for domain, ((_, *counts), sides) in unpack_sides(packed).items():
        yield (domain, ""), counts
        for holder, side in sides.items():
            yield (domain, holder), side


def _put_shares(total: Cell, entries: Iterable[Entry]) -> None:
    facets = total.node, total.seat, total.level
    for (facet, holder), share in entries:
        facets[facet][holder] = [*share]


def _put_sides(rows: dict[str, RowSides], entries: Iterable[Entry]) -> None:
    for (domain, holder), fields in entries:
        counts, sides = rows.setdefault(domain, ([0, 0, 0], {}))
        if holder:
            sides[holder] = [*fields]
        else:
            counts[1:] = fields


_PARTS: Final = {
    1: (3, _of_shares, _put_shares),
    2: (2, _of_sides, lambda total, entries: _put_sides(total.drift_node, entries)),
    3: (2, _of_sides, lambda total, entries: _put_sides(total.drift_seat, entries)),
}
