"""Knots of what did not last, and of what is not decided at all, in plain loops."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from itertools import pairwise, zip_longest

from tests.oracle.knots_world import Episode, Facts, Key, Knotted, Shown, Span, episodes, lasting
from tests.oracle.oracle import COUNTED

DAY = timedelta(days=1)


def undone(world: Knotted) -> Iterator[tuple[str, Facts, Facts]]:
    """How, what was undone, and what undid it; by known deciders only, or nobody knows how.

    To accept what was provisional undoes nothing, nor does making anew what was reopened.
    """
    for words in world.words.values():
        acts = [(place, word) for place, word in enumerate(words) if word["word"] != "reopened"]
        for (first, before), (second, after) in pairwise(acts):
            if not (_known(before) and _known(after)):
                continue
            accepted = before["outcome"] == "provisional" and after["outcome"] == "accepted"
            if after["word"] == "overridden" or (second == first + 1 and not accepted):
                yield ("reversed" if before["keys"] == after["keys"] else "overridden"), before, after
        for place, word in enumerate(words):
            known = [act for act in words[:place] if act["word"] != "reopened" and _known(act)]
            if word["word"] == "reopened" and known:
                yield "reopened", known[-1], word


def _known(act: Facts) -> bool:
    return act["outcome"] in COUNTED and bool(act["deciders"])


def override_habit(world: Knotted) -> Iterator[Episode]:
    """More than 20 % of >= 10 decisions of a domain overridden."""
    yield from _habit(world, ("overridden",), lambda before, after: after["keys"])


def churn(world: Knotted) -> Iterator[Episode]:
    """More than 20 % of >= 10 decisions of a domain reversed or reopened."""
    yield from _habit(world, ("reversed", "reopened"), lambda before, after: before["keys"])


def _habit(
    world: Knotted, hows: tuple[str, ...], whose: Callable[[Facts, Facts], tuple[str, ...]]
) -> Iterator[Episode]:
    home: dict[str, str] = {}
    for act in world.acts:
        if act["deciders"]:
            home.setdefault(act["decision"], f"domain/{act['home']}")
    for scope in sorted(set(home.values())):
        acts = [act for act in world.acts if home.get(act["decision"]) == scope and act["deciders"]]
        told = [(b, a) for how, b, a in undone(world) if how in hows and home[b["decision"]] == scope]
        moments = [act["occurred"] for act in acts] + [after["occurred"] for _, after in told]
        yield from episodes(moments, partial(_habitual, world, scope, acts, told, whose))


def _habitual(
    world: Knotted,
    scope: str,
    acts: list[Facts],
    told: list[tuple[Facts, Facts]],
    whose: Callable[[Facts, Facts], tuple[str, ...]],
    t: datetime,
) -> dict[Key, Shown]:
    decided = {act["decision"] for act in acts if act["occurred"] <= t}
    here = [(before, after) for before, after in told if after["occurred"] <= t]
    part = Fraction(len({before["decision"] for before, _ in here}), len(decided))
    if len(decided) < world.limits.undone_least or part <= Fraction(1, 5):
        return {}
    actors = tuple(sorted({key for before, after in here for key in whose(before, after)}))
    entries = frozenset(one["position"] for pair in here for one in pair)
    return {(scope, actors): Shown(float(part), entries)}


def incoherence(world: Knotted) -> Iterator[Episode]:
    """A body's decision undone by another body, without a session they shared before it."""
    spans = []
    for how, before, after in undone(world):
        if how != "overridden":
            continue
        for one in set(bodies(before)) - set(after["keys"]):
            for other in set(bodies(after)) - set(before["keys"]):
                if not _met(world, one, other, after["occurred"]):
                    key = after["scope"], tuple(sorted((one, other)))
                    entries = frozenset({before["position"], after["position"]})
                    until = world.undone(after)
                    spans.append(Span(key, after["occurred"], until, entries, after["decision"]))
    yield from lasting(spans)


def bodies(act: Facts) -> list[str]:
    return [key for key in act["keys"] if key.startswith("body/")]


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
    everything = list(open_work(world))
    for scope in sorted({one["scope"] for one in everything}):
        yield from _stalled(world, scope, [one for one in everything if one["scope"] == scope])


