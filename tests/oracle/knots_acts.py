"""Knots of what was decided, and under which row, in plain loops."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from tests.oracle.knots_excused import left_out
from tests.oracle.knots_world import Episode, Facts, Key, Knotted, Shown, Span, episodes, lasting
from tests.oracle.oracle import instant, winning

DAY = timedelta(days=1)


def unstated(world: Knotted) -> Iterator[Episode]:
    """Decisions where no row, own or inherited, was ever in force, by who decided; until there is one."""
    stated = {
        home: next((t for t in world.structural if world.row(home, t) is not None), None)
        for home in {act["home"] for act in world.acts}
    }
    moments = {act["occurred"] for act in world.acts} | {t for t in stated.values() if t}

    def holding(t: datetime) -> dict[Key, Shown]:
        acts: dict[Key, list[Facts]] = {}
        for act in world.acts:
            came = stated[act["home"]]
            if act["keys"] and act["occurred"] <= t and (came is None or t < came):
                acts.setdefault((f"domain/{act['home']}", act["keys"]), []).append(act)
        return {key: _acts(some) for key, some in acts.items()}

    yield from episodes(moments, holding)


def _acts(acts: list[Facts]) -> Shown:
    return Shown(_decisions(acts), frozenset(act["position"] for act in acts))


def shadow_authority(world: Knotted) -> Iterator[Episode]:
    """At least 3 decisions, and > 10 % of those under the row, that one decided out of mandate.

    Left out is what was escalated to them as the row says, or ratified in time. It ends when the holder goes
    too, until they do it again.
    """
    under: dict[str, list[Facts]] = {}
    for act in world.acts:
        if act["deciders"] and act["governed"]:
            under.setdefault(act["scope"], []).append(act)
    for scope, acts in sorted(under.items()):
        for holder in sorted({key for act in acts for key in act["keys"]}):
            yield from _shadow(world, scope, holder, acts)


def _shadow(world: Knotted, scope: str, holder: str, acts: list[Facts]) -> Iterator[Episode]:
    out = [act for act in acts if holder in act["keys"] and world.in_mandate(act) == "no"]
    out = [act for act in out if not left_out(world, act, holder)]
    ends = {end["occurred"] for t in world.structural if (end := world.gone(holder, t))}

    def holding(t: datetime) -> dict[Key, Shown]:
        mine = [act for act in out if act["occurred"] <= t]
        if not mine or any(mine[-1]["occurred"] < end <= t for end in ends):
            return {}
        many, whole = _decisions(mine), _decisions(act for act in acts if act["occurred"] <= t)
        if many < world.limits.shadow_least or 10 * many <= whole:
            return {}
        return {(scope, (holder,)): Shown(many, _acts(mine).entries)}

    yield from episodes({act["occurred"] for act in acts} | set(world.structural), holding)


def _decisions(acts: Iterable[Facts]) -> int:
    return len({act["decision"] for act in acts})


def unformalised(world: Knotted) -> Iterator[Episode]:
    """`tacit`, or without `ref`, until `formalised` or no longer standing; by who decided."""
    spans = []
    for act in world.acts:
        told = world.of("decision", act["decision"])
        made = next(event for event in told if event["position"] == act["position"])
        if made["type"] == "decision.made" and (
            made["data"].get("formality") == "tacit" or not made["data"].get("ref")
        ):
            ends = [e["occurred"] for e in told if e["type"] == "decision.formalised"]
            ends = [end for end in [*ends, world.undone(act)] if end and end >= act["occurred"]]
            key = act["scope"], act["keys"]
            entries = frozenset({act["position"]})
            spans.append(Span(key, act["occurred"], min(ends, default=None), entries, act["decision"]))
    yield from lasting(spans)


def retroactive(world: Knotted) -> Iterator[Episode]:
    """The decision occurred in [`effective_from`, `time`) of the row or mandate that covers it."""
    spans = []
    for act in world.acts:
        for event in _covering(world, act) if act["keys"] else ():
            since, until = event["occurred"], world.undone(act)
            if act["occurred"] < since and (until is None or since < until):
                entries = frozenset({act["position"], event["position"]})
                figure = (since - act["occurred"]) / DAY
                key = act["scope"], act["keys"]
                spans.append(Span(key, since, until, entries, act["decision"], figure))
    yield from lasting(spans)


def _covering(world: Knotted, act: Facts) -> Iterator[Facts]:
    """The row that governs a decision, and the mandates that one of those who decided holds."""
    if act["governed"] is not None:
        yield act["governed"]
    direct = {world.holder(one["holder"]) for one in act["deciders"]} | {*map(world.named, act["deciders"])}
    lent = {(edge["giver"], edge["taker"]) for edge in world.grants(act)}
    for event in _mandates(world, act["home"], act["occurred"], [act]):
        giver, takers = world.holder(event["data"]["from"]), {world.holder(to) for to in event["data"]["to"]}
        limits = world.within(event["data"].get("limits"), act["size"], act["stakes"])
        if limits != "no" and any((giver, taker) in lent for taker in direct & takers):
            yield event


def self_approval(world: Knotted) -> Iterator[Episode]:
    """The proposer is sole decider though the row names others who can act, or sit in a body that can.

    Not where all of these had approved, a body by itself or through each of its people.
    """
    spans = []
    for act in world.acts:
        row = act["governed"]
        deciders = {world.holder(one["holder"]) for one in act["deciders"]}
        if act["word"] != "made" or row is None or len(deciders) != 1:
            continue
        approved = {world.holder(key) for key, value in act["positions"] if value == "approve"}
        named = set(world.row_weights(row["data"], act["occurred"])) - approved
        for body in [key for key in named if key.startswith("body/")]:
            if seats := world.seats(body[5:], act["occurred"]):
                named = named - {body} | set(seats)
        own = {
            actor for one in deciders for actor in world.seats(one[5:], act["occurred"]) if one[:4] == "body"
        }
        if world.proposers(act["decision"]) == deciders and named - deciders - own - approved:
            entries = frozenset({row["position"], act["position"]})
            key = act["scope"], tuple(deciders)
            spans.append(Span(key, act["occurred"], world.undone(act), entries, act["decision"]))
    yield from lasting(spans)


def overlap(world: Knotted) -> Iterator[Episode]:
    """Two who each decided alone >= 3 times in one domain, in turns, and nothing says that both may."""
    alone: dict[str, list[Facts]] = {}
    for act in world.acts:
        if len(act["keys"]) == 1 and not left_out(world, act, act["keys"][0]):
            alone.setdefault(act["home"], []).append(act)
    for home, acts in sorted(alone.items()):
        for pair in combinations(sorted({act["keys"][0] for act in acts}), 2):
            turns = [act for act in acts if act["keys"][0] in pair]
            if _interleaved(world, turns, pair):
                yield from _in_turns(world, home, pair, turns)


def _in_turns(world: Knotted, home: str, pair: tuple[str, ...], turns: list[Facts]) -> Iterator[Episode]:
    run: list[Facts] = []
    moments = sorted({act["occurred"] for act in turns} | set(world.structural) | set(_lent(world)))
    since = None
    for t in moments:
        now = [act for act in turns if act["occurred"] == t]
        if _said(world, home, pair, t, now):
            if since is not None:
                yield _overlapping(home, pair, run, since, t)
            run, since = [], None
            continue
        run += now
        if since is None and _interleaved(world, run, pair):
            since = t
    if since is not None:
        yield _overlapping(home, pair, run, since, None)


def _interleaved(world: Knotted, run: list[Facts], pair: tuple[str, ...]) -> bool:
    """Each often enough, and at least twice one after the other within 90 days."""
    enough = min(sum(one["keys"][0] == who for one in run) for who in pair) >= world.limits.overlap_least
    within = timedelta(days=world.limits.overlap_days)
    turns = [
        b
        for a, b in pairwise(run)
        if a["keys"] != b["keys"]
        and b["occurred"] - a["occurred"] <= within
        and not (_entrusted(world, a, b["keys"][0]) and _entrusted(world, b, a["keys"][0]))
    ]
    return enough and len(turns) >= 2


def _entrusted(world: Knotted, act: Facts, other: str) -> bool:
    """Whether it was in mandate, and stated to be theirs and none of the other's."""
    said = world.stated(act, "node") or {}
    return world.in_mandate(act) == "yes" and act["keys"][0] in said and other not in said


