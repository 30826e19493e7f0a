"""Habits in plain loops: rubber stamps, and asking up what one could decide alone."""

import math
from datetime import datetime
from statistics import median
from typing import Any

from tests.oracle.knots_b_ground import Facts, Ground, Knot
from tests.oracle.oracle import World, winning

# rubber stamp


def rubber_stamp(ground: Ground, limits: Facts) -> list[Knot]:
    """So many approvals, hardly anything else, no reason given, the median within the hour."""
    streams: dict[tuple[str, str], list[tuple[datetime, int, bool, bool, float | None]]] = {}
    for event in ground.of("decision"):
        if event["type"] == "decision.position_taken":
            who, data = ground.holder(f"actor/{event['data']['by']}"), event["data"]
            domain = _domain(ground, event)
            if domain and _since_put(ground, event) is not None and _counts(ground, event):
                said = (
                    event["occurred"],
                    event["position"],
                    data["value"] == "approve",
                    bool(data.get("reason")),
                )
                streams.setdefault((domain, who), []).append((*said, _since_put(ground, event)))
    return [knot for key, told in sorted(streams.items()) for knot in _stamps(ground, limits, key, told)]


def _stamps(ground: Ground, limits: Facts, key: tuple[str, str], told: list[Any]) -> list[Knot]:
    knots, streak, since, figure, entries = [], [], None, 0.0, ()
    for one in sorted(told):
        streak = [] if one[3] else [*streak, one]
        holds = _is_stamp(limits, streak)
        if since is not None and not holds:
            knots.append((since, one[0], figure, entries))
            since = None
        elif holds:
            since = since or one[0]
            figure = wilson(sum(each[2] for each in streak), len(streak))
            entries = tuple(each[1] for each in streak)
    if since is not None:
        knots.append((since, None, figure, entries))
    domain, who = key
    return [
        Knot("rubber stamp", f"domain/{domain}", (who,), since, until, figure, frozenset(shown))
        for since, until, figure, shown in knots
        if since != until
    ]


def _is_stamp(limits: Facts, streak: list[Any]) -> bool:
    approvals = sum(one[2] for one in streak)
    if approvals < limits["stamp_least"] or wilson(approvals, len(streak)) <= limits["stamp_bound"]:
        return False
    return median(one[4] for one in streak) < limits["stamp_minutes"] * 60


def wilson(hits: int, n: int) -> float:
    """The lower end of the score interval at 95 %."""
    z, p = 1.959963984540054, hits / n
    return (p + z * z / (2 * n) - z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n)


def _domain(ground: Ground, event: Facts) -> str | None:
    """Whose row was in force where the decision lay, as was last said."""
    told = [
        e["data"]["domains"]
        for e in ground.of("decision", event["id"])
        if e["type"] in ("decision.opened", "decision.made")
        and (e["occurred"], e["position"]) < (event["occurred"], event["position"])
    ]
    if not told:
        return None
    found = ground.row(told[-1][0], event["occurred"])
    return found[0] if found else told[-1][0]


def _since_put(ground: Ground, event: Facts) -> float | None:
    """Seconds since the question was put: opened, amended or reopened."""
    put = None
    for told in ground.of("decision", event["id"]):
        before = (told["occurred"], told["position"]) < (event["occurred"], event["position"])
        if before and told["type"] in ("decision.opened", "decision.amended", "decision.reopened"):
            put = told["occurred"]
    return None if put is None else (event["occurred"] - put).total_seconds()


def _counts(ground: Ground, event: Facts) -> bool:
    """Whether it gives a reason, or was the last on the question before it was decided or amended."""
    if event["data"].get("reason"):
        return True
    told = ground.of("decision", event["id"])
    for later in told[told.index(event) + 1 :]:
        if later["type"] in ("decision.made", "decision.amended"):
            return later["type"] == "decision.made"
        if later["type"] == "decision.position_taken" and _whose(ground, later) == _whose(ground, event):
            return False
    return True


