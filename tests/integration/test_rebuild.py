"""A new generation grows beside the one that is served and takes its place when both say the same."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from unittest.mock import AsyncMock

import asyncpg
import pytest

from services.connectors import demo
from services.projections import generations, parked, swap, tenure
from services.projections.connection import tenant
from services.projections.generations import Generation
from services.projections.views.ground import NotReadYetError, Structures, ground
from services.projections.views.past import history
from services.projections.worker import PAGE, Worker
from tests.conftest import Database
from tests.integration.test_worker_histories import recorded
from tests.recorded import Recorded, entries


@asynccontextmanager
async def working(connections: asyncpg.Pool, page: int = PAGE) -> AsyncIterator[None]:
    task = asyncio.create_task(Worker(connections, "worker", page, poll=0.005).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def found(connections: asyncpg.Pool, ledger: str) -> list[Generation]:
    async with tenant(connections, ledger) as connection:
        return await generations.all_of(connection, ledger)


async def served(connections: asyncpg.Pool, ledger: str, generation: int, position: int) -> None:
    """Return when a generation is served, has come to a position and is the only one."""
    async with asyncio.timeout(20):
        while [(it.generation, it.position) for it in await found(connections, ledger)] != [  # noqa: ASYNC110 — it happens in the database
            (generation, position)
        ]:
            await asyncio.sleep(0.02)


async def reached(connections: asyncpg.Pool, record: Recorded, generation: int) -> None:
    """Return when a generation has come to the end."""
    async with asyncio.timeout(20):
        while (generation, len(record.lines)) not in [  # noqa: ASYNC110 — it happens in the database
            (it.generation, it.position) for it in await found(connections, record.ledger)
        ]:
            await asyncio.sleep(0.02)


TABLES = {
    "facts": "SELECT DISTINCT generation FROM projections.facts",
    "acts": "SELECT DISTINCT generation FROM projections.acts",
    "streams": "SELECT DISTINCT generation FROM projections.streams",
}


async def anew(connections: asyncpg.Pool, ledger: str) -> int:
    async with tenant(connections, ledger) as connection:
        return await generations.begin(connection, ledger)


async def rows(connections: asyncpg.Pool, ledger: str, table: str) -> set[int]:
    async with tenant(connections, ledger) as connection:
        return {row[0] for row in await connection.fetch(TABLES[table])}


async def test_a_rebuild_takes_over_and_nothing_of_the_old_generation_stays(database: Database) -> None:
    async with recorded(database, 4) as (connections, record), working(connections):
        await record.append(30)
        await served(connections, record.ledger, 1, 30)
        number = await anew(connections, record.ledger)
        await record.append(1000)
        await served(connections, record.ledger, number, len(record.lines))
        for table in TABLES:
            assert await rows(connections, record.ledger, table) == {number}


_KNOWN = """
SELECT most_common_vals::text::integer[] FROM pg_stats
WHERE schemaname = 'projections' AND tablename = 'facts' AND attname = 'generation'
"""


async def test_the_planner_knows_of_a_generation_that_is_being_built(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it takes it to be empty, and reads all of it whenever it looks for a few of its rows."""
    monkeypatch.setattr(tenure, "_LARGE", 20)
    monkeypatch.setattr(swap, "attempt", AsyncMock(return_value=False))
    async with recorded(database, 4) as (connections, record):
        await record.append(1000)
        admin = await database.connect()
        async with working(connections, page=10):
            await reached(connections, record, 1)
            assert await admin.fetchval(_KNOWN) == [1]
            number = await anew(connections, record.ledger)
            await reached(connections, record, number)
            assert set(await admin.fetchval(_KNOWN)) == {1, number}
        await admin.close()


async def test_a_rebuild_that_differs_waits_until_somebody_has_looked(database: Database) -> None:
    async with recorded(database, 4) as (connections, record):
        async with working(connections):
            await record.append(1000)
            await served(connections, record.ledger, 1, len(record.lines))
        async with tenant(connections, record.ledger) as connection:
            await connection.execute("UPDATE projections.acts SET unresolved = unresolved + 1")
        number = await anew(connections, record.ledger)
        async with working(connections):
            async with asyncio.timeout(20):
                while (await found(connections, record.ledger))[-1].difference != "differs in acts":  # noqa: ASYNC110 — it happens in the database
                    await asyncio.sleep(0.02)
            assert (await found(connections, record.ledger))[0].serving
            async with tenant(connections, record.ledger) as connection:
                await swap.sign_off(connection, record.ledger, number)
            await served(connections, record.ledger, number, len(record.lines))


