"""Formulas hold their axioms, the published examples, and a count by brute force."""

import math
import time
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections import measures as m

games = st.lists(st.integers(1, 9), min_size=1, max_size=7).flatmap(
    lambda weights: st.tuples(st.integers(1, sum(weights)), st.just(tuple(weights)))
)
shares = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1)
units = st.lists(st.integers(0, 10**6), min_size=1, max_size=12)


def divergence(p: dict[str, int], q: dict[str, int]) -> float | None:
    return m.divergence([(p.get(holder, 0), q.get(holder, 0)) for holder in p.keys() | q.keys()])


def by_brute_force(quota: int, weights: tuple[int, ...]) -> tuple[Fraction, ...]:
    turned = [0] * len(weights)
    for order in permutations(range(len(weights))):
        reached = 0
        for player in order:
            reached += weights[player]
            if reached >= quota:
                turned[player] += 1
                break
    return tuple(Fraction(count, math.factorial(len(weights))) for count in turned)


@given(games)
def test_power_is_the_chance_to_turn_a_random_order(game: tuple[int, tuple[int, ...]]) -> None:
    assert m.power(*game) == by_brute_force(*game)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=30), st.floats(0, 1))
def test_power_is_efficient_symmetric_and_monotone(weights: list[int], level: float) -> None:
    index = m.power(1 + int(level * (sum(weights) - 1)), tuple(weights))
    assert index is not None
    assert sum(index) == 1
    ranked = sorted(zip(weights, index, strict=True))
    assert all(a[1] == b[1] if a[0] == b[0] else a[1] <= b[1] for a, b in pairwise(ranked))


def test_a_player_who_turns_nothing_has_no_power() -> None:
    assert m.power(51, (26, 26, 26, 21)) == (Fraction(1, 3),) * 3 + (0,)


def test_no_winning_coalition_is_none() -> None:
    assert m.power(5, (2, 2)) is None
    assert m.power(1, ()) is None


@pytest.mark.parametrize(
    ("quota", "weights", "expected"),
    [
        (4, (3, 2, 1, 1), "1/2 1/6 1/6 1/6"),
        (3, (2, 1, 1), "2/3 1/6 1/6"),
        (51, (50, 49, 1), "2/3 1/6 1/6"),
        (5, (4, 3, 2, 1), "5/12 1/4 1/4 1/12"),
    ],
)
def test_power_of_textbook_games(quota: int, weights: tuple[int, ...], expected: str) -> None:
    assert m.power(quota, weights) == tuple(Fraction(part) for part in expected.split())


def test_power_in_the_un_security_council() -> None:
    index = m.power(39, (7,) * 5 + (1,) * 10)
    assert index is not None
    assert index[0] == Fraction(421, 2145)
    assert index[5] == Fraction(4, 2145)


def test_power_of_thirty_unlike_weights_takes_under_a_second() -> None:
    weights = tuple(range(1000, 970, -1))
    begun = time.perf_counter()
    index = m.power(sum(weights) // 2 + 1, weights)
    assert time.perf_counter() - begun < 1
    assert index is not None
    assert sum(index) == 1


def test_a_unit_divides_by_every_body_of_up_to_thirty() -> None:
    assert math.lcm(*range(1, 31)) == m.UNIT


@given(shares)
def test_apportioned_units_sum_to_the_whole_and_miss_by_less_than_one(parts: dict[str, int]) -> None:
    exact = {key: Fraction(part, sum(parts.values())) for key, part in parts.items()}
    given_units = m.apportion(exact)
    assert sum(given_units.values()) == m.UNIT
    assert all(abs(given_units[key] - exact[key] * m.UNIT) < 1 for key in exact)


def test_a_spare_unit_goes_to_the_largest_remainder_and_ties_to_the_first_key() -> None:
    third = Fraction(1, 3)
    assert m.apportion({"c": third, "b": third, "a": third}, 10) == {"a": 4, "b": 3, "c": 3}
    assert m.apportion({"a": Fraction(1, 4), "b": Fraction(3, 4)}, 3) == {"a": 1, "b": 2}


def test_parts_that_do_not_make_one_decision_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        m.apportion({"a": Fraction(1, 2)})


@given(units)
def test_concentration_stays_within_its_bounds(held: list[int]) -> None:
    holders = sum(part > 0 for part in held)
    if not holders:
        figures = (
            m.herfindahl(held),
            m.effective_deciders(held),
            m.k50(held),
            m.gini(held),
            m.evenness(held),
        )
        assert figures == (None,) * 5
        return
    effective, half, spread = m.effective_deciders(held), m.k50(held), m.gini(held)
    assert effective is not None
    assert half is not None
    assert spread is not None
    assert 1 <= effective <= holders * (1 + 1e-12)
    assert 1 <= half <= (holders + 1) // 2
    assert 0 <= spread < 1
    evenness = m.evenness(held)
    assert (evenness is None) == (holders < 2)
    assert evenness is None or 0 < evenness <= 1


def test_concentration_of_a_known_split() -> None:
    held = (50, 25, 25)
    assert m.herfindahl(held) == 0.375
    assert m.effective_deciders(held) == pytest.approx(8 / 3)
    assert m.k50(held) == 1
    assert m.k50((40, 30, 30)) == 2
    assert m.gini((*held, 0)) == 0.375
    assert m.evenness(held) == pytest.approx(1.5 * math.log(2) / math.log(3))
    assert m.evenness((7, 7, 0)) == 1.0


@given(shares, shares)
def test_divergence_is_symmetric_bounded_and_zero_only_for_equals(
    p: dict[str, int], q: dict[str, int]
) -> None:
    apart = divergence(p, q)
    assert apart is not None
    assert apart == pytest.approx(divergence(q, p) or 0, abs=1e-12)
    assert 0 <= apart <= 1
    alike = {k: Fraction(v, sum(p.values())) for k, v in p.items()} == {
        k: Fraction(v, sum(q.values())) for k, v in q.items()
    }
    assert (apart == 0) == alike


def test_divergence_of_strangers_is_one_and_of_nothing_is_none() -> None:
    assert divergence({"a": 3}, {"b": 5}) == 1
    assert divergence({}, {"b": 5}) is None
    assert divergence({"a": 1, "b": 1}, {"a": 1}) == pytest.approx(0.311278, abs=1e-6)


def test_noise_shrinks_with_decisions_and_is_none_without() -> None:
    assert m.noise(5, 100) == pytest.approx(4 / (800 * math.log(2)))
    assert m.noise(1, 10) == 0
    assert m.noise(0, 10) is None
    assert m.noise(3, 0) is None


def test_a_mean_leaves_out_what_is_not_known() -> None:
    assert m.weighted_mean([(0.5, 1), (1.0, 3), (None, 100)]) == 0.875
    assert m.weighted_mean([(None, 3)]) is None
