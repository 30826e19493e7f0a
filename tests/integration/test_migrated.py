"""A process says that its database is of another version, and works on it once it is not."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from services import cli_up
from services.cli import main
from services.failures import CommandFailed
from services.ledger.main import readers
from services.platform import database as platform_database
from services.platform import migrated
from services.platform.settings import Settings
from services.projections.connection import pool
from services.projections.worker import work
from tests.conftest import Database
from tests.integration import ledger_site, views_site
from tests.integration.ledger_site import EVENTS, STRUCTURED, made


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.platform.migrated._LOOK", 0.02)


async def set_up(database: Database, *statements: str) -> None:
    owner = await platform_database.administer(database.url)
    for statement in statements:
        await owner.execute(statement)
    await owner.close()


OLDER = (
    "ALTER FUNCTION ledger.append RENAME TO append_later",
    "DELETE FROM access.migrations WHERE name = 'ledger/0111_places'",
)
MIGRATED = (
    "ALTER FUNCTION ledger.append_later RENAME TO append",
    "INSERT INTO access.migrations (name) VALUES ('ledger/0111_places')",
)
HINT = "its operator has to run locus migrate, or to update this service; then retry the same"
LACKS, HAS = "the database lacks migrations", "the database has the migrations it lacked"


async def test_a_ledger_without_its_migrations_is_not_ready_and_to_be_asked_again_later(
    database: Database,
) -> None:
    with capture_logs() as logs:
        async with ledger_site.site(database) as client:
            assert (await client.get("/health/ready")).status_code == 200
            await set_up(database, *OLDER)
            ready = await client.get("/health/ready")
            assert (ready.status_code, ready.json()["detail"]) == (503, "not ready: migrations")
            answer = await client.post(EVENTS, json=made(), headers=STRUCTURED)
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            assert answer.json()["hint"] == HINT
        async with ledger_site.site_again(database) as client:
            await until_told(logs, LACKS)
            assert (await client.get("/health/ready")).status_code == 503
            await set_up(database, *MIGRATED)
            await until_told(logs, HAS)
            assert (await client.get("/health/ready")).status_code == 200
            assert (await client.post(EVENTS, json=made(), headers=STRUCTURED)).status_code == 201
    lacking = {"event": LACKS, "log_level": "error", "missing": "ledger/0111_places"}
    assert lacking | {"cure": "run locus migrate"} in logs


async def until_told(logs: list[Any], event: str) -> None:
    async with asyncio.timeout(10):
        while event not in [line["event"] for line in logs]:  # noqa: ASYNC110 — a log tells nobody
            await asyncio.sleep(0.01)


async def test_views_without_their_migrations_are_not_ready_and_to_be_asked_again_later(
    database: Database,
) -> None:
    async with views_site.site(database) as client:
        await set_up(
            database,
            "DELETE FROM access.migrations WHERE name = 'projections/0040_strands'",
            "ALTER TABLE projections.generations RENAME COLUMN position TO later",
        )
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["detail"]) == (503, "not ready: migrations")
        answer = await client.get("/v1/ledgers/acme/matrix")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")


async def test_a_worker_waits_for_its_migrations(database: Database) -> None:
    await set_up(database, *OLDER)
    settings = Settings(database_url=database.url)
    with capture_logs() as logs:
        working = asyncio.create_task(work(settings))
        await until_told(logs, LACKS)
        assert not working.done()
        await set_up(database, *MIGRATED)
        await until_told(logs, HAS)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize("connections", [readers, pool])
async def test_newer_migrations_are_told_and_stop_nobody(
    database: Database, connections: Callable[[str], asyncpg.Pool]
) -> None:
    await set_up(database, "INSERT INTO access.migrations (name) VALUES ('ledger/9999_future')")
    async with connections(database.url) as opened:
        with capture_logs() as logs:
            await migrated.until_migrated(opened)
        await migrated.check(opened)
    assert [(line["log_level"], line["unknown"]) for line in logs] == [("warning", ["ledger/9999_future"])]


async def test_a_database_of_before_it_could_be_told_lacks_migrations(database: Database) -> None:
    for older in ("DROP FUNCTION access.migrated", "DROP SCHEMA access CASCADE"):
        await set_up(database, older)
        async with readers(database.url) as opened:
            with pytest.raises(migrated.Unmigrated):
                await migrated.check(opened)


async def test_data_of_a_newer_version_is_not_begun_with_and_locus_migrate_says_so(
    database: Database,
) -> None:
    await set_up(
        database,
        "DELETE FROM access.migrations WHERE name LIKE '%/0111_places'",
        "INSERT INTO access.migrations (name) VALUES ('ledger/9999_future')",
    )
    with pytest.raises(CommandFailed, match=r"newer Locus .* \(unknown here: ledger/9999_future\)"):
        await cli_up._migrate(database.url)
    await set_up(database, "INSERT INTO access.migrations (name) VALUES ('ledger/0111_places')")
    told = await asyncio.to_thread(
        CliRunner().invoke, main, ["migrate"], env={"LOCUS_DATABASE_URL": database.url}
    )
    assert (told.exit_code, told.stdout) == (0, "nothing to do\n")
    assert "(unknown here: ledger/9999_future)" in told.stderr
