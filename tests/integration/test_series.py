"""A series begins where its window does, in every view, so that series of several views lie side by side."""

import pytest

from services.projections.connection import pool, tenant
from tests.conftest import Database
from tests.integration.test_worker_histories import built
from tests.integration.views_site import LEDGER, asked, site
from tests.recorded import Recorded, entries
from tests.told import made, person

VIEWS = ("authority", "drift", "flow", "influence", "participation", "coordination", "learning", "trust")


@pytest.mark.parametrize(
    "events", [[], [person("ann"), made(135, "d", "ann")]], ids=["nothing", "one decision"]
)
async def test_series_of_all_views_have_the_same_windows(database: Database, events: list[object]) -> None:
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, events))
    await record.create()
    await record.append(len(events))
    async with pool(database.url) as connections:
        await built(connections, LEDGER, 100, len(events))
        async with tenant(connections, LEDGER) as served:
            await served.execute("UPDATE projections.generations SET serving = true")
    await connection.close()
    months = [f"2024-{month:02}-01T00:00:00Z" for month in range(3, 7)] if events else []
    async with site(database) as client:
        for view in VIEWS:
            told = {"from_": "2024-03-01", "at": "2024-06-15"} if events else {"from_": "2024-03-01"}
            answer = await asked(client, view, interval="month", **told)
            assert [window["from"] for window in answer["windows"]] == months, view
