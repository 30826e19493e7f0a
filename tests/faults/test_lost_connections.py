"""A connection lost in the middle of an append: nobody is told anything that is not so."""

import asyncio

import psycopg
import pytest

from tests.faults.book import Book
from tests.faults.publishers import publishing
from tests.faults.system import System
from tests.faults.verdict import Record, verify

# Only those at work on an append: whether the commit still happens is the server's secret.
_CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE usename = 'locus_appender' AND state = 'active' AND query LIKE '%ledger.append(%'
"""


@pytest.mark.parametrize("cuts", [20, pytest.param(500, marks=pytest.mark.long)])
async def test_a_connection_lost_in_the_middle_of_an_append_answers_nobody_wrongly(
    system: System, book: Book, seed: str, cuts: int, record_property: Record
) -> None:
    cut = 0
    async with (
        await psycopg.AsyncConnection.connect(system.superuser, autocommit=True) as connection,
        publishing(system, book, [system.ledgers()] * 12, seed),
    ):
        while cut < cuts:
            answer = await (await connection.execute(_CUT)).fetchone()
            assert answer is not None
            cut += answer[0]
            await asyncio.sleep(0.02 if answer[0] else 0.001)
    log = await verify(system, book)
    record_property("cut", f"{cut} connections; {len(log.entries)} entries; {book.told()}")