def _stalled(world: Knotted, scope: str, work: list[Facts]) -> Iterator[Episode]:
    acts = [act for act in world.acts if _ruled(world, act["home"], act["occurred"]) == scope]
    for last, following in zip_longest([None, *acts], acts):
        gaps = sorted(
            b["occurred"] - a["occurred"] for a, b in pairwise(a for a in acts if not later(a, last))
        )
        bound = timedelta(days=world.limits.stalled_days)
        if len(gaps) >= world.limits.stalled_gaps:
            bound = max(bound, gaps[-(-95 * len(gaps) // 100) - 1])
        late: list[tuple[datetime, datetime | None, Facts]] = []
        for one in work:
            begun = max(one["since"], last["occurred"]) if last else one["since"]
            ends = [end for end in (one["until"], following and following["occurred"]) if end is not None]
            until = min(ends, default=None)
            if begun <= world.at and (until is None or until - begun > bound):
                late.append((begun + bound, until, one))
        yield from _runs(scope, late, last, bound, world.at)


def later(act: Facts, last: Facts | None) -> bool:
    return last is None or (act["occurred"], act["position"]) > (last["occurred"], last["position"])


def _runs(
    scope: str,
    late: list[tuple[datetime, datetime | None, Facts]],
    last: Facts | None,
    bound: timedelta,
    at: datetime,
) -> Iterator[Episode]:
    """Each time in one gap that something had been open for too long, without a break."""
    late = sorted(late, key=lambda one: one[0])
    while late and late[0][0] <= at:
        since, until, _ = late[0]
        run = [late[0]]
        for one in late[1:]:
            if until is None or one[0] <= until:
                run.append(one)
                until = None if until is None or one[1] is None else max(until, one[1])
        late = [one for one in late if not any(one is other for other in run)]
        actors = {who for start, _, one in run if start == since for who in one["by"]}
        entries = {one["position"] for _, _, one in run} | ({last["position"]} if last else set())
        figure = ((until or at) - since + bound) / DAY
        yield Episode(scope, tuple(sorted(actors)), since, until, figure, frozenset(entries))


def open_work(world: Knotted) -> Iterator[Facts]:
    """Initiatives and decisions from their beginning until they stand decided, ended, or are superseded."""
    ended: dict[str, list[datetime]] = {}
    about = {id: world.initiative(id) for id in world.words}
    for id in sorted({event["id"] for event in world.of("initiative")}):
        told = world.of("initiative", id)
        ends = [e["occurred"] for e in told if e["type"] in ("initiative.withdrawn", "initiative.completed")]
        ended[id] = ends
        acts = [act["occurred"] for act in world.acts if about[act["decision"]] == id]
        for proposed in [event for event in told if event["type"] == "initiative.proposed"][:1]:
            by = tuple(world.holder(one) for one in proposed["data"]["proposers"])
            yield _work(world, proposed, by, acts, ends)
    for id in sorted({event["id"] for event in world.of("decision")}):
        begun = None
        decided = {word["position"] for word in world.words.get(id, ()) if word.get("outcome") in COUNTED}
        ends = ended.get(world.initiative(id) or "", [])
        by = tuple(sorted(world.proposers(id)))
        for event in world.of("decision", id):
            if event["type"] in ("decision.opened", "decision.reopened"):
                begun = begun or event
            elif begun and (event["type"] == "decision.superseded" or event["position"] in decided):
                yield _work(world, begun, by, [event["occurred"]], ends)
                begun = None
        if begun:
            yield _work(world, begun, by, [], ends)


def matters(world: Knotted, entries: Iterable[int]) -> set[str]:
    """What waits, by the entries that began it; an initiative goes on as its first decision."""
    told = [e for e in world.of("initiative") + world.of("decision") if e["position"] in set(entries)]
    begun = [e for e in told if e["type"].split(".")[1] in ("proposed", "opened", "reopened")]
    subjects = {f"{event['kind']}/{event['id']}" for event in begun}
    for initiative in {world.initiative(e["id"]) for e in begun if e["kind"] == "decision"} - {None}:
        first = _first(world, initiative or "")
        if first in subjects:
            subjects = subjects - {first} | {f"initiative/{initiative}"}
    return subjects


def _first(world: Knotted, initiative: str) -> str | None:
    """Unless the initiative had ended before it was begun."""
    ids = {event["id"] for event in world.of("decision")}
    of = [(world.of("decision", id)[0]["occurred"], id) for id in ids if world.initiative(id) == initiative]
    _, first = min(of)
    opened = [e for e in world.of("decision", first) if e["type"] == "decision.opened"]
    begun = (opened or world.of("decision", first)[:1])[-1]["occurred"]
    over = ("initiative.withdrawn", "initiative.completed")
    ends = [e["occurred"] for e in world.of("initiative", initiative) if e["type"] in over]
    return None if ends and ends[-1] < begun else f"decision/{first}"


def _ruled(world: Knotted, domain: str, t: datetime) -> str:
    """Where the row in force stands; while it is cleared, the nearest that had one; else where it is."""
    row = world.row(domain, t)
    had = [d for d in world.line(domain, t) if any(world.effective(e) <= t for e in world.of("matrix", d))]
    return f"domain/{row[0] if row else (had or [domain])[0]}"


def _then(world: Knotted, event: Facts) -> str:
    """Its domain as it was told last by then; if nothing was, as it was told at all."""
    told = [e for e in world.of(event["kind"], event["id"]) if e["data"].get("domains")]
    before = [e for e in told if (e["occurred"], e["position"]) <= (event["occurred"], event["position"])]
    domain: str = (before or told)[-1]["data"]["domains"][0]
    return domain


def _work(
    world: Knotted, event: Facts, by: tuple[str, ...], ends: list[datetime], over: list[datetime]
) -> Facts:
    """Until the first of its ends, or its initiative's if that was not over when it was begun."""
    domain = _then(world, event)
    ends = ends + [end for end in over if end >= event["occurred"]]
    return {
        "scope": _ruled(world, domain, event["occurred"]),
        "since": event["occurred"],
        "until": min(ends, default=None),
        "by": by,
        "position": event["position"],
    }
