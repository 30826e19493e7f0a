"""The drawing of `show overview`: where authority sits, where it is moving, what needs a conversation."""

import shlex
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from services.cli_drawing import beside, heading, note, rows, say, span
from services.cli_show_knots import SEVERITIES
from services.cli_tables import Names, bar, number, percent, points

_MOST = 5


def overview(console: Console, names: Names, answer: Any) -> None:
    """The whole in sentences, then what to look at first of each part."""
    now, before = answer["now"], answer["before"]
    periods = f", {span(now)}, beside {span(before)}" if now["from"] else ""
    where = f" of {names.domain(answer['domain'])}" if answer["domain"] else ""
    where += f" of {names.of('body/' + answer['body'])}" if answer.get("body") else ""
    say(console, names, f"Overview{where}{periods}", style="bold")
    for sentence in answer["in_words"]:
        console.print()
        say(console, names, sentence)
    _largest(console, names, answer["sits"]["largest"])
    _stakes(console, answer["sits"]["by_stakes"])
    _moving(console, names, answer["moving"])
    _apart(console, names, answer["drifting"]["largest"])
    _conversations(console, names, answer)


def _largest(console: Console, names: Names, largest: Sequence[Any]) -> None:
    if not largest:
        return
    heading(console, "Where authority sits")
    cells = [
        (
            names.of(one["holder"]),
            percent(one["share"]),
            bar(one["share"]),
            percent(one["before"]),
            str(one["decisions"]),
        )
        for one in largest
    ]
    rows(console, ("holder", "share", "", "before", "decisions"), ("share", "before", "decisions"), cells)


def _stakes(console: Console, stakes: Sequence[Any]) -> None:
    cells = [
        (
            one["stakes"],
            number(one["effective_seat"], 1),
            number(one["effective_seat_before"], 1),
            str(one["decisions"]),
        )
        for one in stakes
    ]
    columns = ("stakes", "as if so many people decided", "before", "decisions")
    rows(console, columns, columns[1:], cells)


def _moving(console: Console, names: Names, moving: Any) -> None:
    moves = (*moving["overall"][:_MOST], *moving["by_domain"][:_MOST])
    if not moves:
        return
    heading(console, "Where it is moving")
    cells = [
        (
            names.of(one["holder"]),
            (one["name"] or one["domain"]) if one["domain"] else "all",
            percent(one["before"]),
            percent(one["now"]),
            bar(one["change"], 16),
        )
        for one in moves
    ]
    rows(console, ("holder", "of", "before", "now", ""), ("before", "now"), cells)


def _apart(console: Console, names: Names, apart: Sequence[Any]) -> None:
    if not apart:
        return
    heading(console, "Stated and done")
    cells = [
        (
            one["name"] or one["domain"],
            number(one["drift"]),
            bar(one["drift"], 10),
            _by(names, one["more"], one["more_by"]),
            _by(names, one["less"], one["less_by"]),
        )
        for one in apart
    ]
    rows(console, ("domain", "drift", "", "more than stated", "less"), ("drift",), cells)


def _by(names: Names, holder: str | None, much: float | None) -> str:
    return f"{names.of(holder)} {points(much)}" if holder and much is not None else ""


def _conversations(console: Console, names: Names, answer: Any) -> None:
    knots = answer["conversations"]["knots"]
    if not knots:
        return
    heading(console, "Worth a conversation")
    for one in knots:
        beside(console, names, "●", one["sentence"], colour=SEVERITIES[one["severity"]], next_sign=" ")
        beside(console, names, " ", f"Ask: {one['question']}", "italic")
    note(console, "All of them:")
    console.print(Text(_all_knots(answer), "dim"), soft_wrap=True)  # whole, for whoever copies it


def _all_knots(answer: Any) -> str:
    """The command that tells all knots of which these are the gravest."""
    rests_on = answer["rests_on"]
    asked = {
        "--ledger": rests_on["ledger"],
        "--domain": answer["domain"],
        "--body": answer.get("body"),
        "--at": (rests_on["at"] or "").removesuffix("T00:00:00Z"),
        "--known-at": str(rests_on["position"]),
    }
    given = [word for option, value in asked.items() if value for word in (option, value)]
    return shlex.join(["locus", "show", "knots", *given])
