"""Sums of acts as flat maps from numbered slots to values: many are added up before one becomes a cell. Pure.

A cell holds maps in maps, and adding one to another takes several times as long.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from services.projections.cells import Cell, RowSides, Share

Flat = dict[int, int]


class _Slot(NamedTuple):
    """Where in a cell a value lies."""

    part: str
    key: str
    """A holder, a depth, or the domain of a row."""
    holder: str | None
    """Of a row, whose sides they are; None: the row's own share."""
    place: int


class Slots:
    """Numbers slots as they turn up; flat sums are of those of one `Slots` only."""

    def __init__(self) -> None:
        self._numbers: dict[_Slot, int] = {}
        self._slots: list[_Slot] = []

    def numbered(self, cell: Cell) -> list[tuple[int, int]]:
        """The values of a cell that are not zero, by slot."""
        return [(self._number(slot), value) for slot, value in _values(cell) if value]

    def cell(self, flat: Flat) -> Cell:
        """The cell of a flat sum; what comes to nothing is not in it."""
        cell = Cell()
        shares, rows = _shares(cell), _rows(cell)
        for number, value in flat.items():
            part, key, holder, place = self._slots[number]
            if not value:
                continue
            if part in shares:
                shares[part].setdefault(key, [0, 0, 0])[place] = value
            elif part in rows:
                share, sides = rows[part].setdefault(key, ([0, 0, 0], {}))
                (share if holder is None else sides.setdefault(holder, [0, 0]))[place] = value
            else:
                cell.counts[place] = value
        return cell

    def _number(self, slot: _Slot) -> int:
        number = self._numbers.get(slot)
        if number is None:
            number = self._numbers[slot] = len(self._slots)
            self._slots.append(slot)
        return number


def add(mine: Flat, other: Iterable[tuple[int, int]], times: int = 1) -> None:
    """Add values to a flat sum, several times or less than none."""
    for slot, value in other:
        mine[slot] = mine.get(slot, 0) + times * value


def _shares(cell: Cell) -> dict[str, dict[str, Share]]:
    return {"node": cell.node, "seat": cell.seat, "level": cell.level}


def _rows(cell: Cell) -> dict[str, dict[str, RowSides]]:
    return {"drift_node": cell.drift_node, "drift_seat": cell.drift_seat}


def _values(cell: Cell) -> Iterator[tuple[_Slot, int]]:
    for place, value in enumerate(cell.counts):
        yield _Slot("counts", "", None, place), value
    for part, shares in _shares(cell).items():
        for key, share in shares.items():
            for place, value in enumerate(share):
                yield _Slot(part, key, None, place), value
    for part, rows in _rows(cell).items():
        for domain, (share, sides) in rows.items():
            for place, value in enumerate(share):
                yield _Slot(part, domain, None, place), value
            for holder, side in sides.items():
                for place, value in enumerate(side):
                    yield _Slot(part, domain, holder, place), value
