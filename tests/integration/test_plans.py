"""Reads and writes of a full ledger touch only the rows they need: asked as the application's own roles.

The server itself counts, in the transaction that asks, the rows read by scans of whole tables and by indexes.
The connections are opened and used while the tables are still empty, and nothing is analysed afterwards:
plans made for an empty table are what once made every append read the whole ledger.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import pytest

from services.ledger import store
from services.ledger.history import Filters, History
from services.platform.database import sql
from tests.conftest import Database
from tests.ledgers import SOURCE, START, appending, made, now, reviewed

ENTRIES = 120_000

_FILL = """
WITH filled AS (
    INSERT INTO ledger.entries (ledger, position, recorded, occurred, version, latest, subject, type, source,
    id, phase, entry) SELECT l, n, $3::timestamptz + n * interval '1 ms', $2::timestamptz + n * interval '1
    minute', 1, null, 'decision/filled-' || n, CASE WHEN n % 1000 = 0 THEN 'locus.decision.opened.v1' ELSE $4
    END, 'urn:source:' || n % 50, 'filled-' || n, '', convert_to('{"event":{"type":"' || $4 || '"}}', 'UTF8')
    FROM unnest(ARRAY['acme', 'other']) AS l, generate_series(1, $1::bigint) AS n ), named AS ( INSERT INTO
    ledger.mentions (ledger, kind, value, position) SELECT l, kind, kind || n % 500, n FROM
    unnest(ARRAY['acme', 'other']) AS l, unnest(ARRAY['actor', 'domain']) AS kind, generate_series(1,
    $1::bigint) AS n ) INSERT INTO ledger.commits (ledger, first, last, recorded, root, frontier) SELECT l, n
    - 9, n, $3::timestamptz + n * interval '1 ms', sha256(''), decode(repeat('00', 32 * length(
    replace(n::bit(32)::text, '0', ''))), 'hex') FROM unnest(ARRAY['acme', 'other']) AS l, generate_series(10,
    $1::bigint, 10) AS n
"""
_COUNTS = """
SELECT coalesce(sum(seq_tup_read), 0)::bigint, coalesce(sum(idx_tup_fetch), 0)::bigint
FROM pg_stat_xact_user_tables WHERE schemaname = 'ledger' AND relname <> 'ledgers'
"""


@dataclass
class Full:
    """A ledger with many entries, and connections as old as its first one."""

    appender: asyncpg.Connection
    reader: asyncpg.Connection
    projector: asyncpg.Connection


@asynccontextmanager
async def counted(connection: asyncpg.Connection) -> AsyncIterator[dict[str, int]]:
    """How many rows are read meanwhile by scanning tables, and fetched by index."""
    counts: dict[str, int] = {}
    async with connection.transaction():
        before = await connection.fetchrow(_COUNTS)
        yield counts
        after = await connection.fetchrow(_COUNTS)
    counts["scanned"], counts["fetched"] = after[0] - before[0], after[1] - before[1]


async def ask(connection: asyncpg.Connection, query: str, *arguments: object) -> tuple[int, int, int]:
    """How many rows came, were read by scanning tables, and were fetched by index."""
    async with counted(connection) as counts:
        rows = await connection.fetch(query, *arguments)
    return len(rows), counts["scanned"], counts["fetched"]


async def warm_up(full: Full) -> None:
    """Each statement often enough that a generic plan would be kept, were one allowed."""
    for _ in range(8):
        await store.read(full.appender, "acme", [(SOURCE, "0")], ["decision/d-0"])
        await store.streams(full.appender, "acme", ["decision/d-0"])
        await store.feed(full.reader, "acme", 0, 10)
        await full.projector.fetch("SELECT * FROM ledger.feed('acme', 0, 10)")
        for filters in FILTERS.values():
            await page(full.reader, filters)


@pytest.fixture
async def full(database: Database) -> AsyncIterator[Full]:
    roles = ("locus_appender", "locus_reader", "locus_projector")
    full = Full(*[await database.connect(role) for role in roles])
    async with appending(database.url) as appender, appending(database.url, "other"):
        await warm_up(full)
        admin = await database.connect()
        await admin.execute("ALTER TABLE ledger.entries SET (autovacuum_enabled = off)")
        await admin.execute("ALTER TABLE ledger.mentions SET (autovacuum_enabled = off)")
        await admin.execute("ALTER TABLE ledger.commits SET (autovacuum_enabled = off)")
        before = now() - timedelta(hours=1)
        await admin.execute(_FILL, ENTRIES, START, before, "locus.decision.reviewed.v1")
        await admin.close()
        await appender.submit("acme", [made(0)], "tests")
    yield full
    for connection in (full.appender, full.reader, full.projector):
        await connection.close()


FILTERS = {
    "type": Filters(type="locus.decision.opened.v1"),
    "subject": Filters(subject="decision/filled-77"),
    "actor": Filters(actor="actor7"),
    "domain": Filters(domain="domain7"),
    "source": Filters(source="urn:source:7"),
    "occurred": Filters(
        occurred_from=START + timedelta(days=80), occurred_to=START + timedelta(days=80, minutes=50)
    ),
    "recorded": Filters(recorded_from=now() + timedelta(days=1)),
    "nothing": Filters(),
    "two of them": Filters(type="locus.decision.opened.v1", actor="actor0"),
}


async def page(connection: asyncpg.Connection, filters: Filters) -> tuple[int, int, int]:
    """Fifty entries of the history, through the application's own call."""
    history = History.__call__(connection)
    async with counted(connection) as counts:
        found = await history.page("acme", 0, ENTRIES, 50, filters)
    return len(found.entries), counts["scanned"], counts["fetched"]


