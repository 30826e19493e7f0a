"""The views agree with the oracle on the whole demo, and on the real history that LOCUS_PEPS points at."""

import os
from collections.abc import Iterable
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from services.connectors import demo, peps
from services.projections.connection import pool
from tests.conftest import Database
from tests.integration.test_views import Asker, check_authority, check_drift, serve
from tests.integration.views_site import site
from tests.oracle.oracle import World
from tests.recorded import Recorded, entries

SEED = int(os.environ.get("LOCUS_SEED", "1"))
PEPS = os.environ.get("LOCUS_PEPS", "")


async def agree(database: Database, ledger: str, events: Iterable[dict[str, Any]], questions: int) -> None:
    """Ask both random questions, as of and as known at random moments, under both lenses."""
    rng = Random(SEED)
    every = timedelta(minutes=90) if ledger == "demo" else timedelta(hours=60)
    lines = entries(ledger, list(events), every)
    async with AsyncExitStack() as stack:
        connection = await database.connect()
        stack.push_async_callback(connection.close)
        record = Recorded(connection, ledger, lines)
        await record.create()
        connections = await stack.enter_async_context(pool(database.url))
        await serve(connections, record, folded=True)
        client = await stack.enter_async_context(site(database))
        asker = Asker(client, ledger, lines, rng)
        domains = sorted(
            {e["event"]["subject"][7:] for e in asker.entries if "domain/" in e["event"]["subject"]}
        )
        for number in range(questions):
            question = asker.question() | {"domain": rng.choice(["", *domains]), "body": None}
            world, as_of = asker.world() if number else (World(asker.entries), {})
            for lens in ("node", "seat"):
                answer = await asker.ask("authority", question, as_of, lens=lens)
                check_authority(answer["windows"][0], world.authority(lens, **question), lens)
                answer = await asker.ask("drift", question, as_of, lens=lens)
                check_drift(answer["windows"][0], world.drift(lens, **question))


@pytest.mark.parametrize("questions", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_the_views_of_the_demo_are_those_of_the_oracle(database: Database, questions: int) -> None:
    await agree(database, "demo", demo.events(7), questions)


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
async def test_the_views_of_the_peps_are_those_of_the_oracle(database: Database) -> None:
    await agree(database, "peps", peps.read(PEPS), 20)
