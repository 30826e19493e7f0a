"""Cells are folded beside the worker, by a process that lives exactly as long as the one that started it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.projections import aggregates, folding, generations
from services.projections.connection import tenant
from tests.conftest import Database
from tests.integration.test_worker_histories import built, recorded

STARTED = """
import asyncio
from services.projections.folding import beside

async def main():
    async with beside():
        print("beside", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


async def folded(connections: asyncpg.Pool, ledger: str, generation: int) -> int:
    async with tenant(connections, ledger) as connection:
        found = await connection.fetchval(
            "SELECT position FROM projections.folded WHERE generation = $1", generation
        )
    return found or 0


async def until_folded(connections: asyncpg.Pool, ledger: str, generation: int, end: int) -> None:
    async with asyncio.timeout(20):
        while await folded(connections, ledger, generation) < end:  # noqa: ASYNC110 — it happens in the database
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def running(connections: asyncpg.Pool) -> AsyncIterator[None]:
    task = asyncio.create_task(folding.Folding(connections, look=0.01).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def folders_of(parent: int) -> list[int]:
    """The folding processes a process has started, by id."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, above = status.read_text().rpartition(")")[2].split()[:2]
            command = (status.parent / "cmdline").read_bytes()
            if int(above) == parent and state != "Z" and b"services.projections.folding" in command:
                found.append(int(status.parent.name))
    return found


async def until_there_is_one(parent: int, other_than: int = 0) -> int:
    async with asyncio.timeout(20):
        while True:
            found = [child for child in folders_of(parent) if child != other_than]
            if found:
                return found[0]
            await asyncio.sleep(0.05)


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_cells_come_to_where_the_rows_are_once_no_more_entries_come(database: Database) -> None:
    async with recorded(database, 3) as (connections, record):
        await record.append(20)
        number = await built(connections, record.ledger, 20, 20)
        async with running(connections):
            await until_folded(connections, record.ledger, number, 20)
            await record.append(len(record.lines))
            later = await built(connections, record.ledger, 20, len(record.lines))
            await until_folded(connections, record.ledger, later, len(record.lines))


async def test_a_ledger_whose_cells_cannot_be_folded_raises_an_alarm_and_is_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = aggregates.step, [ArithmeticError("no such sum")]

    async def step(*args: Any) -> tuple[int, int]:
        if failures:
            raise failures.pop()
        return await real(*args)

    monkeypatch.setattr(aggregates, "step", step)
    monkeypatch.setattr(folding, "_PAUSE", 0.01)
    async with recorded(database, 1) as (connections, record):
        await record.append(len(record.lines))
        number = await built(connections, record.ledger, 50, len(record.lines))
        async with running(connections):
            await until_folded(connections, record.ledger, number, len(record.lines))
        async with tenant(connections, record.ledger) as connection:
            found = await generations.all_of(connection, record.ledger)
        assert found[0].alarm == "ArithmeticError: no such sum"


async def test_the_process_beside_folds_is_started_again_when_it_dies_and_ends_with_us(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUS_DATABASE_URL", database.url)
    async with recorded(database, 2) as (connections, record):
        await record.append(10)
        number = await built(connections, record.ledger, 50, 10)
        async with folding.beside():
            first = await until_there_is_one(os.getpid())
            await until_folded(connections, record.ledger, number, 10)
            os.kill(first, signal.SIGKILL)
            second = await until_there_is_one(os.getpid(), other_than=first)
            await record.append(len(record.lines))
            later = await built(connections, record.ledger, 50, len(record.lines))
            await until_folded(connections, record.ledger, later, len(record.lines))
        assert not lives(second)


async def test_the_process_beside_ends_when_whoever_started_it_is_killed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCUS_DATABASE_URL", database.url)
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTED, stdout=asyncio.subprocess.PIPE
    )
    child = await until_there_is_one(parent.pid)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(10):
        while lives(child):  # noqa: ASYNC110 — the kernel tells only whoever asks
            await asyncio.sleep(0.05)
