"""The drawing of `show influence`: advisers, the centres of the network, who follows whom, handover."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import Measure, count, heading, note, plural, reasons, rows, say, span, windows
from services.cli_tables import Names, bar, number, percent

_MOST = 10


def influence(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each."""
    windows(
        console,
        names,
        answer,
        _window,
        Measure("decisions", lambda window: window["decisions"], count),
        Measure("advised", lambda window: window["advised"], count),
        Measure("advisers", lambda window: window["holders"], count),
        Measure("followed", lambda window: window["advice"]["followed"], count),
        Measure("lift", lambda window: window["advice"]["lift"]),
    )


def _window(console: Console, names: Names, window: Any) -> None:
    advised = f"{window['advised']} of {plural(window['decisions'], 'decision')}"
    were = "was" if window["advised"] == 1 else "were"
    say(console, names, f"Influence, {span(window)}: {advised} {were} advised on", style="bold")
    say(console, names, window["network"]["in_words"], window["advice"]["in_words"])
    _centres(console, names, window["network"]["nodes"])
    _advisers(console, names, window["advisers"])
    _ties(console, names, window["network"]["edges"])
    _handed(console, names, window["handover"]["rows"])
    left = {name: one["count"] for name, one in window["left_out"].items() if one["count"]}
    said = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in left.items())
    note(console, f"advice left out: {said}" if left else "")
    reasons(console, names, window["network"], window["advice"])


def _centres(console: Console, names: Names, nodes: Sequence[Any]) -> None:
    if not nodes:
        return
    heading(console, "Centres: who is followed by those who are followed")
    most = nodes[0]["pagerank"] or 1
    cells = [
        (
            names.of(one["holder"]),
            percent(one["pagerank"]),
            bar(one["pagerank"] / most, 12),
            percent(one["betweenness"]),
            f"{one['followed']:g}",
            count(one["deciders"]),
        )
        for one in nodes[:_MOST]
    ]
    numbers = ("pagerank", "between", "followed", "by")
    rows(console, ("holder", "pagerank", "", *numbers[1:]), numbers, cells)


def _advisers(console: Console, names: Names, advisers: Sequence[Any]) -> None:
    if not advisers:
        return
    heading(console, "Advice that went with the outcome, beyond what was to be expected")
    cells = [
        (
            names.of(one["adviser"]),
            f"{one['matches']} of {one['judged']}",
            number(one["expected"], 1),
            f"{one['lift']:+z.2f}" if one["lift"] is not None else number(None),
            bar(one["lift"], 12),
            ", ".join(names.domain(domain["domain"]) for domain in one["domains"][:3]),
        )
        for one in advisers[:_MOST]
    ]
    columns = ("adviser", "went with", "expected", "lift", "", "on")
    rows(console, columns, ("went with", "expected", "lift"), cells)
    note(console, "an association, not a cause; a few pieces of advice say little")


def _ties(console: Console, names: Names, edges: Sequence[Any]) -> None:
    if not edges:
        return
    heading(console, "Who follows whom")
    most = edges[0]["weight"] or 1
    cells = [
        (
            f"{names.of(one['decider'])} → {names.of(one['adviser'])}",
            f"{one['weight']:g}",
            bar(one["weight"] / most, 12),
        )
        for one in edges[:_MOST]
    ]
    rows(console, ("decider → adviser", "followed", ""), ("followed",), cells)


def _handed(console: Console, names: Names, handed: Sequence[Any]) -> None:
    if not handed:
        return
    heading(console, "Who does the next thing after whom")
    most = handed[0]["handovers"]
    cells = [
        (
            f"{names.of(one['from'])} → {names.of(one['to'])}",
            count(one["handovers"]),
            bar(one["handovers"] / most, 12),
            count(one["decisions"]),
        )
        for one in handed[:_MOST]
    ]
    rows(console, ("from → to", "times", "", "decisions"), ("times", "decisions"), cells)
