"""How far the views are behind is told in entries and in time; what cannot be taken is looked after."""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import cast

import asyncpg
import pytest
from structlog.testing import capture_logs

from services.projections.connection import pool, tenant
from services.projections.lags import Watch, lags, watching
from services.projections.parked import entries
from tests.conftest import Database
from tests.integration.test_rebuild import served, working
from tests.integration.test_worker_histories import recorded
from tests.integration.views_site import site


async def test_what_has_not_been_read_counts_in_entries_and_time_and_is_told_to_health(
    database: Database,
) -> None:
    async with AsyncExitStack() as stack:
        connections, record = await stack.enter_async_context(recorded(database, 4))
        async with working(connections):
            await record.append(10)
            await served(connections, record.ledger, 1, 10)
        assert [(lag.entries, lag.seconds) for lag in await lags(connections)] == [(0, 0.0)]
        await record.append(7)
        (lag,) = await lags(connections)
        assert lag.entries == 7
        assert lag.seconds > 0
        watch = Watch(connections)
        await watch.look()
        assert watch.worst()["behind_entries"] == 7
        client = await stack.enter_async_context(site(database))
        async with asyncio.timeout(5):
            while (ready := (await client.get("/health/ready")).json())["behind_entries"] != 7:  # noqa: ASYNC110 — another task looks
                await asyncio.sleep(0.05)
        assert ready["behind_seconds"] > 0
        metrics = (await client.get("/metrics")).text
        assert f'locus_views_behind_entries{{ledger="{record.ledger}"}} 7.0' in metrics
        assert f'locus_views_behind_seconds{{ledger="{record.ledger}"}}' in metrics


async def test_whatever_goes_wrong_it_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = asyncio.Event()
    looks = iter([RuntimeError("unforeseen"), None])

    async def look(_: Watch) -> None:
        if (error := next(looks)) is not None:
            raise error
        looked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Watch, "look", look)
    monkeypatch.setattr("services.projections.lags._LOOK", 0.0)
    with capture_logs() as logs:
        async with watching(cast("asyncpg.Pool", None)), asyncio.timeout(1):
            await looked.wait()
    assert [log["event"] for log in logs] == ["lags not read"]


async def locus(database: Database, *words: str, columns: int = 200) -> tuple[int, str]:
    """A command's exit code and all it said."""
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.cli",
        *words,
        env=os.environ | {"LOCUS_DATABASE_URL": database.url, "COLUMNS": str(columns)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await run.communicate()
    return run.returncode or 0, said.decode()


async def test_a_parked_entry_is_listed_shown_skipped_and_read_anew(database: Database) -> None:
    async with AsyncExitStack() as stack:
        connections, record = await stack.enter_async_context(recorded(database, 4))
        broken = json.loads(record.lines[4])
        broken["event"]["data"] = 7
        record.lines[4] = json.dumps(broken, separators=(",", ":")).encode()
        parked = ("projections", "parked")
        of = ("--ledger", record.ledger)
        async with working(connections):
            await record.append(10)
            await served(connections, record.ledger, 1, 10)
            code, said = await locus(database, *parked, "list", *of)
            assert code == 0
            assert " 5" in said
            code, said = await locus(database, *parked, "list", *of, columns=30)
            assert (code, "left out: a wider terminal shows" in " ".join(said.split())) == (0, True), said
            code, said = await locus(database, *parked, "show", "5", *of)
            assert code == 0
            assert record.lines[4].decode() in said
            _, said = await locus(database, *parked, "list", *of, "--json")
            (known,) = json.loads(said)["parked"]
            assert (known["position"], known["skipped"]) == (5, False)
            assert datetime.fromisoformat(known["since"]) <= datetime.now(UTC)
            _, said = await locus(database, *parked, "show", "5", *of, "--json")
            assert json.loads(said) == known | {"entry": record.lines[4].decode()}
            code, said = await locus(database, *parked, "list", "--ledger", "nope")
            assert (code, "the views know no ledger nope" in said) == (5, True)
            code, said = await locus(database, *parked, "show", "6", *of)
            assert (code, "nothing is parked at position 6" in said) == (5, True)
            code, said = await locus(database, *parked, "skip", "5", *of)
            assert (code, said) == (0, "the entry at position 5 is skipped\n")
            assert (await lags(connections))[0].parked == 0
            code, said = await locus(database, *parked, "retry", *of)
            assert code == 0, said
            assert "are served" in said
            await served(connections, record.ledger, 2, 10)
        async with pool(database.url, 1) as again:
            assert (await lags(again))[0].parked == 0  # still let be
            async with tenant(again, record.ledger) as connection:
                assert [one.position for one in await entries(connection, record.ledger)] == [5]
