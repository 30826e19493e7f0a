"""The drawing of `show matrix` and `show remit`: who may decide what, how far, with whom, and whom to ask."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from services.cli_drawing import heading, note, point, rows, wrapped
from services.cli_show_stated import GONE, MUST, has_gone, is_asked, lent, row_words, words
from services.cli_tables import Names, bar, percent, spoken_of
from services.cli_tree import tree

_ROOM = 110  # so many characters in a line, or columns would break names
_COLUMNS = ("domain", "stakes", "decides", "how", "asks first", "tells", "since")


def matrix(console: Console, names: Names, answer: Any) -> None:
    """A line for every domain, and below it what was ever stated of the one asked about."""
    _domains(console, names, answer["domains"])
    if answer["history"]:
        heading(console, "What was stated of its own row")
        for one in answer["history"]:
            when = f"{_day(one['effective'])} to {_day(one['until'])} (entry {one['position']})"
            point(console, names, f"{when} {_stated(names, one['row'])}")
    _gone(console, [answer["domains"], answer["history"]])


def _gone(console: Console, drawn: Sequence[Any]) -> None:
    """What brackets mean, where there are any."""
    if has_gone(drawn):
        note(console, GONE)


def _stated(names: Names, row: Any) -> str:
    """Who decides by a row, and how, with all it says besides."""
    if row is None:
        return "cleared"
    return "; ".join((f"{names.all_of(row['decides'])}: {row['rule_in_words']}", *row_words(names, row)))


def _domains(console: Console, names: Names, domains: Sequence[Any]) -> None:
    """As a tree: with columns if there is room and they hold all that is stated; else with lines."""
    if not domains:
        note(console, "no domain is defined")
        return
    drawn = list(tree(domains))
    if console.width < _ROOM or any(_goes_beyond(one["row"]) for one in domains if one["row"]):
        _listed(console, names, drawn)
    else:
        cells = [_cells(names, one, before) for before, one in drawn]
        rows(console, _COLUMNS, (), cells, most=len(cells))
    if any(who["mandatory"] for one in domains if one["row"] for who in one["row"]["contributes"]):
        note(console, MUST)
    mandates = {mandate["mandate"]: mandate for one in domains for mandate in one["mandates"]}
    for mandate in mandates.values():
        point(console, names, lent(names, mandate), style="dim")


def _goes_beyond(row: Mapping[str, Any]) -> bool:
    """Whether more is stated than columns hold."""
    return any(row[name] for name in ("limits", "escalates_to", "accountable", "amends"))


def _cells(names: Names, one: Any, before: str) -> Sequence[str]:
    title, stakes, since = before + _title(one), one["stakes"] or "", _since(names, one)
    row = one["row"]
    if row is None:
        return title, stakes, _none(one), "", "", "", ""
    asked, told = is_asked(names, row["contributes"], row["min_wait"]), names.all_of(row["informs"])
    return title, stakes, names.all_of(row["decides"]), _how(one), asked, told, since


def _listed(console: Console, names: Names, drawn: Sequence[tuple[str, Any]]) -> None:
    """Each domain with what is said of it below."""
    for before, one in drawn:
        since = _since(names, one)
        after = ", ".join(part for part in (one["stakes"], f"since {since}" if since else "") if part)
        console.print(Text.assemble(before, (_title(one), "bold"), f"  {after}"))
        below = before.replace("├ ", "│ ").replace("└ ", "  ") + "    "
        for said in _lines(names, one):
            for line in wrapped(console, said, len(below)):
                console.print(Text(below + line))


def _lines(names: Names, one: Any) -> Iterator[str]:
    row = one["row"]
    if row is None:
        yield _none(one)
        return
    yield f"{names.all_of(row['decides'])}: {_how(one)}"
    yield from row_words(names, row)


def _title(one: Any) -> str:
    return str(one["name"] or one["domain"]) + (" (retired)" if one["retired"] else "")


def _how(one: Any) -> str:
    return str(one["row"]["rule_in_words"]) + (" (nobody can)" if one["vacant"] else "")


def _none(one: Any) -> str:
    return "no longer stated" if "cleared" in one["why_null"].get("row", "") else "not stated"


def _since(names: Names, one: Any) -> str:
    above = f" ({names.domain(one['inherited_from'])})" if one["inherited_from"] else ""
    return f"{_day(one['since'])}{above}" if one["row"] else ""


def remit(console: Console, names: Names, answer: Any) -> None:
    """Of a holder: where it decides, advises, is told; of a domain: who decides in it."""
    if "holder" in answer:
        _holder(console, names, answer)
    else:
        _domain_remit(console, names, answer)


def _holder(console: Console, names: Names, answer: Any) -> None:
    gone = " (not active)" if answer["live"] is False else ""
    console.print(Text.assemble((answer["name"] or names.of(answer["holder"]), "bold"), gone))
    note(console, answer.get("why_null", {}).get("live", ""))
    decided = (*answer["decides_alone"], *answer["decides_with_others"])
    for title in ("decides_alone", "decides_with_others"):
        if answer[title]:
            heading(console, words(title))
        for one in answer[title]:
            _remit(console, names, one)
    if any(who["mandatory"] for one in (*decided, *answer["consulted"]) for who in one.get("consult", [one])):
        note(console, MUST)
    for title, roles in (
        ("is asked", answer["consulted"]),
        ("is told", answer["informed"]),
        ("is escalated to", answer["receives_escalations"]),
        ("may amend", answer["may_amend"]),
    ):
        where = {f"{one['name'] or one['domain']}{'!' if one['mandatory'] else ''}" for one in roles}
        if where:
            console.print(Text(f"{title}: {', '.join(sorted(where))}"))
    mandates = [*answer["lent_to_it"], *answer["lent_by_it"]]
    for mandate in mandates:
        point(console, names, lent(names, mandate), style="dim")
    _gone(console, [*decided, *mandates])


def _remit(console: Console, names: Names, one: Any) -> None:
    """One domain: its part in it and who decides how, then whom to ask, how far it reaches, whom to tell."""
    first = f"{one['name'] or one['domain']}  {percent(one['share'])}: {names.said(one['rule_in_words'])}"
    for place, line in enumerate(wrapped(console, first, 4)):
        console.print(Text(("  " if place == 0 else "    ") + line))
    told = spoken_of(one["rule_in_words"])
    unsaid = names.all_of(other for other in one["others"] if other["holder"] not in told)
    stated = {
        "contributes": one["consult"],
        "min_wait": one["min_wait"],
        "limits": one["limits"],
        "informs": one["inform"],
        "escalates_to": one["escalate_to"],
    }
    others = [f"others with a share: {unsaid}"] if unsaid else []
    for said in (*others, *row_words(names, stated)):
        for line in wrapped(console, said, 6):
            console.print(Text(f"      {line}"))


def _domain_remit(console: Console, names: Names, answer: Any) -> None:
    _domains(console, names, [answer["domain"]])
    for title, holders in (("as bodies", answer["by_node"]), ("as people", answer["by_seat"])):
        cells = [
            (
                names.all_of([one]),
                percent(one["share"]),
                bar(one["share"], 10),
                "alone" if one["alone"] else "",
            )
            for one in holders
        ]
        rows(console, (title, "power", "", "decides"), ("power",), cells, most=len(cells))
    _gone(console, [answer["domain"], answer["by_node"], answer["by_seat"]])


def _day(moment: str | None) -> str:
    return moment[:10] if moment else "…"
