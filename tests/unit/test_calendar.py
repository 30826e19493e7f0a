"""Durations are added by the calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.calendar import after, periods, read

JANUARY = datetime(2024, 1, 31, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "times", "expected"),
    [
        ("P1M", 1, datetime(2024, 2, 29, 9, tzinfo=UTC)),
        ("P1M", 3, datetime(2024, 4, 30, 9, tzinfo=UTC)),
        ("P1Y", 1, datetime(2025, 1, 31, 9, tzinfo=UTC)),
        ("P1Y1M", 1, datetime(2025, 2, 28, 9, tzinfo=UTC)),
        ("P2W", 2, JANUARY + timedelta(days=28)),
        ("P1DT1H30M5S", 1, JANUARY + timedelta(days=1, hours=1, minutes=30, seconds=5)),
        ("P9999Y", 1, None),
    ],
)
def test_months_and_years_are_of_the_calendar(written: str, times: int, expected: datetime | None) -> None:
    assert after(JANUARY, read(written), times) == expected


@given(
    st.integers(0, 40),
    st.integers(0, 90),
    st.integers(1, 60),
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
)
def test_more_is_never_sooner_and_periods_fill_the_time(
    months: int, days: int, times: int, at: datetime
) -> None:
    at = at.replace(tzinfo=UTC)
    duration = read(f"P{months}M{days}D")
    later = [after(at, duration, n) for n in range(times + 1)]
    assert later == sorted(later, key=lambda one: one or at)
    if not duration.nothing and later[-1] is not None:
        assert periods(at, duration, later[-1], 100) == later[1:]
        assert periods(at, duration, later[-1], times - 1) is None


def test_a_duration_of_nothing_has_no_periods_and_nonsense_is_refused() -> None:
    assert periods(JANUARY, read("P0D"), JANUARY + timedelta(days=9), 10) == []
    with pytest.raises(ValueError, match="'1 month' is no ISO 8601 duration"):
        read("1 month")
