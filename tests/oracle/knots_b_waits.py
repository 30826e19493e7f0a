"""Bottleneck in plain loops: who was waited on, from when, until when; and for whom much waits, and long."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple

from tests.oracle.knots_b_ground import DAY, MOMENT, Facts, Ground, Knot
from tests.oracle.knots_b_heard import wait_of
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
    ages: list["Age"]
    old: list[Wait]


class Age(NamedTuple):
    """A wait, its home domain once told, its age but for what the row gave, and its age in all."""

    wait: Wait
    home: str | None
    own: timedelta
    all: timedelta


def bottleneck(ground: Ground, limits: Facts) -> list[Knot]:
    """At month ends and now, over a year: far more days than others wait, and many of the oldest waits."""
    told = [one for one in waits(ground) if not _any_may(ground, one)]
    if not told:
        return []
    knots: list[Knot] = []
    runs: dict[str, tuple[datetime, str, Sight]] = {}
    for end in month_ends(min(one.since for one in told), ground.now):
        seen = _seen(ground, told, end, limits, {who: run[2] for who, run in runs.items()})
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


def _seen(
    ground: Ground, told: list[Wait], end: datetime, limits: Facts, before: dict[str, Sight]
) -> dict[str, Sight]:
    begin = end - limits["bottleneck_days"] * DAY
    held = [one for one in told if one.since <= end and (one.until is None or one.until > begin)]
    ages = [_age(ground, one, end) for one in held]
    of = {who: [age for age in ages if age.wait.holder == who] for who in {one.holder for one in held}}
    least = limits["bottleneck_items"]
    if len(of) < 3:
        return {who: sight for who, sight in before.items() if len(of.get(who, ())) >= least}
    ranked = sorted(age.all for age in ages)
    p90 = ranked[math.ceil(limits["bottleneck_percentile"] * len(ranked) / 100) - 1]
    p90 = max(p90, limits["bottleneck_least_days"] * DAY)
    found = {}
    for who, mine in of.items():
        whole = _sum(age.own for age in mine)
        others = [_sum(age.all for age in theirs) for other, theirs in of.items() if other != who]
        old = [age.wait for age in mine if age.own > p90]
        more = whole > limits["bottleneck_times"] * median(others) and len(old) >= least
        if more and whole > limits["bottleneck_times"] * _usual(ages, mine):
            found[who] = Sight(whole, mine, old)
    return found


def _age(ground: Ground, one: Wait, end: datetime) -> Age:
    """The row waits for advice itself, as long as it says; that is nobody's slowness."""
    over = min(one.until or end, end)
    since, known = _told(ground, one.about)
    if known is None or (since or one.since) > end:
        return Age(one, None, over - one.since, over - one.since)
    row = ground.row(known, one.since)
    wait = wait_of(row[1]) if row and one.kind == "advice" else timedelta()
    return Age(one, known, over - min(one.since + wait, over), over - one.since)


def _any_may(ground: Ground, one: Wait) -> bool:
    """Whether any one of several electors decides, so that nobody waits for each."""
    if one.kind != "position":
        return False
    told = ground.of("decision", one.about.partition("/")[2])
    opened = next(e["data"] for e in told if e["type"] == "decision.opened")
    home = _home(ground, one.about)
    row = ground.row(home, one.since) if home else None
    rule = opened.get("rule") or (row[1]["rule"] if row else {})
    return len(opened["electorate"]) > 1 and rule.get("kind") == "any"


def _sum(ages: Iterator[timedelta]) -> timedelta:
    return sum(ages, timedelta())


def _usual(ages: list[Age], mine: list[Age]) -> timedelta:
    """What these would take, if each took what one of its kind, or any, takes on others on average.

    Of its kind in its domain, where two others or more are waited on there.
    """
    theirs = [age for age in ages if age.wait.holder != mine[0].wait.holder]
    usual = timedelta()
    for kind, home in {(age.wait.kind, age.home) for age in mine}:
        there = [age for age in ages if (age.wait.kind, age.home) == (kind, home)]
        here = home is not None and len({age.wait.holder for age in there}) > 2
        alike = [age for age in theirs if age.wait.kind == kind and (not here or age.home == home)]
        taken = [age.all for age in alike or theirs]
        n = sum((age.wait.kind, age.home) == (kind, home) for age in mine)
        usual += _sum(iter(taken)) * n / len(taken)
    return usual


def _where(ground: Ground, who: str, sight: Sight) -> str:
    """The domain in which most of the days were spent."""
    spent: dict[str, timedelta] = {}
    for age in sight.ages:
        if age.home is not None:
            row = ground.row(age.home, age.wait.since)
            domain = row[0] if row else age.home
            spent[domain] = spent.get(domain, timedelta()) + age.all
    most = max(spent.values(), default=None)
    return next((f"domain/{one}" for one in sorted(spent) if spent[one] == most), who)


def _told(ground: Ground, about: str) -> tuple[datetime | None, str | None]:
    """When it was first told where it lies, and where."""
    kind, _, id = about.partition("/")
    types = {"decision": ("decision.opened", "decision.made"), "initiative": ("initiative.proposed",)}
    told = [e for e in ground.of(kind, id) if e["type"] in types.get(kind, ())]
    return (told[0]["occurred"], _home(ground, about)) if told else (None, None)


def _home(ground: Ground, about: str) -> str | None:
    """Of a decision as last said, of an initiative as proposed."""
    kind, _, id = about.partition("/")
    types = {"decision": ("decision.opened", "decision.made"), "initiative": ("initiative.proposed",)}
    told = [e for e in ground.of(kind, id) if e["type"] in types.get(kind, ())]
    return told[-1]["data"]["domains"][0] if told else None
