"""Organisations with nothing planted, by a generator that knows the published language and no detector."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

import pytest

from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS, episodes
from services.projections.knots.settings import Settings
from tests.pasts import past
from tests.unit.test_knots_rates import interval
from tests.wild.organisation import organisation

QUICK = (4, 7, 16, 23, 34, 59)
AT_MOST = 0.05  # a ledger-year
NOTHING = timedelta(microseconds=1)


def told(seeds: Iterable[int]) -> tuple[float, list[Found]]:
    """The years of these organisations, and whatever was above `info` in them."""
    years, found = 0.0, []
    for seed in seeds:
        one = organisation(seed)
        history = past(one.events, one.end, every=NOTHING)
        years += one.years
        found += [knot for knot in episodes(history, Settings()) if knot.severity != "info"]
    return years, found


def test_nothing_above_info_is_found_where_nothing_was_planted() -> None:
    years, found = told(QUICK)
    assert years > 15
    assert [knot.sentence for knot in found] == []


def test_the_organisations_are_unlike_one_another() -> None:
    every = [organisation(seed) for seed in QUICK]
    kinds = Counter(event["type"] for one in every for event in one.events)
    assert len(kinds) > 40
    assert max(len(one.events) for one in every) > 4 * min(len(one.events) for one in every)


@pytest.mark.long
def test_in_sixty_organisations_the_rate_above_info_is_low() -> None:
    years, found = told(range(1, 61))
    counts = Counter(knot.pattern for knot in found)
    for pattern in PATTERNS:
        low, high = interval(counts[pattern], years)
        print(f"{pattern}: {counts[pattern] / years:.4f} a ledger-year ({low:.4f} to {high:.4f})")
    assert years > 60
    assert len(found) / years <= AT_MOST, [knot.sentence for knot in found]
