"""A view reads one unmoving moment of one ledger's rows, whatever its name, and leaves nothing behind."""

import asyncio

import asyncpg
import pytest

from services.projections.connection import pool
from services.projections.views.ground import snapshot
from tests.conftest import Database

WHOSE = "SELECT current_setting('locus.ledger', true)"


@pytest.mark.parametrize("ledger", ["acme", "o'neill", "'; SET LOCAL locus.ledger = 'other", "\\' $1 --"])
async def test_a_name_is_a_name_whatever_it_holds(database: Database, ledger: str) -> None:
    async with pool(database.url, 1) as connections:
        async with snapshot(connections, ledger) as connection:
            assert await connection.fetchval(WHOSE) == ledger
            assert await connection.fetchval("SHOW transaction_isolation") == "repeatable read"
        assert not await connections.fetchval(WHOSE)


async def test_nothing_can_be_written_and_a_failure_ends_it(database: Database) -> None:
    async with pool(database.url, 1) as connections:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError, match="cannot execute DELETE"):
            async with snapshot(connections, "acme") as connection:
                await connection.execute("DELETE FROM projections.facts")
        async with connections.acquire() as connection:
            assert not connection.is_in_transaction()
            assert not await connection.fetchval(WHOSE)


async def test_a_connection_that_is_lost_hides_nothing(database: Database) -> None:
    async with pool(database.url, 1) as connections:
        with pytest.raises(LookupError, match="what went wrong"):
            await lose(connections, await database.connect())
        async with snapshot(connections, "acme") as connection:
            assert await connection.fetchval(WHOSE) == "acme"


async def lose(connections: asyncpg.Pool, other: asyncpg.Connection) -> None:
    async with snapshot(connections, "acme") as connection:
        await other.execute("SELECT pg_terminate_backend($1, 5000)", connection.get_server_pid())
        await other.close()
        raise LookupError("what went wrong")


async def test_one_that_is_broken_off_at_any_moment_leaves_no_transaction_behind(database: Database) -> None:
    said: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: said.append(told["message"]))
    async with pool(database.url, 1) as connections:
        for tenth in range(300):
            reading = asyncio.create_task(read(connections))
            await asyncio.sleep(tenth / 100_000)
            reading.cancel()
            await asyncio.wait({reading})
    assert said == []


async def read(connections: asyncpg.Pool) -> None:
    async with snapshot(connections, "acme") as connection:
        await connection.fetchval(WHOSE)
