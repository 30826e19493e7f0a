"""Random histories: whatever the paging, the rows are the same, and what was known at a position stays so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

import asyncpg
import pytest

from services.projections import aggregates, generations, weaving
from services.projections.connection import LOST, pool, tenant
from services.projections.follower import Follower
from services.projections.subjects import Room
from services.projections.swap import Digest, digests
from tests.conftest import Database
from tests.histories import history
from tests.recorded import Recorded, entries

SEEDS = range(12)


AMPLE = Room(1 << 40)


async def fold(connections: asyncpg.Pool, ledger: str, generation: int) -> int:
    """Fold step after step until cells and strands are where the rows are; gives that position."""
    for step in (weaving.step, aggregates.step):
        while True:
            folded, position = await step(connections, ledger, generation)
            if folded == position:
                break
    return folded


async def built(connections: asyncpg.Pool, ledger: str, page: int, upto: int, room: Room = AMPLE) -> int:
    """Build a generation of its own up to a position, in pages of a size; gives its number."""
    async with tenant(connections, ledger) as connection:
        number = await generations.begin(connection, ledger)
    await followed(connections, ledger, number, page, upto, room)
    return number


async def followed(
    connections: asyncpg.Pool, ledger: str, number: int, page: int, upto: int, room: Room = AMPLE
) -> None:
    """Bring a generation on to a position."""
    follower = Follower(connections, ledger, number, f"builder-{number}", page, room)
    task = asyncio.create_task(follower.run())
    try:
        async with asyncio.timeout(60):
            while True:
                with suppress(*LOST):  # the work shares our loop: on a slow machine we are silent too long
                    async with tenant(connections, ledger) as connection:
                        if (await generations.checkpoint(connection, ledger, number)).position >= upto:
                            return
                await asyncio.sleep(0.01)
                assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def nothing_parked(connections: asyncpg.Pool, ledger: str) -> bool:
    async with tenant(connections, ledger) as connection:
        return await connection.fetch("SELECT position, error FROM projections.parked") == []


async def digest(connections: asyncpg.Pool, ledger: str, number: int, position: int) -> dict[str, Digest]:
    async with tenant(connections, ledger) as connection:
        return await digests(connection, ledger, number, position)


@asynccontextmanager
async def recorded(database: Database, seed: int) -> AsyncIterator[tuple[asyncpg.Pool, Recorded]]:
    connection = await database.connect()
    ledger = f"history-{seed}"
    record = Recorded(connection, ledger, entries(ledger, history(Random(seed))))
    await record.create()
    try:
        async with pool(database.url) as connections:
            yield connections, record
    finally:
        await connection.close()


@pytest.mark.parametrize("seed", SEEDS)
async def test_rows_are_the_same_bit_for_bit_however_entries_are_paged(database: Database, seed: int) -> None:
    rng = Random(seed)
    async with recorded(database, seed) as (connections, record):
        while record.frontier.size < len(record.lines):
            await record.append(rng.randint(1, 9))
        end = len(record.lines)
        found = []
        for page in (1, 7, 500):
            number = await built(connections, record.ledger, page, end)
            found.append(await digest(connections, record.ledger, number, end))
        assert found[0]["acts"].rows > 0
        assert await nothing_parked(connections, record.ledger)
        assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("seed", SEEDS)
async def test_rows_are_the_same_bit_for_bit_however_little_is_kept_in_mind(
    database: Database, seed: int
) -> None:
    async with recorded(database, seed) as (connections, record):
        await record.append(len(record.lines))
        end = len(record.lines)
        number = await built(connections, record.ledger, 500, end)
        everything = await digest(connections, record.ledger, number, end)
        for page in (2, 9):
            number = await built(connections, record.ledger, page, end, Room(3_000))
            assert await digest(connections, record.ledger, number, end) == everything


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_was_known_at_a_position_is_not_changed_by_what_came_later(
    database: Database, seed: int
) -> None:
    rng = Random(seed)
    async with recorded(database, seed) as (connections, record):
        cut = rng.randint(10, len(record.lines) - 1)
        await record.append(cut)
        early = await built(connections, record.ledger, 500, cut)
        then = await digest(connections, record.ledger, early, cut)
        await record.append(len(record.lines))
        late = await built(connections, record.ledger, 7, len(record.lines))
        assert await digest(connections, record.ledger, late, cut) == then
