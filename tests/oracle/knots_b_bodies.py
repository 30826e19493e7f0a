"""Silos in plain loops: two bodies decide on the same things, and nothing connects them."""

from datetime import datetime, timedelta
from itertools import zip_longest

from tests.oracle.knots_b_ground import DAY, Facts, Ground, Knot, Spell

Pair = tuple[str, str]


def silos(ground: Ground, limits: Facts) -> list[Knot]:
    """Both decided in one domain, or in parent and child, within the days, and nothing connected them."""
    span = limits["silos_days"] * DAY
    acts = [act for act in ground.acts() if _bodies(ground, act)]
    beside: dict[tuple[str, Pair], list[tuple[Facts, Facts, bool]]] = {}
    for number, later in enumerate(acts):
        since = later["occurred"]
        for other, domain, earlier in _before(ground, acts[:number], later):
            for body in _bodies(ground, later) - {other}:
                pair = (min(body, other), max(body, other))
                if since - earlier["occurred"] <= span:
                    tied = not all(ground.live(one, since) for one in pair)
                    tied = tied or _lines_connected(ground, pair, since, span)
                    beside.setdefault((domain, pair), []).append((earlier, later, tied))
    spells = []
    for (domain, pair), told in beside.items():
        for (earlier, later, tied), after in zip_longest(told, told[1:]):
            if not tied:
                since = later["occurred"]
                ends = [since + span, _connects(ground, pair, since, span), *_gone(ground, pair)]
                ends += [after[1]["occurred"]] if after and after[2] else []
                until = min(end for end in ends if end is not None)
                both = (earlier["position"], later["position"])
                counts = frozenset({earlier["decision"], later["decision"]})
                spells.append(Spell(f"domain/{domain}", pair, since, until, counts, both))
    return ground.episodes("silos", spells, _decisions, whole=True)


def _gone(ground: Ground, pair: Pair) -> list[datetime]:
    told = [e for body in pair for e in ground.of("body", body.removeprefix("body/"))]
    return [e["occurred"] for e in told if e["type"] == "body.dissolved"]


def _line(ground: Ground, body: str, t: datetime) -> set[str]:
    """A body and those that had been dissolved into it, or into one of these."""
    line = {body}
    while True:
        into = {
            f"body/{e['id']}"
            for e in ground.of("body", None, t)
            if e["type"] == "body.dissolved"
            and any(f"body/{one}" in line for one in e["data"].get("into") or ())
        }
        if into <= line:
            return line
        line |= into


def _lines_connected(ground: Ground, pair: Pair, t: datetime, span: timedelta) -> bool:
    """Whether anything connected them, or those dissolved into them; who come of one body are never apart."""
    one, other = (_line(ground, body, t) for body in pair)
    return bool(one & other) or any(_connected(ground, (a, b), t, span) for a in one for b in other)


def _decisions(shown: list[Spell], _: datetime) -> float:
    return len({id for one in shown for id in one.counts})


def _bodies(ground: Ground, act: Facts) -> set[str]:
    return {node for node in ground.nodes(act) if node.startswith("body/")}


def _before(ground: Ground, acts: list[Facts], later: Facts) -> list[tuple[str, str, Facts]]:
    """The last act of each body in each domain beside this one's, with the upper of the two domains."""
    last = {(body, act["domains"][0]): act for act in acts for body in _bodies(ground, act)}
    here, t = later["domains"][0], later["occurred"]
    found = []
    for (body, there), act in last.items():
        above = [up for up, low in ((there, here), (here, there)) if ground.line(low, t)[1:2] == [up]]
        if here == there or above:
            found.append((body, (above or [here])[0], act))
    return found


def _connected(ground: Ground, pair: Pair, end: datetime, span: timedelta) -> bool:
    """Whether somebody sat in both, advised both, or a session brought people of both together."""
    start = end - span
    if any(_share_a_seat(ground, pair, t) for t in _moments(ground, start, end)):
        return True
    if any(start < e["occurred"] <= end and _meets(ground, pair, e) for e in _sessions(ground)):
        return True
    return _share_an_adviser(ground, pair, end, span)


def _connects(ground: Ground, pair: Pair, start: datetime, span: timedelta) -> datetime | None:
    end = start + span
    moments = [t for t in _moments(ground, start, end) if t > start and _share_a_seat(ground, pair, t)]
    moments += [
        e["occurred"] for e in _sessions(ground) if start < e["occurred"] <= end and _meets(ground, pair, e)
    ]
    decided = [act["occurred"] for act in ground.all_acts() if set(pair) & _bodies(ground, act)]
    moments += [t for t in decided if start < t <= end and _share_an_adviser(ground, pair, t, span)]
    return min(moments, default=None)


def _moments(ground: Ground, start: datetime, end: datetime) -> list[datetime]:
    """When seats may have changed."""
    told = [e["occurred"] for kind in ("body", "actor") for e in ground.of(kind)]
    return sorted({start, end, *(t for t in told if start <= t <= end)})


def _share_a_seat(ground: Ground, pair: Pair, t: datetime) -> bool:
    one, other = (set(ground.seats(body.removeprefix("body/"), t)) for body in pair)
    return bool(one & other)


def _sessions(ground: Ground) -> list[Facts]:
    return [event for event in ground.of("space") if event["type"] == "space.session_held"]


def _meets(ground: Ground, pair: Pair, session: Facts) -> bool:
    there = {ground.holder(one) for one in session["data"]["attendees"]}
    people = [there & {body, *ground.seats(body.removeprefix("body/"), session["occurred"])} for body in pair]
    return all(people)


def _share_an_adviser(ground: Ground, pair: Pair, end: datetime, span: timedelta) -> bool:
    one, other = (_advisers(ground, body, end - span, end) for body in pair)
    return bool(one & other)


def _advisers(ground: Ground, body: str, start: datetime, end: datetime) -> set[str]:
    """Who advised on what the body decided, or put off, within the time."""
    found = set()
    for act in ground.all_acts():
        if body in ground.nodes(act) and start <= act["occurred"] <= end:
            for event in ground.advice(act["decision"]):
                if event["data"].get("by") and event["occurred"] <= act["occurred"]:
                    found.add(ground.holder(f"actor/{event['data']['by']}"))
    return found
