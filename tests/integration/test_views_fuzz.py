"""Whatever the OpenAPI document of the views allows or forbids, they never answer 500."""

import asyncio
from collections.abc import AsyncGenerator
from random import Random

import pytest

from services.projections.connection import pool, tenant
from tests.conftest import Database
from tests.histories import history
from tests.integration.ledger_process import address, ended, started
from tests.integration.ledger_site import LEDGER, bearer, token
from tests.integration.test_http_fuzz import fuzz
from tests.integration.test_worker_histories import built
from tests.recorded import Recorded, entries


@pytest.fixture
async def views(database: Database) -> AsyncGenerator[str]:
    """The address of a process that serves a random history's views."""
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, history(Random(7))))
    await record.create()
    await record.append(len(record.lines))
    await connection.close()
    async with pool(database.url) as connections:
        await built(connections, LEDGER, 100, len(record.lines))
        async with tenant(connections, LEDGER) as own:
            await own.execute("UPDATE projections.generations SET serving = true")
    process = await started("projections", "serve", LOCUS_DATABASE_URL=database.url)
    yield await address(process)
    await ended(process)


async def test_schemathesis_finds_no_500_in_the_views(database: Database, views: str) -> None:
    seen = await asyncio.to_thread(fuzz, views, bearer(await token(database)), 40)
    assert seen[200] > 50
    assert not [status for status in seen if status >= 500]


@pytest.mark.long
async def test_schemathesis_finds_no_500_in_the_views_for_long(database: Database, views: str) -> None:
    seen = await asyncio.to_thread(fuzz, views, bearer(await token(database)), 2_000)
    assert not [status for status in seen if status >= 500]