async def test_plans_hold_on_a_ledger_that_grew_after_they_were_made(full: Full) -> None:
    identities, subjects = ["filled-5", "new", "0"], ["decision/filled-9", "decision/new"]
    asked = sql("services.ledger", "judge"), "acme", ["urn:source:5", "x", SOURCE], identities, subjects
    found, scanned, fetched = await ask(full.appender, *asked)
    assert (found, scanned) == (4, 0)
    assert fetched <= 10

    many = [f"filled-{5 + 50 * n}" for n in range(90)]
    asked = sql("services.ledger", "judge"), "acme", ["urn:source:5"] * 90, many, subjects
    found, scanned, fetched = await ask(full.appender, *asked)
    assert (found, scanned) == (92, 0)
    assert fetched <= 100

    found, scanned, fetched = await ask(full.appender, sql("services.ledger", "streams"), "acme", subjects)
    assert (found, scanned) == (1, 0)
    assert fetched <= 5

    for connection in (full.reader, full.projector):
        feed = "SELECT * FROM ledger.feed('acme', 60000, 1000)"
        found, scanned, fetched = await ask(connection, feed)
        assert (found, scanned) == (1000, 0)
        assert fetched <= 1_200

    found, scanned, fetched = await ask(full.reader, sql("services.ledger", "heads"))
    assert (found, scanned) == (2, 0)
    assert fetched <= 10

    for name, filters in FILTERS.items():
        found, scanned, fetched = await page(full.reader, filters)
        assert scanned == 0, f"filter by {name} scans"
        assert fetched <= 200, f"filter by {name} fetches {fetched} rows for {found}"


async def test_an_append_to_a_full_ledger_reads_almost_nothing(full: Full, database: Database) -> None:
    seen: list[dict[str, int]] = []
    append = store.append

    async def watched(connection: asyncpg.Connection, *rest: object) -> bool:
        async with counted(connection) as counts:
            stored = await append.__call__(connection, *rest)
        seen.append(counts)
        return stored

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "append", watched)
        async with appending(database.url) as appender:
            for n in range(10):
                await appender.submit("acme", [reviewed(f"more-{n}", "decision/filled-3")], "tests")
    assert len(seen) == 10
    assert all(counts["scanned"] == 0 and counts["fetched"] <= 2 for counts in seen)
