"""Cells are folded beside the worker, by a process that lives exactly as long as the one that started it."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import asyncpg
import pytest

from services.platform.database import sql
from services.projections import aggregates, folding
from services.projections.connection import tenant
from tests.conftest import Database
from tests.integration.test_worker_histories import built, recorded
from tests.recorded import Recorded

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


async def woven(connections: asyncpg.Pool, ledger: str, generation: int) -> int:
    async with tenant(connections, ledger) as connection:
        found = await connection.fetchval(sql("services.projections", "strands_to"), ledger, generation)
    return found or 0


async def until_folded(connections: asyncpg.Pool, ledger: str, generation: int, end: int) -> None:
    """Until cells have come to a position."""
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


@contextlib.asynccontextmanager
async def to_be_folded(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[asyncpg.Pool, Recorded, int]]:
    """Ten entries' rows without cells, where a process that is started now finds them."""
    monkeypatch.setenv("LOCUS_DATABASE_URL", database.url)
    async with recorded(database, 2) as (connections, record):
        await record.append(10)
        yield connections, record, await built(connections, record.ledger, 50, 10)


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


async def test_cells_and_strands_come_to_where_the_rows_are_once_no_more_entries_come(
    database: Database,
) -> None:
    async with recorded(database, 3) as (connections, record):
        await record.append(20)
        number = await built(connections, record.ledger, 20, 20)
        async with running(connections):
            await until_folded(connections, record.ledger, number, 20)
            await record.append(len(record.lines))
            later = await built(connections, record.ledger, 20, len(record.lines))
            await until_folded(connections, record.ledger, later, len(record.lines))
            async with asyncio.timeout(20):
                while await woven(connections, record.ledger, later) < len(record.lines):  # noqa: ASYNC110 — in the database
                    await asyncio.sleep(0.02)
        assert await folded(connections, record.ledger, later) == len(record.lines)


async def test_a_ledger_that_cannot_be_folded_is_tried_again_and_keeps_no_other_from_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, broken = aggregates.step, {"history-1"}

    async def step(pool: asyncpg.Pool, ledger: str, generation: int) -> tuple[int, int]:
        if ledger in broken:
            raise asyncpg.NumericValueOutOfRangeError("no such sum")
        return await real(pool, ledger, generation)

    monkeypatch.setattr(folding, "_FOLDS", (folding.CELLS._replace(step=step), folding.STRANDS))
    monkeypatch.setattr(folding, "_PAUSE", 0.01)
    async with (
        recorded(database, 1) as (connections, first),
        recorded(database, 2) as (_, second),
        running(connections),
    ):
        numbers = []
        for record in (first, second):
            await record.append(len(record.lines))
            numbers.append(await built(connections, record.ledger, 50, len(record.lines)))
        await until_folded(connections, second.ledger, numbers[1], len(second.lines))
        assert await folded(connections, first.ledger, numbers[0]) == 0
        broken.clear()
        await until_folded(connections, first.ledger, numbers[0], len(first.lines))


