"""The drawing of `show knots`: by severity, each with what was found, why it matters and what to ask."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from rich.console import Console

from services.cli_drawing import Measure, beside, count, day, heading, mark_instant, note, plural, say, series
from services.cli_tables import Names

SEVERITIES = {"warning": "red", "notice": "yellow", "info": "blue"}
_MOST_ENTRIES = 8
_NEVER = 1e-9
_THRESHOLDS = {  # where it is not what the figure has to exceed, in its own unit
    "meta-authority": ("it takes {} to decide", "holders"),
    "silos": ("threshold {} without a link", "days"),
}
_FIGURES = {
    "p": "by chance {}, all tests counted",
    "part": "{} approved at the least",
    "part of the decisions": "{} of the decisions",
    "live holders": "{} in the row",
}


def knots(console: Console, names: Names, answer: Any) -> None:
    """The gravest first; then what people raised, and answers that lost their knot."""
    say(console, names, answer["in_words"], style="bold")
    if answer.get("series"):
        mark_instant(answer["series"], answer["rests_on"])
        heading(console, "Over time, open when each window closed")
        figures = ("begun", "closed", "open")
        series(console, answer["series"], [Measure(name, itemgetter(name), count) for name in figures])
    for severity in SEVERITIES:
        found = [one for one in answer["knots"] if one["severity"] == severity]
        if found:
            heading(console, f"{severity} ({len(found)})")
        for one in found:
            knot(console, names, one)
    _raised(console, names, answer["raised"])
    for lost in answer["lost"]:
        said = ", ".join(f"{one['response']} by {one['by']}" for one in lost["answers"])
        note(console, f"answered, but found no more: {lost['id']}: {names.said(said)}")


def knot(console: Console, names: Names, one: Any) -> None:
    """One knot, set off by a line in the colour of its severity."""
    colour = SEVERITIES[one["severity"]]
    beside(console, names, "●", one["sentence"], "bold", colour, next_sign="│")
    for text, style in _said(one):
        beside(console, names, "│", text, style, colour)


def _said(one: Any) -> list[tuple[str, str]]:
    said = [
        (_measured(one), ""),
        (f"Why    {one['why']}", ""),
        (f"Ask    {one['question']}", "italic"),
        (f"Ends   {one['closes']}", ""),
        *((_answer(answer), "green") for answer in one["answers"]),
        (f"{_shown_by(one['entries'], one['entries_total'])} · knot/{one['id']}", "dim"),
    ]
    return [(text, style) for text, style in said if text]


def _measured(one: Any) -> str:
    """The figure against its threshold, and since when."""
    said = [f"{one['pattern']}: {_figure(one)}", f"a knot since {day(one['since'])}{_ended(one)}"]
    if one["decisions"] and (one["figure"], one["unit"]) != (one["decisions"], "decisions"):
        said.append(f"in {plural(one['decisions'], 'decision')}")
    if one["inferred"]:
        said.append(f"{one['inferred']} of them inferred")
    if one["tested"]:
        said.append("tested against chance")
    return " · ".join(said)


def _figure(one: Any) -> str:
    unit = one["unit"]
    figure = _FIGURES.get(unit, "{}").format(_of_unit(one["figure"], unit))
    if one["threshold"] is None:
        return figure
    words, unit = _THRESHOLDS.get(one["pattern"], ("threshold {}", unit))
    return f"{figure} ({words.format(_of_unit(one['threshold'], unit))})"


def _of_unit(figure: float, unit: str) -> str:
    """`12 days`, `1 holder`, `25 %`, `once in 20`."""
    if unit == "p":
        return f"once in {1 / figure:,.0f}" if figure > _NEVER else "practically never"
    if unit.startswith("part"):
        return f"{figure * 100:.3g} %"
    return f"{_plain(figure)} {unit.removesuffix('s') if figure == 1 else unit}"


def _ended(one: Any) -> str:
    ended = f" until {day(one['until'])}" if one["until"] else ""
    return ended + (", formalised" if one["formalised"] else "")


def _plain(figure: float) -> str:
    return f"{figure:.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def _answer(one: Any) -> str:
    return f"Answer {one['response']}, by {one['by']} on {day(one['at'])}{' (with a note)' * one['note']}"


def _shown_by(entries: Sequence[int], total: int) -> str:
    if not entries:
        return "no entries"
    left = f" and {total - _MOST_ENTRIES} more" if total > _MOST_ENTRIES else ""
    word = "entry" if total == 1 else "entries"
    return f"{word} {', '.join(map(str, entries[:_MOST_ENTRIES]))}{left}"


def _raised(console: Console, names: Names, raised: Sequence[Any]) -> None:
    if raised:
        heading(console, f"raised by people ({len(raised)})")
    for one in raised:
        about = f" about {', '.join(one['about'])}" if one["about"] else ""
        first = f"{one['pattern']}{about}, by {one['by']} on {day(one['since'])}"
        beside(console, names, "○", first, "bold", "cyan", next_sign="│")
        for answer in one["answers"]:
            beside(console, names, "│", _answer(answer), "green", "cyan")
        entries = _shown_by([one["position"], *one["entries"]], one["entries_total"] + 1)
        beside(console, names, "│", f"{entries} · knot/{one['id']}", "dim", "cyan")
