"""The tables of `show authority` and `show drift`: shares, concentration, distance."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from services import cli_drawing
from services.cli_drawing import lasting, sparkline
from services.cli_show_domains import authority_by_domain
from services.cli_show_series import drift_over_time, shares_over_time
from services.cli_tables import Names, bar, number, percent, points


def authority(console: Console, names: Names, answer: Any) -> None:
    """One window with its rows, or a series with a line each."""
    question, windows = answer["question"], answer["windows"]
    lens = question.get("lens", "node")
    if not windows:
        cli_drawing.note(console, cli_drawing.NOTHING)
    elif question.get("interval"):
        _authority_series(console, names, windows, lens)
        shares_over_time(console, names, windows, question.get("by", "actor"), lens)
    else:
        for window in windows:
            _authority_window(console, window, lens)
            if question.get("by") == "domain":
                authority_by_domain(console, names, answer.get("tree", ()), window["rows"], lens)
            else:
                _authority_rows(console, names, window["rows"], question.get("by", "actor"), lens)


def _authority_window(console: Console, window: Any, lens: str) -> None:
    spread, levels = window["concentration"][lens], window["levels"]
    spoken = spread["in_words"] or "by nobody known" if window["decisions"] else "nothing to share"
    console.print(
        f"[bold]{window['decisions']}[/] {_decisions(window)} {_span(window)}, {spoken};"
        f" effective deciders {number(spread['effective_deciders'])}, closeness {number(levels['closeness'])}"
    )
    cli_drawing.note(console, _left_out(window))


def _authority_rows(console: Console, names: Names, rows: Sequence[Any], by: str, lens: str) -> None:
    numbers = ("effective", "share", "decisions", "inferred")
    shown = ("effective", "most", "share") if by == "stakes" else ("share", "")
    cells = []
    for row in rows:
        if by == "stakes":
            said = (row["stakes"], *_group(names, row, lens))
        else:
            who = names.of(row["holder"]) if by == "actor" else _titled(row, by)
            said = (who, percent(row["share"]), bar(row["share"]))
        cells.append((*said, str(row["decisions"]), str(row.get("inferred", ""))))
    cli_drawing.rows(console, (by, *shown, "decisions", "inferred"), numbers, cells)


def _group(names: Names, row: Any, lens: str) -> Sequence[str]:
    """How many decide as if equally, and who the most."""
    top = row["top"][:1]
    most = (names.of(top[0]["holder"]), percent(top[0]["share"])) if top else ("", "")
    return number(row["concentration"][lens]["effective_deciders"]), *most


def _titled(row: Mapping[str, Any], by: str) -> str:
    if by == "body":
        return f"{row['name']} (body/{row['body']})" if row["name"] else f"body/{row['body']}"
    return f"level {row[by]}"


def _authority_series(console: Console, names: Names, windows: Sequence[Any], lens: str) -> None:
    numbers = ("decided", "unknown", "effective", "closeness", "share")
    cells = [_authority_line(names, window, lens) for window in windows]
    cli_drawing.rows(console, ("from", *numbers[:4], "most", "share", ""), numbers, cells, most=len(cells))
    windows = lasting(windows)
    _sparks(
        console,
        ("decisions", [window["decisions"] for window in windows]),
        ("effective deciders", [window["concentration"][lens]["effective_deciders"] for window in windows]),
        ("closeness to the field", [window["levels"]["closeness"] for window in windows]),
    )


def _authority_line(names: Names, window: Any, lens: str) -> Sequence[str | Text]:
    top = window["rows"][0] if window["rows"] and "holder" in window["rows"][0] else None
    return (
        _day(window["from"]),
        str(window["decisions"]),
        str(window["unknown"]),
        number(window["concentration"][lens]["effective_deciders"]),
        number(window["levels"]["closeness"]),
        names.of(top["holder"]) if top else "",
        percent(top["share"]) if top else "",
        bar(top["share"], 8) if top else "",
    )


def drift(console: Console, names: Names, answer: Any) -> None:
    """One window with its rows, or a series with a line each."""
    question, windows = answer["question"], answer["windows"]
    if not windows:
        cli_drawing.note(console, cli_drawing.NOTHING)
    elif question.get("interval"):
        _drift_series(console, windows)
        drift_over_time(console, names, windows, question.get("by", "domain"))
    else:
        for window in windows:
            _drift_window(console, names, window, question.get("by", "actor"))


def _drift_window(console: Console, names: Names, window: Any, by: str) -> None:
    mandate = window["mandate"]
    console.print(
        f"drift [bold]{number(window['drift'])}[/]"
        f" over {window['decisions']} {_decisions(window)} {_span(window)}"
        f" ({window['in_words'] or 'nothing to compare'})"
    )
    beside = (
        f"unstated {window['unstated']} · vacant {window['vacant']} · decider unknown {window['unknown']}"
    )
    outside = f"in mandate {mandate['yes']}, outside {mandate['no']}, unclear {mandate['unknown']}"
    console.print(f"{beside} · {outside}", style="dim")
    rows = window["rows"]
    cells: Sequence[Sequence[str | Text]]
    if by in ("actor", "body"):
        columns = ("holder", "stated", "actual", "difference", "")
        cells = [
            (
                names.of(row["holder"]),
                percent(row["stated"]),
                percent(row["actual"]),
                points(row["difference"]),
                bar(row["difference"]),
            )
            for row in rows
        ]
    else:
        columns = (by, "drift", "", "noise", "decisions")
        cells = [
            (
                row.get("name") or row[by],
                number(row["drift"]),
                bar(row["drift"]),
                number(row["noise"]),
                str(row["decisions"]),
            )
            for row in rows
        ]
    cli_drawing.rows(console, columns, columns[1:], cells)


def _drift_series(console: Console, windows: Sequence[Any]) -> None:
    columns = ("from", "decisions", "drift", "", "noise", "unstated", "outside mandate")
    cells = [
        (
            _day(window["from"]),
            str(window["decisions"]),
            number(window["drift"]),
            bar(window["drift"], 10),
            number(window["noise"]),
            str(window["unstated"]),
            percent(window["mandate"]["out_of_mandate"]),
        )
        for window in windows
    ]
    cli_drawing.rows(console, columns, columns[1:], cells, most=len(cells))
    _sparks(console, ("drift", [window["drift"] for window in lasting(windows)]))


def _sparks(console: Console, *series: tuple[str, Sequence[float | None]]) -> None:
    for name, values in series:
        sparkline(console, name, values)


def _left_out(window: Mapping[str, Any]) -> str:
    counted = {name: window[name] for name in ("inferred", "unknown", "deferred", "returned", "unresolved")}
    return " · ".join(f"{name} {count}" for name, count in counted.items() if count)


def _span(window: Mapping[str, Any]) -> str:
    start, end = window["from"], window["to"]
    return f"from {_day(start)} to {_day(end)}" if start or end else "ever"


def _day(moment: str | None) -> str:
    return moment[:10].removesuffix("T") if moment else "…"


def _decisions(window: Any) -> str:
    return "decision" if window["decisions"] == 1 else "decisions"
