"""A view reads the facts of a kind as they were known at the position it is asked about."""

import asyncpg
import pytest

from services.projections.connection import pool
from services.projections.facts.bodies import Seat
from services.projections.views.ground import ground, known, snapshot
from tests.conftest import Database
from tests.integration.test_api import EVENTS
from tests.integration.test_worker_histories import built
from tests.integration.views_site import LEDGER
from tests.recorded import Recorded, entries


async def seated(connections: asyncpg.Pool, known_at: str | None) -> list[str]:
    async with snapshot(connections, LEDGER) as connection:
        there = await ground(connection, LEDGER, None, known_at)
        return [seat.actor for seat in await known(connection, there, Seat)]


@pytest.mark.parametrize(("known_at", "actors"), [(None, ["ann", "ben"]), ("5", ["ann"]), ("4", [])])
async def test_only_facts_stated_by_then_are_known(
    database: Database, known_at: str | None, actors: list[str]
) -> None:
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, EVENTS))
    await record.create()
    await record.append(len(EVENTS))
    async with pool(database.url, 2) as connections:
        await built(connections, LEDGER, 50, len(EVENTS))
        await connection.execute("UPDATE projections.generations SET serving = true")
        assert await seated(connections, known_at) == actors
    await connection.close()
