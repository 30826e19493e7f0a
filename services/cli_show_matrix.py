"""The tables of `show matrix` and `show remit`: who may decide what, with whom, and whom to ask."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from services.cli_drawing import wrapped
from services.cli_tables import Names, bar, percent, table
from services.cli_tree import tree

_ROOM = 110  # so many characters in a line, or columns would break names
_COLUMNS = ("domain", "stakes", "decides", "how", "asks first", "tells", "since")


def matrix(console: Console, names: Names, answer: Any) -> None:
    """A line for every domain, and below it what was ever stated of the one asked about."""
    _domains(console, names, answer["domains"])
    for one in answer["domains"]:
        for mandate in one["mandates"]:
            _mandate(console, names, mandate)
    if answer["history"]:
        console.print("\n[bold]What was stated of its own row[/]")
        drawn = table("effective", "until", "decides", "how", "position", right=("position",))
        for change in answer["history"]:
            row = change["row"]
            who = (names.all_of(row["decides"]), row["rule_in_words"]) if row else ("cleared", "")
            drawn.add_row(
                _day(change["effective"]), _day(change["until"]), *map(escape, who), str(change["position"])
            )
        console.print(drawn)


def _domains(console: Console, names: Names, domains: Sequence[Any]) -> None:
    """As a tree: with columns if there is room, those only in which anything stands; else with lines."""
    rows = [_domain(names, one, before) for before, one in tree(domains)]
    if rows and console.width < _ROOM:
        _listed(console, rows, [before for before, _ in tree(domains)])
        return
    used = [place for place in range(len(_COLUMNS)) if place == 0 or any(row[place] for row in rows)]
    drawn = table(*(_COLUMNS[place] for place in used))
    for row in rows:
        drawn.add_row(*(escape(row[place]) for place in used))
    console.print(drawn if rows else "no domain is defined")
    if any("!" in row[_COLUMNS.index("asks first")] for row in rows):
        console.print("! has to be asked", style="dim")


def _listed(console: Console, rows: Sequence[Sequence[str]], before: Sequence[str]) -> None:
    """Each domain with what is said of it below."""
    for row, lines in zip(rows, before, strict=True):
        title, stakes, decides, how, asks, tells, since = row
        after = ", ".join(part for part in (stakes, f"since {since}" if since else "") if part)
        console.print(Text.assemble(lines, (title.removeprefix(lines), "bold"), f"  {after}"))
        below = lines.replace("├ ", "│ ").replace("└ ", "  ") + "    "
        said = (("", f"{decides}: {how}" if how else decides), ("asks ", asks), ("tells ", tells))
        for what, whom in said:
            for line in wrapped(console, f"{what}{whom}" if whom else "", len(below)):
                console.print(Text(below + line))
    if any("!" in row[_COLUMNS.index("asks first")] for row in rows):
        console.print("! has to be asked", style="dim")


def _domain(names: Names, one: Any, before: str) -> Sequence[str]:
    row = one["row"]
    title = before + (one["name"] or one["domain"]) + (" (retired)" if one["retired"] else "")
    if row is None:
        none = "no longer stated" if "cleared" in one["why_null"].get("row", "") else "not stated"
        return title, one["stakes"] or "", none, "", "", "", ""
    where = f" ({one['inherited_from']})" if one["inherited_from"] else ""
    how = row["rule_in_words"] + (" (nobody can)" if one["vacant"] else "")
    asked = ", ".join(
        names.of(who["holder"]) + ("!" if who["mandatory"] else "") for who in row["contributes"]
    )
    told = names.all_of(row["informs"])
    return (
        title,
        one["stakes"] or "",
        names.all_of(row["decides"]),
        how,
        asked,
        told,
        f"{_day(one['since'])}{where}",
    )


def _mandate(console: Console, names: Names, mandate: Any) -> None:
    ends = f" until {_day(mandate['until'])}" if mandate["until"] else ""
    lent = f"{names.of(mandate['from']['holder'])} lends {mandate['scope']} to {names.all_of(mandate['to'])}"
    console.print(f"  {escape(lent)}{ends}", style="dim")


def remit(console: Console, names: Names, answer: Any) -> None:
    """Of a holder: where it decides, advises, is told; of a domain: who decides in it."""
    if "holder" in answer:
        _holder(console, names, answer)
    else:
        _domain_remit(console, names, answer)


def _holder(console: Console, names: Names, answer: Any) -> None:
    gone = "" if answer["live"] else " (not active)"
    console.print(f"[bold]{escape(answer['name'] or names.of(answer['holder']))}[/]{gone}")
    for title, remits in (
        ("decides alone", answer["decides_alone"]),
        ("decides with others", answer["decides_with_others"]),
    ):
        if remits:
            drawn = table(title, "power", "", "how", "with", "asks first", right=("power",))
            for one in remits:
                how = names.said(one["rule_in_words"])
                cells = (how, names.all_of(one["others"]), names.all_of(one["consult"]))
                share = one["share"]
                drawn.add_row(
                    escape(one["name"] or one["domain"]), percent(share), bar(share, 10), *map(escape, cells)
                )
            console.print(drawn)
    for title, roles in (
        ("is asked", answer["consulted"]),
        ("is told", answer["informed"]),
        ("is escalated to", answer["receives_escalations"]),
        ("may amend", answer["may_amend"]),
    ):
        if roles:
            console.print(
                f"{title}: {escape(', '.join(sorted({one['name'] or one['domain'] for one in roles})))}"
            )
    for mandate in (*answer["lent_to_it"], *answer["lent_by_it"]):
        _mandate(console, names, mandate)


def _domain_remit(console: Console, names: Names, answer: Any) -> None:
    _domains(console, names, [answer["domain"]])
    for title, holders in (("as bodies", answer["by_node"]), ("as people", answer["by_seat"])):
        drawn = table(title, "power", "", "", right=("power",))
        for one in holders:
            alone = "alone" if one["alone"] else ""
            drawn.add_row(
                escape(names.of(one["holder"])), percent(one["share"]), bar(one["share"], 10), alone
            )
        console.print(drawn)


def _day(moment: str | None) -> str:
    return moment[:10] if moment else "…"
