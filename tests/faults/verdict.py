"""The end of every fault test: everything that must hold, checked from outside."""

from tests.faults import outside
from tests.faults.book import Book
from tests.faults.system import System
from tests.faults.views import check_views


async def verify(system: System, book: Book) -> outside.Log:
    """Nothing acknowledged lost or doubled; log, proof, history, stream and views whole."""
    log = outside.read(system.superuser, book.ledger)
    outside.check_order(log)
    outside.check_lines(log)
    outside.check_proof(log)
    outside.check_receipts(log, book)
    outside.check_history(log, system.ledgers()().values(), system.token)
    await outside.check_stream(log, system.nats.url)
    await check_views(system, log)
    return log
