"""The drawing of `show authority --by domain`: authority on the tree of domains."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console

from services.cli_drawing import UNKNOWN, rows
from services.cli_tables import Names, bar, number, percent
from services.cli_tree import tree


def authority_by_domain(
    console: Console, names: Names, domains: Sequence[Any], decided: Sequence[Any], lens: str
) -> None:
    """A line for every domain in which or below which something was decided."""
    by_domain = {row["domain"]: row for row in decided}
    most = max((row["decisions"] for row in decided), default=0) or 1
    cells = [
        _line(names, before, one, by_domain.get(one["domain"]), lens, most)
        for before, one in tree(list(_leading_there(domains, by_domain)))
    ]
    numbers = ("effective", "share", "decisions", "inferred")
    columns = ("domain", "effective", "most", "share", "decisions", "", "inferred")
    rows(console, columns, numbers, cells, most=len(cells))


def _leading_there(domains: Sequence[Any], decided: Mapping[str, Any]) -> Iterator[Any]:
    """Those decided in with all above them; what the matrix does not know stands at the top."""
    known = {one["domain"]: one for one in domains}
    wanted = dict.fromkeys(decided)
    for domain in decided:
        above = known.get(domain, {}).get("parent")
        while above in known and above not in wanted:
            wanted[above] = None
            above = known[above]["parent"]
    for domain in sorted(wanted):
        named = decided.get(domain, {}).get("name")
        yield known.get(domain, {"domain": domain, "name": named, "parent": None})


def _line(names: Names, before: str, one: Any, row: Any, lens: str, most: int) -> Sequence[Any]:
    title = before + (one["name"] or one["domain"])
    if row is None:
        return title, UNKNOWN, "", "", "", "", ""
    top = row["top"][:1]
    largest = (names.of(top[0]["holder"]), percent(top[0]["share"])) if top else ("", "")
    effective = number(row["concentration"][lens]["effective_deciders"])
    decisions = row["decisions"]
    return title, effective, *largest, str(decisions), bar(decisions / most, 8), str(row["inferred"] or "")
