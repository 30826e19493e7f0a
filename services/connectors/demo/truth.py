"""The truth file: what was planted, by which entries it shows, and where the organisation moved."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from statistics import median

from services.connectors.demo.clock import DAY, EPOCH, stamp
from services.connectors.demo.pen import Json
from services.connectors.demo.plants import Plant, Sight
from services.connectors.demo.show import Show


def reveal(show: Show) -> Json:
    """The truth of a show, which is played through once to name its entries."""
    said = list(show.events())
    about = _domains(said)
    knots = [_knot(plant, said, about) for plant in show.plants]
    return {
        "seed": show.seed,
        "at": stamp(show.org.end),
        "knots": knots,
        "movement": _movement(show, said),
    }


def _knot(plant: Plant, said: list[Json], about: dict[str, str]) -> Json:
    shown = [e for e in said if any(_sees(sight, e, about) for sight in plant.sights)]
    knot: Json = {
        "pattern": plant.pattern,
        "scope": plant.scope,
        "actors": list(plant.actors),
        "since": stamp(plant.since),
        "entries": [{"source": e["source"], "id": e["id"]} for e in shown],
        "near_miss": plant.near_miss,
        "why": plant.why,
    }
    return knot if plant.until is None else knot | {"until": stamp(plant.until)}


def _domains(said: Iterable[Json]) -> dict[str, str]:
    """The home domain of each decision, and of each consultation about one."""
    found: dict[str, str] = {}
    asked: dict[str, str] = {}
    for event in said:
        if event["type"] in ("locus.decision.opened.v1", "locus.decision.made.v1"):
            found[event["subject"]] = event["data"]["domains"][0]
        elif event["type"] == "locus.consultation.requested.v1":
            asked[event["subject"]] = event["data"]["about"]
    return found | {c: found[d] for c, d in asked.items() if d in found}


def _sees(sight: Sight, event: Json, about: dict[str, str]) -> bool:
    if event["type"] != f"locus.{sight.what}.v1" or event["time"] < stamp(sight.since):
        return False
    if sight.ids and not sight.ids.intersection(_subjects(event)):
        return False
    if sight.domain is not None and about.get(event["subject"]) != sight.domain:
        return False
    return sight.names is None or sight.names in set(_named(event["data"]))


def _subjects(event: Json) -> Iterator[str]:
    yield event["subject"].partition("/")[2]
    if "about" in event["data"]:
        yield event["data"]["about"].partition("/")[2]


def _named(data: Json) -> Iterator[str]:
    if "by" in data and isinstance(data["by"], str):
        yield f"actor/{data['by']}"
    yield from data.get("asked", ())
    for member in ("deciders", "electorate"):
        yield from (holder["holder"] for holder in data.get(member, ()))


def _movement(show: Show, said: list[Json]) -> Json:
    """By half-year: effective deciders (1/HHI of node shares), closeness to the field, median latency."""
    halves = [_half(show, said, k) for k in range(2 * show.org.end // (365 * DAY))]
    return {"halves": halves, "effective_deciders": "rises", "closeness": "rises", "latency_days": "falls"}


def _half(show: Show, said: list[Json], number: int) -> Json:
    since, until = (f"{EPOCH.year + number // 2}-{'07' if number % 2 else '01'}-01", _next_half(number))
    made = [e for e in said if e["type"] == "locus.decision.made.v1" and since <= e["time"] < until]
    shares: dict[str, float] = {}
    for event in made:
        deciders = event["data"]["deciders"]
        for decider in deciders:
            holder = f"body/{decider['under']}" if "under" in decider else decider["holder"]
            shares[holder] = shares.get(holder, 0.0) + 1 / len(deciders) / len(made)
    return {
        "from": since,
        "to": until,
        "decisions": len(made),
        "effective_deciders": round(1 / sum(p * p for p in shares.values()), 2),
        "closeness": _closeness(show, shares),
        "latency_days": _latency(said, made),
    }


def _next_half(number: int) -> str:
    year = EPOCH.year + (number + 1) // 2
    return f"{year}-{'01' if number % 2 else '07'}-01"


def _closeness(show: Show, shares: dict[str, float]) -> float:
    """A head is a third of the way to the field, a lead two thirds, a member there; bodies aside."""
    places = {"a-1": 0.0}
    for team in show.org.cast.teams:
        places |= {team.head: 1 / 3} | dict.fromkeys(team.leads, 2 / 3) | dict.fromkeys(team.members, 1.0)
    known = {h: p for h, p in shares.items() if h.partition("/")[2] in places}
    return round(sum(p * places[h[6:]] for h, p in known.items()) / sum(known.values()), 3)


def _latency(said: list[Json], made: list[Json]) -> float:
    proposed = {
        e["subject"].partition("/")[2]: datetime.fromisoformat(e["time"])
        for e in said
        if e["type"] == "locus.initiative.proposed.v1"
    }
    spans = [
        (datetime.fromisoformat(e["time"]) - proposed[e["data"]["initiative"]]).total_seconds() / DAY
        for e in made
        if e["data"].get("initiative") in proposed
    ]
    return round(median(spans), 2)