def _overlapping(
    home: str, pair: tuple[str, ...], run: list[Facts], since: datetime, until: datetime | None
) -> Episode:
    figure = min(sum(one["keys"][0] == who for one in run) for who in pair)
    return Episode(f"domain/{home}", pair, since, until, figure, _acts(run).entries)


def _lent(world: Knotted) -> Iterator[datetime]:
    """When a mandate begins or ends."""
    for event in world.of("mandate"):
        yield event["occurred"]
        for name in ("effective_from", "until"):
            if event["data"].get(name) and instant(event["data"][name]) <= world.at:
                yield instant(event["data"][name])


def _said(world: Knotted, home: str, pair: tuple[str, ...], t: datetime, run: list[Facts]) -> bool:
    """One is gone, a rule lets either decide alone, or one holds a mandate of the other for the domain."""
    if not all(world.live(one, t) for one in pair):
        return True
    row = world.row(home, t)
    if row is not None and row[1]["rule"]["kind"] == "any":
        named = set(world.row_weights(row[1], t))
        theirs = [named & set(_for_whom(world, who, home, t)) for who in pair]
        own = [named & set(_alone_for(world, who, t)) for who in pair]
        if all(own) or (all(theirs) and len(theirs[0] | theirs[1]) > 1):
            return True
    return any(
        {world.holder(event["data"]["from"]), taker} == set(pair)
        for event in _mandates(world, home, t, run)
        for taker in map(world.holder, event["data"]["to"])
    )


