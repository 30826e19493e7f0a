"""What occurred at the first instant there is ends as everything else does, however entries are paged."""

from typing import Any

from services.projections.connection import pool
from tests.conftest import Database
from tests.integration.test_api import decided, said
from tests.integration.test_worker_histories import built, digest
from tests.integration.views_site import LEDGER
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
