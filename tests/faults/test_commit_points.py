"""Death at each named commit point: what was to be written failed, or failed but had been stored."""

import httpx
import psycopg
import pytest

from tests.faults import points
from tests.faults.book import Book
from tests.faults.events import Unit
from tests.faults.publishers import Publisher, connected, publishing
from tests.faults.system import System
from tests.faults.verdict import verify
from tests.faults.views import check_views


def test_there_is_no_commit_point_that_is_not_tested() -> None:
    assert points.named() == points.TESTED


@pytest.mark.parametrize("point", points.APPEND)
async def test_a_publisher_whose_ledger_dies_unanswered_gets_its_one_receipt_from_another(
    system: System, book: Book, seed: str, point: str
) -> None:
    rivals = [system.ledgers("ledger-b")] * 5  # who move the head, so that the lock comes to be needed
    await system.restart("ledger-a", f"{point}:{2 if point.startswith('append') else 1}")
    async with publishing(system, book, rivals, seed), connected(system.token, 30) as client:
        to_the_mortal = Publisher(book, system.ledgers("ledger-a"), client, "lone", seed)
        to_the_other = Publisher(book, system.ledgers("ledger-b"), client, "lone", seed)
        unit = await _unanswered(to_the_mortal, book)
        await system.dies("ledger-a")
        await to_the_other.publish(unit, doubt=True)
        await system.restart("ledger-a")
        await to_the_mortal.again(unit)
    first, *later = book.receipts(unit[0])
    assert first["duplicate"] == points.APPEND[point]
    assert later
    assert all(receipt == first | {"duplicate": True} for receipt in later)
    await verify(system, book)


async def test_a_tile_is_there_if_its_last_entry_is_although_the_ledger_died_completing_it(
    system: System, book: Book, seed: str
) -> None:
    async with connected(system.token, 30) as client:
        to_the_mortal = Publisher(book, system.ledgers("ledger-a"), client, "lone", seed)
        to_the_other = Publisher(book, system.ledgers("ledger-b"), client, "other", seed)
        for complete, (point, batches) in enumerate({"append:before": 50, "append:after": 49}.items()):
            await to_the_other.publish(_batches(to_the_other, batches))  # up to 250, or 505
            await system.restart("ledger-a", f"{point}:1")
            unit = _batches(to_the_mortal, 2)
            assert (await to_the_mortal.attempt(unit))[1] is None
            await system.dies("ledger-a")
            assert _tiles(system, book) == complete + points.APPEND[point]
            await to_the_other.publish(unit, doubt=True)
            assert _tiles(system, book) == complete + 1
        await system.restart("ledger-a")
    await verify(system, book)


@pytest.mark.parametrize(("relay", "worker"), [*zip(points.RELAY, points.WORK, strict=True)])
async def test_stream_and_views_are_whole_although_relay_and_worker_died_around_a_commit(
    system: System, book: Book, seed: str, relay: str, worker: str
) -> None:
    await system.restart("relay", f"{relay}:5")
    await system.restart("worker", f"{worker}:3")
    async with publishing(system, book, [system.ledgers()] * 4, seed):
        for mortal in ("relay", "worker"):
            await system.dies(mortal)
            await system.restart(mortal)
    await check_views(system, await verify(system, book))


async def _unanswered(publisher: Publisher, book: Book) -> Unit:
    """The unit that was in flight when the publisher's ledger died; those before it are in the book."""
    while True:
        unit = publisher.author.lone()
        node, answer = await publisher.attempt(unit)
        if answer is None:
            return unit
        assert answer.status_code == httpx.codes.CREATED, answer.text
        book.send(unit)
        book.keep(unit, [answer.json()], doubt=False, node=node, at=0)


def _batches(publisher: Publisher, count: int) -> Unit:
    """So many decisions, of five events each, to be recorded whole."""
    return [event for _ in range(count) for event in publisher.author.batch()]


def _tiles(system: System, book: Book) -> int:
    with psycopg.connect(system.superuser) as connection:
        found = connection.execute("SELECT count(*) FROM ledger.tiles WHERE ledger = %s", [book.ledger])
        return sum(count for (count,) in found)
