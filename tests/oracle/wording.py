"""Whether what an answer says in words are the figures beside them; without code of the services."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

NUMBER = re.compile(r"(?<![\w/.-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-])")
NAMED = re.compile(r"“[^”]*”|\(round \d+\)|\band \d+ more\b|\b[a-z]+/[\w.-]+")
SCALES = (1, 24, 24 * 60, 100)
"""Few days are told in hours and minutes, parts in hundredths."""
DAY = timedelta(days=1)
UNDECIDED = ("open", "deferred", "returned", "reopened")


def leaves(value: Any) -> Iterator[Any]:
    """Every figure and instant below."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from leaves(getattr(value, name))
    elif isinstance(value, dict):
        yield from (leaf for one in value.values() for leaf in leaves(one))
    elif isinstance(value, list | tuple):
        yield len(value)
        yield from (leaf for one in value for leaf in leaves(one))
    elif isinstance(value, int | float | datetime) and not isinstance(value, bool):
        yield value


def told(value: Any, within: Any = None) -> Iterator[tuple[str, Any, Any]]:
    """Every sentence of an answer, with what it stands beside, and what that is part of."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            one = getattr(value, name)
            if name == "in_words" and one:
                yield from ((text, value, within) for text in ([one] if isinstance(one, str) else one))
            else:
                yield from told(one, value)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from told(one, within)


def renderings(leaf: Any) -> Iterator[str]:
    if isinstance(leaf, datetime):
        leaf = leaf.astimezone(UTC)  # what was promised is answered as it was written
        yield from (str(leaf.day), str(leaf.year), f"{leaf.month:02}", f"{leaf.day:02}")
        return
    for scale in SCALES:
        shown = abs(leaf) * scale
        yield from (f"{shown:.0f}", f"{shown:.1f}", f"{shown:.2f}", f"{shown:,.0f}", f"{shown:,.1f}")


def derived(of: Any, within: Any) -> Iterator[float]:
    """What follows from the figures beside a sentence: what is left, how often, for how long."""
    match type(of).__name__:
        case "Among":
            yield of.of - of.count
        case "Hold":
            curve = [point for point in within.hold_curve if (point.by, point.key) == (of.by, of.key)]
            yield from (1, of.n - of.censored, *leaves(curve))
        case "Network":
            for figure in ("followed", "pagerank", "betweenness"):
                values = [round(getattr(one, figure), 9) for one in of.nodes]
                yield values.count(max(values))
        case "Closeness":
            yield from (0, 1)  # the ends of its scale, which the sentence explains
        case "Apart":
            yield from [of.drift / of.noise] if of.noise else ()
        case "Drifting":
            yield from (1, *(one.drift / one.noise for one in of.largest if one.noise))
        case "Lived" | "BodyLived":
            yield from [of.stated - of.gap] if of.gap is not None else ()
        case "DecisionDossier" | "InitiativeDossier":
            yield from ((of.rests_on.at - one.at) / DAY for one in of.timeline)
            begun = [of.timeline[0], *(one for one in of.timeline if one.what == "initiative.proposed")]
            yield from ((one.at - first.at) / DAY for first in begun for one in of.timeline)
            ends = [one.ends_at for one in of.experiments if one.ends_at is not None]
            yield from ((of.rests_on.at - end) / DAY for end in ends)
            left = [one.state in UNDECIDED for one in getattr(of, "decisions", ())]
            yield from (left.count(True), left.count(False))


def unfounded(text: str, beside: Any, within: Any) -> list[str]:
    """The numbers in a sentence that nothing beside it shows."""
    figures = {shown for leaf in (*leaves(beside), *derived(beside, within)) for shown in renderings(leaf)}
    return [one for one in NUMBER.findall(NAMED.sub("", text)) if one not in figures]
