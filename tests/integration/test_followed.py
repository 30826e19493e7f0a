"""A history put together from what is kept of a ledger is the one read anew, wherever that has come to."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import pytest

from services.projections.connection import pool
from services.projections.facts.fact import FOREVER
from services.projections.history import History
from services.projections.views import followed, past
from services.projections.views.followed import FollowedLedgers
from services.projections.views.ground import Structures, generation_is_there, ground, snapshot
from services.projections.views.past import Part
from tests.conftest import Database
from tests.histories import DOMAINS, START, history
from tests.integration.test_arrival import SEEDS
from tests.integration.test_strands import LEDGER, folded, ready
from tests.integration.test_views import serve
from tests.integration.test_worker_histories import followed as worked
from tests.recorded import Recorded, entries

KINDS = (
    *("decisions", "initiatives", "consultations", "spaces", "experiments", "debriefs", "lessons"),
    *("pulses", "knots"),
)


def told(history: History) -> Iterator[Any]:
    """All that a history holds, in its order."""
    for kind in KINDS:
        for id, stream in getattr(history, kind).items():
            yield kind, id, type(stream), stream.id, stream.steps, getattr(stream, "acts", None)


def moments(rng: Random, events: list[dict[str, Any]]) -> Iterator[datetime]:
    """Some anywhere, some at which something occurred, the end, and one before anything had."""
    for _ in range(4):
        yield START + timedelta(days=rng.uniform(-5, 200))
        yield datetime.fromisoformat(rng.choice(events)["time"])
    yield FOREVER
    yield START - timedelta(days=900)


@asynccontextmanager
async def of_one(
    database: Database, events: list[dict[str, Any]]
) -> AsyncGenerator[tuple[asyncpg.Pool, Recorded]]:
    """Connections, and a ledger that will hold these events."""
    connection = await database.connect()
    async with pool(database.url) as connections:
        yield connections, Recorded(connection, LEDGER, entries(LEDGER, events, timedelta(hours=3)))
    await connection.close()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("many", [followed._MANY, 1])
async def test_what_is_followed_is_what_is_read_anew(
    database: Database, seed: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(seed)
    monkeypatch.setattr(followed, "_MANY", many)
    read: list[int | None] = []

    async def counted(connection: Any, ground: Any, subjects: Any, most: int) -> Any:
        read.extend([None if subjects is None else len(subjects)] if most else [])  # of what is followed
        return await reading_of(connection, ground, subjects, most)

    reading_of = followed._read
    monkeypatch.setattr(followed, "_read", counted)
    events = history(rng)
    kept, compared, upto = Structures(), 0, max(1, len(events) // 3)
    async with of_one(database, events) as (connections, record):
        number = await ready(connections, record, upto)
        while True:
            await folded(connections, number, upto)
            for at in moments(rng, events):
                part = Part(domain=rng.choice([None, *DOMAINS]), start=rng.choice([None, START]))
                known = rng.choice([None, rng.randint(1, upto)])
                anew = Structures()
                anew.followed = FollowedLedgers(room=0)
                async with snapshot(connections, LEDGER) as reading:
                    on = await ground(
                        reading, LEDGER, at.isoformat() if at != FOREVER else None, known and str(known)
                    )
                    found = await past.history(reading, on, kept, part)
                    expected = await past.history(reading, on, anew, part)
                    assert list(told(found)) == list(told(expected)), (at, known, part)
                    compared += 1
            if upto == len(events):
                break
            more = min(rng.randint(1, 25), len(events) - upto)
            await record.append(more)
            upto += more
            await worked(connections, LEDGER, number, 500, upto)
    assert kept.followed._followed, "nothing was followed"
    assert (read.count(None) == 1) == (many > 1), "what is new is read, or all if that is much"
    assert compared > 20


async def test_what_is_large_or_asked_about_a_domain_is_not_begun_to_be_followed(database: Database) -> None:
    events = history(Random(1))
    async with of_one(database, events) as (connections, record):
        await ready(connections, record, len(events))
        async with snapshot(connections, LEDGER) as reading:
            small, narrow = Structures(), Structures()
            small.followed = FollowedLedgers(room=5)
            now = await ground(reading, LEDGER, None, None)
            await past.history(reading, now, small)
            await past.history(reading, now, narrow, Part(domain=DOMAINS[0]))
    assert not any(one.followed._followed for one in (small, narrow))


async def test_what_was_broken_off_while_it_moved_on_is_not_read_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, structures = history(Random(4)), Structures()
    async with of_one(database, events) as (connections, record):
        number = await ready(connections, record, len(events) - 3)
        async with snapshot(connections, LEDGER) as reading:
            await past.history(reading, await ground(reading, LEDGER, None, None), structures)
        (before,) = structures.followed._followed.values()
        await record.append(3)
        await worked(connections, LEDGER, number, 500, len(events))
        async with snapshot(connections, LEDGER) as reading:
            on = await ground(reading, LEDGER, None, None)
            with monkeypatch.context() as broken:
                broken.setattr(followed, "_read", late)
                with pytest.raises(TimeoutError):
                    await past.history(reading, on, structures)
            assert [*structures.followed._followed.values()] == [before]
            await past.history(reading, on, structures)
    assert [one.position for one in structures.followed._followed.values()] == [len(events)]


async def late(*_: object) -> None:
    raise TimeoutError


async def test_of_several_ledgers_those_asked_about_last_are_followed(database: Database) -> None:
    events = history(Random(2))
    structures = Structures()
    connection = await database.connect()
    async with pool(database.url) as connections:
        for ledger in ("one", "two", "three"):
            record = Recorded(connection, ledger, entries(ledger, events, timedelta(hours=3)))
            await record.create()
            await serve(connections, record)
            async with snapshot(connections, ledger) as reading:
                on = await ground(reading, ledger, None, None)
                await past.history(reading, on, structures)
            size = next(iter(structures.followed._followed.values())).size
            structures.followed._room = size + on.position  # room is made for as many as there are entries
    await connection.close()
    assert [ledger for ledger, _ in structures.followed._followed] == ["two", "three"]


async def test_a_ground_whose_rows_were_lost_in_a_crash_is_not_there(database: Database) -> None:
    events = history(Random(3))
    async with of_one(database, events) as (connections, record):
        await ready(connections, record, len(events))
        async with snapshot(connections, LEDGER) as reading:
            on = await ground(reading, LEDGER, None, None)
            assert await generation_is_there(reading, on)
        await record.connection.execute("UPDATE projections.generations SET position = position - 1")
        async with snapshot(connections, LEDGER) as reading:
            assert not await generation_is_there(reading, on)
