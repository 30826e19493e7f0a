"""Where nothing is wrong, hardly a knot is found: the rate of false alarms, pattern by pattern."""

import math
from collections import Counter
from collections.abc import Iterable

import pytest

from services.projections.knots.registry import PATTERNS, episodes
from services.projections.knots.settings import Settings
from tests.pasts import past
from tests.unplanted import unplanted


def _at_most(count: int, mean: float) -> float:
    """The chance of so many or fewer, of a Poisson number with this mean."""
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


def interval(count: int, years: float) -> tuple[float, float]:
    """The exact 95 % interval of a rate a year, where so many were seen in so many years (Garwood 1936)."""

    def solve(count: int, chance: float) -> float:
        low, high = 1e-12, 10.0 * (count + 5)
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if _at_most(count, middle) > chance else (low, middle)
        return low

    return (solve(count - 1, 0.975) / years if count else 0.0, solve(count, 0.025) / years)


def alarms(seeds: Iterable[int]) -> tuple[Counter[str], Counter[str], float]:
    """Knots above `info` and all, by pattern, and the years they were looked for in."""
    above, every, whole = Counter[str](), Counter[str](), 0.0
    for seed in seeds:
        events, years = unplanted(seed)
        whole += years
        for found in episodes(past(events), Settings()):
            every[found.pattern] += 1
            above[found.pattern] += found.severity != "info"
    return above, every, whole


def test_the_interval_is_that_of_the_tables() -> None:
    assert interval(0, 1) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert interval(10, 1) == pytest.approx((4.795, 18.390), abs=1e-3)


def test_a_few_organisations_with_nothing_planted_raise_no_alarm() -> None:
    above, _, _ = alarms(range(5))
    assert +above == Counter()


@pytest.mark.long
def test_thirty_organisations_with_nothing_planted_raise_hardly_an_alarm() -> None:
    above, every, years = alarms(range(30))
    for pattern in PATTERNS:
        low, high = interval(above[pattern], years)
        print(
            f"{pattern}: {above[pattern]} above info in {years:.0f} ledger-years,"
            f" {above[pattern] / years:.3f} a year ({low:.3f} to {high:.3f}); {every[pattern]} in all"
        )
    assert above.total() / years <= 0.05
