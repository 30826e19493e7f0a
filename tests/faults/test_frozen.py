"""A process that stops without dying: the others go on, and its return doubles nothing."""

import asyncio
import time

import pytest

from tests.faults.book import Book
from tests.faults.checkpoints import at_the_head, signs
from tests.faults.publishers import publishing
from tests.faults.system import System, until
from tests.faults.verdict import Record, verify
from tests.faults.views import check_views, leased, reached

TAKEOVER = 3.0  # seconds, of design §7
SIGNED = 6.0  # seconds: a silent signer is given up after 2, and the next looks every second
RESTS = 0.05  # what is measured is who goes on, not how much two cores can do
FREEZES = pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.long)])


@FREEZES
async def test_the_other_ledger_goes_on_when_one_is_frozen(
    system: System, book: Book, seed: str, seconds: int, record_property: Record
) -> None:
    crew = [system.ledgers()] * 6 + [system.ledgers("ledger-b")] * 4
    async with publishing(system, book, crew, seed, RESTS):
        await asyncio.sleep(1)
        system.freeze("ledger-a")
        silence = await _longest_silence(book, seconds)
        system.thaw("ledger-a")
        await asyncio.sleep(1)
    await verify(system, book)
    record_property("takeover", f"{silence:.2f} s; {book.told()}")
    assert silence < TAKEOVER


@FREEZES
async def test_the_other_ledger_goes_on_when_one_is_frozen_while_it_holds_the_lock(
    system: System, book: Book, seed: str, seconds: int, record_property: Record
) -> None:
    await system.restart("ledger-a", "locked:held:2:STOP")
    crew = [system.ledgers()] * 6 + [system.ledgers("ledger-b")] * 4
    async with publishing(system, book, crew, seed, RESTS):
        await until(lambda: system.frozen("ledger-a"), "a ledger is frozen under its lock")
        silence = await _longest_silence(book, seconds)
        system.thaw("ledger-a")
        await asyncio.sleep(1)
    await verify(system, book)
    record_property("takeover", f"{silence:.2f} s; {book.told()}")
    assert silence < TAKEOVER


@FREEZES
async def test_another_worker_goes_on_when_one_is_frozen_and_its_return_changes_nothing(
    system: System, book: Book, seed: str, seconds: int, record_property: Record
) -> None:
    await system.restart("worker", "work:before-commit:10:STOP")
    await until(lambda: leased(system, book.ledger, "worker"), "the worker has the lease")
    await system.restart("spare-worker")
    spare = system.nodes["spare-worker"]
    await until(lambda: spare.waits_for_lease(book.ledger), "another worker stands by")
    async with publishing(system, book, [system.ledgers()] * 3, seed, RESTS):
        await until(lambda: system.frozen("worker"), "the worker is frozen before its commit")
        frozen, before = time.monotonic(), reached(system, book.ledger)
        await until(lambda: reached(system, book.ledger) > before, "the other worker has taken over")
        takeover = time.monotonic() - frozen
        await asyncio.sleep(max(0, seconds - takeover))
        system.thaw("worker")
    await check_views(system, await verify(system, book))
    record_property("takeover", f"{takeover:.2f} s")
    assert takeover < TAKEOVER


@FREEZES
@pytest.mark.parametrize(
    "point", ["checkpoint:before-keep", pytest.param("checkpoint:kept", marks=pytest.mark.long)]
)
async def test_another_signs_when_the_signer_is_frozen_and_its_return_makes_no_second_history(
    system: System, book: Book, seed: str, seconds: int, point: str, record_property: Record
) -> None:
    await at_the_head(system, book, 0)
    await asyncio.to_thread(system.nodes["ledger-b"].stop)
    await system.restart("ledger-a", f"{point}:1:STOP")
    await until(lambda: signs(system, book.ledger), "ledger-a is who signs")
    await system.restart("ledger-b")
    async with publishing(system, book, [system.ledgers("ledger-b")] * 3, seed, RESTS):
        await until(lambda: system.frozen("ledger-a"), "the signer is frozen with a note that nobody saw")
        frozen, before = time.monotonic(), book.latest()
        await until(lambda: book.latest() != before, "the other signs")
        takeover = time.monotonic() - frozen
        await asyncio.sleep(max(0, seconds - takeover))
        system.thaw("ledger-a")
        await asyncio.sleep(1)
    await verify(system, book)
    record_property("takeover", f"{takeover:.2f} s")
    assert takeover < SIGNED


async def _longest_silence(book: Book, seconds: float) -> float:
    since = time.monotonic()
    await asyncio.sleep(seconds)
    return book.longest_silence("ledger-b", since, time.monotonic())
