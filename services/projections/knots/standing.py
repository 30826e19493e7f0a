"""Who could act under what was stated, at any instant: holders, coalitions, rows stated anew. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from types import MappingProxyType
from typing import Final, NamedTuple

from schemas.types import Any, Consent, Quota, Rule, Size
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Part, Row
from services.projections.history import History
from services.projections.resolve import lent, live_weights
from services.projections.resolve_mandate import decided, entitled, unopposed
from services.projections.structure import Structure
from services.projections.voting import threshold, won

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def winnable(structure: Structure, row: Row, at: datetime) -> bool:
    """Whether there is a live winning coalition: all who can act together satisfy the rule, a quorum too."""
    weights = live_weights(structure, row.decides, at)
    return won(row.rule, weights, {holder for holder, _ in weights}, {})


def smallest(structure: Structure, parts: Sequence[Part], rule: Rule | None, at: datetime) -> int | None:
    """How many of those who can act it takes at least under a rule; None where all together cannot."""
    weights = live_weights(structure, parts, at)
    if not won(rule, weights, {holder for holder, _ in weights}, {}):
        return None
    least = 1
    if isinstance(rule, Quota):
        heaviest = sorted((weight for _, weight in weights), reverse=True)
        sums, enough = list(accumulate(heaviest)), threshold(rule, sum(heaviest))
        least = bisect_left(sums, enough) + 1
    elif not isinstance(rule, Any | Consent):
        least = len(weights)
    return max(least, rule.quorum or 0 if rule else 0)


def edges(structure: Structure, holders: Iterable[str]) -> set[datetime]:
    """The instants at which these holders may become able to act, or cease to be."""
    found: set[datetime] = set()
    for holder in holders:
        kind, _, id = holder.partition("/")
        if kind == "body":
            found |= structure.bodies.edges(id)
        else:
            found.update(edge for span in structure.actors.away(id) for edge in span)
    return found


def named(structure: Structure, parts: Iterable[Part]) -> tuple[str, ...]:
    """The holders of some parts, live or not, after merges, sorted, each once."""
    return tuple(sorted({structure.actors.holder(part.holder) for part in parts}))


def departure(structure: Structure, holder: str, at: datetime) -> tuple[datetime, int] | None:
    """Since when, and by which entry, a holder is gone at an instant; None if it is not."""
    if structure.live(holder, at):
        return None
    kind, _, id = holder.partition("/")
    if kind == "body":
        end = structure.bodies.dissolution(id)
        return None if end is None else (end.valid_from, end.position)
    left = next(since for since, until in structure.actors.away(id) if since <= at < until)
    return left, next(one.position for one in structure.actors.absences(id) if one.valid_from == left)


def departures(structure: Structure, holder: str) -> list[datetime]:
    """Each time a holder was there and then was gone."""
    kind, _, id = holder.partition("/")
    if kind == "body":
        end = structure.bodies.dissolution(id)
        return [] if end is None else [end.valid_from]
    return [since for since, _ in structure.actors.away(id)]


def until_retired(structure: Structure, domain: str, until: datetime | None) -> datetime | None:
    """The end of a time, or when a domain was retired, if that came before."""
    told = structure.matrix.tellings(domain)
    ends = [*(one.valid_from for one in told if one.retired), *([until] if until else [])]
    return min(ends, default=None)


def mandates_of(history: History, domain: str, at: datetime, *scopes: str) -> list[Mandate]:
    """The mandates live at an instant for a domain, by those above it too, and for other scopes."""
    matrix = history.structure.matrix
    every = [*(f"domain/{above}" for above in matrix.chain(domain, at)), *scopes]
    return matrix.mandates(every, at, history.at)


class Matter(NamedTuple):
    """What mandates and limits may hang on, beside the domain."""

    decision: str | None = None
    initiative: str | None = None
    size: Size | None = None
    stakes: str | None = None


def alone(history: History, domain: str, holder: str, at: datetime) -> bool:
    """Whether the row and mandates in force let a holder decide in a domain by itself, if nobody objects."""
    return may(history, domain, {holder}, at)


def surely_alone(
    history: History, domain: str, holder: str, at: datetime, matter: Matter | None = None
) -> bool:
    """The same, whoever objects: where it takes consent, it takes everybody's."""
    return may(history, domain, {holder}, at, matter, read=unopposed)


def may(
    history: History,
    domain: str,
    deciders: Collection[str],
    at: datetime,
    matter: Matter | None = None,
    stances: Mapping[str, str] = _NONE,
    read: Callable[[Rule | None], Rule | None] = lambda rule: rule,
) -> bool:
    """Whether the row and mandates in force let these decide together; the row's limits are left out."""
    structure = history.structure
    chain = structure.matrix.chain(domain, at)
    row = structure.matrix.row(chain, at, history.at)
    if row is None:
        return False
    weights = live_weights(structure, row.decides, at)
    decision, initiative, size, stakes = matter or Matter()
    stakes = stakes or structure.matrix.stakes(chain, at)
    loans = lent(structure, decision, initiative, chain, size, stakes, at, history.at)
    reached = {one for one, _ in weights}.union(edge.grantee for edge in loans)
    direct = decided(structure, deciders, reached, stances, at, read)
    return entitled(read(row.rule), weights, loans, direct, stances) == "yes"


def restated(
    history: History, domain: str, after: datetime, says: Callable[[Row], bool] = lambda _: True
) -> datetime | None:
    """When a row that says so first was stated and in force in a domain, after an instant."""
    for reign in history.in_force.reigns(domain):
        if reign.row is not None and says(reign.row):
            came = max(reign.since, reign.row.stated)
            if came > after and (reign.until is None or came < reign.until):
                return came
    return None


def enabled(history: History, domain: str, holder: str, after: datetime) -> datetime | None:
    """When a row or mandate first came, after an instant, under which a holder decides by itself."""
    scopes = {f"domain/{above}" for one in history.in_force.reigns(domain) for above in one.chain}
    moments = {max(one.since, one.row.stated) for one in history.in_force.reigns(domain) if one.row}
    for mandate in history.structure.matrix.all_mandates():
        if mandate.scope in scopes:
            moments.add(max(mandate.valid_from, mandate.stated))
    later = sorted(moment for moment in moments if after < moment <= history.at)
    return next((moment for moment in later if alone(history, domain, holder, moment)), None)
