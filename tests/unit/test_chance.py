"""What chance alone gives: against brute force, exact fractions, and worked examples from the papers."""

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.knots.chance import (
    Groups,
    benjamini_hochberg,
    poisson_binomial_tail,
    wilson_lower,
)

PARTS = st.integers(0, 20).map(lambda k: Fraction(k, 20))


def exact_binomial(hits: int, trials: int, chance: Fraction) -> Fraction:
    return sum(
        (
            math.comb(trials, n) * chance**n * (1 - chance) ** (trials - n)
            for n in range(max(hits, 0), trials + 1)
        ),
        Fraction(),
    )


def brute_force(hits: int, chances: list[Fraction]) -> Fraction:
    """Every outcome of every trial."""
    found = Fraction()
    for outcome in product((0, 1), repeat=len(chances)):
        if sum(outcome) >= hits:
            found += math.prod(
                (p if o else 1 - p for o, p in zip(outcome, chances, strict=True)), start=Fraction(1)
            )
    return found


def grouped(chances: list[Fraction]) -> Groups:
    return tuple((float(p), chances.count(p)) for p in sorted(set(chances)))


@given(st.integers(-1, 65), st.integers(0, 60), PARTS)
def test_the_binomial_tail_equals_exact_fractions(hits: int, trials: int, chance: Fraction) -> None:
    found = poisson_binomial_tail(hits, ((float(chance), trials),))
    assert found == pytest.approx(float(exact_binomial(hits, trials, chance)), rel=1e-12, abs=1e-300)


@given(st.integers(0, 11), st.lists(PARTS, max_size=10))
def test_the_poisson_binomial_tail_equals_every_outcome_counted(hits: int, chances: list[Fraction]) -> None:
    found = poisson_binomial_tail(hits, grouped(chances))
    assert found == pytest.approx(float(brute_force(hits, chances)), rel=1e-12, abs=1e-15)


@given(st.integers(0, 300), st.integers(0, 300), PARTS)
def test_equal_chances_in_several_groups_are_one_binomial(hits: int, trials: int, chance: Fraction) -> None:
    split = poisson_binomial_tail(hits, ((float(chance), trials // 3), (float(chance), trials - trials // 3)))
    whole = poisson_binomial_tail(hits, ((float(chance), trials),))
    assert split == pytest.approx(whole, rel=1e-11, abs=1e-300)


@given(st.integers(1, 40), st.lists(PARTS, min_size=1, max_size=40))
def test_the_tail_falls_with_the_hits_asked_for(hits: int, chances: list[Fraction]) -> None:
    groups = grouped(chances)
    assert 0 <= poisson_binomial_tail(hits + 1, groups) <= poisson_binomial_tail(hits, groups) <= 1


def test_fishers_lady_guesses_eight_of_eight_in_one_of_two_hundred_and_fifty_six() -> None:
    assert poisson_binomial_tail(8, ((0.5, 8),)) == pytest.approx(1 / 256, rel=1e-14)


def test_seventeen_of_twenty_under_one_of_four_is_one_in_thirty_four_million() -> None:
    exact = exact_binomial(17, 20, Fraction(1, 4))
    assert poisson_binomial_tail(17, ((0.25, 20),)) == pytest.approx(float(exact), rel=1e-13)
    assert round(1 / exact) == 33_778_121


def test_a_large_count_neither_underflows_nor_takes_long() -> None:
    assert poisson_binomial_tail(100_000, ((0.5, 200_000),)) == pytest.approx(0.50089, abs=1e-5)


def test_wilsons_bound_is_that_of_the_published_example() -> None:
    """Newcombe 1998, table I, method 3: 81 of 263, 15 of 148, 0 of 20."""
    assert [wilson_lower(x, n) for x, n in ((81, 263), (15, 148), (0, 20))] == pytest.approx(
        [0.2553, 0.0624, 0.0], abs=5e-5
    )


def test_thirty_five_approvals_without_exception_are_the_fewest_above_nine_tenths() -> None:
    bounds = {n: wilson_lower(n, n) for n in (34, 35)}
    assert bounds[34] == pytest.approx(0.8985, abs=1e-4)
    assert bounds[35] == pytest.approx(0.9011, abs=1e-4)
    assert wilson_lower(0, 0) is None


@given(st.integers(1, 500), st.data())
def test_wilsons_bound_solves_its_quadratic(trials: int, data: st.DataObject) -> None:
    """(rate - p)² = z² p (1 - p) / n, and the bound is below the rate."""
    hits = data.draw(st.integers(0, trials))
    p = wilson_lower(hits, trials)
    assert p is not None
    assert 0 <= p <= hits / trials
    assert (hits / trials - p) ** 2 == pytest.approx(1.959963984540054**2 * p * (1 - p) / trials, abs=1e-12)


# Benjamini & Hochberg 1995, section 3.2: fifteen tests of thrombolysis; the first four are findings at 0.05.
THROMBOLYSIS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_four_of_fifteen_are_found_as_in_the_paper() -> None:
    adjusted = benjamini_hochberg(THROMBOLYSIS)
    assert [p for p, a in zip(THROMBOLYSIS, adjusted, strict=True) if a <= 0.05] == THROMBOLYSIS[:4]
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


@given(st.lists(st.floats(0, 1), max_size=30))
def test_as_many_are_found_as_the_largest_step_says(p_values: list[float]) -> None:
    adjusted = benjamini_hochberg(p_values)
    steps = [k for k, p in enumerate(sorted(p_values), 1) if p * (len(p_values) / k) <= 0.05]
    found = [p for p, a in zip(p_values, adjusted, strict=True) if a <= 0.05]
    assert sorted(found) == sorted(p_values)[: max(steps, default=0)]


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusting_raises_p_values_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = benjamini_hochberg(p_values)
    assert all(p <= a <= 1 for p, a in zip(p_values, adjusted, strict=True))
    in_order = [a for _, a in sorted(zip(p_values, adjusted, strict=True))]
    assert in_order == sorted(adjusted)
