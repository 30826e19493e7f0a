"""Sentences agree with their numbers, and differences between shares are told in points."""

import pytest

from services.projections.flow.told import in_days, words
from services.projections.overview.wording import as_if, points
from services.projections.wording import numbered


@pytest.mark.parametrize(
    ("n", "said"),
    [(0, "0 bodies were"), (1, "1 body was"), (2, "2 bodies were"), (1_000, "1000 bodies were")],
)
def test_what_is_counted_agrees_with_how_many(n: int, said: str) -> None:
    assert numbered("{n} {n:body|bodies} {n:was|were}", n=n) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(1 / 1440, "1 minute"), (0.03, "43 minutes"), (1.1 / 24, "1 hour"), (1, "24 hours"), (2, "2.0 days")],
)
def test_times_agree_with_how_long(days: float, said: str) -> None:
    assert in_days(days) == said


def test_of_one_that_lasts_there_is_no_half() -> None:
    assert (words(None, None, 1), words(None, None, 3)) == (
        "the only one lasts still",
        "more than half of 3 last still",
    )
    assert (words(3, 3, 1), words(3, None, 2)) == (
        "the only one within 3.0 days",
        "half within 3.0 days, nine in ten not yet",
    )


def test_twice_as_much_is_not_called_a_third_more() -> None:
    assert (points(2 / 3 - 1 / 3), points(0.01)) == ("33 points", "1.0 points")


def test_one_alone_decides_equally_with_nobody() -> None:
    assert (as_if(1.04), as_if(2)) == (
        "as if one person decided everything",
        "as if 2.0 people decided equally",
    )
