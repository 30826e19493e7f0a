"""Death at each named commit point: what was to be written failed, or failed but had been stored."""

import httpx
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
