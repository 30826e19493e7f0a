"""The domains as a tree: which stands below which, and the lines that lead there."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

Row = TypeVar("Row", bound=Mapping[str, Any])


def tree(domains: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    """Each domain behind the one it stands below, with what is drawn before its name.

    One whose parent is not among them stands at the top, and so does the first of a circle.
    """
    there = {one["domain"] for one in domains}
    below: dict[str | None, list[Row]] = {}
    for one in domains:
        below.setdefault(one["parent"] if one["parent"] in there else None, []).append(one)
    drawn: set[str] = set()
    for top in (*below.get(None, ()), *domains):
        yield from _from(top, "", "", below, drawn)


def _from(
    one: Row, before: str, below_it: str, below: Mapping[str | None, Sequence[Row]], drawn: set[str]
) -> Iterator[tuple[str, Row]]:
    if one["domain"] in drawn:
        return
    drawn.add(one["domain"])
    yield before, one
    children = below.get(one["domain"], ())
    for place, child in enumerate(children, 1):
        last = place == len(children)
        lines = ("└ ", "  ") if last else ("├ ", "│ ")
        yield from _from(child, below_it + lines[0], below_it + lines[1], below, drawn)
