"""Moments are read strictly; windows are calendar intervals in UTC clipped to what was asked."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.views.question import (
    MOST_WINDOWS,
    BadParameterError,
    Interval,
    Question,
    Window,
    floor,
    instant,
    windows,
)

INTERVALS = st.sampled_from(["day", "week", "month", "quarter", "year"])
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2003, 1, 1), timezones=st.just(UTC))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", "2024-02-29T00:00:00"),
        ("2024-02-29T10:30:00+02:00", "2024-02-29T08:30:00"),
        ("2024-02-29t10:30:00.123456z", "2024-02-29T10:30:00.123456"),
        ("2024-02-29 10:30Z", "2024-02-29T10:30:00"),
    ],
)
def test_a_date_is_its_midnight_and_an_instant_has_an_offset(text: str, expected: str) -> None:
    assert instant("at", text) == moment(expected)


@pytest.mark.parametrize(
    "text", ["", "now", "2024-2-9", "2023-02-29", "2024-01-01T00:00", "0001-01-01T00:00+01:00", "2024-W01-1"]
)
def test_what_is_no_moment_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadParameterError) as refused:
        instant("from", text)
    assert refused.value.parameter == "from"


def test_without_an_interval_there_is_one_window_even_if_nothing_happened() -> None:
    assert windows(Question(), None, moment("2024-01-01")) == [Window(None, None)]


def test_quarters_are_clipped_to_the_window() -> None:
    question = Question(start=moment("2024-02-10"), end=moment("2024-07-02"), interval="quarter")
    edges = ["2024-02-10", "2024-04-01", "2024-07-01", "2024-07-02"]
    expected = [Window(moment(a), moment(b)) for a, b in pairwise(edges)]
    assert windows(question, question.start, moment("2030-01-01")) == expected


def test_a_series_begins_where_the_window_does_whatever_came_first() -> None:
    question = Question(start=moment("2024-03-10"), end=moment("2024-06-01"), interval="month")
    for first in (None, moment("2023-01-01"), moment("2024-05-10"), moment("2024-09-01")):
        found = windows(question, first, moment("2024-07-01"))
        assert [window.start for window in found] == [
            moment("2024-03-10"),
            moment("2024-04-01"),
            moment("2024-05-01"),
        ]


def test_a_series_with_open_ends_goes_from_the_first_to_the_instant_asked_of() -> None:
    found = windows(Question(interval="year"), moment("2020-06-01"), moment("2022-01-01"))
    assert [window.start for window in found] == [moment(f"{year}-01-01") for year in (2020, 2021, 2022)]
    assert windows(Question(interval="year"), None, moment("2022-01-01")) == []


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year"])
def test_series_end_with_time_itself(interval: Interval) -> None:
    question = Question(start=moment("9999-12-01"), interval=interval)
    last = windows(question, question.start, moment("9999-12-31T23:59:59"))[-1]
    assert last.end is None or last.end > moment("9999-12-31")
    assert floor(interval, moment("0001-01-01")) == moment("0001-01-01")


def test_a_series_too_long_is_refused() -> None:
    question = Question(start=moment("2000-01-01"), interval="day")
    last = moment("2000-01-01") + timedelta(days=MOST_WINDOWS)
    with pytest.raises(BadParameterError, match="more than"):
        windows(question, question.start, last)
    assert len(windows(question, question.start, last - timedelta(days=1))) == MOST_WINDOWS


@given(INTERVALS, MOMENTS, MOMENTS)
def test_windows_follow_one_another_and_fill_what_was_asked(
    interval: Interval, one: datetime, other: datetime
) -> None:
    start, end = sorted((one, other))
    found = windows(Question(start=start, end=end, interval=interval), start, moment("2010-01-01"))
    if start == end:
        assert len(found) <= 1
        return
    assert (found[0].start, found[-1].end) == (start, end)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(floor(interval, window.start) == window.start for window in found[1:] if window.start)
