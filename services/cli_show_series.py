"""The rows of a series over time: a sparkline for each of the largest, with where it began and ended."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from rich.console import Console

from services.cli_drawing import heading, lasting, note, rows, sparkline
from services.cli_tables import Names, bar, number, percent, points

_MOST = 8
Figure = Callable[[Mapping[str, Any]], float | None]


def shares_over_time(console: Console, names: Names, windows: Sequence[Any], by: str, lens: str) -> None:
    """Of `authority`: shares, or how many decide as if equally, where rows are domains or stakes."""
    if by in ("domain", "stakes"):
        _over_time(console, names, "Effective deciders", windows, by, _effective(lens), number, None)
    else:
        _over_time(console, names, "Shares", windows, by, itemgetter("share"), percent, 0.0)


def drift_over_time(console: Console, names: Names, windows: Sequence[Any], by: str) -> None:
    """Of `drift`: how far each was from what was stated; of holders, what they decided more than that."""
    if by in ("actor", "body"):
        more = itemgetter("difference")
        _over_time(console, names, "Decided more than stated", windows, by, more, points, 0.0)
    else:
        _over_time(console, names, "Drift", windows, by, itemgetter("drift"), number, None)


def _effective(lens: str) -> Figure:
    return lambda row: row["concentration"][lens]["effective_deciders"]


def _over_time(
    console: Console,
    names: Names,
    title: str,
    windows: Sequence[Any],
    by: str,
    figure: Figure,
    written: Callable[[float | None], str],
    absent: float | None,
) -> None:
    """`absent` is the figure of a row that a window with decisions has not."""
    windows = lasting(windows)
    labels = {_key(row, by): _label(names, row, by) for window in windows for row in window["rows"]}
    values = {key: [_in(window, key, by, figure, absent) for window in windows] for key in labels}
    largest = sorted(labels, key=lambda key: (-sum(abs(one or 0.0) for one in values[key]), key))
    if not largest:
        return
    if len(windows) == 1:
        _in_one(console, title, [(labels[key], values[key][0]) for key in largest], by, written)
        return
    heading(console, f"{title} over time, the first and the last beside")
    for key in largest[:_MOST]:
        known = [one for one in values[key] if one is not None]
        ends = f"{written(known[0])} → {written(known[-1])}" if known else ""
        sparkline(console, labels[key], values[key], ends)
    if len(largest) > _MOST:
        note(console, f"… and {len(largest) - _MOST} more (see them with --json or --csv)")


def _in_one(
    console: Console,
    title: str,
    known: Sequence[tuple[str, float | None]],
    by: str,
    written: Callable[[float | None], str],
) -> None:
    heading(console, title)
    largest = max((abs(value or 0.0) for _, value in known), default=0.0) or 1.0
    cells = [(name, written(value), bar((value or 0.0) / largest)) for name, value in known]
    rows(console, (by, title.lower(), ""), (title.lower(),), cells, most=_MOST)


def _in(window: Any, key: str, by: str, figure: Figure, absent: float | None) -> float | None:
    found = [row for row in window["rows"] if _key(row, by) == key]
    if found:
        return figure(found[0])
    return absent if window["decisions"] else None


def _key(row: Mapping[str, Any], by: str) -> str:
    return str(row["holder"] if "holder" in row else row[by])


def _label(names: Names, row: Mapping[str, Any], by: str) -> str:
    if "holder" in row:
        return names.of(row["holder"])
    return row.get("name") or (f"level {row[by]}" if by == "level" else str(row[by]))
