"""What a row or a mandate states, in words: how far it reaches, whom to ask, whom to tell."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from services.cli_drawing import day, plural
from services.cli_tables import Names

MUST: Final = "! has to be asked"
GONE: Final = "(in brackets): has left, was dissolved or has nobody who could decide for it"
_UNITS: Final = {"Y": "year", "W": "week", "D": "day", "H": "hour", "S": "second"}
_SPAN: Final = re.compile(r"([0-9]+)([YMWDHS])")


def row_words(names: Names, row: Mapping[str, Any]) -> Iterator[str]:
    """What a row states besides who decides and how; nothing of what it does not state."""
    amended = row.get("amend_rule")
    how = f" ({words(amended['kind'])})" if amended and len(row["amends"]) > 1 else ""
    answerable = (
        _after("escalates to ", _one(names, row["escalates_to"])),
        _after("accountable: ", _one(names, row.get("accountable"))),
        _after("may amend: ", names.all_of(row.get("amends", ())) + how),
    )
    said = (
        limits(row["limits"]),
        _after("asks ", is_asked(names, row["contributes"], row["min_wait"])),
        _after("tells ", names.all_of(row["informs"])),
        "; ".join(filter(None, answerable)),
    )
    yield from filter(None, said)


def has_gone(stated: Any) -> bool:
    """Whether anybody named anywhere in what is stated could not act any more."""
    if isinstance(stated, Mapping):
        return stated.get("live") is False or has_gone(list(stated.values()))
    return isinstance(stated, list) and any(map(has_gone, stated))


def _after(what: str, said: str) -> str:
    return f"{what}{said}" if said else ""


def is_asked(names: Names, asked: Sequence[Mapping[str, Any]], min_wait: str | None) -> str:
    """Whom to ask first, and how long to wait for them."""
    whom = ", ".join(names.all_of([one]) + ("!" if one["mandatory"] else "") for one in asked)
    wait = f"waits {_span(min_wait)}" if min_wait else ""
    return "; ".join(filter(None, (whom, wait)))


def limits(stated: Mapping[str, Any] | None) -> str:
    """How far authority reaches."""
    if not stated:
        return ""
    most, stakes = stated.get("max"), stated.get("stakes_up_to")
    parts = (
        f"up to {most['amount']:,.10g} {most['unit']}" if most else "",
        f"stakes up to {stakes}" if stakes else "",
        stated.get("text") or "",
    )
    return ", ".join(filter(None, parts))


def lent(names: Names, mandate: Mapping[str, Any]) -> str:
    """Who lends what to whom, how far and until when."""
    parts = (
        f"{names.all_of([mandate['from']])} lends {names.of(mandate['scope'])}"
        f" to {names.all_of(mandate['to'])}",
        limits(mandate["limits"]),
        f"until {day(mandate['until'])}" if mandate["until"] else "",
        "may be lent on" if mandate["redelegable"] else "",
    )
    return ", ".join(filter(None, parts))


def words(name: str) -> str:
    """A member's name as one says it."""
    return name.replace("_", " ")


def _one(names: Names, who: Mapping[str, Any] | None) -> str:
    return names.all_of([who]) if who else ""


def _span(duration: str) -> str:
    """An ISO 8601 duration: `7 days`, `1 hour 30 minutes`."""
    date, _, time = duration.removeprefix("P").partition("T")
    said = [(number, _UNITS.get(unit, "month")) for number, unit in _SPAN.findall(date)]
    said += [(number, _UNITS.get(unit, "minute")) for number, unit in _SPAN.findall(time)]
    return " ".join(plural(int(number), unit) for number, unit in said)
