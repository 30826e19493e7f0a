"""Asking `known_at` a position is asking a ledger that holds no more: every view, field for field.

One ledger grows; at some positions every view is asked, and once it is whole, asked again as known then.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest

from services.connectors import demo, peps
from services.projections import generations
from services.projections.connection import pool, tenant
from services.projections.follower import Follower
from tests.conftest import Database
from tests.histories import history
from tests.integration.test_arrival import SEEDS
from tests.integration.test_worker_histories import AMPLE, fold
from tests.integration.views_site import LEDGER, site
from tests.questions import SERVED, Asked, Questions
from tests.recorded import Recorded, entries
from tests.stories import brigade, city, newspaper

Json = dict[str, Any]
SEED = int(os.environ.get("LOCUS_SEED", "1"))
PEPS = os.environ.get("LOCUS_PEPS", "")
SERVE = "UPDATE projections.generations SET serving = true"


class Growing:
    """A ledger whose views follow it to one position after another."""

    def __init__(self, connections: asyncpg.Pool, record: Recorded, client: httpx.AsyncClient) -> None:
        self.connections, self.record, self.client = connections, record, client
        self.generation = 0

    async def grow(self, position: int) -> None:
        await self.record.append(position - self.record.frontier.size)
        if not self.generation:
            async with tenant(self.connections, LEDGER) as connection:
                self.generation = await generations.begin(connection, LEDGER)
                await connection.execute(SERVE)
        await self._followed(position)

    async def _followed(self, position: int) -> None:
        follower = Follower(self.connections, LEDGER, self.generation, "follower", 200, AMPLE)
        task = asyncio.create_task(follower.run())
        try:
            async with asyncio.timeout(600):
                while await self._position() < position:
                    await asyncio.sleep(0.02)
                    assert not task.done(), task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _position(self) -> int:
        async with tenant(self.connections, LEDGER) as connection:
            return (await generations.checkpoint(connection, LEDGER, self.generation)).position

    async def ask(self, asked: Asked, **more: Any) -> tuple[int, Json]:
        address = f"/v1/ledgers/{LEDGER}/{asked.path}"
        response = await self.client.get(address, params=asked.parameters | more)
        return response.status_code, response.json()


async def holds(database: Database, events: Sequence[Json], cuts: int, each: int, every: timedelta) -> None:
    """Ask each view `each` times at every cut, before and after the rest has come."""
    rng = Random(SEED)
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, events, every))
    await record.create()
    found: set[str] = set()
    try:
        async with pool(database.url) as connections, site(database) as client:
            growing = Growing(connections, record, client)
            then = []
            for cut in sorted(rng.sample(range(len(events) // 10 + 1, len(events)), cuts)):
                await growing.grow(cut)
                if rng.random() < 0.5:
                    await fold(connections, LEDGER, growing.generation)
                asking = Questions(events[:cut], rng)
                some = [asked for _ in range(each) for asked in asking.of_every_view()]
                then += [(cut, asked, await growing.ask(asked)) for asked in some]
            await growing.grow(len(events))
            await fold(connections, LEDGER, growing.generation)
            for cut, asked, (status, answer) in then:
                now = await growing.ask(asked, known_at=cut)
                assert now == (status, answer), (cut, asked, _differing(answer, now[1]))
                found |= {asked.path} if status == 200 else set()
    finally:
        await connection.close()
    assert found >= set(SERVED), "every view had an answer"


def _differing(one: Any, other: Any, where: str = "") -> list[str]:
    """Where two answers differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(one.keys() | other.keys())
        return [w for n in names for w in _differing(one.get(n), other.get(n), f"{where}/{n}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [w for n, pair in pairs for w in _differing(*pair, f"{where}/{n}")]
    return [] if one == other else [f"{where}: {one!r:.200} is now {other!r:.200}"]


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_histories_say_of_each_prefix_what_the_prefix_said(
    database: Database, seed: int
) -> None:
    await holds(database, history(Random(SEED * 1000 + seed)), 3, 3, timedelta(hours=40))


@pytest.mark.long
@pytest.mark.parametrize("story", [brigade, city, newspaper], ids=["brigade", "city", "newspaper"])
async def test_stories_say_of_each_prefix_what_the_prefix_said(database: Database, story: Any) -> None:
    await holds(database, story.told().events, 3, 3, timedelta(hours=1))


async def test_the_demo_says_of_each_prefix_what_the_prefix_said(database: Database) -> None:
    await holds(database, list(islice(demo.events(SEED), 1_500)), 3, 2, timedelta(minutes=90))


@pytest.mark.long
async def test_the_whole_demo_says_of_each_prefix_what_the_prefix_said(database: Database) -> None:
    await holds(database, list(demo.events(SEED)), 5, 4, timedelta(minutes=90))


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
async def test_the_peps_say_of_each_prefix_what_the_prefix_said(database: Database) -> None:
    await holds(database, list(peps.read(PEPS)), 4, 3, timedelta(hours=60))