def _alone_for(world: Knotted, who: str, t: datetime) -> Iterator[str]:
    """Themselves, and the bodies that they decide for alone."""
    yield who
    for body in sorted({event["id"] for event in world.of("body")}):
        if _alone(world, who, f"body/{body}", t):
            yield f"body/{body}"


def _for_whom(world: Knotted, who: str, home: str, t: datetime) -> Iterator[str]:
    """Those too who lent them that, for whatever is decided in a domain."""
    stakes = next((told for d in world.line(home, t) if (told := world.domain(d, t)[1])), None)
    some = {"occurred": t, "domains": [home], "decision": None, "initiative": None, "size": None}
    edges = [edge for edge in world.grants(some | {"stakes": stakes}) if edge["sure"]]
    todo = [(one, True) for one in _alone_for(world, who, t)]
    seen: set[str] = set()
    while todo:
        one, free = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        todo += [
            (edge["giver"], False) for edge in edges if edge["taker"] == one and (free or edge["redelegable"])
        ]


def _alone(world: Knotted, who: str, holder: str, t: datetime) -> bool:
    """Whether somebody seated in a body decides for it by themselves."""
    seats = world.seats(holder[5:], t) if holder.startswith("body/") else {}
    if who not in seats:
        return False
    rule = world.body_rule(holder[5:], t) or {"kind": "all"}
    if (rule.get("quorum") or 0) > 1:
        return False
    return rule["kind"] == "consent" or winning(rule, seats, {who})


def _mandates(world: Knotted, home: str, t: datetime, acts: list[Facts]) -> Iterator[Facts]:
    """What is lent at t for a domain, or for what is decided just then."""
    scopes = {f"domain/{domain}" for domain in world.line(home, t)}
    for act in acts:
        scopes |= {f"decision/{act['decision']}", f"initiative/{act['initiative']}"}
    for event in world.of("mandate"):
        data = event["data"]
        if event["type"] != "mandate.delegated" or data["scope"] not in scopes:
            continue
        start = instant(data["effective_from"]) if data.get("effective_from") else event["occurred"]
        ends = [e["occurred"] for e in world.of("mandate", event["id"]) if e["type"] == "mandate.ended"]
        ends += [instant(data["until"])] if data.get("until") else []
        if start <= t and all(t < end for end in ends):
            yield event
