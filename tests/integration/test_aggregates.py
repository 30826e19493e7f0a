"""Cells and the acts beside them come to what the acts alone come to, whenever it was folded."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest

from services.projections import aggregates, generations
from services.projections.cells import Cell
from services.projections.connection import tenant
from services.projections.facts.fact import BEGINNING, FOREVER
from services.projections.follower import Follower
from services.projections.gathered import of_act
from services.projections.sums import Wanted, summed
from services.projections.wholes import Wholes
from tests.conftest import Database
from tests.histories import BODIES, DOMAINS
from tests.integration.test_worker_histories import AMPLE, built, fold, recorded

SEEDS = range(12)
MADE = """SELECT * FROM projections.acts WHERE generation = $1 AND known_to = 9223372036854775807
    AND at_from <= $2 AND at_to > $2 AND occurred >= $3 AND occurred < $4"""
AT = """SELECT generation, g.position, f.position AS folded FROM projections.generations g
    JOIN projections.folded f USING (ledger, generation) WHERE generation = $1"""
INSTANTS = """SELECT occurred FROM projections.acts UNION SELECT at_from FROM projections.acts
    UNION SELECT stands_to FROM projections.acts WHERE stands_to < $1 ORDER BY 1"""
STANDING = """SELECT * FROM projections.acts WHERE generation = $1 AND known_to = 9223372036854775807
    AND at_from <= $2 AND stands_to > $2 AND "window" >= $3 AND "window" < $4"""


async def plainly(connection: asyncpg.Connection, wanted: Wanted) -> Cell:
    """The sum of the acts themselves, one by one."""
    rows = await connection.fetch(
        STANDING if wanted.standing else MADE, wanted.generation, wanted.as_of, wanted.opens, wanted.closes
    )
    total = Cell()
    for row in rows:
        in_domain = wanted.domain is None or wanted.domain in row["scopes"]
        if in_domain and (wanted.body is None or f"body/{wanted.body}" in row["actual_node"]):
            total.add(of_act(dict(row)))
    total.prune()
    return total


def some(rng: Random, at: Mapping[str, Any], ledger: str, instants: Sequence[datetime]) -> Wanted:
    """A question; half of its moments are those at which something happens, or next to them."""

    def moment() -> datetime:
        moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=rng.uniform(-20, 260))
        eventful = rng.choice(instants) + timedelta(microseconds=rng.randint(-1, 1))
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return rng.choice([moment, midnight, eventful, eventful])

    opens, closes = sorted([moment(), moment()])
    scope = rng.choice([{}, {"domain": rng.choice(DOMAINS)}, {"body": rng.choice(BODIES)}])
    return Wanted(
        ledger=ledger,
        **at,
        as_of=rng.choice([moment(), FOREVER - timedelta(microseconds=1)]),
        standing=rng.random() < 0.5,
        opens=rng.choice([opens, BEGINNING]),
        closes=rng.choice([closes, FOREVER]),
        shares=True,
        drift=rng.choice(["node", "seat"]),
        **scope,
    )


def same(found: Cell, expected: Cell, wanted: Wanted) -> bool:
    lens = wanted.drift
    drifts = [(cell.drift_node if lens == "node" else cell.drift_seat) for cell in (found, expected)]
    shares = [(cell.counts, cell.node, cell.seat, cell.level) for cell in (found, expected)]
    return shares[0] == shares[1] and drifts[0] == drifts[1]


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_sum_is_that_of_the_acts_though_cells_were_folded_earlier(
    database: Database, seed: int
) -> None:
    rng = Random(seed)
    async with recorded(database, seed) as (connections, record):
        cut = rng.randint(1, len(record.lines))
        await record.append(cut)
        number = await built(connections, record.ledger, 20, cut)
        await fold(connections, record.ledger, number)
        await record.append(len(record.lines))
        await caught_up(connections, record.ledger, number, len(record.lines))
        await asked(rng, connections, record.ledger, number, 60)
        await fold(connections, record.ledger, number)
        await asked(rng, connections, record.ledger, number, 20)


async def asked(rng: Random, connections: asyncpg.Pool, ledger: str, number: int, times: int) -> None:
    """Ask for sums, and look whether they are right."""
    wholes = Wholes(rng.choice([0, 3_000, 32_000_000]))
    async with tenant(connections, ledger) as connection:
        at = dict(await connection.fetchrow(AT, number))
        instants = [row[0] for row in await connection.fetch(INSTANTS, FOREVER)]
        for _ in range(times):
            wanted = some(rng, at, ledger, instants)
            found, expected = await summed(connection, wanted, wholes), await plainly(connection, wanted)
            assert same(found, expected, wanted), wanted


async def caught_up(connections: asyncpg.Pool, ledger: str, number: int, end: int) -> None:
    """Follow, and leave the cells behind."""
    task = asyncio.create_task(Follower(connections, ledger, number, "later", 9, AMPLE).run())
    try:
        async with asyncio.timeout(30):
            while await position(connections, ledger, number) < end:  # noqa: ASYNC110 — it happens in the database
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def position(connections: asyncpg.Pool, ledger: str, number: int) -> int:
    async with tenant(connections, ledger) as connection:
        return (await generations.checkpoint(connection, ledger, number)).position


@pytest.mark.parametrize("seed", SEEDS[:6])
async def test_cells_are_the_same_bit_for_bit_however_often_they_were_folded(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorded(database, seed) as (connections, record):
        await record.append(len(record.lines))
        number = await built(connections, record.ledger, 50, len(record.lines))
        found = []
        for step in (1_000, 11, 1):
            monkeypatch.setattr(aggregates, "_STEP", step)
            await record.connection.execute("TRUNCATE projections.cells, projections.folded")
            assert await fold(connections, record.ledger, number) == len(record.lines)
            found.append(await record.connection.fetch("SELECT * FROM projections.cells ORDER BY 3, 4, 5, 6"))
        assert found[0]
        assert found[0] == found[1] == found[2]
