"""Knots of rows by themselves, in plain loops: vacant, stale statement, meta-authority."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

from tests.oracle.knots_world import Episode, Facts, Key, Knotted, Shown, episodes
from tests.oracle.oracle import winning

DAY = timedelta(days=1)
FOREVER = float("inf")


def vacant(world: Knotted) -> Iterator[Episode]:
    """A row was in force; now there is none, or no live winning coalition; never in a retired domain."""
    lost: dict[str, tuple[list[str], str, int]] = {}
    last: dict[str, str] = {}

    def holding(t: datetime) -> dict[Key, Shown]:
        found: dict[Key, Shown] = {}
        for domain in world.domains:
            row = world.row(domain, t)
            if row is not None:
                last[domain] = row[0]
                lost.pop(domain, None)
                event = world.standing(row[0], t)
                if event is None or row[0] != domain or world.retired(domain, t):
                    continue
                if not _winnable(world, row[1]["decides"], row[1]["rule"], t):
                    key, shown = _without(world, domain, event, t)
                    found[key] = shown
            elif domain in last and (domain not in lost or lost[domain][0] != world.line(domain, t)):
                lost[domain] = world.line(domain, t), *_losing(world, domain, last[domain], t)
        for domain, (_, scope, entry) in lost.items():
            if not world.retired(domain, t):
                key = f"domain/{scope}", ()
                entries = found[key].entries if key in found else frozenset()
                found[key] = Shown(0, entries | {entry})
        return found

    yield from episodes(world.structural, holding, gathering=True)


def _winnable(world: Knotted, parts: list[Facts], rule: Facts, t: datetime) -> bool:
    weights = world.row_weights({"decides": parts}, t)
    return winning(rule, weights, set(weights)) and len(weights) >= (rule.get("quorum") or 0)


def _without(world: Knotted, domain: str, event: Facts, t: datetime) -> tuple[Key, Shown]:
    holders = sorted({world.holder(part["holder"]) for part in event["data"]["decides"]})
    gone = [end for holder in holders if (end := world.gone(holder, t))]
    entries = frozenset({event["position"], *(end["position"] for end in gone)})
    figure = sum(world.able(holder, t) for holder in holders)
    return (f"domain/{domain}", tuple(holders)), Shown(figure, entries)


def _losing(world: Knotted, domain: str, of: str, t: datetime) -> tuple[str, int]:
    """Whose knot it is that a domain lost its row: the row's, unless the domain moved away from there."""
    ends = [(world.effective(one), one["occurred"], one["position"], one) for one in world.of("matrix", of)]
    end = max(one for one in ends if one[0] <= t)[3]
    if end["type"] == "matrix.row_cleared" and of in world.line(domain, t):
        return of, end["position"]
    return domain, world.of("domain", domain, t)[-1]["position"]


def stale_statement(world: Knotted) -> Iterator[Episode]:
    """The row still names someone who left, was merged, or a body dissolved, > 30 days on."""
    grace = timedelta(days=world.limits.stale_days)
    moments = {t for event in world.structural for t in (event, event + grace) if t <= world.at}
    merges = {event["id"]: event for event in world.of("actor") if event["type"] == "actor.merged"}

    def holding(t: datetime) -> dict[Key, Shown]:
        found: dict[Key, Shown] = {}
        for domain in world.domains:
            event = world.standing(domain, t)
            if event is None or world.retired(domain, t):
                continue
            for holder in sorted(_all_named(event["data"])):
                ends = [end for end in (world.gone(holder, t), merges.get(holder.split("/", 1)[1])) if end]
                ends = [end for end in ends if end["occurred"] + grace <= t]
                for end in ends:
                    key = f"domain/{domain}", (world.holder(holder),)
                    since, entries = found.get(key, Shown(FOREVER, frozenset()))
                    since = min(since, end["occurred"].timestamp())
                    found[key] = Shown(since, entries | {event["position"], end["position"]})
        return found

    for one in episodes(moments, holding, gathering=True):
        days = (one.until or world.at) - datetime.fromtimestamp(one.figure, UTC)
        yield one._replace(figure=days / DAY)


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
            few = _smallest(world, row["amends"], row.get("amend_rule") or {"kind": "all"}, t)
            need = _smallest(world, row["decides"], row["rule"], t)
            if few is not None and need is not None and few < need:
                actors = tuple(sorted({world.holder(part["holder"]) for part in row["amends"]}))
                found[(f"domain/{domain}", actors)] = Shown(few, frozenset({event["position"]}))
        return found

    yield from episodes(world.structural, holding, gathering=True)


def _smallest(world: Knotted, parts: list[Facts], rule: Facts, t: datetime) -> int | None:
    """How many holders it takes, by trying all; for consent one who decides is enough."""
    weights = world.row_weights({"decides": parts}, t)
    for size in range(max(1, rule.get("quorum") or 0), len(weights) + 1):
        if rule["kind"] == "consent" or any(
            winning(rule, weights, set(some)) for some in combinations(weights, size)
        ):
            return size
    return None
