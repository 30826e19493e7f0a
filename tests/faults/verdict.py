"""The end of every fault test: everything that must hold of the log, checked from outside."""

from collections.abc import Callable

from tests.faults import outside
from tests.faults.book import Book
from tests.faults.system import System

Record = Callable[[str, object], None]  # pytest's record_property: figures for the summary of the run


async def verify(system: System, book: Book) -> outside.Log:
    """Nothing acknowledged lost or doubled; log, proof, history and stream whole."""
    system.check_alive()
    log = outside.read(system.superuser, book.ledger)
    outside.check_order(log)
    outside.check_lines(log)
    outside.check_proof(log)
    outside.check_receipts(log, book)
    outside.check_history(log, system.ledgers()().values(), system.token)
    outside.check_checkpoint(log, system.ledgers()().values(), system.token, system.signing_key)
    await outside.check_stream(log, system.nats.url)
    return log
