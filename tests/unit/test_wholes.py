"""Cells added up as large integers come to what they come to added up one by one."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.projections.cells import COUNTS, Cell
from services.projections.measures import UNIT
from services.projections.wholes import Wholes

HOLDERS = st.sampled_from([f"actor/a-{number}" for number in range(6)] + ["body/b"])
NUMBERS = st.integers(-(10**5) * UNIT, 10**5 * UNIT)
SHARES = st.dictionaries(HOLDERS, st.lists(NUMBERS, min_size=3, max_size=3), max_size=4)
ROW = st.tuples(
    st.lists(NUMBERS, min_size=2, max_size=2).map(lambda counts: [0, *counts]),
    st.dictionaries(HOLDERS, st.lists(NUMBERS, min_size=2, max_size=2), max_size=4),
)
ROWS = st.dictionaries(st.sampled_from(["hiring", "people", "travel"]), ROW, max_size=3)
FEW = st.integers(-9, 9)
LEDGER = "demo", 1


@st.composite
def cells(draw: st.DrawFn, counts: st.SearchStrategy[int] = FEW) -> Cell:
    cell = Cell()
    cell.counts = draw(st.lists(counts, min_size=len(COUNTS), max_size=len(COUNTS)))
    cell.node, cell.seat, cell.level = draw(SHARES), draw(SHARES), draw(SHARES)
    cell.drift_node, cell.drift_seat = draw(ROWS), draw(ROWS)
    return cell


def rows(found: list[tuple[Cell, int]]) -> list[tuple[Any, ...]]:
    packed = [(cell.packed(), sign) for cell, sign in found]
    return [(*columns, sign) for columns, sign in packed if columns is not None]


def told(cell: Cell) -> tuple[object, ...]:
    cell.prune()
    return cell.counts, cell.node, cell.seat, cell.level, cell.drift_node, cell.drift_seat


def added(signed: list[tuple[Any, ...]], wholes: Wholes | None) -> tuple[object, ...]:
    total = Cell()
    if wholes is not None:
        wholes.add_packed(total, LEDGER, signed)
    else:
        for row in signed:
            total.add_packed(*row)
    return told(total)


SIGNED = st.lists(st.tuples(cells(), st.sampled_from([1, -1])), max_size=5).map(rows)


@settings(max_examples=30)
@given(st.lists(SIGNED, max_size=4), st.sampled_from([0, 400, 12_000_000]))
def test_sums_are_the_same_however_much_is_kept_of_those_before(
    asked: list[list[tuple[Any, ...]]], room: int
) -> None:
    wholes = Wholes(room)
    for signed in (*asked, *asked):
        assert added(signed, wholes) == added(signed, None)


@settings(max_examples=30)
@given(st.lists(st.tuples(cells(st.integers(0, 10**8)), st.just(1)), min_size=1, max_size=3).map(rows))
def test_numbers_that_no_field_holds_are_added_all_the_same(signed: list[tuple[Any, ...]]) -> None:
    everything = {"actor/a-1": [(2**63 - 1), 10**8, 0]}
    one = Cell()
    one.counts[0], one.node = 10**8, everything
    signed = [*signed, *rows([(one, 1), (one, 1)])]
    assert added(signed, Wholes()) == added(signed, None)


def test_what_was_read_longest_ago_is_given_up() -> None:
    wholes = Wholes(10_000)
    for number in range(1_000):
        cell = Cell()
        cell.node = {f"actor/a-{number % 100}": [UNIT * (number + 1), 1, 0]}
        wholes.add_packed(Cell(), LEDGER, rows([(cell, 1)]))
    assert (
        0
        < sum(len(packed) + whole.bit_length() // 8 for (_, packed), whole in wholes._kept.items())
        <= 10_000
    )
