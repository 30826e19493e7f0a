"""The random histories are what they promise: reproducible, valid, and acceptable prefix by prefix."""

import json
from collections import defaultdict
from random import Random
from typing import Any

import msgspec
import pytest

from schemas import registry
from schemas.body import SeatTaken, SeatVacated
from schemas.envelope import Structured
from services.ledger import lifecycle
from services.ledger.seats import Seats
from tests.histories import history
from tests.lifecycles import possible, restated

SEEDS = range(60)
decoder = msgspec.json.Decoder(Structured)


def wire(name: str, data: dict[str, Any]) -> Any:
    return registry.take_data(name, json.dumps(data).encode())


def test_the_same_random_state_gives_the_same_history() -> None:
    assert history(Random(3)) == history(Random(3)) != history(Random(4))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_event_is_one_a_publisher_may_send(seed: int) -> None:
    types = {event["id"]: event["type"] for event in history(Random(seed))}
    for event in history(Random(seed)):
        decoder.decode(json.dumps(event))
        assert wire(event["type"], event["data"]) is not None
        if "data" in event["data"]:
            assert wire(types[event["data"]["id"]], event["data"]["data"]) is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ledgers_own_lifecycle_takes_every_prefix(seed: int) -> None:
    streams: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in history(Random(seed)):
        stream = streams[event["subject"]]
        stream.append(event)
        facts = restated(stream)
        assert facts is not None
        phase, seats = "", Seats()
        kind = event["subject"].partition("/")[0]
        for what, data in facts:
            name = f"locus.{kind}.{what}.v1"
            said = wire(name, data)
            seated = isinstance(said, SeatTaken | SeatVacated)
            after = seats.go_on(said) or phase if seated else lifecycle.advance(phase, name, said)
            assert not isinstance(after, lifecycle.Refusal), (seed, event, after)
            phase = after


def test_every_edge_case_occurs_among_two_hundred_histories() -> None:
    events = [event for seed in range(200) for event in history(Random(seed))]
    types = {event["type"] for event in events}
    assert types == {name for name in registry.TYPES if not name.startswith("locus.person.")}
    assert {f"locus.event.{w}.v1" for w in ("corrected", "retracted")} <= types
    assert {"locus.actor.merged.v1", "locus.body.dissolved.v1", "locus.domain.retired.v1"} <= types
    rows = [e["data"] for e in events if e["type"] == "locus.matrix.row_set.v1"]
    assert {row["rule"]["kind"] for row in rows} == {"any", "all", "consent", "quota"}
    assert any("effective_from" in row for row in rows)
    mandates = [e["data"] for e in events if e["type"] == "locus.mandate.delegated.v1"]
    assert {m.get("redelegable", False) for m in mandates} == {True, False}
    assert any(not e["data"]["deciders"] for e in events if e["type"] == "locus.decision.made.v1")
    assert any("outcome" not in e["data"] for e in events if e["type"] == "locus.decision.overridden.v1")


def test_a_word_on_a_decision_nobody_made_is_impossible() -> None:
    reopened = {
        "id": "1",
        "source": "urn:test:one",
        "type": "locus.decision.reopened.v1",
        "subject": "decision/q-1",
        "time": "2024-01-01T00:00:00Z",
        "data": {},
    }
    assert not possible([reopened])