async def test_a_raised_version_is_built_beside_while_the_old_is_served(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorded(database, 4) as (connections, record):
        async with working(connections):
            await record.append(40)
            await served(connections, record.ledger, 1, 40)
        monkeypatch.setattr(generations, "FACTS_VERSION", generations.FACTS_VERSION + 1)
        async with working(connections):
            await record.append(1000)
            await served(connections, record.ledger, 2, len(record.lines))
        assert (await found(connections, record.ledger))[0].facts_version == generations.FACTS_VERSION


async def test_rows_of_a_raised_version_take_over_although_they_differ(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorded(database, 4) as (connections, record):
        with monkeypatch.context() as before:
            before.setattr(generations, "FACTS_VERSION", 2)
            async with working(connections):
                await record.append(40)
                await served(connections, record.ledger, 1, 40)
        async with tenant(connections, record.ledger) as connection:
            await connection.execute("UPDATE projections.acts SET unresolved = unresolved + 1")
            base = await ground(connection, record.ledger, None, None)
            with pytest.raises(NotReadYetError, match="being built"):
                await history(connection, base, Structures())
        async with working(connections):
            await record.append(1000)
            await served(connections, record.ledger, 2, len(record.lines))
        async with tenant(connections, record.ledger) as connection:
            base = await ground(connection, record.ledger, None, None)
            assert (await history(connection, base, Structures())).decisions


async def test_a_skipped_entry_is_told_as_skipped(database: Database) -> None:
    async with (
        recorded(database, 4) as (connections, record),
        tenant(connections, record.ledger) as connection,
    ):
        await generations.ensure(connection, record.ledger)
        await connection.execute(
            "INSERT INTO projections.parked (ledger, generation, position, subject, error)"
            " VALUES ($1, 1, 5, 'decision/q-1', 'ValueError: unreadable')",
            record.ledger,
        )
        assert await parked.skip(connection, record.ledger, 6) is False
        assert await parked.skip(connection, record.ledger, 5) is True
        assert [one[::4] for one in await parked.entries(connection, record.ledger)] == [(5, True)]


async def test_an_entry_skipped_while_rows_are_built_anew_stays_so(database: Database) -> None:
    async with recorded(database, 4) as (connections, record):
        broken = json.loads(record.lines[4])
        broken["event"]["data"] = 7
        record.lines[4] = json.dumps(broken, separators=(",", ":")).encode()
        async with working(connections):
            await record.append(30)
            await served(connections, record.ledger, 1, 30)
        number = await anew(connections, record.ledger)
        async with tenant(connections, record.ledger) as connection:  # before the new rows have come so far
            assert await parked.skip(connection, record.ledger, 5) is True
        async with working(connections):
            await served(connections, record.ledger, number, 30)
        async with tenant(connections, record.ledger) as connection:
            assert [one.skipped for one in await parked.entries(connection, record.ledger)] == [True]


async def test_one_ledgers_rebuild_does_not_starve_the_live_feed_of_another(database: Database) -> None:
    async with (
        recorded(database, 4) as (connections, live),
        large(database, "large") as record,
        working(connections),
    ):
        await record.append(len(record.lines))
        await served(connections, record.ledger, 1, len(record.lines))
        await live.append(1)
        await served(connections, live.ledger, 1, 1)
        await anew(connections, record.ledger)
        waited = []
        for position in range(2, len(live.lines)):
            begun = time.monotonic()
            await live.append(1)
            await served(connections, live.ledger, 1, position)
            waited.append(time.monotonic() - begun)
            if len(await found(connections, record.ledger)) == 1:
                break
        assert len(waited) > 5, "the rebuild was over before anything was waited for"
        assert max(waited) < 2


@asynccontextmanager
async def large(database: Database, ledger: str) -> AsyncIterator[Recorded]:
    """A ledger whose rebuild takes a while."""
    connection = await database.connect()
    record = Recorded(connection, ledger, entries(ledger, list(islice(demo.events(1), 6_000))))
    await record.create()
    try:
        yield record
    finally:
        await connection.close()
