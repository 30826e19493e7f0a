"""The acts of random histories, as of any instant and as known at any position, against the naive oracle."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

import asyncpg
import pytest

from services.projections.connection import tenant
from services.projections.measures import UNIT
from tests.conftest import Database
from tests.integration.test_worker_histories import built, recorded
from tests.oracle.oracle import World, instant, read

SEEDS = range(40)
ACTS = """SELECT * FROM projections.acts
    WHERE ledger = $1 AND known_from <= $2 AND known_to > $2 AND at_from <= $3 AND at_to > $3"""


def shares(row: asyncpg.Record, name: str) -> dict[str, float]:
    return {key: units / UNIT for key, units in zip(row[name], row[f"{name}_units"], strict=True) if units}


def same(ours: Mapping[Any, float], theirs: Mapping[Any, Fraction]) -> bool:
    close = all(abs(ours.get(key, 0.0) - float(part)) < 1e-9 for key, part in theirs.items())
    return close and abs(sum(ours.values()) - float(sum(theirs.values()))) < 1e-9


def check(world: World, act: dict[str, Any], row: asyncpg.Record) -> None:
    t = act["occurred"]
    found = world.row(act["domains"][0], t)
    assert row["occurred"] == t
    assert set(row["scopes"]) == act["scopes"]
    assert (row["outcome"], row["stakes"]) == (act["outcome"], act["stakes"])
    assert row["row_domain"] == (found[0] if found else None)
    assert row["inferred"] == (act["attested"] == "inferred")
    assert row["mandate"] == world.in_mandate(act)
    for lens in ("node", "seat"):
        stated = world.stated(act, lens)
        assert same(shares(row, f"stated_{lens}"), stated or {})
        assert row["vacant"] == (found is not None and stated is None)
        if act["deciders"]:
            assert same(shares(row, f"actual_{lens}"), world.actual(act, lens))
    check_levels(world, act, row)


def check_levels(world: World, act: dict[str, Any], row: asyncpg.Record) -> None:
    levels: dict[int, Fraction] = {}
    for key, part in (world.actual(act, "seat") if act["deciders"] else {}).items():
        depth, height = world.level(key, act["occurred"])
        if depth is not None and height is not None:
            levels[depth] = levels.get(depth, Fraction(0)) + part
    assert same({d: u / UNIT for d, u in zip(row["levels"], row["level_units"], strict=True)}, levels)


@pytest.mark.parametrize("seed", SEEDS)
async def test_acts_are_those_the_oracle_finds(database: Database, seed: int) -> None:
    rng = Random(seed)
    async with recorded(database, seed) as (connections, record):
        lines = record.lines
        await record.append(len(lines))
        await built(connections, record.ledger, 50, len(lines))
        parsed = read(lines)
        for _ in range(6):
            known = rng.randint(5, len(lines))
            ends = (instant(parsed[0]["recorded"]), instant(parsed[known - 1]["recorded"]))
            at = rng.choice([None, ends[0] + (ends[1] - ends[0]) * rng.random(), some_instant(rng, parsed)])
            world = World(parsed, known, at)
            async with tenant(connections, record.ledger) as connection:
                rows = await connection.fetch(ACTS, record.ledger, known, world.at)
            by_position = {row["position"]: row for row in rows}
            made = {act["position"]: act for _, act in world.credited("made")}
            assert by_position.keys() == made.keys()
            for position, act in made.items():
                check(world, act, by_position[position])
            assert standing(rows, world.at) == {
                (act["position"], window) for window, act in world.credited("standing")
            }


def some_instant(rng: Random, parsed: list[dict[str, Any]]) -> datetime:
    """At, just before or just after something happened."""
    return instant(rng.choice(parsed)["event"]["time"]) + timedelta(microseconds=rng.choice([-1, 0, 1]))


def standing(rows: list[asyncpg.Record], at: datetime | None) -> set[tuple[int, datetime]]:
    return {(row["position"], row["window"]) for row in rows if at is not None and at < row["stands_to"]}
