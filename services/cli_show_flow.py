"""The drawing of `show flow`: how long each leg takes, what is open, whom all wait for, what holds."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from services.cli_drawing import (
    Measure,
    count,
    days,
    heading,
    note,
    reasons,
    rows,
    say,
    some,
    span,
    windows,
)
from services.cli_tables import Names, bar

_MOST = 10
_BAR = 18


def flow(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each."""
    windows(
        console,
        names,
        answer,
        _window,
        Measure("to decide", _to_decide, days),
        Measure("open", lambda window: window["open_work"]["n"], count),
        Measure("oldest", lambda window: window["open_work"]["oldest_days"], days),
        Measure("waited", lambda window: window["waiting"]["days"], days),
        Measure("proposed", lambda window: window["proposing"]["n"], count),
        Measure("escalated", lambda window: window["escalations"]["escalated"]["count"], count),
    )


def _to_decide(window: Any) -> float | None:
    """Half of what was proposed was decided within so many days."""
    whole = [leg["p50_days"] for leg in window["legs"] if (leg["from"], leg["to"]) == ("proposed", "made")]
    found: float | None = whole[0] if whole else None
    return found


def _window(console: Console, names: Names, window: Any) -> None:
    say(console, names, f"Flow, {span(window)}", style="bold")
    for part in ("waiting", "open_work", "balance", "proposing", "escalations"):
        say(console, names, window[part]["in_words"])
    held = [one["in_words"] for one in window["hold"] if one["by"] == "all"]
    say(console, names, *(f"decisions: {one}" for one in held if one))
    _legs(console, [leg for leg in window["legs"] if leg["n"]])
    _waiting(console, names, window["waiting"])
    _open(console, names, window["open_work"])
    _held(console, window["hold"])
    _passed(console, names, window["escalations"]["rows"])
    reasons(console, names, *(window[part] for part in ("open_work", "waiting", "proposing", "balance")))


def _legs(console: Console, legs: Sequence[Any]) -> None:
    heading(console, "From one stage to the next (█ half, ░ nine in ten within)")
    longest = max((leg["p90_days"] or leg["p50_days"] or 0 for leg in legs), default=0) or 1
    cells = [
        (
            f"{leg['from']} → {leg['to']}",
            _reach(leg, longest),
            days(leg["p50_days"]),
            days(leg["p90_days"]),
            count(leg["n"]),
            str(leg["censored"] or ""),
        )
        for leg in legs
    ]
    rows(console, ("leg", "", "p50", "p90", "n", "not yet"), ("p50", "p90", "n", "not yet"), cells)
    if any(leg["p90_days"] is None for leg in legs):
        note(console, "–: fewer have come so far than it takes to say")


def _reach(leg: Any, longest: float) -> Text:
    """Half within the full blocks, nine in ten within the light ones."""
    half, most = leg["p50_days"] or 0, leg["p90_days"] or leg["p50_days"] or 0
    full = bar(half / longest, _BAR)
    full.append("░" * (round(most / longest * _BAR) - len(full)), "dim cyan")
    return full


def _waiting(console: Console, names: Names, waiting: Any) -> None:
    waited = [one for one in waiting["rows"] if one["days"] > 0][:_MOST]
    if not waited:
        return
    heading(console, "Whom others wait for")
    cells = [
        (
            names.of(one["holder"]),
            days(one["days"]),
            bar(one["days"] / waited[0]["days"], 12),
            count(one["n"]),
            days(one["p50_days"]),
            str(one["open"] or ""),
            days(one["oldest_open_days"]) if one["open"] else "",
        )
        for one in waited
    ]
    columns = ("holder", "waited", "", "items", "half within", "open", "oldest")
    rows(console, columns, ("waited", "items", "half within", "open", "oldest"), cells)
    _left(console, waiting["holders"] - len(waited), "holders")


def _open(console: Console, names: Names, work: Any) -> None:
    if not work["rows"]:
        return
    heading(console, "Open, the oldest first")
    shown = work["rows"][:_MOST]
    longest = shown[0]["age_days"] or 1
    cells = [
        (
            days(one["age_days"]),
            bar(one["age_days"] / longest, 8),
            one["title"] or "",
            one["subject"].partition("/")[2],
            names.domain(one["home"]) if one["home"] else "",
            ", ".join(map(names.of, one["waiting_on"])),
        )
        for one in shown
    ]
    rows(console, ("age", "", "title", "id", "domain", "waits for"), ("age",), cells)
    _left(console, work["n"] - len(shown), "open")


def _held(console: Console, held: Sequence[Any]) -> None:
    grouped = [one for one in held if one["by"] != "all" and one["n"]]
    if not grouped:
        return
    heading(console, "How long decisions hold")
    cells = [
        (
            f"{one['by']} {one['key'] or 'not known'}",
            count(one["n"]),
            *(some(one[what]) for what in ("overridden", "reversed", "reopened")),
            one["in_words"] or "",
        )
        for one in grouped
    ]
    columns = ("decisions of", "n", "overridden", "reversed", "reopened", "in words")
    rows(console, columns, ("n", "overridden", "reversed", "reopened"), cells)


def _passed(console: Console, names: Names, passed: Sequence[Any]) -> None:
    if not passed:
        return
    heading(console, "Passed on")
    most = passed[0]["escalations"]
    cells = [
        (
            f"{names.of(one['from'])} → {names.of(one['to'])}",
            count(one["escalations"]),
            bar(one["escalations"] / most, 10),
            str(one["open"] or ""),
        )
        for one in passed[:_MOST]
    ]
    rows(console, ("from → to", "times", "", "open"), ("times", "open"), cells)


def _left(console: Console, more: int, what: str) -> None:
    if more > 0:
        note(console, f"… and {more} more {what} (see them with --json or --csv)")
