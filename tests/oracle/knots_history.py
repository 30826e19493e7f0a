"""Random histories with more of what knots are about: rows to amend, decisions written down or not."""

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
            _add(events, event, "locus.decision.formalised.v1", {"by": few[0], "ref": "R"})
    return events


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
        data["deciders"] = [{"holder": f"{'body' if one in BODIES else 'actor'}/{one}"}]
    if "attested" in data and "domains" in data:
        data["domains"] = data["domains"] if rng.random() < 0.4 else ["d-a"]
        if rng.random() < 0.5:
            data["ref"] = "R"
        if rng.random() < 0.3:
            data["formality"] = rng.choice(["formal", "tacit"])
    return data


def _add(events: list[Json], made: Json, type: str, data: Json) -> None:
    """At the end, as if it had been forgotten."""
    event = made | {"id": f"e-{len(events) + 1}", "type": type, "data": data, "time": events[-1]["time"]}
    if possible([one for one in events if one["subject"] == event["subject"]] + [event]):
        events.append(event)
