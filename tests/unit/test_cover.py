"""A window is made up of the coarsest whole periods, and nothing twice."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.projections.cover import Run, cover

instants = st.datetimes(datetime(2020, 1, 1), datetime(2024, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
BEGINNINGS = {
    "day": lambda day: True,
    "month": lambda day: day.day == 1,
    "year": lambda day: (day.month, day.day) == (1, 1),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_years_lie_between_months_and_months_between_days() -> None:
    found = cover(at("2021-11-29T12:00"), at("2024-02-03T01:00"), days=True)
    assert (found.begins, found.ends) == (at("2021-11-30"), at("2024-02-03"))
    assert found.runs == (
        Run("day", date(2021, 11, 30), date(2021, 12, 1)),
        Run("month", date(2021, 12, 1), date(2022, 1, 1)),
        Run("year", date(2022, 1, 1), date(2024, 1, 1)),
        Run("month", date(2024, 1, 1), date(2024, 2, 1)),
        Run("day", date(2024, 2, 1), date(2024, 2, 3)),
    )


def test_where_there_are_no_days_less_than_a_month_is_all_edge() -> None:
    found = cover(at("2021-03-02"), at("2021-04-30"), days=False)
    assert (found.begins, found.ends, found.runs) == (at("2021-04-30"), at("2021-04-30"), ())


def test_all_of_time_is_one_run_of_years() -> None:
    found = cover(datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC), days=False)
    assert [run.grain for run in found.runs] == ["month", "year"]
    assert found.runs[-1].end.year == 9990


@given(instants, instants, st.booleans())
def test_runs_follow_one_another_inside_the_window_and_begin_where_periods_do(
    opens: datetime, closes: datetime, days: bool
) -> None:
    found = cover(opens, closes, days=days)
    if not found.runs:
        assert closes - opens < timedelta(days=2 if days else 62)
        return
    assert opens <= found.begins < found.ends <= closes
    assert found.runs[0].first == found.begins.date()
    assert found.runs[-1].end == found.ends.date()
    for before, after in zip(found.runs, found.runs[1:], strict=False):
        assert before.end == after.first
    for run in found.runs:
        assert BEGINNINGS[run.grain](run.first)
        assert BEGINNINGS[run.grain](run.end)
        assert days or run.grain != "day"
