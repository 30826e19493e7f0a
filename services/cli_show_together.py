"""The drawing of `show coordination`: spaces and their cadence, what is shared, who never meets."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import (
    Measure,
    count,
    day,
    heading,
    note,
    plural,
    point,
    reasons,
    rows,
    say,
    share,
    some,
    span,
    windows,
)
from services.cli_tables import Names, bar, percent

_MOST = 5


def coordination(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each."""
    windows(
        console,
        names,
        answer,
        _window,
        Measure("sessions", lambda window: window["sessions"]["count"], count),
        Measure("cadence kept", lambda window: window["kept"]["rate"], percent),
        Measure("attended", lambda window: window["attendance"]["rate"], percent),
        Measure("shared", lambda window: window["sharing"]["shared"]["rate"], percent),
        Measure("pairs met", lambda window: window["met"]["rate"], percent),
    )


def _window(console: Console, names: Names, window: Any) -> None:
    sharing = window["sharing"]
    figures = (window["kept"], window["attendance"], sharing["shared"], sharing["how_soon"], window["met"])
    say(console, names, f"Coordination, {span(window)}", style="bold")
    say(console, names, *(figure["in_words"] for figure in figures))
    _spaces(console, window["spaces"])
    _bodies(console, names, window["bodies"])
    said = window["said"]
    _said(console, "Obstacles said again and again", said["obstacles_repeated"])
    _said(console, "Needs", said["needs"])
    _said(console, "Decisions announced", said["upcoming"])
    _said(console, "Insights", said["insights"])
    reasons(console, names, *figures)


def _spaces(console: Console, spaces: Sequence[Any]) -> None:
    if not spaces:
        return
    heading(console, "Spaces")
    cells = [
        (
            one["name"] or one["space"],
            one["cadence"] or "",
            some(one["sessions"]),
            share(one["kept"]),
            bar(one["kept"]["rate"], 10),
            share(one["attendance"]),
            str(len(one["gaps"]) or ""),
            some(one["shared"]),
        )
        for one in spaces
    ]
    columns = ("space", "every", "sessions", "kept", "", "attended", "gaps", "shared")
    rows(console, columns, ("sessions", "kept", "attended", "gaps", "shared"), cells)


def _bodies(console: Console, names: Names, pairs: Sequence[Any]) -> None:
    if not pairs:
        return
    heading(console, "Bodies that decide side by side")
    for one in pairs:
        both = " and ".join(names.of(f"body/{body}") for body in one["bodies"])
        last = f", last in a session on {day(one['last_met'])}" if one["last_met"] else ""
        made = plural(one["decisions"]["count"], "decision")
        sentence = f"{both}, on {', '.join(map(names.domain, one['domains']))} ({made}):"
        point(console, names, f"{sentence} {one['in_words']}{last}", "!" if one["apart"] else "·")


def _said(console: Console, title: str, said: Sequence[Any]) -> None:
    if not said:
        return
    heading(console, title)
    most = max(one["sessions"]["count"] for one in said)
    cells = [
        (
            count(one["sessions"]["count"]),
            bar(one["sessions"]["count"] / most, 8),
            one["text"],
            _became(one),
        )
        for one in said[:_MOST]
    ]
    rows(console, ("sessions", "", "said", "became of it"), ("sessions",), cells)
    if len(said) > _MOST:
        note(console, f"… and {len(said) - _MOST} more (see them with --json or --csv)")


def _became(one: Any) -> str:
    if "became" not in one:
        return ""
    return f"{one['became']} ({one['decision']})" if one["became"] else "nothing that bears this title"
