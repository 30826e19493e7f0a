"""What occurred at the first instant there is ends as everything else does, however entries are paged."""

from typing import Any

import pytest

from services.projections.connection import pool, tenant
from tests.conftest import Database
from tests.integration.test_api import decided, said
from tests.integration.test_worker_histories import built, digest
from tests.integration.views_site import LEDGER, asked, site
from tests.recorded import Recorded, entries


def first(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"time": "0001-01-01T00:00:00Z"}


async def test_an_act_of_the_first_instant_is_known_no_more_once_it_reads_otherwise(
    database: Database,
) -> None:
    connection = await database.connect()
    events = [
        first(decided(1, 1, "actor/ann")),
        first(said("decision.reopened", "decision/q-1", 1, by="ann", reason="R")),
    ]
    record = Recorded(connection, LEDGER, entries(LEDGER, events))
    await record.create()
    await record.append(len(events))
    async with pool(database.url) as connections:
        singly, together = [
            await digest(
                connections, LEDGER, await built(connections, LEDGER, page, len(events)), len(events)
            )
            for page in (1, 100)
        ]
    await connection.close()
    assert singly == together
    assert singly["acts"].rows > 0


@pytest.mark.parametrize("window", [{}, {"from_": "0001-01-01"}, {"interval": "year"}])
async def test_the_first_instant_can_be_asked_of(database: Database, window: dict[str, str]) -> None:
    connection = await database.connect()
    events = [first(decided(1, 1, "actor/ann")), decided(2, 2, "actor/ann")]
    record = Recorded(connection, LEDGER, entries(LEDGER, events))
    await record.create()
    await record.append(len(events))
    async with pool(database.url) as connections:
        await built(connections, LEDGER, 100, len(events))
        async with tenant(connections, LEDGER) as served:
            await served.execute("UPDATE projections.generations SET serving = true")
    await connection.close()
    async with site(database) as client:
        for at, made in (("0001-01-01", 1), ("0001-01-01T12:00:00Z", 1), ("0001-01-03", 1), (None, 2)):
            if "interval" in window and at is None:
                continue  # that would be a series of two thousand years
            answer = await asked(client, "authority", at=at, **window)
            assert sum(one["decisions"] for one in answer["windows"]) == made, at
            whole = await asked(client, "flow", at=at, **window)
            assert sum(one["hold"][0]["n"] for one in whole["windows"]) == made, at
        assert (await asked(client, "decisions/q-1", at="0001-01-01"))["state"] == "accepted"
