"""The drawing of `show participation`: everybody's part, in the order of ids: nobody is ranked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import (
    Measure,
    count,
    day,
    days,
    heading,
    lasting,
    note,
    plural,
    reasons,
    rows,
    say,
    some,
    span,
    sparkline,
    windows,
)
from services.cli_tables import Names, bar, number, percent

_THINGS = {"decisions": "decision", "positions": "position", "items": "item"}
_WAYS = ("deciding", "advising", "proposing", "waiting")


def participation(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each; of one actor everything, and their way through roles."""

    def spread(way: str) -> Measure:
        return Measure(f"{way} gini", lambda window: window["spread"][way]["gini"])

    question = answer["question"]
    of_all = Measure("decisions", lambda window: window["coverage"]["decisions"]["count"], count)
    of_some = (
        Measure("took part", lambda window: window["took_part"]["count"], count),
        *map(spread, _WAYS[:3]),
    )
    of_whom = of_some if question["body"] else (of_all, *of_some)
    windows(console, names, answer, _window, *(_OF_ONE if question["actor"] else of_whom))
    if question["body"] and question["interval"]:
        _decided_over_time(console, names, answer["windows"])
    if question["actor"]:
        for path in answer["paths"]:
            _path(console, names, path)


def _figure(kind: str, what: str) -> Callable[[Any], float | None]:
    """A count of the one holder asked about."""

    def figure(window: Any) -> float | None:
        return float(window["parts"][0][kind][what]["count"]) if window["parts"] else None

    return figure


_OF_ONE = (
    Measure("decided", _figure("deciding", "decisions"), count),
    Measure("proposed", _figure("proposing", "proposed"), count),
    Measure("advised", _figure("advising", "advised"), count),
    Measure(
        "waited", lambda window: window["parts"][0]["waiting"]["days"] if window["parts"] else None, days
    ),
    Measure("met", _figure("attending", "attended"), count),
)


def _decided_over_time(console: Console, names: Names, windows: Sequence[Any]) -> None:
    """A line for everybody with a part, in the order of ids."""
    decided = [
        {part["holder"]: part["deciding"]["decisions"]["count"] for part in window["parts"]}
        for window in lasting(windows)
    ]
    holders = dict.fromkeys(holder for one in decided for holder in one)
    if holders:
        heading(console, "Decided, the first and the last beside")
    for holder in holders:
        values = [one.get(holder) for one in decided]
        known = [value for value in values if value is not None]
        sparkline(console, names.of(holder), values, f"{known[0]} → {known[-1]}")


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
    for way in _WAYS:
        reasons(console, names, window["spread"][way], of=way)
    reasons(console, names, covered)


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
    said = [
        plural(one["count"], _THINGS[name]) if name in _THINGS else f"{one['count']} {_spaced(name)}"
        for name, one in figures.items()
        if _counts(one)
    ]
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
