"""Knots of what did not last, and of what is not decided at all, in plain loops."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from tests.oracle.knots_world import Episode, Facts, Key, Knotted, Shown, episodes
from tests.oracle.oracle import COUNTED

QUIET = timedelta(days=90)
DAY = timedelta(days=1)


def undone(world: Knotted) -> Iterator[tuple[str, Facts, Facts]]:
    """How, what was undone, and what undid it."""
    for words in world.words.values():
        for before, after in pairwise(words):
            if before["word"] == "reopened" or before["outcome"] not in COUNTED:
                continue
            if after["word"] == "reopened":
                yield "reopened", before, after
            elif (after["word"], before["outcome"], after["outcome"]) != ("made", "provisional", "accepted"):
                one, other = set(before["keys"]), set(after["keys"])
                same = one == other if one and other else after["word"] == "made"
                yield "reversed" if same else "overridden", before, after


def override_habit(world: Knotted) -> Iterator[Episode]:
    """More than 20 % of >= 10 decisions of a domain overridden."""
    yield from _habit(world, ("overridden",), lambda before, after: after["keys"])


def churn(world: Knotted) -> Iterator[Episode]:
    """More than 20 % of >= 10 decisions of a domain reversed or reopened."""
    yield from _habit(world, ("reversed", "reopened"), lambda before, after: before["keys"])


def _habit(
    world: Knotted, hows: tuple[str, ...], whose: Callable[[Facts, Facts], tuple[str, ...]]
) -> Iterator[Episode]:
    told = [(before, after) for how, before, after in undone(world) if how in hows]
    moments = [act["occurred"] for act in world.acts] + [after["occurred"] for _, after in told]

    def holding(t: datetime) -> dict[Key, Shown]:
        decided: dict[str, set[str]] = {}
        for act in world.acts:
            if act["occurred"] <= t and act["word"] == "made":
                decided.setdefault(act["scope"], set()).add(act["decision"])
        found: dict[Key, Shown] = {}
        for scope, all_of in decided.items():
            here = [(b, a) for b, a in told if b["scope"] == scope and a["occurred"] <= t]
            part = Fraction(len({before["decision"] for before, _ in here}), len(all_of))
            if len(all_of) >= 10 and part > Fraction(1, 5):
                entries = {one["position"] for pair in here for one in pair if "position" in one}
                found[(scope, ())] = Shown(float(part), frozenset(entries))
        return found

    for one in episodes(moments, holding):
        last = one.until or world.at
        here = [
            (b, a)
            for b, a in told
            if b["scope"] == one.scope and (a["occurred"] < last or (one.until is None))
        ]
        actors = tuple(sorted({key for before, after in here for key in whose(before, after)}))
        yield one._replace(actors=actors)


def incoherence(world: Knotted) -> Iterator[Episode]:
    """A body's decision undone by another body, without a session they shared before it."""
    for how, before, after in undone(world):
        if how == "reopened" or len(before["keys"]) != 1 or len(after["keys"]) != 1:
            continue
        (one,), (other,) = before["keys"], after["keys"]
        if one == other or not (one.startswith("body/") and other.startswith("body/")):
            continue
        if not _met(world, one, other, after["occurred"]):
            entries = frozenset({before["position"], after["position"]})
            actors = tuple(sorted((one, other)))
            yield Episode(before["scope"], actors, after["occurred"], None, 1, entries)


def _met(world: Knotted, one: str, other: str, t: datetime) -> bool:
    for event in world.of("space", None, t):
        if event["type"] == "space.session_held" and event["occurred"] < t:
            here = {world.holder(who) for who in event["data"]["attendees"]}
            if all(
                body in here or here & set(world.seats(body[5:], event["occurred"])) for body in (one, other)
            ):
                return True
    return False


def stalled(world: Knotted) -> Iterator[Episode]:
    """Open work, and no decision for longer than max(90 d, p95 of >= 10 earlier gaps)."""
    for scope in sorted({f"domain/{domain}" for domain in world.domains}):
        yield from _stalled(world, scope)


def _stalled(world: Knotted, scope: str) -> Iterator[Episode]:
    work = [one for one in open_work(world) if one["scope"] == scope]
    times = [act["occurred"] for act in world.acts if act["scope"] == scope and act["word"] == "made"]
    if not work:
        return
    positions = {act["occurred"]: act["position"] for act in world.acts if act["scope"] == scope}

    def limit(t: datetime) -> timedelta:
        gaps = sorted(b - a for a, b in pairwise(time for time in times if time <= t))
        if len(gaps) < 10:
            return QUIET
        place = max(0, -(-95 * len(gaps) // 100) - 1)
        return max(QUIET, gaps[place])

    def holding(t: datetime) -> dict[Key, Shown]:
        waiting = [one for one in work if one["since"] <= t and (one["until"] is None or t < one["until"])]
        if not waiting:
            return {}
        oldest = min(waiting, key=lambda one: (one["since"], one["position"]))
        last = max([time for time in times if time <= t], default=None)
        start = max(last or oldest["since"], oldest["since"])
        if t - start < limit(t):
            return {}
        entries = {oldest["position"]} | ({positions[last]} if last else set())
        return {(scope, oldest["by"]): Shown((t - start) / DAY, frozenset(entries))}

    starts = {one["since"] for one in work} | {one["until"] for one in work if one["until"]} | set(times)
    moments = starts | {t + limit(max(t, u)) for t in starts for u in starts | {t}} | {world.at}
    yield from episodes((t for t in moments if t <= world.at), holding)


def open_work(world: Knotted) -> Iterator[Facts]:
    """Initiatives and decisions from their beginning until they stand decided or are withdrawn."""
    for id in sorted({event["id"] for event in world.of("initiative")}):
        told = world.of("initiative", id)
        proposed = next((event for event in told if event["type"] == "initiative.proposed"), None)
        if proposed is None:
            continue
        ends = [e["occurred"] for e in told if e["type"] in ("initiative.withdrawn", "initiative.completed")]
        ends += [act["occurred"] for act in world.acts if act["initiative"] == id]
        by = sorted(world.holder(one) for one in proposed["data"]["proposers"])
        yield _work(world, proposed, tuple(by), min(ends, default=None))
    for id in sorted({event["id"] for event in world.of("decision")}):
        words = world.words.get(id, [])
        for event in world.of("decision", id):
            if event["type"] in ("decision.opened", "decision.reopened"):
                later = [w for w in words if w["occurred"] >= event["occurred"] and w["word"] != "reopened"]
                ends = [word["occurred"] for word in later if word["outcome"] in COUNTED]
                by = (world.holder(f"actor/{event['data']['by']}"),)
                yield _work(world, event, by, min(ends, default=None))


def _work(world: Knotted, event: Facts, by: tuple[str, ...], until: datetime | None) -> Facts:
    domains = event["data"].get("domains")
    if domains is None:
        made = [e["data"]["domains"] for e in world.of("decision", event["id"]) if e["data"].get("domains")]
        domains = made[0]
    row = world.row(domains[0], event["occurred"])
    scope = f"domain/{row[0] if row else domains[0]}"
    return {
        "scope": scope,
        "since": event["occurred"],
        "until": until,
        "by": by,
        "position": event["position"],
    }
