"""A database of before there were tiles and checkpoints, brought to the newest schema."""

import json
from collections.abc import Iterator

import pytest

from services.ledger.errors import LedgerOutdated
from services.ledger.history import History
from services.ledger.http_answers import problem
from services.ledger.intake import event
from services.ledger.main import readers
from services.platform import database as platform_database
from tests.conftest import Server
from tests.ledgers import appending, made
from tests.recorded import Recorded, entries

FIRST_WITH_TILES = "ledger/0060_proof"
EVENT = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "urn:test",
    "type": "locus.decision.superseded.v1",
    "subject": "decision/d-1",
    "time": "2024-01-01T00:00:00Z",
    "data": {"by_decision": "d-2"},
}


@pytest.fixture
def old_form(postgres: Server) -> Iterator[str]:
    postgres.execute("CREATE DATABASE old_form TEMPLATE template0")
    yield postgres.url("old_form")
    postgres.execute("DROP DATABASE old_form WITH (FORCE)")


async def test_a_ledger_of_the_old_form_is_read_on_and_a_new_one_is_appended_to(
    old_form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = list(platform_database.migrations())
    before = [(name, text) for name, text in every if not ("ledger/0060" <= name < "ledger/9999")]
    assert FIRST_WITH_TILES not in dict(before)
    with monkeypatch.context() as patch:
        patch.setattr(platform_database, "migrations", lambda: iter(before))
        await platform_database.migrate(old_form)
    connection = await platform_database.connect(old_form, "postgres")
    recorded = Recorded(connection, "old", entries("old", [EVENT, EVENT | {"id": "e-2"}]))
    await recorded.create()
    await recorded.append(2)
    await connection.close()

    assert FIRST_WITH_TILES in await platform_database.migrate(old_form)
    async with readers(old_form) as pool:
        history = History(pool)
        page = await history.page("old", 0, 2, 10)
        assert [line for _, line in page.entries] == recorded.lines
        assert await history.root("old", 2) == recorded.frontier.root()
    async with appending(old_form, "new") as appender:
        with pytest.raises(LedgerOutdated, match="format 0") as outdated:
            await appender.submit("old", [made(1)], "tests")
        assert "jq -c .event" in problem(outdated.value).encoded().decode()  # an entry itself is no event
        for line in recorded.lines:
            assert event(json.dumps(json.loads(line)["event"]).encode()).source == "urn:test"
        (receipt,) = await appender.submit("new", [made(1)], "tests")
        assert receipt.position == 1
