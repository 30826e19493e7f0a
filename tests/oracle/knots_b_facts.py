"""Knots that follow from single facts, in plain loops: unanswered agent, overdue, unlearned, uninformed."""

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from tests.oracle.knots_b_ground import DAY, MOMENT, Facts, Ground, Knot, Spell, days
from tests.oracle.oracle import COUNTED, instant


def _decisions(shown: list[Spell], _: datetime) -> float:
    return len({one.counts for one in shown})


def _longest(shown: list[Spell], end: datetime) -> float:
    """In days, since what each spell counts from."""
    return max(days(min(one.until or end, end) - one.counts) for one in shown)


# unanswered agent


def unanswered_agent(ground: Ground, limits: Facts) -> list[Knot]:
    """An agent decided, and nobody it reports to is live, nor whom that one reports to if it is an agent.

    One that had left and decides all the same has nobody either; it is gone when it leaves again.
    """
    spells = []
    for act in ground.acts():
        for who in ground.deciders(act):
            if who.startswith("actor/") and _left_alone(ground, who, act["occurred"]):
                until = _answered(ground, who, act["occurred"])
                counts, entries = act["decision"], (act["position"],)
                spells.append(Spell(ground.scope(act), (who,), act["occurred"], until, counts, entries))
    return ground.episodes("unanswered agent", spells, _decisions, whole=True)


def _left_alone(ground: Ground, who: str, t: datetime) -> bool:
    if _said_of(ground, who, t).get("kind") != "agent":
        return False
    seen = [who]
    while True:
        above = _said_of(ground, seen[-1], t).get("reports_to")
        boss = ground.holder(f"actor/{above}") if above else None
        if boss is None or boss in seen or not ground.live(boss, t):
            return True
        if _said_of(ground, boss, t).get("kind") != "agent":
            return False
        seen.append(boss)


def _said_of(ground: Ground, who: str, t: datetime) -> Facts:
    said: Facts = {}
    for event in ground.of("actor", who.removeprefix("actor/"), t):
        if event["type"] in ("actor.registered", "actor.updated"):
            said = event["data"]
    return said


def _answered(ground: Ground, who: str, t: datetime) -> datetime | None:
    there = ground.live(who, t)
    for event in ground.of("actor"):
        if event["occurred"] > t:
            gone = there and not ground.live(who, event["occurred"])
            if gone or not _left_alone(ground, who, event["occurred"]):
                return event["occurred"]
            there = ground.live(who, event["occurred"])
    return None


# overdue


def overdue(ground: Ground, limits: Facts) -> list[Knot]:
    """`review_on` or `ratify_by` has passed, and it was not done, and the decision stands as it was made."""
    spells = []
    for act in ground.all_acts():
        said = _data(ground, act)
        for due, done in (
            (said.get("review_on"), "reviewed"),
            ((said.get("emergency") or {}).get("ratify_by"), "ratified"),
        ):
            if due is None or instant(due) >= ground.now:
                continue
            did = ground.after(act, done)
            ends = [end for end in (did and did["occurred"], ground.replaced(act)) if end is not None]
            since = max(instant(due), act["occurred"])
            until = min(ends) if ends else None
            entries = (act["position"],)
            who = tuple(sorted(ground.nodes(act)))
            spells.append(Spell(ground.scope(act), who, since, until, since, entries))
    return ground.episodes("overdue", spells, _longest)


def _data(ground: Ground, act: Facts) -> Facts:
    told = ground.of("decision", act["decision"])
    return next(event["data"] for event in told if event["position"] == act["position"])


# uninformed


def uninformed(ground: Ground, limits: Facts) -> list[Knot]:
    """An `informs` holder of the row is in no `communicated` within so many days of a word that stands."""
    spells = []
    for act in ground.all_acts():
        found = ground.row(act["domains"][0], act["occurred"])
        if act["outcome"] not in COUNTED or not found:
            continue
        for who in sorted({ground.holder(one) for one in found[1].get("informs") or ()}):
            since = act["occurred"] + limits["uninformed_days"] * DAY + MOMENT
            ends = [end for end in (_told(ground, act, who), ground.replaced(act)) if end is not None]
            if not ground.live(who, since - MOMENT):
                continue  # nobody has to tell who is gone
            until = min(ends) if ends else None
            entries = (ground.row_position(found[1]), act["position"])
            spells.append(Spell(ground.scope(act), (who,), since, until, act["occurred"], entries))
    return ground.episodes("uninformed", spells, _longest)


