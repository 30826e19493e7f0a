"""The work of one holder of a lease: page → facts → acts → checkpoint, for as long as the lease lasts."""

import asyncio
import gc

import asyncpg

from services.platform.database import sql
from services.platform.faults import CommitPoints
from services.platform.merkle import Frontier
from services.projections import generations, swap
from services.projections.batch import Batch, Writing
from services.projections.changes import Changes
from services.projections.connection import Connection, tenant
from services.projections.engine import Engine
from services.projections.feed import Fed, feed, verified
from services.projections.generations import Checkpoint
from services.projections.leases import Lease
from services.projections.rows import Rows
from services.projections.subjects import Room, Subjects

_LOOK = 0.5  # seconds between attempts to take over from another generation
_LARGE = 8_192  # positions from which on it matters whether the planner knows of a generation's rows
_GROWN = 4  # times as many as it knew of


class Tenure:
    """`run` raises LeaseLostError, LedgerDivergedError or whatever the database says; then all begins anew.

    While one page is worked out, the one before is being written and the next is being read. `moved` is set
    by whoever sees the ledger's head move.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        lease: Lease,
        page: int,
        moved: asyncio.Event,
        room: Room,
        commit_points: CommitPoints,
    ) -> None:
        self._pool, self._lease, self._page = pool, lease, page
        self._moved, self._pass = moved, commit_points
        self._room = room
        self._engine = Engine(Subjects(room))
        self._writing: Writing | None = None
        self._reading: asyncio.Task[list[Fed]] | None = None
        self._compared: set[int] = set()  # server processes over which the ledger was compared
        self._estimate_at = _LARGE

    async def run(self) -> None:
        """Take entries as they come."""
        try:
            with self._room.shared():
                await self._follow(await self._load())
        finally:
            writing = self._writing and self._writing.task
            tasks = [task for task in (writing, self._reading) if task is not None]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _load(self) -> Checkpoint:
        gc.collect()  # what the tenure before has left behind, which is much and full of cycles
        ledger, generation, _ = self._lease
        async with tenant(self._pool, ledger) as connection:
            at = await generations.checkpoint(connection, ledger, generation)
            await self._compare(connection, at)
            await self._engine.load(Rows(connection, ledger, generation))
            await generations.alarm(connection, ledger, generation, None)
        return at

    async def _follow(self, at: Checkpoint) -> None:
        alone = False
        while True:
            self._moved.clear()
            page = await self._next(at.position)
            if page:
                at = await self._take(page, at)
                continue
            await self._written()
            alone = alone or await swap.attempt(self._pool, self._lease.ledger, self._lease.generation)
            await self._news(None if alone else _LOOK)

    async def _take(self, page: list[Fed], at: Checkpoint) -> Checkpoint:
        """Work a page out and have it written while the next one is worked out."""
        frontier, kept = verified(at.frontier, page)
        batch = Batch(self._pool, self._lease, at, self._writing, self._compare, self._pass)
        try:
            changes = await self._engine.take(page, batch)
            await self._written()
        except BaseException as error:
            await batch.abandon(error)
            raise
        new = Checkpoint(page[-1].position, page[-1].recorded, frontier)
        task = asyncio.create_task(self._write(batch, changes, kept, new, full=len(page) == self._page))
        self._writing = Writing(task, changes.subjects)
        return new

    async def _write(
        self, batch: Batch, changes: Changes, kept: list[tuple[Fed, Frontier]], new: Checkpoint, *, full: bool
    ) -> None:
        """Write a page; while there is much to read, see to it that the planner knows of what was written."""
        await batch.commit(changes, kept, new)
        if full and new.position >= self._estimate_at:
            self._estimate_at = _GROWN * new.position
            async with tenant(self._pool, self._lease.ledger) as connection:
                await connection.execute(sql("services.projections", "estimate"))

    async def _written(self) -> None:
        if self._writing is not None:
            await self._writing.task
            self._writing = None

    async def _next(self, after: int) -> list[Fed]:
        """The page after a position, read ahead if it was to be expected."""
        page = await self._reading if self._reading is not None else []
        page = page or await self._feed(after)  # what was read ahead may have been read before the last move
        full = len(page) == self._page
        self._reading = asyncio.create_task(self._feed(page[-1].position)) if full else None
        return page

    async def _feed(self, after: int) -> list[Fed]:
        async with tenant(self._pool, self._lease.ledger) as connection:
            return await feed(connection, self._lease.ledger, after, self._page)

    async def _news(self, patience: float | None) -> None:
        """Return when the head has moved, or after a while."""
        try:
            async with asyncio.timeout(patience):
                await self._moved.wait()
        except TimeoutError:
            return

    async def _compare(self, connection: Connection, at: Checkpoint) -> None:
        """Once a connection: behind a new one the database may be another than before."""
        server = connection.get_server_pid()
        if server not in self._compared:
            await generations.compare(connection, self._lease.ledger, at)
            self._compared.add(server)
