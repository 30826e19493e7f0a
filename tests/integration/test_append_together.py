"""Many writers, lost connections and refusals by SQL: nothing twice, nothing lost, no gap."""

import asyncio
import random

import asyncpg
import pytest

from schemas import Receipt
from services.ledger import store
from services.ledger.appender import Appender
from services.ledger.errors import Conflict, Refused
from services.ledger.writing import PATIENCE
from tests.conftest import Database
from tests.ledgers import appending, check_log, connecting, made, no_keys, now, reviewed

PUBLISHER = "tests"


async def test_two_processes_on_one_ledger_leave_no_gap_and_nothing_twice(database: Database) -> None:
    """Half of what each publishes the other publishes too, and everybody writes the same few subjects."""
    dice = random.Random(1)
    events = [reviewed(n, f"decision/d-{dice.randrange(20)}") for n in range(600)]
    async with appending(database.url) as one, appending(database.url) as other:

        async def publish(appender: Appender, share: list[int]) -> list[Receipt]:
            return [(await appender.submit("acme", [events[n]], PUBLISHER))[0] for n in share]

        shares = [[n for n in range(600) if n % 8 in (k, (k + 1) % 8)] for k in range(8)]
        receipts = await asyncio.gather(
            *[publish((one, other)[k % 2], share) for k, share in enumerate(shares)]
        )
    entries = await check_log(database.url)
    assert len(entries) == 600
    places = {receipt.id: receipt.position for share in receipts for receipt in share}
    assert all(places[entry["event"]["id"]] == entry["position"] for entry in entries)
    assert sum(not receipt.duplicate for share in receipts for receipt in share) == 600


