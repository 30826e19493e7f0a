"""The ledger's own functions: one moment read, streams, heads, and the feed that projections live on."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from services.ledger import store
from services.ledger.entries import prepare
from services.ledger.errors import LedgerUnknown
from services.ledger.judging import Judgement
from services.ledger.moment import Head, Known
from services.platform.merkle import Frontier, leaf_hash
from tests.conftest import Database
from tests.ledgers import SOURCE, appending, made, now, reviewed


@pytest.fixture
async def appender(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await database.connect("locus_appender")
    await store.create_ledger(connection, "acme", "acme", now() - timedelta(hours=1))
    yield connection
    await connection.close()


def judged(head: Head, *ids: int) -> Judgement:
    """New decisions, on top of this head."""
    units = [[prepare(made(id), "acme", "tests", now())] for id in ids]
    return Judgement("acme", units, Known(head, {}.get), now())


async def test_an_empty_ledger_is_as_old_as_its_creation(appender: asyncpg.Connection) -> None:
    head, kept, found = await store.read(appender, "acme", [(SOURCE, "1")], ["decision/d-1"])
    assert (head.last, head.frontier, kept, found) == (0, Frontier(), {}, {})
    assert head.recorded < now()


async def test_a_ledger_nobody_created_is_unknown(appender: asyncpg.Connection) -> None:
    with pytest.raises(LedgerUnknown, match="nowhere"):
        await store.read(appender, "nowhere", [], [])


async def test_what_is_read_is_what_was_written(appender: asyncpg.Connection) -> None:
    before, *_ = await store.read(appender, "acme", [], [])
    judgement = judged(before, 1, 2)
    assert await store.append(appender, "acme", judgement, judgement.head())
    asked = [(SOURCE, "2"), (SOURCE, "3")], ["decision/d-1", "decision/d-3"]
    head, kept, found = await store.read(appender, "acme", *asked)
    assert head == msgspec.structs.replace(judgement.head(), leaves=b"")
    assert found == {"decision/d-1": judgement.subjects["decision/d-1"]}
    assert [(identity, one.position, one.version) for identity, one in kept.items()] == [
        ((SOURCE, "2"), 2, 1)
    ]
    assert kept[SOURCE, "2"].holds(made(2))
    assert not kept[SOURCE, "2"].holds(made(2, day=1))
    streams = await store.streams(appender, "acme", ["decision/d-2", "decision/d-3"])
    assert [fact.event for fact in streams.pop("decision/d-2")] == [made(2)]
    assert streams == {}


async def test_a_head_that_moved_is_not_written_on(appender: asyncpg.Connection) -> None:
    before, *_ = await store.read(appender, "acme", [], [])
    ours, theirs = judged(before, 1), judged(before, 2)
    assert await store.append(appender, "acme", theirs, theirs.head())
    assert not await store.append(appender, "acme", ours, ours.head())
    head, *_ = await store.read(appender, "acme", [], [])
    assert head == msgspec.structs.replace(theirs.head(), leaves=b"")


async def test_an_instant_that_does_not_grow_is_refused_by_the_database(appender: asyncpg.Connection) -> None:
    before, *_ = await store.read(appender, "acme", [], [])
    judgement = judged(before, 1)
    assert await store.append(appender, "acme", judgement, judgement.head())
    head = judgement.head()
    late = judged(Head(head.last, head.recorded - timedelta(hours=2), head.frontier), 2)
    late.recorded = head.recorded
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="not after the last commit"):
        await store.append(appender, "acme", late, late.head())


@pytest.mark.parametrize("year", [1, 1582, 1969, 2000, 2025])
async def test_instants_are_stored_to_the_microsecond(
    appender: asyncpg.Connection, database: Database, year: int
) -> None:
    before, *_ = await store.read(appender, "acme", [], [])
    occurred = before.recorded.replace(year=year, month=1, day=1, microsecond=999_999)
    event = msgspec.structs.replace(made(1), time=occurred)
    judgement = Judgement("acme", [[prepare(event, "acme", "t", now())]], Known(before, {}.get), now())
    assert await store.append(appender, "acme", judgement, judgement.head())
    admin = await database.connect()
    assert tuple(await admin.fetchrow("SELECT occurred, latest FROM ledger.entries")) == (occurred, occurred)
    await admin.close()


async def test_the_feed_gives_pages_in_order_with_the_root_of_each_commit(database: Database) -> None:
    async with appending(database.url) as appender:
        await appender.submit("acme", [made(1), made(2), made(3)], "tests")
        await appender.submit("acme", [reviewed(4, "decision/d-1")], "tests")
    connection = await database.connect("locus_projector")
    pages = [await connection.fetch("SELECT * FROM ledger.feed('acme', $1, 2)", after) for after in (0, 2, 4)]
    await connection.close()
    assert [[row["position"] for row in page] for page in pages] == [[1, 2], [3, 4], []]
    rows = [row for page in pages for row in page]
    frontier, roots = Frontier(), []
    for row in rows:
        frontier = frontier.add(leaf_hash(row["entry"]))
        roots.append(frontier.root())
    assert [row["root"] for row in rows] == [None, None, roots[2], roots[3]]


async def test_heads_name_every_ledger(database: Database) -> None:
    async with appending(database.url) as appender:
        await appender.create_ledger("empty")
        await appender.submit("acme", [made(1)], "tests")
    connection = await database.connect("locus_reader")
    assert await store.heads(connection) == {"acme": 1, "empty": 0}
    await connection.close()


async def test_tiles_hold_the_leaf_hashes_whether_they_were_in_mind_or_not(
    appender: asyncpg.Connection, database: Database
) -> None:
    head, _, _ = await store.read(appender, "acme", [], [])
    for first, last in ((1, 200), (201, 600)):
        judgement = judged(head, *range(first, last + 1))
        head = judgement.head()
        assert await store.append(appender, "acme", judgement, head)
    assert all(judgement.tile(node) for node, _ in judgement.completed)
    assert len(head.leaves) == (600 - 512) * 32
    head, _, _ = await store.read(appender, "acme", [], [])
    judgement = judged(head, *range(601, 801))
    assert await store.append(appender, "acme", judgement, judgement.head())
    assert [judgement.tile(node) for node, _ in judgement.completed] == [None]
    connection = await database.connect()
    try:
        entries = await connection.fetch("SELECT entry FROM ledger.entries ORDER BY position")
        found = await connection.fetch("SELECT tile, hashes FROM ledger.tiles ORDER BY tile")
    finally:
        await connection.close()
    leaves = [leaf_hash(row["entry"]) for row in entries]
    assert [tuple(row) for row in found] == [
        (tile, b"".join(leaves[tile * 256 : (tile + 1) * 256])) for tile in range(3)
    ]
