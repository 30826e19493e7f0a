"""Random histories with more of what knots are about: rows to amend, decisions written down or not."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.histories import ACTORS, BODIES, history
from tests.lifecycles import possible

Json = dict[str, Any]


def knotted(seed: int) -> list[Json]:
    """A random history in publication order; most of what is decided in it is decided by few."""
    rng = Random(seed)
    few = [*rng.sample(ACTORS, 2), rng.choice(BODIES)]
    events = [_enriched(rng, few, event) for event in history(rng)]
    for event in list(events):
        if event["type"] == "locus.decision.made.v1" and rng.random() < 0.2:
            last = event | {"time": events[-1]["time"]}
            _add(events, last, "locus.decision.formalised.v1", {"by": few[0], "ref": "R"})
    return _hurried(Random(f"hurried {seed}"), few, events)


def _hurried(rng: Random, few: list[str], events: list[Json]) -> list[Json]:
    """With emergencies, some ratified in time, and with what was passed on to whom rows name for it."""
    for place, event in enumerate(list(events)):
        data, at = dict(event["data"]), datetime.fromisoformat(event["time"])
        if event["type"] == "locus.matrix.row_set.v1" and rng.random() < 0.7:
            data["escalates_to"] = _subject(rng.choice(few))
        elif event["type"] == "locus.decision.made.v1" and rng.random() < 0.5:
            by = (at + timedelta(days=rng.choice([3, 100]))).isoformat()
            data["emergency"] = {"reason": "R"} | ({"ratify_by": by} if rng.random() < 0.5 else {})
            told = {"by": rng.sample(ACTORS, 4)}
            _add(events, _at(event, at, rng.uniform(0, 9)), "locus.decision.ratified.v1", told)
        elif event["type"] == "locus.decision.made.v1":
            told = {"by": few[0], "from": _subject(few[0]), "to": _subject(rng.choice(few)), "reason": "R"}
            _add(events, _at(event, at, rng.uniform(-9, 0)), "locus.decision.escalated.v1", told)
        events[place] = event | {"data": data}
    return events


def _at(event: Json, time: datetime, days: float) -> Json:
    return event | {"time": (time + timedelta(days=days)).isoformat()}


def _subject(one: str) -> str:
    return f"{'body' if one in BODIES else 'actor'}/{one}"


def _enriched(rng: Random, few: list[str], event: Json) -> Json:
    data = dict(event["data"])
    if event["type"].startswith("locus.event.") and data.get("data") is not None:
        data["data"] = _said(rng, few, dict(data["data"]))
    return event | {"data": _said(rng, few, data)}


def _said(rng: Random, few: list[str], data: Json) -> Json:
    if "decides" in data and rng.random() < 0.6:
        data["amends"] = [{"holder": f"actor/{one}"} for one in rng.sample(ACTORS, rng.randint(1, 3))]
        if rng.random() < 0.8:
            data["amend_rule"] = rng.choice([{"kind": "any"}, {"kind": "all"}, {"kind": "consent"}])
        if rng.random() < 0.3:
            data["accountable"] = f"actor/{rng.choice(ACTORS)}"
    if "deciders" in data and rng.random() < 0.5:
        one = rng.choice(few)
        data["deciders"] = [{"holder": _subject(one)}]
    if "attested" in data and "domains" in data:
        data["domains"] = data["domains"] if rng.random() < 0.4 else ["d-a"]
        if rng.random() < 0.5:
            data["ref"] = "R"
        if rng.random() < 0.3:
            data["formality"] = rng.choice(["formal", "tacit"])
    return data


def _add(events: list[Json], made: Json, type: str, data: Json) -> None:
    """At the end, as if it had been forgotten."""
    event = made | {"id": f"e-{len(events) + 1}", "type": type, "data": data}
    if possible([one for one in events if one["subject"] == event["subject"]] + [event]):
        events.append(event)