def _whose(ground: Ground, event: Facts) -> str:
    return ground.holder(event["data"].get("for") or f"actor/{event['data']['by']}")


# approval habit


def approval_habit(ground: Ground, limits: Facts) -> list[Knot]:
    """Somebody proposed what they could decide alone, and escalated it or left it to others."""
    matters: dict[tuple[str, str], list[tuple[datetime, int, bool]]] = {}
    for id in ground.asked():
        act = ground.first_made(id)
        if act is None or not act["deciders"]:
            continue
        for who in sorted(ground.proposers(id)):
            if could_alone(ground, act, who):
                up = _escalated(ground, act, who) or not _decided(ground, act, who)
                key = ground.scope(act), who
                matters.setdefault(key, []).append((act["occurred"], act["position"], up))
    return [knot for key, told in sorted(matters.items()) for knot in _habits(limits, key, sorted(told))]


def _habits(limits: Facts, key: tuple[str, str], told: list[tuple[datetime, int, bool]]) -> list[Knot]:
    least, knots = limits["approval_least"], []
    ups: list[tuple[datetime, int]] = []
    own = 0
    for t, position, up in told:
        own = 0 if up else own + 1
        if up:
            ups.append((t, position))
        elif own == least:
            if len(ups) >= least:
                knots.append((ups, t))
            ups = []
    if len(ups) >= least:
        knots.append((ups, None))
    scope, who = key
    return [
        Knot(
            "approval habit",
            scope,
            (who,),
            ups[least - 1][0],
            until,
            len(ups),
            frozenset(position for _, position in ups),
        )
        for ups, until in knots
        if ups[least - 1][0] != until
    ]


def _escalated(ground: Ground, act: Facts, who: str) -> bool:
    return any(
        event["type"] == "decision.escalated" and ground.holder(f"actor/{event['data']['by']}") == who
        for event in ground.of("decision", act["decision"], act["occurred"])
    )


def _decided(ground: Ground, act: Facts, who: str) -> bool:
    return had_part(ground, act, who)


def had_part(world: World, act: Facts, who: str) -> bool:
    """Whether one decided, by a seat too, or of a body somebody who sits in it did by name."""
    node, seat = set(world.actual(act, "node")), set(world.actual(act, "seat"))
    return who in node | seat or bool(node & people({who}, world, act))


def people(holders: set[str], world: World, act: Facts) -> set[str]:
    """Who sits in the bodies among these."""
    bodies = [one[5:] for one in holders if one.startswith("body/")]
    return {actor for body in bodies for actor in world.seats(body, act["occurred"])}


def by_themselves(world: World, act: Facts, proposers: set[str]) -> bool:
    """Whether nobody decided but those who proposed it, or sit in a body that did."""
    node, seat = set(world.actual(act, "node")), set(world.actual(act, "seat"))
    return node <= proposers | people(proposers, world, act) or seat <= proposers


def could_alone(ground: World, act: Facts, who: str) -> bool:
    """Whether the row and mandates in force let one decide alone, within the limits."""
    found, t = ground.row(act["domains"][0], act["occurred"]), act["occurred"]
    if not found or ground.within(found[1].get("limits"), act["size"], act["stakes"]) != "yes":
        return False
    held = {who}
    for body in sorted({event["id"] for event in ground.of("body")}):
        seats = ground.seats(body, t)
        if seats and _alone(ground.body_rule(body, t) or {"kind": "all"}, seats, {who}):
            held.add(f"body/{body}")
    lent: set[str] = set()
    edges = [edge for edge in ground.grants(act) if edge["sure"]]
    for _ in edges:
        for edge in edges:
            if edge["taker"] in held or (edge["taker"] in lent and edge["redelegable"]):
                lent.add(edge["giver"])
    return _alone(found[1]["rule"], ground.row_weights(found[1], t), held | lent)


def _alone(rule: Facts, weights: dict[str, int], held: set[str]) -> bool:
    """Consent counts as everybody's."""
    if sum(one in held for one in weights) < (rule.get("quorum") or 0):
        return False
    return winning(rule, weights, held)
