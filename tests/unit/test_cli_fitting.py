"""A table that has no room for all shortens names, then leaves out columns and says so; figures are whole."""

import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from services.cli_drawing import rows
from services.cli_tables import bar
from tests.unit.test_cli_drawing import drawn

COLUMNS = ("holder", "from", "share", "", "unknown", "waited", "not yet")
NUMBERS = ("share", "unknown", "waited")
LONG = "Maximiliane-Theodora von und zu Hohenlohe (a-51)"
CELLS = [
    (LONG, "2024-01-01", "100.0 %", bar(1.0), "12", "1449.7 d", "i-3218d1b2"),
    ("Bo", "2024-04-01", "-0.10", bar(0.5), "3", "15 min", ""),
]
FIGURES = {"2024-01-01", "2024-04-01", "100.0 %", "-0.10", "1449.7 d", "15 min", "i-3218d1b2", "12", "3"}


def table(width: int) -> list[str]:
    def draw(console: Console) -> None:
        rows(console, COLUMNS, NUMBERS, CELLS)

    return drawn(draw, width).splitlines()


@pytest.mark.parametrize("width", range(24, 130))
def test_at_any_width_figures_are_whole_or_their_column_is_left_out_and_counted(width: int) -> None:
    head, first, second, *left = table(width)
    assert max(map(cell_len, (head, first, second))) <= width
    for line in (first, second):
        cells = set(re.split(r" {2,}", line.strip())[1:])
        assert {cell for cell in cells if not set(cell) <= set("█▌")} <= FIGURES, line
    named = [column for column in COLUMNS if column and column.split()[0] in head.split()]
    missing = 6 - len(named)
    assert bool(left) == bool(missing)
    if missing:
        said = " ".join(" ".join(left).split())
        assert re.fullmatch(rf"{missing} columns? left out: a wider terminal or --json shows (it|them)", said)


def test_bars_go_first_then_names_become_shorter_and_keep_what_tells_them_apart() -> None:
    assert LONG in table(140)[1]
    assert "█" * 20 in table(140)[1]
    assert "█" in table(100)[1]
    assert "Maximiliane-" in table(100)[1]
    assert "… (a-51)" in table(100)[1]
    assert "█" not in table(80)[1]
    assert len(table(80)) == 3
    name = re.split(r" {2,}", table(40)[1])[0]
    assert name.endswith("… (a-51)")
    assert cell_len(name) >= 8 + len(" (a-51)")


def test_what_matters_least_is_left_out_before_what_stands_last() -> None:
    head, *_, left = table(64)
    assert head.split() == ["holder", "from", "share", "waited", "not", "yet"]
    assert left == "1 column left out: a wider terminal or --json shows it"


LIST = ("id", "publisher", "scopes", "ledgers", "sources", "made", "ends")
TOKENS = [
    ("0123456789ab", "forge", "publish, history, views", "acme", "urn:forge, https://forge.example/x*"),
    ("ba9876543210", "minutes", "publish", "acme, apex", "*"),
]
TOKENS = [(*token, "2026-01-01", "2026-04-01") for token in TOKENS]


@pytest.mark.parametrize("width", range(24, 130))
def test_at_any_width_no_word_of_a_list_is_broken_and_columns_left_out_are_counted(width: int) -> None:
    lines = drawn(lambda console: rows(console, LIST, (), TOKENS, 2, "a wider terminal"), width).splitlines()
    head, told = lines[0].split(), " ".join(lines)
    places = [place for place, column in enumerate(LIST) if column in head]
    assert head == [LIST[place] for place in places]
    words = {word for token in TOKENS for place in places for word in token[place].split()}
    assert words <= set(told.split())
    missing = len(LIST) - len(head)
    said = f"{missing} column{'s' * (missing > 1)} left out: a wider terminal shows"
    assert (said in " ".join(told.split())) == bool(missing)


def test_what_a_list_says_when_goes_before_what_it_says_why() -> None:
    parked = ("5", "decision/3218d1b2-2222-4444-8888-1234567890ab", "2026-01-01 10:00", "expected an object")
    columns = ("position", "subject", "since", "error")
    told = drawn(lambda console: rows(console, columns, ("position",), [parked]), 80)
    assert told.split("\n")[0].split() == ["position", "subject", "error"]


def test_a_header_that_is_set_in_is_not_broken_where_names_are_short() -> None:
    table = (("    decided", "part"), ("part",), [("    Bo", "100 %")])
    told = drawn(lambda console: rows(console, *table))
    assert told.splitlines()[0].rstrip() == "    decided   part"


def test_sentences_go_on_in_the_next_line() -> None:
    sentence = "nobody knows who decides on travel and asks around for weeks"
    told = drawn(lambda console: rows(console, ("n", "said"), ("n",), [("17", sentence)]), 40)
    assert len(told.splitlines()) > 2
    assert " ".join(told.split()) == f"n said 17 {sentence}"
