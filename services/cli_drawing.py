"""What drawings of views are made of: sentences with names, headings, notes, series as sparklines."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli_fitting import fitted, shortened
from services.cli_tables import Names, number, percent, spark

MOST_ROWS = 30
UNKNOWN = "–"
NOTHING = "nothing of it was recorded"
_LABEL = 24


class Measure(NamedTuple):
    """A figure of a window: its name, where it stands, and how it is written."""

    name: str
    of: Callable[[Any], float | None]
    written: Callable[[float | None], str] = number


def say(console: Console, names: Names, *sentences: str | None, style: str = "") -> None:
    """A paragraph for each sentence there is."""
    for sentence in sentences:
        if sentence:
            console.print(Text(names.said(sentence), style))


def point(console: Console, names: Names, sentence: str | None, sign: str = "·", style: str = "") -> None:
    """One of several things, its lines set off from the sign before it."""
    if sentence:
        beside(console, names, f"  {sign}", sentence, style, next_sign="   ")


def beside(
    console: Console,
    names: Names,
    sign: str,
    sentence: str,
    style: str = "",
    colour: str = "",
    next_sign: str | None = None,
) -> None:
    """A sentence with a sign before each of its lines; `next_sign` stands before all but the first."""
    for place, line in enumerate(wrapped(console, names.said(sentence), len(sign) + 1)):
        before = sign if place == 0 or next_sign is None else next_sign
        console.print(Text.assemble((before, colour), " ", (line, style)))


def wrapped(console: Console, text: str, indent: int) -> list[str]:
    """The text in lines that fit behind an indent; none if there is no text."""
    room = max(console.width - indent, 1)
    return [line.plain.rstrip() for line in Text(text).wrap(console, room)] if text else []


def heading(console: Console, title: str) -> None:
    """What comes next."""
    console.print()
    console.print(Text(title, "bold"))


def note(console: Console, text: str) -> None:
    """Something beside the matter."""
    if text:
        console.print(Text(text, "dim"))


def reasons(console: Console, names: Names, *figures: Mapping[str, Any], of: str = "") -> None:
    """Why figures are not known, each reason once; nine in ten are drawn beside half, and need none."""
    why = {
        reason
        for figure in figures
        for name, reason in figure.get("why_null", {}).items()
        if not name.startswith("p90")
    }
    for reason in sorted(why):
        note(console, f"{UNKNOWN}{f' {of}' if of else ''}: {names.said(reason)}")


def rows(
    console: Console,
    columns: Sequence[str],
    right: Iterable[str],
    cells: Sequence[Sequence[str | Text]],
    most: int = MOST_ROWS,
    shown_by: str = "a wider terminal or --json",
) -> None:
    """A table of plain cells, with those columns only in which anything stands; nothing if it is empty.

    Where there is no room for all, names become shorter, and what then does not fit is left out and counted,
    with what would show it.
    """
    shown, numbers = cells[:most], frozenset(right) - {""}
    used = [place for place in range(len(columns)) if any(row[place] for row in shown)]
    if not used:
        return
    stating = [[row[place] for place in used] for row in shown]
    widths = fitted([columns[place] for place in used], numbers, stating, console.width)
    drawn = Table(box=None, header_style="bold", pad_edge=False)
    for place, width in widths.items():
        name = columns[used[place]]
        drawn.add_column(name, justify="right" if name in numbers else "left", width=width, overflow="fold")
    for row in stating:
        drawn.add_row(
            *(shortened(columns[used[place]], row[place], width) for place, width in widths.items())
        )
    console.print(drawn)
    left = sum(bool(columns[at]) for place, at in enumerate(used) if place not in widths)
    shows = f"{shown_by} shows {'it' if left == 1 else 'them'}"
    note(console, f"{plural(left, 'column')} left out: {shows}" if left else "")
    if len(cells) > most:
        note(console, f"… and {len(cells) - most} more (see them with --json or --csv)")


def windows(
    console: Console, names: Names, answer: Any, draw: Callable[[Console, Names, Any], None], *of: Measure
) -> None:
    """The one window as `draw` has it, or a line each and sparklines of the measures for a series."""
    if not answer["windows"]:
        note(console, NOTHING)
    elif answer["question"].get("interval"):
        series(console, answer["windows"], of)
    else:
        for window in answer["windows"]:
            draw(console, names, window)


_CHOICES = ("domain", "body", "actor", "space", "stakes", "level")
_USUAL = {"lens": "node", "tense": "made", "attested": "all"}


def chosen(question: Mapping[str, Any]) -> str:
    """What a question was narrowed to, and how it was seen where that is not the usual."""
    said = [f"{name} {question[name]}" for name in _CHOICES if question.get(name) is not None]
    said += [
        f"{name} {question[name]}" for name, usual in _USUAL.items() if question.get(name, usual) != usual
    ]
    return f"asked of {', '.join(said)}" if said else ""


def series(console: Console, windows: Sequence[Any], of: Sequence[Measure]) -> None:
    """A line for every window, then each measure as a sparkline."""
    names = [measure.name for measure in of]
    cells = [
        (day(window["from"]), *(measure.written(measure.of(window)) for measure in of)) for window in windows
    ]
    rows(console, ("from", *names), names, cells, most=len(cells))
    for measure in of:
        sparkline(console, measure.name, [measure.of(window) for window in lasting(windows)])


def mark_instant(windows: Sequence[Any], rests_on: Mapping[str, Any]) -> None:
    """A series goes on until `at`: where its last window begins just then, it is one instant."""
    if len(windows) > 1 and windows[-1]["from"] == rests_on["at"]:
        windows[-1]["instant"] = True


def lasting(windows: Sequence[Any]) -> list[Any]:
    """All but the one instant at which a series may end: beside months and years it tells nothing."""
    return [window for window in windows if not window.get("instant")]


def sparkline(console: Console, name: str, values: Sequence[float | None], after: str = "") -> None:
    """A named series as blocks, the last so many that there is room for; nothing if none is known."""
    room = console.width - _LABEL - 1 - (cell_len(after) + 2 if after else 0)
    shown = values[-max(room, 1) :]
    if any(value is not None for value in shown):
        label = Text(set_cell_size(name if cell_len(name) <= _LABEL else f"{name[: _LABEL - 1]}…", _LABEL))
        console.print(Text.assemble(label, " ", (spark(shown), "cyan"), f"  {after}" if after else ""))


def days(value: float | None) -> str:
    """So many days; hours where it is less than two of them, minutes where less than two of these."""
    if value is None:
        return UNKNOWN
    if value < 1 / 12:
        return f"{value * 24 * 60:.0f} min"
    return f"{value * 24:.0f} h" if value < 2 else f"{value:.1f} d"


def count(value: float | None) -> str:
    """A number of things."""
    return UNKNOWN if value is None else f"{value:.0f}"


def rate(figure: Mapping[str, Any]) -> str:
    """How many of how many, and the part in per cent."""
    return f"{figure['count']} of {figure['of']}" if figure["of"] else UNKNOWN


def share(figure: Mapping[str, Any]) -> str:
    """The part alone."""
    return percent(figure["rate"])


def some(figure: Mapping[str, Any]) -> str:
    """How many, and nothing where there are none."""
    return str(figure["count"] or "")


def day(moment: str | None) -> str:
    """The day of a moment."""
    return moment[:10] if moment else "…"


def span(window: Mapping[str, Any]) -> str:
    """From when to when."""
    start, end = window["from"], window["to"]
    return f"{day(start)} to {day(end)}" if start or end else "ever"


def plural(number: int, one: str) -> str:
    """So many of a thing whose plural takes an s."""
    return f"{number} {one}" if number == 1 else f"{number} {one}s"
