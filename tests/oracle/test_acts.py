"""The acts the projections keep agree with the oracle on random histories, as of and as known at any time."""

import json
import os
from collections import Counter
from datetime import datetime
from random import Random
from typing import Any

import pytest

from services.projections.measures import UNIT
from tests.histories import history
from tests.oracle.memory import folded, moment
from tests.oracle.oracle import STAKES, World, read
from tests.recorded import entries

SEED = int(os.environ.get("LOCUS_SEED", "1"))
HISTORIES = range(SEED, SEED + 200)


def counts(rows: list[dict[str, Any]]) -> dict[str, Any]:
    counted = [row for row in rows if row["status"] == "counted"]
    return {
        "n": len(counted),
        "unknown": sum(row["status"] == "unknown" for row in rows),
        "deferred": sum(row["outcome"] == "deferred" for row in rows),
        "returned": sum(row["outcome"] == "returned" for row in rows),
        "inferred": sum(row["inferred"] for row in counted),
        "by_stakes": {s: sum(row["stakes"] == s for row in counted) for s in (*STAKES, None)},
    }


def shares(rows: list[dict[str, Any]], side: str, n: int) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums.update(dict(zip(row[side], row[f"{side}_units"], strict=True)))
    return {key: units / (n * UNIT) for key, units in sums.items()}


def compare(world: World, rows: list[dict[str, Any]], question: dict[str, Any]) -> None:
    """Every figure of one question, from the rows and from the oracle."""
    for lens in ("node", "seat"):
        expected = world.authority(lens, **question)
        here = [row for row in rows if question["domain"] in row["scopes"]]
        counted = [row for row in here if row["status"] == "counted"]
        assert counts(here) == {key: expected[key] for key in counts(here)}
        assert shares(counted, f"actual_{lens}", len(counted)) == pytest.approx(expected["shares"])
        drift = world.drift(lens, **question)
        assert Counter(row["mandate"] for row in here if row["status"] != "apart") == Counter(
            {answer: count for answer, count in drift["mandate"].items() if count}
        )
        stated = [row for row in counted if row["row_domain"] is not None and not row["vacant"]]
        assert (len(stated), sum(row["vacant"] for row in counted)) == (drift["n"], drift["vacant"])
        assert Counter(row["row_domain"] for row in stated) == Counter(
            {domain: found["n"] for domain, found in drift["rows"].items()}
        )
        signed = Counter(shares(stated, f"actual_{lens}", len(stated)))
        signed.subtract(shares(stated, f"stated_{lens}", len(stated)))
        assert dict(signed) == pytest.approx(drift["signed"], abs=1e-9)
    levels: Counter[int] = Counter()
    for row in counted:
        levels.update(dict(zip(row["levels"], row["level_units"], strict=True)))
    assert {k: u / (len(counted) * UNIT) for k, u in levels.items()} == pytest.approx(expected["levels"])
    weighed = sum(row["closeness_units"] for row in counted)
    closeness = sum(row["closeness"] for row in counted) / weighed if weighed else None
    assert closeness == pytest.approx(expected["closeness"])


@pytest.mark.parametrize("seed", HISTORIES)
async def test_acts_agree_with_the_oracle(seed: int) -> None:
    rng = Random(seed)
    lines = entries("history", history(rng))
    told = read(lines)
    recorded = [moment(entry["recorded"]) for entry in told]
    memory = await folded(lines, recorded)
    assert memory.parked == {}
    compared = 0
    for _ in range(3):
        known = rng.choice((len(lines), rng.randint(len(lines) // 3, len(lines))))
        at = rng.choice((recorded[known - 1], instant_between(rng, told, known)))
        world = World(told[:known], at=at)
        for tense in ("made", "standing"):
            domain = rng.choice(("", "d-a", "d-b", "d-c", "d-d"))
            compare(world, memory.rows(known, at, tense), {"tense": tense, "domain": domain})
            compared += 1
    assert compared == 6


def instant_between(rng: Random, told: list[dict[str, Any]], known: int) -> datetime:
    """A moment near some event, which is where answers change."""
    entry = rng.choice(told[:known])
    return min(moment(entry["event"]["time"]), moment(entry["recorded"]))


def test_histories_hold_what_they_promise() -> None:
    """Lest the comparison be of histories with nothing in them."""
    kinds: Counter[str] = Counter()
    for seed in HISTORIES:
        for event in history(Random(seed)):
            kinds[json.dumps(event["type"])] += 1
    for what in (
        "decision.made",
        "decision.overridden",
        "event.corrected",
        "event.retracted",
        "actor.merged",
    ):
        assert kinds[f'"locus.{what}.v1"'] >= 50, what
