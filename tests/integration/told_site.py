"""The views served over events that a test tells."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx

from services.projections.connection import pool
from tests.conftest import Database
from tests.integration.test_views import serve
from tests.integration.views_site import LEDGER, site
from tests.recorded import Recorded, entries

HOUR = timedelta(hours=1)


@asynccontextmanager
async def told(
    database: Database, events: Sequence[dict[str, Any]], ledger: str = LEDGER, every: timedelta = HOUR
) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of views over a ledger that holds these events, one recorded `every` so often."""
    connection = await database.connect()
    try:
        record = Recorded(connection, ledger, entries(ledger, events, every))
        await record.create()
        async with pool(database.url) as connections:
            await serve(connections, record)
    finally:
        await connection.close()
    async with site(database) as client:
        yield client
