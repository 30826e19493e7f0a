"""Knots of rows by themselves, in plain loops: vacant, stale statement, meta-authority."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

from tests.oracle.knots_world import Episode, Facts, Key, Knotted, Shown, episodes
from tests.oracle.oracle import winning

STALE = timedelta(days=30)
DAY = timedelta(days=1)


def vacant(world: Knotted) -> Iterator[Episode]:
    """A row was in force; now there is none, or no live winning coalition."""
    lost: dict[str, tuple[str, frozenset[int]]] = {}
    last: dict[str, tuple[str, Facts]] = {}

    def holding(t: datetime) -> dict[Key, Shown]:
        found: dict[Key, Shown] = {}
        for domain in world.domains:
            row = world.row(domain, t)
            if row is not None:
                event = world.standing(row[0], t)
                assert event is not None
                last[domain] = row[0], event
                lost.pop(domain, None)
                if row[0] == domain and not winning(
                    row[1]["rule"], world.row_weights(row[1], t), set(world.row_weights(row[1], t))
                ):
                    key, shown = _without(world, domain, event, t)
                    found[key] = shown
            elif domain in last:
                lost[domain] = lost.get(domain) or _losing(world, domain, last[domain], t)
        for scope, entries in lost.values():
            found[(f"domain/{scope}", ())] = Shown(0, entries)
        return found

    yield from episodes(world.structural, holding)


def _without(world: Knotted, domain: str, event: Facts, t: datetime) -> tuple[Key, Shown]:
    holders = sorted({world.holder(part["holder"]) for part in event["data"]["decides"]})
    gone = [end for holder in holders if (end := world.gone(holder, t))]
    entries = frozenset({event["position"], *(end["position"] for end in gone)})
    return (f"domain/{domain}", tuple(holders)), Shown(len(holders) - len(gone), entries)


def _losing(world: Knotted, domain: str, last: tuple[str, Facts], t: datetime) -> tuple[str, frozenset[int]]:
    """Whose knot it is that a domain lost its row just now: the row's, unless that one still has it."""
    of, event = last
    scope = of if world.row(of, t) is None else domain
    kinds = ("matrix", of) if scope == of else ("domain", domain)
    ends = [one["position"] for one in world.of(*kinds, t) if one["occurred"] == t]
    return scope, frozenset({event["position"], *ends})


def stale_statement(world: Knotted) -> Iterator[Episode]:
    """The row still names someone who left, was merged, or a body dissolved, > 30 days on."""
    moments = {t for event in world.structural for t in (event, event + STALE) if t <= world.at}
    merges = {event["id"]: event for event in world.of("actor") if event["type"] == "actor.merged"}

    def holding(t: datetime) -> dict[Key, Shown]:
        found: dict[Key, Shown] = {}
        for domain in world.domains:
            event = world.standing(domain, t)
            if event is None:
                continue
            for holder in _all_named(event["data"]):
                ends = [end for end in (world.gone(holder, t), merges.get(holder.split("/", 1)[1])) if end]
                ends = [end for end in ends if end["occurred"] + STALE <= t]
                if ends:
                    end = min(ends, key=lambda one: (one["occurred"], one["position"]))
                    entries = frozenset({event["position"], end["position"]})
                    figure = (t - end["occurred"]) / DAY
                    found[(f"domain/{domain}", (world.holder(holder),))] = Shown(figure, entries)
        return found

    yield from episodes(moments, holding)


def _all_named(row: Facts) -> set[str]:
    named = {part["holder"] for name in ("decides", "contributes", "amends") for part in row.get(name) or ()}
    named |= set(row.get("informs") or ())
    return named | {row[name] for name in ("escalates_to", "accountable") if row.get(name)}


def meta_authority(world: Knotted) -> Iterator[Episode]:
    """The smallest coalition that may amend a row is smaller than the one it takes to decide under it."""

    def holding(t: datetime) -> dict[Key, Shown]:
        found: dict[Key, Shown] = {}
        for domain in world.domains:
            event = world.standing(domain, t)
            if event is None or not event["data"].get("amends"):
                continue
            row = event["data"]
            few = _smallest(world, row["amends"], row.get("amend_rule") or row["rule"], t)
            need = _smallest(world, row["decides"], row["rule"], t)
            if few is not None and need is not None and few < need:
                actors = tuple(sorted({world.holder(part["holder"]) for part in row["amends"]}))
                found[(f"domain/{domain}", actors)] = Shown(few, frozenset({event["position"]}))
        return found

    yield from episodes(world.structural, holding)


def _smallest(world: Knotted, parts: list[Facts], rule: Facts, t: datetime) -> int | None:
    """How many holders it takes, by trying all."""
    weights = world.row_weights({"decides": parts}, t)
    for size in range(1, len(weights) + 1):
        if any(winning(rule, weights, set(some)) for some in combinations(weights, size)):
            return size
    return None
