"""A question that reads only the strands it may be about answers as one that reads everything."""

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

import asyncpg
import msgspec
import pytest

from services.connectors import demo
from services.projections import weaving
from services.projections.connection import pool
from services.projections.views import dossier, past
from services.projections.views.followed import FollowedLedgers
from services.projections.views.ground import Ground, Structures, ground, snapshot
from services.projections.views.view import View, found
from tests.conftest import Database
from tests.histories import history
from tests.integration.test_arrival import SEEDS
from tests.integration.test_worker_histories import built, followed
from tests.integration.twins import differing
from tests.questions import Questions
from tests.recorded import Recorded, entries

LEDGER = "acme"
SERVE = "UPDATE projections.generations SET serving = true"
NARROW = ("flow", "participation", "trust", "learning", "coordination", "influence")
VIEWS = {view.name: view for view in found() if view.name in NARROW}
Json = dict[str, Any]


async def ready(connections: asyncpg.Pool, record: Recorded, upto: int) -> int:
    """Rows up to a position, which readers are given."""
    await record.create()
    await record.append(upto)
    number = await built(connections, LEDGER, 500, upto)
    await record.connection.execute(SERVE)
    return number


async def folded(connections: asyncpg.Pool, generation: int, upto: int) -> int:
    """Bring strands on to some position at least; gives it."""
    at = -1
    while at < upto:
        at, _ = await weaving.step(connections, LEDGER, generation)
    return at


def narrowed(asking: Questions, view: View) -> Json:
    """A question that is likely to leave something out."""
    rng = asking.rng
    given = asking._parameters(view.name) | {"domain": rng.choice(asking.ids["domain"])}
    first, last = sorted((asking.moment(), asking.moment()))
    given |= {"from": first, "to": last}
    for name in ("domain", "from", "to"):
        if rng.random() < 0.3:
            del given[name]
    return given


class Answers:
    """Answers of one connection, by what it reads and by reading everything; how often that differs."""

    def __init__(self, connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self._connection, self._monkeypatch = connection, monkeypatch
        self.read: list[int] = []
        self.narrower = 0

    async def both(self, view: View, given: Json, on: Ground) -> tuple[bytes, bytes]:
        asked = msgspec.convert(given, view.question, strict=False)
        narrow = await self._answer(view, asked, on)
        before = self.read.pop()
        with self._monkeypatch.context() as patch:
            patch.setattr(past, "_NEAR", -1 << 40)
            whole = await self._answer(view, asked, on)
        self.narrower += before < self.read.pop()
        return narrow, whole

    async def _answer(self, view: View, asked: Any, on: Ground) -> bytes:
        structures = Structures()
        structures.followed = FollowedLedgers(room=0)  # so that it is read
        answer = await view.ask(asked, self._connection, on, structures)
        self.read.append(sum(size for _, size in structures.histories._kept.values()))
        return msgspec.json.encode(answer)


async def fetched(connection: Any) -> int:
    """How many rows of the views this transaction has fetched."""
    count: int = await connection.fetchval(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint FROM pg_stat_xact_user_tables"
        " WHERE schemaname = 'projections'"
    )
    return count


async def holds(
    database: Database, events: Sequence[Json], seed: int, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = Random(seed)
    monkeypatch.setattr(weaving, "STEP", rng.choice((7, 60, 400)))
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, events, timedelta(hours=3)))
    asking, narrower = Questions(events, rng), 0
    try:
        async with pool(database.url) as connections:
            first = rng.randrange(1, len(events))
            number = await ready(connections, record, first)
            for upto in (first, len(events)):
                await folded(connections, number, upto)
                if upto == first:  # the rest is told after strands were folded
                    await record.append(len(events) - first)
                    await followed(connections, LEDGER, number, 500, len(events))
                async with snapshot(connections, LEDGER) as reading:
                    answers = Answers(reading, monkeypatch)
                    for _ in range(each):
                        for view in VIEWS.values():
                            at = asking.moment() if rng.random() < 0.4 else None
                            known = str(rng.randint(1, len(events))) if rng.random() < 0.4 else None
                            on = await ground(reading, LEDGER, at, known)
                            given = narrowed(asking, view)
                            narrow, whole = await answers.both(view, given, on)
                            differ = differing(json.loads(narrow), json.loads(whole))
                            assert narrow == whole, (view.name, given, at, known, upto, differ)
                    narrower += answers.narrower
    finally:
        await connection.close()
    assert narrower > each, "less was read"


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_histories_answer_the_same_by_their_strands(
    database: Database, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await holds(database, history(Random(seed)), seed, 8, monkeypatch)


async def test_the_demo_answers_the_same_by_its_strands(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await holds(database, list(islice(demo.events(1), 1_500)), 1, 8, monkeypatch)


async def test_a_dossier_and_a_domain_are_read_without_the_rest(database: Database) -> None:
    """The server itself counts the rows it fetches, in the transaction that asks."""
    events = list(islice(demo.events(1), 1_500))
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, events, timedelta(hours=3)))
    decisions = {event["subject"] for event in events if event["subject"].startswith("decision/")}
    asking = Questions(events, Random(1))
    try:
        async with pool(database.url) as connections:
            await folded(connections, await ready(connections, record, len(events)), len(events))
            await connection.execute("VACUUM ANALYZE")
            structures = Structures()
            async with snapshot(connections, LEDGER) as reading:
                await reading.execute("SET LOCAL enable_seqscan = off")  # in so few rows it would be right
                on = await ground(reading, LEDGER, None, None)
                await structures.of(reading, on)
                every = await fetched(reading)
                await past.history(reading, on, structures)
                whole = await fetched(reading) - every
                before = await fetched(reading)
                for decision in sorted(decisions)[:20]:
                    await dossier.of_decision(decision[9:], reading, on, structures)
                assert (await fetched(reading) - before) / 20 < whole / 10
                alone = Structures()
                matrix = (await alone.of(reading, on)).matrix
                before = await fetched(reading)
                leaf = next(it for it in asking.ids["domain"] if len(matrix.ever_below(it)) == 1)
                await past.history(reading, on, alone, past.Part(domain=leaf))
                assert await fetched(reading) - before < whole / 3
    finally:
        await connection.close()
