"""The product-limit curve agrees with published tables, with a count by hand, and holds its axioms."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.measures_survival import HALF, TENTH, Curve, Durations

WEEK = timedelta(weeks=1)
WEEK_US = WEEK // timedelta(microseconds=1)
# Weeks of remission in acute leukaemia, + censored (Freireich et al. 1963).
SIX_MP = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
lasted = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=40)


def counted(items: list[tuple[int, bool]]) -> Durations:
    durations = Durations()
    for weeks, ended in items:
        durations.add(weeks * WEEK, ended=ended)
    return durations


def weeks(table: str) -> Curve:
    return Curve(counted([(int(item.rstrip("+")), not item.endswith("+")) for item in table.split()]))


def by_hand(items: list[tuple[int, bool]], at: int) -> Fraction:
    """The product, one distinct time of ending after another, as in the paper's formula."""
    share = Fraction(1)
    for time in sorted({t for t, ended in items if ended and t <= at}):
        risk = sum(t >= time for t, _ in items)
        share *= Fraction(risk - sum(t == time and ended for t, ended in items), risk)
    return share


@pytest.mark.parametrize(
    ("at", "share"),
    [(6, 0.857), (7, 0.807), (10, 0.753), (13, 0.690), (16, 0.627), (22, 0.538), (23, 0.448), (35, 0.448)],
)
def test_the_published_table_of_six_mp_is_met_at_every_step(at: int, share: float) -> None:
    found = weeks(SIX_MP).share(at * WEEK_US)
    assert found == pytest.approx(share, abs=5e-4)


@pytest.mark.parametrize(
    ("at", "share"),
    [
        (1, 0.905),
        (2, 0.810),
        (3, 0.762),
        (4, 0.667),
        (5, 0.571),
        (8, 0.381),
        (11, 0.286),
        (12, 0.190),
        (17, 0.095),
    ],
)
def test_the_published_table_of_the_placebo_is_met_at_every_step(at: int, share: float) -> None:
    found = weeks(PLACEBO).share(at * WEEK_US)
    assert found == pytest.approx(share, abs=5e-4)


def test_the_published_medians_are_met_and_what_was_not_reached_is_none() -> None:
    assert (weeks(SIX_MP).reached(HALF), weeks(SIX_MP).reached(TENTH)) == (23 * WEEK_US, None)
    assert (weeks(PLACEBO).reached(HALF), weeks(PLACEBO).reached(TENTH)) == (8 * WEEK_US, 17 * WEEK_US)


def test_nothing_is_said_beyond_what_was_seen_unless_none_is_left() -> None:
    assert weeks(SIX_MP).share(36 * WEEK_US) is None
    assert weeks(PLACEBO).share(36 * WEEK_US) == 0
    assert Curve(Durations()).share(0) is None
    assert Curve(Durations()).reached(HALF) is None


@given(lasted, st.integers(0, 13))
def test_the_curve_is_the_product_by_hand(items: list[tuple[int, bool]], at: int) -> None:
    curve = Curve(counted(items))
    assert curve.exact(at * WEEK_US) == by_hand(items, at)
    share = curve.share(at * WEEK_US)
    assert share is None or share == pytest.approx(float(by_hand(items, at)))


@given(lasted, st.fractions(0, 1, max_denominator=20))
def test_a_quantile_is_the_first_time_the_exact_curve_comes_so_low(
    items: list[tuple[int, bool]], share: Fraction
) -> None:
    low = [at for at in range(13) if any(t == at and ended for t, ended in items)]
    low = [at for at in low if by_hand(items, at) <= share]
    assert Curve(counted(items)).reached(share) == (low[0] * WEEK_US if low else None)


@given(st.lists(st.integers(0, 12), min_size=1))
def test_without_anything_censored_it_is_the_share_that_lasted_longer(times: list[int]) -> None:
    curve = Curve(counted([(time, True) for time in times]))
    for at in range(13):
        assert curve.exact(at * WEEK_US) == Fraction(sum(time > at for time in times), len(times))


@given(lasted, st.randoms())
def test_order_does_not_matter_and_counts_add(items: list[tuple[int, bool]], random: object) -> None:
    shuffled = sorted(items, key=lambda _: random.random())  # type: ignore[attr-defined]  # a Random
    one, other = Curve(counted(items)), Curve(counted(shuffled))
    assert one.falls == other.falls
    half = len(items) // 2
    whole, part = counted(items[:half]), counted(items[half:])
    whole.ended.update(part.ended)
    whole.censored.update(part.censored)
    assert Curve(whole).falls == one.falls


def test_a_long_curve_with_much_censored_is_exact_where_floats_would_not_do() -> None:
    durations = Durations()
    for place in range(3_000):
        durations.add(timedelta(seconds=place), ended=place % 3 != 0)
    curve = Curve(durations)
    reached = curve.reached(HALF)
    assert reached is not None
    assert curve.exact(reached) <= HALF < curve.exact(reached - 1)
