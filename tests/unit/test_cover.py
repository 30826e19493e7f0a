"""A window is made up of whole periods, of as few as will do, and counts nothing twice."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.projections.cover import Run, cover

instants = st.datetimes(datetime(2020, 1, 1), datetime(2024, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
BEGINNINGS = {
    "day": lambda day: True,
    "third": lambda day: day.day in (1, 11, 21),
    "month": lambda day: day.day == 1,
    "quarter": lambda day: day.day == 1 and day.month in (1, 4, 7, 10),
    "year": lambda day: (day.month, day.day) == (1, 1),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_years_lie_between_months_and_months_between_days() -> None:
    found = cover(at("2021-11-29T13:00"), at("2024-02-03T01:00"), days=True)
    assert (found.begins, found.ends) == (at("2021-11-30"), at("2024-02-03"))
    assert found.runs == (
        Run("year", date(2022, 1, 1), date(2024, 1, 1)),
        Run("day", date(2021, 11, 30), date(2021, 12, 1)),
        Run("month", date(2021, 12, 1), date(2022, 1, 1)),
        Run("day", date(2024, 2, 1), date(2024, 2, 3)),
        Run("month", date(2024, 1, 1), date(2024, 2, 1)),
    )


def test_quarters_and_thirds_of_months_lie_between() -> None:
    found = cover(at("2021-01-14"), at("2021-05-23"), days=True)
    assert found.runs == (
        Run("quarter", date(2021, 1, 1), date(2021, 7, 1)),
        Run("day", date(2021, 1, 11), date(2021, 1, 14), -1),
        Run("third", date(2021, 1, 1), date(2021, 1, 11), -1),
        Run("day", date(2021, 5, 21), date(2021, 5, 23)),
        Run("third", date(2021, 5, 21), date(2021, 6, 1), -1),
        Run("month", date(2021, 6, 1), date(2021, 7, 1), -1),
    )


def test_what_is_almost_a_longer_period_is_that_less_the_rest() -> None:
    found = cover(at("2021-02-03"), at("2023-11-28"), days=True)
    assert (found.begins, found.ends) == (at("2021-02-03"), at("2023-11-28"))
    assert found.runs == (
        Run("year", date(2021, 1, 1), date(2024, 1, 1)),
        Run("day", date(2021, 2, 1), date(2021, 2, 3), -1),
        Run("month", date(2021, 1, 1), date(2021, 2, 1), -1),
        Run("day", date(2023, 11, 28), date(2023, 12, 1), -1),
        Run("month", date(2023, 12, 1), date(2024, 1, 1), -1),
    )


def test_cells_begin_and_end_where_that_is_nearest_though_it_be_outside() -> None:
    found = cover(at("2021-03-02"), at("2021-04-30"), days=False)
    assert (found.begins, found.ends) == (at("2021-03-01"), at("2021-05-01"))
    assert found.runs == (Run("month", date(2021, 3, 1), date(2021, 5, 1)),)


def test_what_no_cells_are_near_to_is_all_edge() -> None:
    found = cover(at("2021-03-12"), at("2021-03-20"), days=False)
    assert (found.begins, found.ends, found.runs) == (at("2021-03-20"), at("2021-03-20"), ())


def test_all_of_time_is_one_run_of_years() -> None:
    found = cover(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), days=False)
    assert found.runs == (Run("year", date(1, 1, 1), date(9990, 1, 1)),)


@given(instants, instants, st.booleans())
def test_runs_count_every_day_of_the_window_once_and_no_other(
    opens: datetime, closes: datetime, days: bool
) -> None:
    found = cover(opens, closes, days=days)
    if not found.runs:
        assert closes - opens <= timedelta(days=1 if days else 31)
        return
    edges = abs(found.begins - opens), abs(found.ends - closes)
    assert max(edges) <= timedelta(days=0.5 if days else 15.5)
    assert sum(edges, timedelta()) < closes - opens
    assert found.begins < found.ends
    counted: Counter[date] = Counter()
    for run in found.runs:
        assert BEGINNINGS[run.grain](run.first)
        assert BEGINNINGS[run.grain](run.end)
        assert days or run.grain in ("month", "year")
        for day in range((run.end - run.first).days):
            counted[run.first + timedelta(days=day)] += run.sign
    inside = range((found.ends - found.begins).days)
    wanted = {found.begins.date() + timedelta(days=day): 1 for day in inside}
    assert {day: times for day, times in counted.items() if times} == wanted
    assert sum(run.cells() for run in found.runs) <= (2 * (5 + 1 + 1 + 2) + 5 if days else 2 * 6 + 5)
