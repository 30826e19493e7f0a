"""Kendall's tau: known cases, and what must always hold."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.measures_rank import kendall

PAIRS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=40)


def plain(pairs: list[tuple[int, int]]) -> float | None:
    """By its definition: every pair of pairs."""
    signs = [((a > b) - (a < b), (x > y) - (x < y)) for (a, x), (b, y) in combinations(pairs, 2)]
    first, second = sum(one != 0 for one, _ in signs), sum(two != 0 for _, two in signs)
    return sum(one * two for one, two in signs) / (first * second) ** 0.5 if first and second else None


@given(PAIRS)
def test_it_is_its_definition_symmetric_and_within_one(pairs: list[tuple[int, int]]) -> None:
    found = kendall(pairs)
    expected = plain(pairs)
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found == pytest.approx(expected, abs=1e-12)
        assert -1 - 1e-12 <= found <= 1 + 1e-12
        assert kendall([(b, a) for a, b in pairs]) == pytest.approx(found)
        assert kendall([(a, -b) for a, b in pairs]) == pytest.approx(-found)
        assert kendall([(a**3, 2 * b) for a, b in pairs]) == pytest.approx(found)


def test_the_same_order_is_one_the_opposite_minus_one_and_no_order_is_none() -> None:
    assert kendall([(1, 1), (2, 5), (3, 9)]) == 1
    assert kendall([(1, 9), (2, 5), (3, 1)]) == -1
    assert kendall([(1, 9), (1, 5)]) is None
    assert kendall([]) is None


def test_the_example_of_kendall_with_ties() -> None:
    """Ranks with ties, reckoned by hand: 10 pairs, C - D = 6, tied 1 and 2."""
    pairs = [(1.0, 1.0), (2.0, 2.0), (2.0, 3.0), (4.0, 3.0), (5.0, 3.0)]
    assert kendall(pairs) == pytest.approx(6 / (9 * 7) ** 0.5)
