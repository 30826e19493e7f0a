"""The drawing of `show trust`: stated against lived, beside how decisions were treated."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import (
    Measure,
    count,
    heading,
    note,
    plural,
    point,
    rate,
    reasons,
    rows,
    say,
    share,
    span,
    windows,
)
from services.cli_tables import Names, bar, number, percent

_MOST = 3
_ASK = "; ask for a series"  # as the answer says of one window, and of a series too short
_SIGNS = (
    "overridden",
    "reversed",
    "reopened",
    "escalated",
    "alone",
    "with_others",
    "asked_up",
    "could_alone",
)


def trust(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each; then what goes together with what."""
    windows(
        console,
        names,
        answer,
        _window,
        Measure("trust lived", lambda window: _lived(window, "trust", "experienced")),
        Measure("gap", lambda window: _lived(window, "trust", "gap")),
        Measure("overridden", lambda window: window["signs"]["overridden"]["rate"], percent),
        Measure("escalated", lambda window: window["signs"]["escalated"]["rate"], percent),
        Measure("asked up", lambda window: window["signs"]["asked_up"]["rate"], percent),
        Measure("closeness", lambda window: window["signs"]["closeness"]),
    )
    _together(console, names, answer["associations"], is_series=bool(answer["question"]["interval"]))


def _lived(window: Any, question: str, figure: str) -> float | None:
    found = [one[figure] for one in window["lived"] if one["question"] == question]
    known: float | None = found[0] if found else None
    return known


def _window(console: Console, names: Names, window: Any) -> None:
    say(console, names, f"Trust, {span(window)}", style="bold")
    said = (f"{one['question']}: {one['in_words']}" for one in window["lived"] if one["in_words"])
    say(console, names, *said)
    if window["lived"]:
        heading(console, "Stated and lived (0 to 1)")
        _lived_table(console, [("altogether", one) for one in window["lived"]])
        _lived_table(console, [(one["name"] or one["body"], one) for one in window["bodies_lived"]])
    _signs(console, window["signs"])
    _bodies(console, window["bodies_signs"])
    reasons(console, names, *window["lived"], window["signs"])


def _lived_table(console: Console, lived: Sequence[tuple[str, Any]]) -> None:
    cells = [
        (
            who,
            one["question"],
            number(one["stated"]),
            number(one["experienced"]),
            bar(one["experienced"], 12),
            number(one["gap"]),
            count(one["respondents"]),
        )
        for who, one in lived
    ]
    columns = ("of", "question", "stated", "lived", "", "gap", "answers")
    rows(console, columns, ("stated", "lived", "gap", "answers"), cells)


def _signs(console: Console, signs: Any) -> None:
    heading(
        console,
        f"What people do: {plural(signs['decided']['count'], 'decision')},"
        f" closeness to the field {number(signs['closeness'])}",
    )
    cells = [
        (name.replace("_", " "), rate(signs[name]), share(signs[name]), bar(signs[name]["rate"], 16))
        for name in _SIGNS
    ]
    rows(console, ("decisions", "so many", "part", ""), ("so many", "part"), cells)
    note(console, "could alone: of those asked up, what the row and mandates let a proposer decide alone")


def _bodies(console: Console, bodies: Sequence[Any]) -> None:
    cells = [
        (
            one["name"] or one["body"],
            count(one["decided"]["count"]),
            *(share(one[name]) for name in ("overridden", "escalated", "asked_up")),
            number(one["closeness"]),
        )
        for one in bodies
    ]
    columns = ("body", "decided", "overridden", "escalated", "asked up", "closeness")
    rows(console, columns, columns[1:], cells)
    note(console, "decided: by the body, or by somebody who had a seat in it" if cells else "")


def _together(console: Console, names: Names, associations: Sequence[Any], *, is_series: bool) -> None:
    told = sorted((one for one in associations if one["tau"] is not None), key=_weakest_last)
    if associations and not told:
        why = {reason for one in associations for reason in one["why_null"].values()}
        asked_for = {reason.removesuffix(_ASK) if is_series else reason for reason in why}
        reasons(console, names, {"why_null": {reason: reason for reason in asked_for}})
    if not told:
        return
    heading(console, "What goes together, over bodies and time: not a cause, a thing to ask about")
    for one in told[:_MOST]:
        point(console, names, one["in_words"])
    cells = [
        (
            f"{one['question']} and {one['sign'].replace('_', ' ')}",
            f"{one['tau']:+z.2f}",
            bar(one["tau"], 12),
            count(one["n"]),
        )
        for one in told
    ]
    rows(console, ("lived, and done", "tau", "", "n"), ("tau", "n"), cells)


def _weakest_last(one: Any) -> tuple[float, str, str]:
    return -abs(one["tau"]), one["question"], one["sign"]
