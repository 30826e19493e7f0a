"""One page on its way into the tables: read what it needs, then write its rows and checkpoint together."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence, Set
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import asyncpg

from services.platform.database import sql
from services.platform.faults import CommitPoints
from services.platform.merkle import Frontier
from services.projections import generations
from services.projections.changes import Changes
from services.projections.connection import Connection, tenant
from services.projections.disturbance import Disturbance
from services.projections.feed import Fed
from services.projections.generations import Checkpoint
from services.projections.leases import Lease
from services.projections.rows import Rows
from services.projections.subjects import Subject

_QUIET = 0.3  # seconds of silence in a transaction, of the two the server allows
Opened = Callable[[Connection, Checkpoint], Coroutine[Any, Any, None]]


class Writing(NamedTuple):
    """A page on its way into the tables, and whose rows it changes."""

    task: "asyncio.Task[None]"
    changed: Set[str]

    def spares(self, subjects: Iterable[str]) -> bool:
        """Whether it changes no row of these."""
        return self.changed.isdisjoint(subjects)


class Batch:
    """The transaction of one page. It begins when first needed, once the page before has committed.

    So a page is worked out in memory while the one before is still being written.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        lease: Lease,
        at: Checkpoint,
        before: Writing | None,
        opened: Opened,
        commit_points: CommitPoints,
    ) -> None:
        self._pool, self._lease, self._at, self._before = pool, lease, at, before
        self._opened, self._pass = opened, commit_points
        self._stack = AsyncExitStack()
        self._connection: Connection | None = None
        self._heard = 0.0  # when the server was last spoken to

    async def subjects(self, subjects: Sequence[str], *, streams: bool) -> list[Subject]:
        """See Rows.subjects. Those whose rows the page before does not change need not wait for it."""
        if self._connection is None and self._before is not None and self._before.spares(subjects):
            async with tenant(self._pool, self._lease.ledger) as connection:
                await self._opened(connection, self._at)
                rows = Rows(connection, self._lease.ledger, self._lease.generation)
                return await rows.subjects(subjects, streams=streams)
        return await (await self._rows()).subjects(subjects, streams=streams)

    async def disturbed(self, what: Disturbance, after: str) -> list[str]:
        """See Rows.disturbed."""
        return await (await self._rows()).disturbed(what, after)

    async def write(self, changes: Changes) -> None:
        """See Rows.write; nothing is committed yet."""
        await (await self._rows()).write(changes)

    async def breathe(self) -> None:
        """Let other tasks run, and the server know that this transaction has not been left behind."""
        now = time.monotonic()
        if self._connection is None or now - self._heard < _QUIET:
            await asyncio.sleep(0)
            return
        self._heard = now
        await self._connection.execute(sql("services.projections", "still_here"))

    async def commit(self, changes: Changes, kept: list[tuple[Fed, Frontier]], new: Checkpoint) -> None:
        """Write what is left and move the checkpoint. If we crash before the commit, nothing was written."""
        async with self._stack:
            await self.write(changes)
            connection = await self._open()
            await generations.keep_roots(connection, self._lease.ledger, kept)
            await generations.advance(connection, self._lease, self._at, new)
            self._pass("work:before-commit")
        self._pass("work:after-commit")
        # If we crash here, the rows and the checkpoint are there: whoever is next goes on from them.

    async def abandon(self, error: BaseException) -> None:
        """Undo what was written."""
        await self._stack.__aexit__(type(error), error, error.__traceback__)

    async def _rows(self) -> Rows:
        return Rows(await self._open(), self._lease.ledger, self._lease.generation)

    async def _open(self) -> Connection:
        if self._connection is None:
            if self._before is not None:
                await asyncio.shield(self._before.task)
            self._connection = await self._stack.enter_async_context(tenant(self._pool, self._lease.ledger))
            await self._opened(self._connection, self._at)
        self._heard = time.monotonic()
        return self._connection
