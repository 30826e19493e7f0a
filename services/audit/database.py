"""A ledger's tables as an auditor reads them: one moment of them, page by page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from schemas.event import Corrected
from services.audit import kept
from services.audit.chain import Commit
from services.audit.checker import Page
from services.audit.faults import Faults
from services.audit.mentioned import Mentioned, event_of
from services.audit.tree import Tree
from services.failures import UNKNOWN, CommandFailed
from services.platform.database import connect, sql
from services.platform.merkle import TILE_HEIGHT, Node

PAGE = 2_000
_AT_ONCE = 500  # tiles, of 8 KiB each
_HOME = "services.audit"


class Database:
    """One ledger in one snapshot of the database."""

    def __init__(
        self, connection: asyncpg.Connection, ledger: str, reach: asyncpg.Record, mentioned: Mentioned
    ) -> None:
        self.ledger = ledger
        self.origin: str = reach["origin"]
        self.told: int = reach["told"] or 0
        self._connection = connection
        self._mentioned = mentioned
        self._lowest: int = reach["lowest"] or 1
        self._highest: int = reach["highest"] or 0

    async def pages(self) -> AsyncIterator[Page]:
        """Every entry in order; while one page is checked, the server makes the next one ready."""
        after = min(self._lowest - 1, 0)
        following = asyncio.create_task(self._page(after))
        try:
            while after < self._highest:
                page = await following
                await self._note(page)
                after += PAGE
                if not page.lines and after < self._highest:
                    after = await self._connection.fetchval(_sql("next_position"), self.ledger, after) - 1
                following = asyncio.create_task(self._page(after))
                await asyncio.sleep(0)  # lets the question go out
                yield page
        finally:
            await following

    async def checkpoint(self) -> bytes | None:
        """The signed head that the ledger shows, if it does."""
        note: str | None = await self._connection.fetchval(_sql("checkpoint"), self.ledger)
        return None if note is None else note.encode()

    async def check_mentions(self, faults: Faults) -> None:
        """The rows by which the history is filtered, against what the entries read so far name."""
        async for row in self._connection.cursor(_sql("mentions"), self.ledger, prefetch=PAGE):
            self._mentioned.stored((row["kind"], row["value"]), row["position"])
        self._mentioned.compare(faults)

    async def check_tiles(self, tree: Tree, faults: Faults) -> None:
        """The stored tiles against the tree over the entries; each full tile is stored."""
        if not await self._connection.fetchval(_sql("has_tiles"), self.ledger):
            return
        tiles, nodes = set[Node](), set[Node]()
        async for row in self._connection.cursor(_sql("tiles"), self.ledger, prefetch=_AT_ONCE):
            tiles.add((TILE_HEIGHT, row["tile"]))
            kept.of_leaves(row["tile"], row["hashes"], tree, faults)
        async for row in self._connection.cursor(_sql("nodes"), self.ledger, prefetch=_AT_ONCE):
            node = (row["level"] * TILE_HEIGHT, row["node"])
            nodes.add(node)
            kept.of_node(node, row["hash"], tree, faults)
        kept.missing(nodes, tree, faults)
        kept.missing(tiles | {node for node in tree.nodes if node[0] > TILE_HEIGHT}, tree, faults)

    async def _note(self, page: Page) -> None:
        read = [(row[0], event_of(line)) for row, line in zip(page.rows or (), page.lines, strict=True)]
        events = [(position, event) for position, event in read if event is not None]
        amended = [event.data for _, event in events if isinstance(event.data, Corrected)]
        asked = [data.source for data in amended], [data.id for data in amended]
        found = await self._connection.fetch(_sql("types"), self.ledger, *asked) if amended else []
        types = {(row["source"], row["id"]): row["type"] for row in found}
        for position, event in events:
            data = event.data
            of = types.get((data.source, data.id)) if isinstance(data, Corrected) else None
            self._mentioned.said(position, event, of)

    async def _page(self, after: int) -> Page:
        asked = (self.ledger, after, after + PAGE)
        rows = await self._connection.fetch(_sql("pages"), *asked)
        commits = await self._connection.fetch(_sql("commits"), *asked)
        return Page([row[8] for row in rows], [row[:8] for row in rows], [Commit(*row) for row in commits])


def _sql(name: str) -> str:
    return sql(_HOME, name)


@asynccontextmanager
async def opened(url: str, ledger: str) -> AsyncIterator[Database]:
    """The ledger in the database at `url`, read as the auditor. Raises CommandFailed if it is not there."""
    connection = await _connected(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(_sql("tenant"), ledger)
            reach = await connection.fetchrow(_sql("reach"), ledger)
            if reach is None:
                raise CommandFailed(f"the database has no ledger {ledger!r}", UNKNOWN)
            with Mentioned() as mentioned:
                yield Database(connection, ledger, reach, mentioned)
    finally:
        await connection.close()


async def _connected(url: str) -> asyncpg.Connection:
    """As the auditor's role, which is all an auditor's login may take; as a reader in an older database."""
    try:
        auditor = await connect(url, "locus_auditor")
    except asyncpg.PostgresError as refused:
        try:
            return await connect(url, "locus_reader")
        except asyncpg.PostgresError:
            raise refused from None
    if await auditor.fetchval(_sql("auditor")):
        return auditor
    await auditor.close()
    return await connect(url, "locus_reader")
