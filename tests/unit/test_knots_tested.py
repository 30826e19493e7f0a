"""When a tested knot is raised and closed, over which windows, and that its past is not told anew."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.knots import tested
from services.projections.knots.settings import Settings
from services.projections.knots.tested import Episode, Key, Trial

KEY = Key("x", "actor/a")
SETTINGS = Settings()


class Seen(NamedTuple):
    at: datetime
    p: float


def month(number: int) -> datetime:
    """The beginning of a month, counted from January 2024."""
    return datetime(2024 + number // 12, number % 12 + 1, 1, tzinfo=UTC)


def latest(window: Sequence[Seen]) -> Iterator[Trial[int]]:
    """What was seen last says how unlikely it is."""
    if window:
        yield Trial(KEY, window[-1].p, len(window))


def episodes(months: str, at: datetime | None = None) -> list[Episode[int]]:
    """`h` is a month that ends with a finding, any other one that does not."""
    seen = [Seen(month(n) + timedelta(days=9), 0.01 if one == "h" else 0.9) for n, one in enumerate(months)]
    return list(tested.episodes(seen, at or month(len(months)), SETTINGS, latest))


def spans(months: str) -> list[tuple[int, int | None]]:
    """From which month's end until which; None: open."""
    ends = {month(n): n for n in range(len(months) + 2)}
    return [
        (ends[one.since] - 1, None if one.until is None else ends[one.until] - 1) for one in episodes(months)
    ]


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        ("h", []),
        ("hh", [(0, None)]),
        (".hh", [(1, None)]),
        ("h.h.h", []),
        ("hh.h", [(0, None)]),
        ("hh..", [(0, 2)]),
        ("hh.h.h..", [(0, 6)]),
        ("hh..hh", [(4, None), (0, 2)]),
        ("hh..h", [(0, 2)]),
    ],
)
def test_two_findings_in_a_row_raise_and_two_misses_close(
    months: str, expected: list[tuple[int, int | None]]
) -> None:
    assert sorted(spans(months)) == sorted(expected)


@given(st.text("h.", min_size=1, max_size=30))
def test_what_was_raised_stays_raised_since_then_however_it_goes_on(months: str) -> None:
    for length in range(1, len(months)):
        then = {one.since for one in episodes(months[:length])}
        assert then <= {one.since for one in episodes(months)}


def test_the_history_s_instant_is_an_evaluation_of_its_own() -> None:
    assert episodes("h", month(0) + timedelta(days=20)) == []
    (one,) = episodes("h", month(1) + timedelta(days=3))
    assert (one.since, one.until, one.last.at) == (month(1), None, month(1) + timedelta(days=3))


def test_windows_end_with_each_month_and_reach_back_a_hundred_and_eighty_days() -> None:
    seen = [Seen(month(0) + timedelta(days=n), 0.5) for n in range(400)]
    at = month(13) + timedelta(hours=1)
    windows = list(tested.windows(seen, at, SETTINGS))
    assert [end for end, _ in windows] == [*(month(n) for n in range(1, 14)), at]
    for end, window in windows:
        assert list(window) == [one for one in seen if end - timedelta(days=180) < one.at <= end]


def test_long_after_the_last_observation_nothing_is_evaluated_any_more() -> None:
    windows = list(tested.windows([Seen(month(0), 0.5)], datetime(9999, 12, 30, tzinfo=UTC), SETTINGS))
    assert len(windows) < 12
    assert not windows[-1][1]


def test_one_family_is_judged_together() -> None:
    """One of a hundred at p = 0.01 is no finding."""

    def many(window: Sequence[Seen]) -> Iterator[Trial[int]]:
        for n in range(100):
            yield Trial(Key("x", f"actor/{n}"), 0.01 if n == 0 else 0.5, len(window))

    seen = [Seen(month(n) + timedelta(days=9), 0.01) for n in range(6)]
    assert list(tested.episodes(seen, month(6), SETTINGS, many)) == []


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (0.05, "by chance once in 20"),
        (0.0123, "by chance once in 81"),
        (1 / 33_778_121, "by chance once in 34,000,000"),
        (0.0, "practically never by chance"),
    ],
)
def test_chances_are_told_in_words(p: float, words: str) -> None:
    assert tested.in_words(p) == words
