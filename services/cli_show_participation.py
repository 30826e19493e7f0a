"""The drawing of `show participation`: everybody's part, in the order of ids: nobody is ranked."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import (
    Measure,
    count,
    day,
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
from services.cli_tables import Names, bar, number, percent

_WAYS = ("deciding", "advising", "proposing", "waiting")


def participation(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each; of one actor everything, and their way through roles."""

    def spread(way: str) -> Measure:
        return Measure(f"{way} gini", lambda window: window["spread"][way]["gini"])

    windows(
        console,
        names,
        answer,
        _window,
        Measure("decisions", lambda window: window["coverage"]["decisions"]["count"], count),
        Measure("took part", lambda window: window["took_part"]["count"], count),
        *map(spread, _WAYS[:3]),
    )
    if answer["question"]["actor"]:
        for path in answer["paths"]:
            _path(console, names, path)


def _window(console: Console, names: Names, window: Any) -> None:
    say(console, names, f"Participation, {span(window)}", style="bold")
    say(console, names, *(window["spread"][way]["in_words"] for way in _WAYS))
    say(console, names, window["took_part"]["in_words"])
    absent = ", ".join(map(names.of, window["took_no_part"]))
    note(console, f"no part of any kind: {absent}" if absent else "")
    parts = window["parts"]
    if len(parts) == 1:
        _one(console, names, parts[0])
    else:
        _all(console, names, parts)
    covered = window["coverage"]
    said = [covered[name]["in_words"] for name in ("with_proposers", "with_electorate", "with_consultation")]
    note(console, "; ".join(one for one in said if one))
    reasons(console, names, *window["spread"].values(), covered)


def _all(console: Console, names: Names, parts: Sequence[Any]) -> None:
    heading(console, "Parts, in the order of ids")
    largest = max((part["deciding"]["share_seat"] or 0 for part in parts), default=0) or 1
    cells = [
        (
            names.of(part["holder"]),
            some(part["proposing"]["proposed"]),
            _heard(part["advising"]),
            some(part["deciding"]["decisions"]),
            bar((part["deciding"]["share_seat"] or 0) / largest, 10),
            some(part["deciding"]["elector_silent"]),
            days(part["waiting"]["days"]) if part["waiting"]["days"] else "",
            some(part["attending"]["attended"]),
        )
        for part in parts
    ]
    columns = ("holder", "proposed", "advice", "decided", "", "silent", "waited", "met")
    numbers = ("proposed", "advice", "decided", "silent", "waited", "met")
    rows(console, columns, numbers, cells, most=len(cells))
    note(
        console,
        "advice: given of asked for, + unasked; silent: decided without their position; waited: for them",
    )


def _heard(advising: Any) -> str:
    given, asked, unasked = (advising[name]["count"] for name in ("advised", "asked", "unasked"))
    said = f"{given}/{asked}" if asked else ""
    return said + (f" +{unasked}" if unasked else "")


def _one(console: Console, names: Names, part: Any) -> None:
    """Everything of one holder, by kind; kinds do not add up."""
    heading(console, names.of(part["holder"]))
    for title in ("proposing", "advising", "deciding", "waiting", "attending"):
        say(console, names, _figures(title, part[title]))
    done = part["contribution"]
    most = max((one["count"] for one in done.values()), default=0) or 1
    cells = [
        (name.replace("_", " "), count(one["count"]), bar(one["count"] / most, 20))
        for name, one in done.items()
    ]
    rows(console, ("contribution", "times", ""), ("times",), cells)
    reasons(console, names, part["proposing"]["without_asking_up"], part["deciding"], part["waiting"])


def _figures(title: str, figures: Mapping[str, Any]) -> str:
    """All figures that there are: `proposing: 53 proposed, 3 decided alone`."""
    said = [f"{one['count']} {_spaced(name)}" for name, one in figures.items() if _counts(one)]
    said += [
        f"{percent(figures[name])} of all ({name.removeprefix('share_')} lens)"
        for name in ("share_node", "share_seat")
        if figures.get(name) is not None
    ]
    if figures.get("median_days") is not None:
        said.append(f"half within {days(figures['median_days'])}")
    return f"{title}: {', '.join(said) or 'nothing'}"


def _counts(figure: Any) -> bool:
    return isinstance(figure, Mapping) and figure.get("count", 0) > 0 and "of" not in figure


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _path(console: Console, names: Names, path: Any) -> None:
    heading(console, f"Way through roles: {path['in_words']}")
    cells = [
        (
            day(one["from"]),
            day(one["to"]) if one["to"] else "still",
            _spaced(one["kind"]),
            names.said(one["of"]) + (f" ({one['role']})" if one["role"] else ""),
            number(one["entry"], 0),
        )
        for one in path["spans"]
    ]
    rows(console, ("from", "until", "as", "of", "entry"), ("entry",), cells)
