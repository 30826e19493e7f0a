"""Cells added up as flat sums come to what they come to added up as cells."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.projections.cells import Cell
from services.projections.slots import Flat, Slots, add
from tests.unit.test_wholes import cells, told


@settings(max_examples=50)
@given(st.lists(st.tuples(cells(), st.integers(-2, 2)), max_size=5))
def test_flat_sums_come_to_the_same_as_cells(given: list[tuple[Cell, int]]) -> None:
    slots, flat, total = Slots(), Flat(), Cell()
    for cell, times in given:
        add(flat, slots.numbered(cell), times)
        for _ in range(abs(times)):
            total.add(cell, 1 if times > 0 else -1)
    assert told(slots.cell(flat)) == told(total)


@settings(max_examples=50)
@given(cells(), cells())
def test_a_cell_comes_back_from_its_slots_whatever_was_numbered_before(other: Cell, cell: Cell) -> None:
    slots = Slots()
    slots.numbered(other)
    assert told(slots.cell(dict(slots.numbered(cell)))) == told(cell)
