"""A worker that dies, is frozen, or meets what it cannot read: nothing is lost, doubled or done twice."""

import asyncio
from random import Random
from typing import Any

import asyncpg
import pytest

from services.projections import generations, leases
from services.projections.connection import tenant
from services.projections.facts import decisions
from services.projections.follower import Follower
from services.projections.worker import Worker
from tests.conftest import Database
from tests.integration.test_worker_histories import AMPLE, built, digest, recorded

SEEDS = [*range(3), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 12))]


async def position(connections: asyncpg.Pool, ledger: str, number: int) -> int:
    async with tenant(connections, ledger) as connection:
        return (await generations.checkpoint(connection, ledger, number)).position


async def until_at(connections: asyncpg.Pool, ledger: str, number: int, wanted: int) -> None:
    async with asyncio.timeout(20):
        while await position(connections, ledger, number) < wanted:  # noqa: ASYNC110 — it happens in the database
            await asyncio.sleep(0.01)


async def begun(connections: asyncpg.Pool, ledger: str) -> int:
    async with tenant(connections, ledger) as connection:
        return await generations.begin(connection, ledger)


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class Dead(BaseException):
    """As good as kill −9: nothing catches it on its way out."""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_worker_killed_around_its_commits_leaves_what_an_undisturbed_one_does(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(seed)
    real = generations.advance
    deaths: list[str] = []

    async def advance(*args: Any) -> None:
        if not deaths or rng.random() < 0.2:
            deaths.append("before the commit")
            raise Dead(deaths[-1])
        await real(*args)

    async with recorded(database, seed) as (connections, record):
        await record.append(len(record.lines))
        end = len(record.lines)
        whole = await digest(
            connections, record.ledger, await built(connections, record.ledger, 500, end), end
        )
        number = await begun(connections, record.ledger)
        monkeypatch.setattr(generations, "advance", advance)
        life, before = 0.1, -1
        while (now := await position(connections, record.ledger, number)) < end:
            life, before = (life * 1.5 if now == before else 0.1), now  # longer where the machine is slow
            follower = Follower(connections, record.ledger, number, "worker", rng.randint(1, 12), AMPLE)
            task = asyncio.create_task(follower.run())
            await asyncio.wait({task}, timeout=rng.random() * life)
            await stopped(task)
        assert deaths
        assert await digest(connections, record.ledger, number, end) == whole


async def test_another_worker_goes_on_when_the_first_has_died(database: Database) -> None:
    async with recorded(database, 1) as (connections, record):
        await record.append(20)
        number = await begun(connections, record.ledger)
        async with tenant(connections, record.ledger) as connection:
            assert await leases.take(connection, record.ledger, number, "the dead one") is not None
        started = asyncio.get_running_loop().time()
        task = asyncio.create_task(Follower(connections, record.ledger, number, "another", 500, AMPLE).run())
        await until_at(connections, record.ledger, number, 20)
        assert asyncio.get_running_loop().time() - started < 3
        await stopped(task)


async def test_a_worker_that_lost_its_lease_commits_nothing(database: Database) -> None:
    async with recorded(database, 1) as (connections, record):
        await record.append(20)
        number = await begun(connections, record.ledger)
        async with tenant(connections, record.ledger) as connection:
            lease = await leases.take(connection, record.ledger, number, "frozen")
            assert lease is not None
            assert await leases.take(connection, record.ledger, number, "another") is None
            await connection.execute("UPDATE projections.leases SET expires = now() - interval '1 second'")
        async with tenant(connections, record.ledger) as connection:
            assert await leases.take(connection, record.ledger, number, "another") is not None
            old = await generations.checkpoint(connection, record.ledger, number)
            with pytest.raises(leases.LeaseLostError):
                await generations.advance(connection, lease, old, old._replace(recorded=None))
            assert await leases.renew(connection, lease) is False


async def test_two_workers_on_one_ledger_leave_what_one_does(database: Database) -> None:
    async with recorded(database, 3) as (connections, record):
        number = await begun(connections, record.ledger)
        workers = [
            asyncio.create_task(Worker(connections, f"worker-{n}", page=5, poll=0.005).run()) for n in (1, 2)
        ]
        while record.frontier.size < len(record.lines):
            await record.append(3)
        await until_at(connections, record.ledger, number, len(record.lines))
        for task in workers:
            await stopped(task)
        end = len(record.lines)
        both = await digest(connections, record.ledger, number, end)
        alone = await built(connections, record.ledger, 500, end)
        assert await digest(connections, record.ledger, alone, end) == both


async def test_a_ledger_that_is_another_than_before_stops_the_work_with_an_alarm(database: Database) -> None:
    async with recorded(database, 2) as (connections, record):
        await record.append(10)
        number = await built(connections, record.ledger, 500, 10)
        await record.connection.execute("UPDATE ledger.commits SET root = sha256('another')")
        follower = Follower(connections, record.ledger, number, "worker", 500, AMPLE)
        async with asyncio.timeout(10):
            await follower.run()
        async with tenant(connections, record.ledger) as connection:
            found = await generations.all_of(connection, record.ledger)
        assert "root at position 10" in str(found[0].alarm)


async def test_an_entry_that_cannot_be_taken_is_parked_and_the_rest_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = decisions._Course._make

    def make(self: Any, entry: Any, made: Any) -> None:
        if made.outcome == "rejected":
            raise ValueError("no such outcome here")
        real(self, entry, made)

    monkeypatch.setattr(decisions._Course, "_make", make)
    async with recorded(database, 0) as (connections, record):
        await record.append(len(record.lines))
        end = len(record.lines)
        number = await built(connections, record.ledger, 30, end)
        first = await digest(connections, record.ledger, number, end)
        async with tenant(connections, record.ledger) as connection:
            parked = await connection.fetch(
                "SELECT position, subject, error FROM projections.parked WHERE generation = $1", number
            )
            acts = await connection.fetch("SELECT DISTINCT outcome FROM projections.acts")
        assert "ValueError: no such outcome here" in {row["error"] for row in parked}
        assert "accepted" in {row["outcome"] for row in acts}
        again = await built(connections, record.ledger, 7, end)
        assert await digest(connections, record.ledger, again, end) == first
