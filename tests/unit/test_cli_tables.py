"""Numbers are drawn so that nobody misreads them."""

import pytest

from services.cli_tables import bar, number, percent, spark


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(1.0, "█" * 20), (0.5, "█" * 10), (0.0, ""), (0.03, "▋"), (1.7, "█" * 20), (None, "")],
)
def test_a_share_is_a_bar_in_eighths_of_a_character(share: float | None, drawn: str) -> None:
    assert bar(share).plain == drawn


def test_what_is_less_than_nothing_is_red() -> None:
    assert (bar(-0.5).plain, bar(-0.5).style) == ("█" * 10, "red")


@pytest.mark.parametrize(
    ("values", "drawn"),
    [([0, 1, 2], "▁▅█"), ([3, None, 3], "▁ ▁"), ([], ""), ([None], "")],
)
def test_a_series_is_a_line_with_gaps_where_nothing_is_known(values: list[float | None], drawn: str) -> None:
    assert spark(values) == drawn


def test_what_is_not_known_is_a_dash_and_never_a_zero() -> None:
    assert (percent(None), number(None), percent(0.0), number(0.0)) == ("–", "–", "0.0 %", "0.00")


def test_there_is_no_minus_before_zero() -> None:
    assert (percent(-0.0001), number(-0.001), percent(-0.001)) == ("0.0 %", "0.00", "-0.1 %")