def _told(ground: Ground, act: Facts, who: str) -> datetime | None:
    """When it was told: itself, a body it sits in, or everybody who sits in it. Who decided knows."""
    knows = set(ground.actual(act, "seat")) | ground.nodes(act) if act["deciders"] else set()
    t = act["occurred"]
    if who in knows or _all_know(ground, knows, who, t):
        return t
    for event in ground.of("decision", act["decision"]):
        later = (event["occurred"], event["position"]) > (t, act["position"])
        if later and event["type"] == "decision.communicated":
            for told in (ground.holder(one) for one in event["data"]["to"]):
                knows.add(told)
                if told.startswith("body/"):
                    knows |= set(ground.seats(told.removeprefix("body/"), event["occurred"]))
            if who in knows or _all_know(ground, knows, who, event["occurred"]):
                return event["occurred"]
    return None


def _all_know(ground: Ground, knows: set[str], who: str, t: datetime) -> bool:
    sitting = set(ground.seats(who.removeprefix("body/"), t)) if who.startswith("body/") else set()
    return bool(sitting) and sitting <= knows


# unlearned


def unlearned(ground: Ground, limits: Facts) -> list[Knot]:
    """An experiment, override or failed initiative without conclusion or debrief for so many days."""
    wait = limits["unlearned_days"] * DAY + MOMENT
    spells = []
    for home, who, begun, from_, about, ended, entries in _mistakes(ground):
        looked = [e["occurred"] for e in ground.of("debrief") if e["data"]["about"] in about]
        looked += [e["occurred"] for e in ground.of("lesson") if e["data"]["from"] in about]
        ends = [at for at in looked if at >= begun] + ([ended] if ended else [])
        row = ground.row(home, from_ + wait) if home and from_ + wait <= ground.now else None
        scope = f"domain/{row[0] if row else home}" if home else about[0]
        spells.append(Spell(scope, who, from_ + wait, min(ends, default=None), from_, entries))
    return ground.episodes("unlearned", spells, _longest)


Mistake = tuple[str | None, tuple[str, ...], datetime, datetime, list[str], datetime | None, tuple[int, ...]]
"""Home, whose, looked back on since, waiting since, about what, when it was over, entries."""


def _mistakes(ground: Ground) -> Iterator[Mistake]:
    yield from _experiments(ground)
    yield from _overrides(ground)
    for event in ground.of("initiative"):
        if event["type"] == "initiative.completed" and event["data"].get("outcome") == "failed":
            home, who = _initiative(ground, event["id"])
            about = [f"initiative/{event['id']}"]
            about += [f"decision/{id}" for id in ground.asked() if ground.initiative_of(id) == event["id"]]
            t = event["occurred"]
            yield home, who, t, t, about, None, (event["position"],)


def _initiative(ground: Ground, id: str | None) -> tuple[str | None, tuple[str, ...]]:
    for event in ground.of("initiative", id or "-"):
        if event["type"] == "initiative.proposed":
            who = {ground.holder(one) for one in event["data"]["proposers"]}
            return event["data"]["domains"][0], tuple(sorted(who))
    return None, ()


def _experiments(ground: Ground) -> Iterator[Mistake]:
    for event in ground.of("experiment"):
        if event["type"] != "experiment.started" or not event["data"].get("ends_at"):
            continue  # what was to end never cannot be late
        told = ground.of("experiment", event["id"])
        concluded = [e["occurred"] for e in told if e["type"] == "experiment.concluded"]
        home, who = _initiative(ground, event["data"].get("initiative"))
        begun, about = event["occurred"], [f"experiment/{event['id']}"]
        due = max(instant(event["data"]["ends_at"]), begun)
        yield home, who, begun, due, about, min(concluded, default=None), (event["position"],)


def _overrides(ground: Ground) -> Iterator[Mistake]:
    """By others than had the word before; nobody knows who is somebody else."""
    for id, words in ground.words.items():
        acts = [(place, word) for place, word in enumerate(words) if word["word"] != "reopened"]
        for (first, before), (second, act) in pairwise(acts):
            known = all(one["outcome"] in COUNTED and one["deciders"] for one in (before, act))
            confirmed = (before["outcome"], act["outcome"]) == ("provisional", "accepted")
            without = not set(ground.nodes(before)) <= set(ground.nodes(act))
            again = second == first + 1 and known and without and not confirmed
            if (act["word"] == "overridden" or again) and ground.nodes(before) != ground.nodes(act):
                initiative = ground.initiative_of(id)
                about = [f"decision/{id}"] + ([f"initiative/{initiative}"] if initiative else [])
                t, who = act["occurred"], tuple(sorted(ground.nodes(act)))
                yield act["domains"][0], who, t, t, about, None, (act["position"],)
