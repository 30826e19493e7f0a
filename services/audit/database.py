"""A ledger's tables as an auditor reads them: one moment of them, stretch by stretch."""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import asyncpg

from services.audit import kept
from services.audit.faults import Faults
from services.audit.lines import MAX_POSITION
from services.audit.looking import connected, looking
from services.audit.mentioned import Mentioned, Rows
from services.audit.reading import Known
from services.audit.tree import Tree
from services.audit.uniques import Hashing
from services.audit.work import STRETCH, Between, InDatabase
from services.failures import UNKNOWN, CommandFailed
from services.platform.database import sql
from services.platform.merkle import TILE_HEIGHT, Node

_AT_ONCE = 500  # tiles, of 8 KiB each
_HOME = "services.audit"


class Database:
    """One ledger in one snapshot of the database."""

    def __init__(self, connection: asyncpg.Connection, place: InDatabase, reach: asyncpg.Record) -> None:
        self.place = place
        self.origin: str = reach["origin"]
        self.told: int = reach["told"] or 0
        self._connection = connection
        self._ledger = place.known.ledger
        self._highest: int = reach["highest"] or 0
        self._skipped = 0

    async def tasks(self, stretch: int = STRETCH) -> AsyncIterator[Between]:
        """Every entry in order, as stretches of positions."""
        after = 0
        while after < self._highest:
            yield Between(after, after, after + stretch)
            after = max(after + stretch, self._skipped)

    def skip(self, following: int) -> None:
        """There are no entries before a position."""
        self._skipped = following - 1

    async def checkpoint(self) -> tuple[bytes, int] | None:
        """The signed head that the ledger shows, if it does, and the size stored beside it."""
        row = await self._connection.fetchrow(_sql("checkpoint"), self._ledger)
        return None if row is None else (row["note"].encode(), row["size"])

    async def find_strays(self, faults: Faults) -> None:
        """Rows where there can be none, which are read no further."""
        for row in await self._connection.fetch(_sql("strays"), self._ledger, MAX_POSITION):
            faults.add_strays(row["kind"], f"ledger.{row['relation']}", row["place"], row["rows"])

    async def read_mentions(self, take: Callable[[bytes], Coroutine[None, None, None]]) -> None:
        """The rows by which the history is filtered."""
        await self._connection.copy_from_query(_sql("mentions"), self._ledger, output=take)

    async def compare_mentions(self, hashing: Hashing, faults: Faults) -> None:
        """Those rows against what the entries name, one by one."""
        with Mentioned(faults) as mentioned:
            async with looking(self.place, hashing) as looker:
                async for task in self.tasks():
                    mentioned.said(await looker.named(task))
            rows = Rows(hashing)

            async def store(content: bytes) -> None:
                mentioned.stored(filter(None, rows.whole(content).split("\n")))

            await self.read_mentions(store)
            mentioned.compare()

    async def check_tiles(self, tree: Tree, faults: Faults) -> None:
        """The stored tiles against the tree over the entries; each full tile is stored."""
        if not self.place.known.format:
            return
        tiles, nodes = set[Node](), set[Node]()
        asked = (self._ledger, MAX_POSITION)
        async for row in self._connection.cursor(_sql("tiles"), *asked, prefetch=_AT_ONCE):
            tiles.add((TILE_HEIGHT, row["tile"]))
            kept.of_leaves(row["tile"], row["hashes"], tree, faults)
        async for row in self._connection.cursor(_sql("nodes"), *asked, prefetch=_AT_ONCE):
            node = (row["level"] * TILE_HEIGHT, row["node"])
            nodes.add(node)
            kept.of_node(node, row["hash"], tree, faults)
        kept.missing(nodes, tree, faults)
        kept.missing(tiles | {node for node in tree.nodes if node[0] > TILE_HEIGHT}, tree, faults)


def _sql(name: str) -> str:
    return sql(_HOME, name)


@asynccontextmanager
async def opened(url: str, ledger: str) -> AsyncIterator[Database]:
    """The ledger in the database at `url`, read as the auditor. Raises CommandFailed if it is not there."""
    connection = await connected(url)
    try:
        # Nothing is written, so the transaction may end with the connection, whatever is under way on it.
        await connection.transaction(isolation="repeatable_read", readonly=True).start()
        snapshot = await connection.fetchval(_sql("snapshot"))
        await connection.execute(_sql("tenant"), ledger)
        reach = await connection.fetchrow(_sql("reach"), ledger, MAX_POSITION)
        if reach is None:
            raise CommandFailed(f"the database has no ledger {ledger!r}", UNKNOWN)
        yield Database(connection, InDatabase(url, snapshot, Known(ledger, reach["format"])), reach)
        await connection.close()
    finally:
        connection.terminate()