async def test_of_several_who_expect_the_same_version_one_wins(database: Database) -> None:
    async with appending(database.url) as one, appending(database.url) as other:
        answers = await asyncio.gather(
            *[
                (one, other)[n % 2].submit("acme", [reviewed(n, "decision/d", expectedversion=0)], PUBLISHER)
                for n in range(20)
            ],
            return_exceptions=True,
        )
    assert sum(isinstance(answer, list) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 19
    assert len(await check_log(database.url)) == 1


async def test_a_head_that_keeps_moving_is_held(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between this process's look and its write another one always gets in, until the lock is held."""
    passed: list[str] = []
    rivals = 0
    append = store.append
    async with appending(database.url) as rival, appending(database.url, commit_points=passed.append) as ours:

        async def overtaken(connection: asyncpg.Connection, ledger: str, *rest: object) -> bool:
            nonlocal rivals
            if "locked:before" not in passed and rivals < 10:
                rivals += 1
                monkeypatch.setattr(store, "append", append)
                await rival.submit("acme", [made(f"rival-{rivals}")], PUBLISHER)
                monkeypatch.setattr(store, "append", overtaken)
            return await append.__call__(connection, ledger, *rest)

        monkeypatch.setattr(store, "append", overtaken)
        (receipt,) = await ours.submit("acme", [made("ours")], PUBLISHER)
    assert rivals == PATIENCE
    assert passed[-4:] == ["locked:before", "locked:held", "append:before", "locked:after"]
    assert receipt.position == PATIENCE + 1
    await check_log(database.url)


async def test_a_writer_silent_with_the_lock_held_lets_the_others_on(database: Database) -> None:
    silent = await database.connect("locus_appender")
    await silent.execute("BEGIN")
    await store.lock(silent, "acme")
    try:
        async with appending(database.url) as appender, asyncio.timeout(3):
            (receipt,) = await appender.submit("acme", [made(1)], PUBLISHER)
        assert receipt.position == 1
    finally:
        silent.terminate()


async def test_a_stranger_in_the_ledger_is_noticed_by_an_appender_that_trusts_its_memory(
    database: Database,
) -> None:
    async with appending(database.url) as ours, appending(database.url) as stranger:
        for n in range(5):
            await ours.submit("acme", [reviewed(n, "decision/d")], PUBLISHER)
        await stranger.submit("acme", [reviewed("s", "decision/d")], PUBLISHER)
        (receipt,) = await ours.submit("acme", [reviewed(9, "decision/d")], PUBLISHER)
    assert (receipt.position, receipt.version) == (7, 7)


async def test_trust_in_a_new_subject_is_checked_by_the_database(database: Database) -> None:
    """What this process takes for new is stored already: it looks again instead of failing."""
    async with appending(database.url) as first:
        await first.submit("acme", [reviewed("old", "decision/old")], PUBLISHER)
    async with appending(database.url) as appender:
        for n in range(3):
            await appender.submit("acme", [made(n)], PUBLISHER)
        (receipt,) = await appender.submit("acme", [reviewed("new", "decision/old")], PUBLISHER)
        (again,) = await appender.submit("acme", [reviewed("old", "decision/old")], PUBLISHER)
    assert receipt.version == 2
    assert (again.position, again.duplicate) == (1, True)
    await check_log(database.url)


async def test_connections_that_are_cut_lose_nothing_and_store_nothing_twice(database: Database) -> None:
    async def publish(appender: Appender, share: int) -> list[int]:
        events = [reviewed(f"{share}-{n}", f"decision/d-{n % 7}") for n in range(40)]
        return [(await appender.submit("acme", [event], PUBLISHER))[0].position for event in events]

    admin = await database.connect()
    async with appending(database.url) as appender:
        publishing = asyncio.gather(*[publish(appender, share) for share in range(20)])
        for _ in range(8):
            await asyncio.sleep(0.05)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'locus_appender' AND datname = current_database()"
            )
        async with asyncio.timeout(20):
            shares = await publishing
    await admin.close()
    assert sorted(position for share in shares for position in share) == list(range(1, 801))
    assert len(await check_log(database.url)) == 800


async def test_a_group_whose_answer_was_lost_is_found_stored(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = store.append
    lost = 0

    async def stored_but_lost(connection: asyncpg.Connection, *rest: object) -> bool:
        nonlocal lost
        stored = await append.__call__(connection, *rest)
        if lost < 3:
            lost += 1
            raise ConnectionResetError("the answer never came")
        return stored

    async with appending(database.url) as appender:
        monkeypatch.setattr(store, "append", stored_but_lost)
        unit = [made(1), reviewed(2, "decision/d-1")]
        receipts = await appender.submit("acme", unit, PUBLISHER)
        again = await appender.submit("acme", unit, PUBLISHER)
    assert [(receipt.position, receipt.duplicate) for receipt in receipts] == [(1, False), (2, False)]
    assert [(receipt.position, receipt.duplicate) for receipt in again] == [(1, True), (2, True)]
    assert len(await check_log(database.url)) == 2


async def test_what_sql_alone_refuses_is_refused_alone(database: Database) -> None:
    admin = await database.connect()
    await admin.execute("ALTER TABLE ledger.entries ADD CONSTRAINT no_poison CHECK (id <> 'poison')")
    await admin.close()
    async with appending(database.url) as appender:
        answers = await asyncio.gather(
            *[appender.submit("acme", [made(id)], PUBLISHER) for id in (1, "poison", 2, 3)],
            return_exceptions=True,
        )
    assert [isinstance(answer, Refused) for answer in answers] == [False, True, False, False]
    assert len(await check_log(database.url)) == 3


async def test_a_program_at_odds_with_the_database_tells_its_waiters(database: Database) -> None:
    admin = await database.connect()
    await admin.execute("REVOKE INSERT ON ledger.entries FROM locus_appender")
    await admin.close()
    async with appending(database.url) as appender:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await appender.submit("acme", [made(1)], PUBLISHER)


async def test_ledgers_take_turns(database: Database) -> None:
    """A ledger with much to record does not keep the others waiting for it to finish."""
    async with appending(database.url, connections=1) as appender:
        await appender.create_ledger("small")
        bulk = asyncio.create_task(appender.submit_each("acme", [made(n) for n in range(3_000)], PUBLISHER))
        await asyncio.sleep(0)
        await appender.submit("small", [made(1)], PUBLISHER)
        assert not bulk.done()
        await bulk
    assert len(await check_log(database.url)) == 3_000


async def test_a_clock_that_stands_still_gives_growing_instants(database: Database) -> None:
    frozen = now()
    async with Appender(connecting(database.url), keys=no_keys, now=lambda: frozen) as appender:
        await appender.create_ledger("acme")
        receipts = [(await appender.submit("acme", [made(n)], PUBLISHER))[0] for n in range(5)]
    instants = [receipt.recorded for receipt in receipts]
    assert instants == sorted(set(instants))
    await check_log(database.url)
