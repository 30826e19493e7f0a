"""The simulated organisation: reproducible, valid, lifecycle-legal, moving, and as large as asked for."""

import hashlib
import json
import os
import subprocess
import sys
import time
import tracemalloc
from collections import defaultdict
from datetime import datetime
from itertools import islice, pairwise
from statistics import median
from typing import Any

import msgspec
import pytest

from schemas import registry
from schemas.envelope import Structured
from services.connectors.demo import events, truth
from tests.demo_reading import Reading
from tests.lifecycles import possible

Json = dict[str, Any]
SEEDS = (7, 1, 2)
HALVES = ("2024-01-01", "2024-07-01", "2025-01-01", "2025-07-01", "2026-01-01")
decoder = msgspec.json.Decoder(Structured)


@pytest.fixture(scope="module")
def said() -> list[Json]:
    return list(events())


@pytest.fixture(scope="module")
def reading(said: list[Json]) -> Reading:
    return Reading(said, truth()["at"])


def digest(seed: int) -> str:
    return hashlib.sha256(json.dumps(list(events(seed))).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = "from tests.unit.test_demo import digest; print(digest(3))"
    env = {**os.environ, "PYTHONHASHSEED": "12345"}
    other = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True, text=True)
    assert other.stdout.strip() == digest(3) != digest(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_event_is_one_a_publisher_may_send(seed: int) -> None:
    types = {}
    for event in events(seed):
        decoder.decode(json.dumps(event))
        registry.take_data(event["type"], json.dumps(event["data"]))
        types[event["source"], event["id"]] = event["type"]
        if event["type"] == "locus.event.corrected.v1" and "data" in event["data"]:
            named = types[event["data"]["source"], event["data"]["id"]]
            registry.take_data(named, json.dumps(event["data"]["data"]))
    assert len(set(types.values())) >= 54  # a type added later need not have a part in it


def test_ids_are_unique_and_no_host_is_named(said: list[Json]) -> None:
    assert len({event["id"] for event in said}) == len(said)
    assert {event["source"].rpartition(":")[0] for event in said} == {"urn:locus-demo"}
    assert "://" not in json.dumps(said)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_prefix_of_every_subject_is_possible(seed: int) -> None:
    streams: dict[str, list[Json]] = defaultdict(list)
    for event in events(seed):
        stream = streams[event["subject"]]
        stream.append(event)
        assert possible(stream), event


def test_it_is_moderate_and_some_of_it_is_late(said: list[Json]) -> None:
    times = [datetime.fromisoformat(event["time"]) for event in said]
    newest, late = times[0], 0
    for at in times:
        late += (newest - at).total_seconds() > 6 * 3600
        newest = max(newest, at)
    assert 5_000 <= len(said) <= 9_000
    assert 30 < late < len(said) / 20


def shares(reading: Reading, since: datetime, until: datetime) -> dict[str, float]:
    found: dict[str, float] = defaultdict(float)
    acts = [a for d in reading.counted() for a in d.acts if a.what == "made" and since <= a.at < until]
    for act in acts:
        for holder in act.deciders:
            found[holder] += 1 / len(act.deciders) / len(acts)
    return found


def closeness(reading: Reading, held: dict[str, float], at: datetime) -> float:
    superior = {a: [s for t, s in told if t <= at][-1:] for a, told in reading.superior.items()}
    above = {a: found[0] for a, found in superior.items() if found and found[0]}

    def depth(actor: str) -> int:
        return 1 + depth(above[actor]) if actor in above else 0

    def height(actor: str) -> int:
        return max((1 + height(a) for a, s in above.items() if s == actor), default=0)

    total = weight = 0.0
    for holder, share in held.items():
        actor = holder[6:]
        if holder.startswith("actor/") and depth(actor) + height(actor):
            weight += share
            total += share * depth(actor) / (depth(actor) + height(actor))
    return total / weight


def latency(reading: Reading, since: datetime, until: datetime) -> float:
    spans = []
    for d in reading.counted():
        proposed = reading.initiatives.get(d.initiative or "", {}).get("proposed")
        if proposed and since <= d.first.at < until:
            spans.append((d.first.at - proposed[0]).total_seconds() / 86_400)
    return median(spans)


def test_authority_moves_from_few_to_many_closer_to_the_field_and_faster(reading: Reading) -> None:
    marks = [datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in HALVES]
    moved = []
    for since, until in pairwise(marks):
        held = shares(reading, since, until)
        effective = 1 / sum(p * p for p in held.values())
        moved.append((effective, closeness(reading, held, until), latency(reading, since, until)))
    first, last = moved[0], moved[-1]
    assert last[0] > 3 * first[0] > 9
    assert last[1] > first[1] + 0.4
    assert last[2] < first[2] / 2
    for half, (effective, near, days) in zip(truth()["movement"]["halves"], moved, strict=True):
        assert half["effective_deciders"] == pytest.approx(effective, rel=0.1)
        assert half["closeness"] == pytest.approx(near, abs=0.05)
        assert half["latency_days"] == pytest.approx(days, rel=0.1)


def test_a_benchmark_history_has_its_size_and_about_ten_events_a_decision() -> None:
    made: dict[str, set[str]] = defaultdict(set)
    count = decisions = 0
    for event in events(1, people=300, bodies=20, domains=120, decisions=6_000):
        count += 1
        if event["type"] == "locus.decision.made.v1":
            decisions += 1
            made[event["data"]["domains"][0]] |= {d["holder"] for d in event["data"]["deciders"]}
    assert decisions == pytest.approx(6_000, rel=0.06)
    assert 8.5 < count / decisions < 11.5
    assert len(made) > 110
    assert median(len(holders) for holders in made.values()) <= 8


def test_a_benchmark_history_is_valid_and_possible_too() -> None:
    streams: dict[str, list[Json]] = defaultdict(list)
    for event in islice(events(5, people=150, bodies=12, domains=60, decisions=3_000), 20_000):
        registry.take_data(event["type"], json.dumps(event["data"]))
        streams[event["subject"]].append(event)
    assert all(possible(stream) for stream in streams.values())


def test_twenty_thousand_events_take_less_than_a_second() -> None:
    begun = time.process_time()
    count = sum(1 for _ in islice(events(2, people=500, domains=250, decisions=100_000), 60_000))
    assert count / (time.process_time() - begun) > 20_000


def peak(years: int) -> int:
    tracemalloc.start()
    for _ in events(2, people=100, domains=40, years=years, decisions=600 * years):
        pass
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return top


def test_memory_does_not_grow_with_the_length_of_history() -> None:
    assert peak(8) < 1.3 * peak(2)


def test_a_smaller_organisation_has_no_room_for_the_stories() -> None:
    with pytest.raises(ValueError, match="at least 60 people"):
        next(events(people=10))
