"""The drawing of `show learning`: what is looked back on, what it left behind, what it changed."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import (
    Measure,
    count,
    day,
    days,
    heading,
    note,
    plural,
    point,
    rate,
    reasons,
    rows,
    say,
    span,
    windows,
)
from services.cli_tables import Names, bar, percent

_MOST = 5


def learning(console: Console, names: Names, answer: Any) -> None:
    """One window, or a series with a line each."""
    windows(
        console,
        names,
        answer,
        _window,
        Measure("debriefs", lambda window: window["debriefs"]["held"]["count"], count),
        Measure("experiments", lambda window: window["experiments"]["concluded"]["count"], count),
        Measure("lessons", lambda window: window["lessons"]["recorded"]["count"], count),
        Measure("mistakes", lambda window: window["mistakes"]["all"]["count"], count),
        Measure("looked back on", lambda window: window["mistakes"]["debriefed"]["rate"], percent),
    )


def _window(console: Console, names: Names, window: Any) -> None:
    tried, debriefs, lessons = (window[part] for part in ("experiments", "debriefs", "lessons"))
    figures = (
        window["mistakes"],
        tried["documented"],
        tried["with_lesson"],
        debriefs["with_adjustments"],
        lessons["changed_matrix"],
        lessons["how_long"],
    )
    say(console, names, f"Learning, {span(window)}", style="bold")
    for what, figure in zip(
        ("mistakes", "experiments", "experiments", "debriefs", "lessons", "lessons"), figures, strict=True
    ):
        say(console, names, f"{what}: {figure['in_words']}" if figure["in_words"] else None)
    _cover(console, debriefs["cover"])
    _steps(console, window["mistakes"])
    _repeated(console, debriefs["repeated"])
    _experiments(console, names, tried)
    _changed(console, names, lessons["rows"])
    reasons(console, names, *figures)


def _cover(console: Console, cover: Sequence[Any]) -> None:
    if not cover:
        return
    heading(console, "What ended, and was looked back on together")
    cells = [
        (
            one["kind"].replace("_", " "),
            rate(one["looked_back"]),
            bar(one["looked_back"]["rate"], 10),
            days(one["how_soon"]["median_days"]) if one["looked_back"]["count"] else "",
            *_oldest(one["not_yet"]),
        )
        for one in cover
    ]
    columns = ("ended", "looked back on", "", "half within", "not yet", "for")
    rows(console, columns, ("looked back on", "half within", "for"), cells)


def _oldest(owed: Sequence[Any]) -> tuple[str, str]:
    """What has been waiting longest to be looked back on, and for how long."""
    return (owed[0]["subject"].partition("/")[2], days(owed[0]["days"])) if owed else ("", "")


def _steps(console: Console, mistakes: Any) -> None:
    """How far the same mistakes came, step by step."""
    if not mistakes["all"]["count"]:
        return
    heading(console, "From mistakes to rows")
    cells = [
        ("all", count(mistakes["all"]["count"]), bar(1.0, 16)),
        *(
            (name.replace("_", " "), rate(mistakes[name]), bar(mistakes[name]["rate"], 16))
            for name in ("debriefed", "with_lesson", "changed_matrix")
        ),
    ]
    rows(console, ("mistakes", "so many", ""), ("so many",), cells)


def _repeated(console: Console, repeated: Sequence[Any]) -> None:
    if not repeated:
        return
    heading(console, "Said in more than one debrief")
    most = repeated[0]["debriefs"]["count"]
    cells = [
        (
            count(one["debriefs"]["count"]),
            bar(one["debriefs"]["count"] / most, 8),
            one["text"],
            f"{day(one['first'])} to {day(one['last'])}",
        )
        for one in repeated[:_MOST]
    ]
    rows(console, ("debriefs", "", "what to do differently", "said"), ("debriefs",), cells)


def _experiments(console: Console, names: Names, tried: Any) -> None:
    found = [
        f"{tried[name]['count']} {name}"
        for name in ("started", "concluded", "supported", "refuted", "inconclusive", "open")
    ]
    if not any(tried[name]["count"] for name in ("started", "concluded", "open")):
        return
    heading(console, "Experiments")
    say(console, names, ", ".join(found))
    for one in tried["overdue"][:_MOST]:
        point(
            console,
            names,
            f"{one['subject']} was to end on {day(one['since'])}, {days(one['days'])} ago",
            "!",
        )


def _changed(console: Console, names: Names, changed: Sequence[Any]) -> None:
    if not changed:
        return
    heading(console, f"{plural(len(changed), 'row')} of the matrix from lessons")
    cells = [
        (day(one["stated"]), names.domain(one["domain"]), one["lesson"], days(one["days"]))
        for one in changed[:_MOST]
    ]
    rows(console, ("at", "domain", "lesson", "after"), ("after",), cells)
    if len(changed) > _MOST:
        note(console, f"… and {len(changed) - _MOST} more")
