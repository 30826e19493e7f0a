"""kill -9 of anything at any moment, under load."""

import asyncio
import random

import pytest

from tests.faults.book import Book
from tests.faults.publishers import publishing
from tests.faults.system import System
from tests.faults.verdict import Record, verify
from tests.faults.views import check_views

VICTIMS = ("ledger-a", "ledger-b", "relay", "worker", "postgres", "nats", "witness")


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.long)])
async def test_nothing_acknowledged_is_lost_or_doubled_when_a_process_is_killed(
    system: System, book: Book, seed: str, rounds: int, record_property: Record
) -> None:
    chance = random.Random(seed)
    victims = [victim for _ in range(rounds) for victim in chance.sample(VICTIMS, len(VICTIMS))][:rounds]
    async with publishing(system, book, [system.ledgers()] * 12, seed):
        for victim in victims:
            await asyncio.sleep(chance.uniform(0.2, 1.5))
            system.kill(victim)
            await asyncio.sleep(chance.uniform(0, 0.5))
            await system.restart(victim)
        await asyncio.sleep(0.5)
    log = await verify(system, book)
    await check_views(system, log)
    entries = f"{len(log.entries)} entries in {len(log.commits)} commits"
    record_property("killed", f"{rounds} times; {entries}; {book.told()}")
