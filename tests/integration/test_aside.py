"""Long answers are worked out in processes of their own, which end, die and take too long without harm."""

import asyncio
import json
import os
import resource
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from msgspec import structs

from services.connectors import demo
from services.platform.problems import Problem
from services.projections.aside import Aside, aside
from services.projections.connection import pool
from services.projections.negotiating import CSV, JSON
from services.projections.views import knots
from services.projections.views.ground import Ground, Structures, ground, snapshot
from services.projections.views.past import history
from services.projections.views.question import BadParameterError
from tests.conftest import Database
from tests.integration.test_views import serve
from tests.recorded import Recorded, entries

(VIEW,) = knots.VIEWS
EVENTS = list(islice(demo.events(1), 1_500))
EARLIER = datetime(2024, 7, 1, tzinfo=UTC)


@asynccontextmanager
async def read(database: Database) -> AsyncGenerator[Ground]:
    """The ground of a ledger that holds a part of the demo."""
    async with AsyncExitStack() as stack:
        connection = await database.connect()
        stack.push_async_callback(connection.close)
        record = Recorded(connection, "demo", entries("demo", EVENTS))
        await record.create()
        connections = await stack.enter_async_context(pool(database.url))
        await serve(connections, record, folded=False)
        async with snapshot(connections, "demo") as reading:
            base = await ground(reading, "demo", None, None)
        yield base


def processes(beside: Aside) -> list[int]:
    started = beside._processes
    return [] if started is None else list(started._processes or {})


def leave_no_room(pid: int) -> None:
    used = int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()
    resource.prlimit(pid, resource.RLIMIT_AS, (used + 2**20, used + 2**20))  # but to tell of it


async def gone(pids: list[int]) -> bool:
    """Whether these processes end within seconds."""
    async with asyncio.timeout(5):
        while any(os.path.exists(f"/proc/{pid}") for pid in pids):  # noqa: ASYNC110, ASYNC240, PTH110 — others end them
            await asyncio.sleep(0.02)
    return True


async def test_an_answer_comes_back_in_either_form_and_the_processes_end_with_us(database: Database) -> None:
    async with read(database) as base:
        async with aside(database.url, None) as beside:
            answer = json.loads(await beside.answer(VIEW, knots.Asked(), base, JSON, None))
            assert answer["rests_on"]["position"] == base.position == len(EVENTS)
            table = await beside.answer(VIEW, knots.Asked(), base, CSV, None)
            assert table.decode().splitlines()[0].count(",") > 3
            with pytest.raises(BadParameterError, match="no table `nope`"):
                await beside.answer(VIEW, knots.Asked(), base, CSV, "nope")
            pids = processes(beside)
            assert pids
        assert await gone(pids)


async def test_what_takes_too_long_is_broken_off_and_the_next_answer_is_whole(database: Database) -> None:
    async with read(database) as base, aside(database.url, None) as beside:
        await beside.answer(VIEW, knots.Asked(), base, JSON, None)
        beside._patience = 0.002
        with pytest.raises(Problem) as refused:
            await beside.answer(VIEW, knots.Asked(), structs.replace(base, at=EARLIER), JSON, None)
        assert refused.value.kind.status == 503
        assert "takes more than 0 seconds" in str(refused.value)
        beside._patience = 30
        assert await beside.answer(VIEW, knots.Asked(), base, JSON, None)


async def test_a_process_without_room_costs_one_answer_and_is_replaced(database: Database) -> None:
    async with read(database) as ground, aside(database.url, None) as beside:

        async def until_full() -> None:
            for hours in range(200):  # each is kept for whoever asks again
                at = EARLIER + timedelta(hours=hours)
                await beside.answer(VIEW, VIEW.question(), structs.replace(ground, at=at), JSON, None)

        whole = await beside.answer(VIEW, VIEW.question(), ground, JSON, None)
        before = processes(beside)
        for pid in before:
            leave_no_room(pid)
        beside._patience, beside._grace = 5, 2
        # Some have room left to tell of it, some end over it, some are lost without a word.
        with pytest.raises(Problem, match=r"too much memory|has ended|does not answer"):
            await until_full()
        assert await gone(before)
        assert await beside.answer(VIEW, VIEW.question(), ground, JSON, None) == whole


async def test_a_killed_process_costs_one_answer_and_is_started_again(database: Database) -> None:
    async with read(database) as base, aside(database.url, None) as beside:
        await beside.answer(VIEW, knots.Asked(), base, JSON, None)
        pids = processes(beside)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        asked = asyncio.create_task(beside.answer(VIEW, knots.Asked(), base, JSON, None))
        await asyncio.sleep(0.05)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(Problem, match="has ended"):
            await asked
        assert await beside.answer(VIEW, knots.Asked(), base, JSON, None)
        assert await gone(pids)


async def test_too_many_who_wait_are_told_to_come_back(database: Database) -> None:
    async with read(database) as base, aside(database.url, None) as beside:
        answers = await asyncio.gather(
            *(beside.answer(VIEW, knots.Asked(domain=f"d-{n}"), base, JSON, None) for n in range(20)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, Problem) for one in answers) == 4
        assert sum(isinstance(one, bytes) for one in answers) == 16


async def test_many_who_ask_the_same_are_given_one_answer(database: Database) -> None:
    async with read(database) as base, aside(database.url, None) as beside:
        answers = await asyncio.gather(
            *(beside.answer(VIEW, knots.Asked(), base, JSON, None) for _ in range(40))
        )
        assert len(set(map(id, answers))) == 1


async def test_a_history_is_put_together_once_for_one_ground_and_anew_where_who_was_known_changed(
    database: Database,
) -> None:
    async with read(database) as base, pool(database.url) as connections:
        structures = Structures()
        async with snapshot(connections, "demo") as connection:
            first = await history(connection, base, structures)
            assert await history(connection, base, structures) is first
            earlier = structs.replace(base, at=EARLIER)
            assert (await history(connection, earlier, structures)).at == EARLIER
            assert await history(connection, base, structures) is first
            structures._kept.clear()  # as if so many others had been asked about that these were given up
            again = await history(connection, base, structures)
            assert again is not first
            assert again.decisions.keys() == first.decisions.keys()


async def test_a_frozen_process_costs_one_answer_and_is_replaced(database: Database) -> None:
    async with read(database) as base, aside(database.url, None) as beside:
        await beside.answer(VIEW, knots.Asked(), base, JSON, None)
        pids = processes(beside)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        beside._patience, beside._grace = 0.5, 0.5
        with pytest.raises(Problem, match="does not answer"):
            async with asyncio.timeout(10):
                await beside.answer(VIEW, knots.Asked(), base, JSON, None)
        beside._patience, beside._grace = 30, 15
        assert await beside.answer(VIEW, knots.Asked(), base, JSON, None)
        assert await gone(pids)