async def test_of_two_that_fold_one_leaves_a_ledger_to_the_other(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, at_once, most = aggregates.step, 0, 0

    async def step(pool: asyncpg.Pool, ledger: str, generation: int) -> tuple[int, int]:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        try:
            return await real(pool, ledger, generation)
        finally:
            at_once -= 1

    monkeypatch.setattr(folding, "_FOLDS", (folding.CELLS._replace(step=step), folding.STRANDS))
    monkeypatch.setattr(aggregates, "_STEP", 3)
    async with recorded(database, 3) as (connections, record):
        await record.append(len(record.lines))
        number = await built(connections, record.ledger, 50, len(record.lines))
        async with running(connections), running(connections):
            await until_folded(connections, record.ledger, number, len(record.lines))
    assert most == 1


async def test_being_cancelled_ends_it_though_what_it_was_doing_then_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()

    async def step(*_: object) -> tuple[int, int]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("the connection is gone")
        return 0, 0

    monkeypatch.setattr(folding, "_FOLDS", (folding.CELLS._replace(step=step), folding.STRANDS))
    async with recorded(database, 3) as (connections, record):
        await record.append(20)
        await built(connections, record.ledger, 20, 20)
        task = asyncio.create_task(folding.Folding(connections, look=0.01).run())
        async with asyncio.timeout(10):
            await begun.wait()
            task.cancel()
            await asyncio.wait({task})
        assert task.cancelled()


@pytest.mark.parametrize(
    ("came", "to_come", "positions"),
    [
        (0, 0, 1),
        (1, 0, 7),
        (folding.OFTEN + 1, 0, 9_000),
        (0, 9_001, 9_000),
        (folding.OFTEN + 1, 8_000, 8_000),
    ],
)
def test_the_more_entries_come_the_further_a_fold_may_be_behind(
    came: int, to_come: int, positions: int
) -> None:
    fold = folding.CELLS._replace(often=7, seldom=9_000)
    assert folding.may_be_behind(fold, came, to_come) == positions


@pytest.mark.parametrize(
    ("fold", "behind", "resting", "others", "due"),
    [
        (folding.CELLS, (1, 0, 0), False, False, True),
        (folding.CELLS, (1, 0, 0), True, False, False),
        (folding.CELLS, (folding.CELLS.seldom, 0, folding.OFTEN + 1), True, False, True),
        (folding.STRANDS, (1, 0, 0), False, False, True),
        (folding.STRANDS, (folding.STRANDS.seldom - 1, 0, 0), False, True, False),
        (folding.STRANDS, (folding.STRANDS.seldom - 1, folding.OFTEN + 1, 0), False, False, False),
        (folding.STRANDS, (folding.STRANDS.seldom, folding.OFTEN + 1, 0), False, True, True),
    ],
)
def test_strands_wait_for_cells_but_not_for_ever_and_cells_rest_unless_much_is_to_come(
    fold: folding.Fold, behind: tuple[int, int, int], resting: bool, others: bool, due: bool
) -> None:
    assert folding.is_due(fold, folding.Behind(*behind), resting=resting, others=others) == due


async def test_what_cannot_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lives: list[str] = []

    async def life() -> int:
        lives.append("begun")
        if len(lives) == 1:
            raise BlockingIOError("too many processes")
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(folding, "_one_life", life)
    monkeypatch.setattr(folding, "_AGAIN", 0.01)
    async with folding.beside(), asyncio.timeout(10):
        while len(lives) < 2:  # noqa: ASYNC110 — it happens in another task
            await asyncio.sleep(0.01)
    assert lives == ["begun", "begun"]


async def test_the_process_beside_folds_is_started_again_when_it_dies_and_ends_with_us(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with to_be_folded(database, monkeypatch) as (connections, record, number):
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
    async with to_be_folded(database, monkeypatch) as (connections, record, number):
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTED, stdout=asyncio.subprocess.PIPE
        )
        await until_folded(connections, record.ledger, number, 10)
        child = await until_there_is_one(parent.pid)
        assert lives(child)
        parent.kill()
        await parent.wait()
    async with asyncio.timeout(10):
        while lives(child):  # noqa: ASYNC110 — the kernel tells only whoever asks
            await asyncio.sleep(0.05)


async def test_what_took_long_is_let_be_before_it_is_done_for_little_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []

    async def step(*_: object) -> tuple[int, int]:
        begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        return 20, 20  # it has come to the rows, and at the next look is behind again

    monkeypatch.setattr(folding, "_FOLDS", (folding.CELLS._replace(step=step),))
    async with recorded(database, 3) as (connections, record):
        await record.append(20)
        await built(connections, record.ledger, 20, 20)
        async with running(connections), asyncio.timeout(20):
            while len(begun) < 3:  # noqa: ASYNC110 — it happens in another task
                await asyncio.sleep(0.01)
    assert min(later - earlier for earlier, later in pairwise(begun)) > 0.4
