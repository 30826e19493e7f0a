"""Bottleneck in plain loops: who was waited on, from when, until when; and for whom much waits, and long."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple

from tests.oracle.knots_b_ground import DAY, MOMENT, Facts, Ground, Knot
from tests.oracle.knots_b_tested import month_ends

ENDS = ("decision.made", "decision.overridden", "decision.superseded")


class Wait(NamedTuple):
    """One holder waited on; `until` None: still."""

    holder: str
    kind: str
    about: str
    since: datetime
    position: int
    until: datetime | None


def waits(ground: Ground) -> list[Wait]:
    """Every wait but those that only a reopening put anew, in order of time."""
    found = [*_advice(ground), *_electors(ground), *_escalated(ground), *_paused(ground)]
    return sorted(found, key=lambda one: (one.since, one.position, one.holder))


def _at(event: Facts) -> tuple[datetime, int]:
    return event["occurred"], event["position"]


def _initiative_over(ground: Ground, id: str | None) -> list[Facts]:
    ends = ("initiative.completed", "initiative.withdrawn")
    return [e for e in ground.of("initiative", id or "-") if e["type"] in ends][:1]


def _over(ground: Ground, about: str) -> list[Facts]:
    """All that ends what is asked about a subject."""
    kind, _, id = about.partition("/")
    if kind == "decision":
        told = [e for e in ground.of("decision", id) if e["type"] in ENDS]
        return told + _initiative_over(ground, ground.initiative_of(id))
    if kind != "initiative":
        return []
    of = {one for one in ground.asked() if ground.initiative_of(one) == id}
    told = [e for e in ground.of("decision") if e["id"] in of and e["type"] in ENDS]
    return told + _initiative_over(ground, id)


def _until(begun: Facts, ends: list[Facts]) -> datetime | None:
    return min((end["occurred"] for end in ends if _at(end) >= _at(begun)), default=None)


def _advice(ground: Ground) -> Iterator[Wait]:
    for asked in ground.of("consultation"):
        if asked["type"] != "consultation.requested":
            continue
        told = ground.of("consultation", asked["id"])
        closed = [e for e in told if e["type"] == "consultation.closed"]
        until = _until(asked, closed + _over(ground, asked["data"]["about"]))
        for who in sorted({ground.holder(one) for one in asked["data"]["asked"]}):
            answers = [
                max(e["occurred"], asked["occurred"])
                for e in told
                if e["type"] == "consultation.advice_given"
                and e["data"].get("by")
                and _speaks(ground, e["data"]["by"], who, e["occurred"])
            ]
            first = min([*answers, *([until] if until else [])], default=None)
            yield Wait(who, "advice", asked["data"]["about"], asked["occurred"], asked["position"], first)


def _speaks(ground: Ground, actor: str, holder: str, t: datetime) -> bool:
    who = ground.holder(f"actor/{actor}")
    return who == holder or ground.sits(who, holder, t)


def _electors(ground: Ground) -> Iterator[Wait]:
    """Of each elector, when the question is put or changed, until they speak, it is decided or over."""
    for id in ground.asked():
        over = _over(ground, f"decision/{id}")
        told = ground.of("decision", id)
        opened = next((e for e in told if e["type"] == "decision.opened"), None)
        electors = {ground.holder(one["holder"]) for one in opened["data"]["electorate"]} if opened else ()
        for who in sorted(electors):
            waiting = None
            for event in told:
                what = event["type"].removeprefix("decision.")
                put = opened is not None and _at(event) >= _at(opened)
                if put and what in ("opened", "amended", "reopened") and waiting is None:
                    waiting = event
                spoke = what == "position_taken" and _answers(ground, event, who)
                if waiting and (spoke or event["type"] in ENDS):
                    yield from _elector(who, id, waiting, [event, *over])
                    waiting = None
            if waiting:
                yield from _elector(who, id, waiting, over)


def _elector(who: str, id: str, begun: Facts, ends: list[Facts]) -> Iterator[Wait]:
    if begun["type"] != "decision.reopened":
        until = _until(begun, ends)
        yield Wait(who, "position", f"decision/{id}", begun["occurred"], begun["position"], until)


def _answers(ground: Ground, event: Facts, who: str) -> bool:
    spoken_for = event["data"].get("for")
    if spoken_for:
        return ground.holder(spoken_for) == who
    return _speaks(ground, event["data"]["by"], who, event["occurred"])


def _escalated(ground: Ground) -> Iterator[Wait]:
    for event in ground.of("decision"):
        if event["type"] == "decision.escalated":
            about = f"decision/{event['id']}"
            until = _until(event, _over(ground, about))
            who = ground.holder(event["data"]["to"])
            yield Wait(who, "escalation", about, event["occurred"], event["position"], until)


def _paused(ground: Ground) -> Iterator[Wait]:
    for event in ground.of("initiative"):
        if event["type"] == "initiative.paused" and event["data"].get("waiting_on"):
            told = ground.of("initiative", event["id"])
            ends = [e for e in told if e["type"] == "initiative.resumed"]
            until = _until(event, ends + _initiative_over(ground, event["id"]))
            about, who = f"initiative/{event['id']}", ground.holder(event["data"]["waiting_on"])
            yield Wait(who, "pause", about, event["occurred"], event["position"], until)


# the pattern


class Sight(NamedTuple):
    """One holder that much waits for: all days, each wait with its age, the old ones."""

    whole: timedelta
    ages: list[tuple[Wait, timedelta]]
    old: list[Wait]


def bottleneck(ground: Ground, limits: Facts) -> list[Knot]:
    """At month ends and now, over a year: far more days than others wait, and many of the oldest waits."""
    told = waits(ground)
    if not told:
        return []
    knots: list[Knot] = []
    runs: dict[str, tuple[datetime, str, Sight]] = {}
    for end in month_ends(min(one.since for one in told), ground.now):
        seen = _seen(told, end, limits, {who: run[2] for who, run in runs.items()})
        for who in [who for who in runs if who not in seen]:
            knots += [_knot(who, runs.pop(who), _month(end))]
        for who, sight in seen.items():
            since, scope, _ = runs.get(who) or (_month(end), _where(ground, who, sight), sight)
            runs[who] = since, scope, sight
    return knots + [_knot(who, run, None) for who, run in runs.items()]


def _month(end: datetime) -> datetime:
    within = (end - MOMENT).astimezone(UTC)
    return datetime(within.year, within.month, 1, tzinfo=UTC)


def _knot(who: str, run: tuple[datetime, str, Sight], until: datetime | None) -> Knot:
    since, scope, sight = run
    entries = frozenset(one.position for one in sight.old)
    return Knot("bottleneck", scope, (who,), since, until, sight.whole / DAY, entries)


def _seen(told: list[Wait], end: datetime, limits: Facts, before: dict[str, Sight]) -> dict[str, Sight]:
    begin = end - limits["bottleneck_days"] * DAY
    held = [one for one in told if one.since <= end and (one.until is None or one.until > begin)]
    ages = [(one, min(one.until or end, end) - one.since) for one in held]
    of = {who: [pair for pair in ages if pair[0].holder == who] for who in {one.holder for one in held}}
    least = limits["bottleneck_items"]
    if len(of) < 3:
        return {who: sight for who, sight in before.items() if len(of.get(who, ())) >= least}
    ranked = sorted(age for _, age in ages)
    p90 = ranked[math.ceil(limits["bottleneck_percentile"] * len(ranked) / 100) - 1]
    p90 = max(p90, limits["bottleneck_least_days"] * DAY)
    found = {}
    for who, mine in of.items():
        whole = _sum(age for _, age in mine)
        others = [_sum(age for _, age in theirs) for other, theirs in of.items() if other != who]
        old = [one for one, age in mine if age > p90]
        more = whole > limits["bottleneck_times"] * median(others) and len(old) >= least
        if more and whole > limits["bottleneck_times"] * _usual(ages, mine):
            found[who] = Sight(whole, mine, old)
    return found


def _sum(ages: Iterator[timedelta]) -> timedelta:
    return sum(ages, timedelta())


def _usual(ages: list[tuple[Wait, timedelta]], mine: list[tuple[Wait, timedelta]]) -> timedelta:
    """What these would take, if each took what one of its kind, or any, takes on others on average."""
    theirs = [pair for pair in ages if pair[0].holder != mine[0][0].holder]
    usual = timedelta()
    for kind in {one.kind for one, _ in mine}:
        alike = [age for other, age in theirs if other.kind == kind] or [age for _, age in theirs]
        usual += _sum(iter(alike)) * sum(one.kind == kind for one, _ in mine) / len(alike)
    return usual


def _where(ground: Ground, who: str, sight: Sight) -> str:
    """The domain in which most of the days were spent."""
    spent: dict[str, timedelta] = {}
    for one, age in sight.ages:
        home = _home(ground, one.about)
        if home is not None:
            row = ground.row(home, one.since)
            domain = row[0] if row else home
            spent[domain] = spent.get(domain, timedelta()) + age
    most = max(spent.values(), default=None)
    return next((f"domain/{one}" for one in sorted(spent) if spent[one] == most), who)


def _home(ground: Ground, about: str) -> str | None:
    """Of a decision as last said, of an initiative as proposed."""
    kind, _, id = about.partition("/")
    types = {"decision": ("decision.opened", "decision.made"), "initiative": ("initiative.proposed",)}
    told = [e for e in ground.of(kind, id) if e["type"] in types.get(kind, ())]
    return told[-1]["data"]["domains"][0] if told else None
