"""The work of one holder of a lease: page → facts → acts → checkpoint, for as long as the lease lasts."""

import asyncio
import gc

import asyncpg
import structlog

from services.platform.faults import CommitPoints
from services.projections import aggregates, generations, swap
from services.projections.batch import Batch
from services.projections.connection import LOST, Connection, tenant
from services.projections.engine import Engine
from services.projections.feed import Fed, feed, verified
from services.projections.gathered import Gathered
from services.projections.generations import Checkpoint
from services.projections.leases import Lease
from services.projections.rows import Rows
from services.projections.settle import Act
from services.projections.subjects import Subjects

MEMORY = 48 * 2**20  # bytes of subjects kept in mind, by estimate
_FOLD = 1.0  # seconds between two looks at whether cells are behind
_LOOK = 0.5  # seconds between attempts to take over from another generation
_log = structlog.get_logger(__name__)


class Tenure:
    """`run` raises LeaseLostError, LedgerDivergedError or whatever the database says; then all begins anew.

    While one page is worked out, the one before is being written and the next is being read. `moved` is set
    by whoever sees the ledger's head move.
    """

    def __init__(
        self, pool: asyncpg.Pool, lease: Lease, page: int, moved: asyncio.Event, commit_points: CommitPoints
    ) -> None:
        self._pool, self._lease, self._page = pool, lease, page
        self._moved, self._pass = moved, commit_points
        self._engine = Engine(Subjects(MEMORY))
        self._writing: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[list[Fed]] | None = None
        self._folding: asyncio.Task[None] | None = None
        self._written_acts: tuple[list[tuple[int, Act]] | None, int] = [], 0
        self._gathered = Gathered(0)
        self._folded = -1  # up to where cells have come, as far as we know
        self._one_fold = asyncio.Lock()
        self._compared: set[int] = set()  # server processes over which the ledger was compared

    async def run(self) -> None:
        """Take entries as they come."""
        try:
            at = await self._load()
            self._gathered = Gathered(at.position)
            self._folding = asyncio.create_task(self._fold_behind())
            await self._follow(at)
        finally:
            tasks = [task for task in (self._writing, self._reading, self._folding) if task is not None]
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
            if self._folding is not None and self._folding.done():
                await self._folding  # which raises: it never ends otherwise
            page = await self._next(at.position)
            if page:
                at = await self._take(page, at)
                continue
            await self._written()
            alone = alone or await self._take_over()
            await self._news(None if alone else _LOOK)

    async def _take_over(self) -> bool:
        """Readers are given quick answers from the first: cells come before the swap."""
        while (before := self._folded) < self._gathered.upto:
            await self._fold()
            if self._folded == before:
                return False
        return await swap.attempt(self._pool, self._lease.ledger, self._lease.generation)

    async def _fold_behind(self) -> None:
        """Fold when many entries have come, or when no more do."""
        seen = -1
        while True:
            await asyncio.sleep(_FOLD)
            came_to = self._gathered.upto
            behind = came_to - self._folded
            due = aggregates.SELDOM if self._reading is not None else aggregates.OFTEN
            if behind >= due or (behind and seen == came_to):
                try:
                    await self._fold()
                except LOST as error:
                    _log.warning("cells not folded", ledger=self._lease.ledger, reason=repr(error))
            seen = came_to

    async def _fold(self) -> None:
        """Fold what was gathered since the last time, or what the rows say where that does not join on."""
        async with self._one_fold:
            gathered, self._gathered = self._gathered, Gathered(self._gathered.upto)
            ledger, generation, _ = self._lease
            self._folded, _ = await aggregates.step(self._pool, ledger, generation, gathered)
            if self._folded == self._gathered.upto:
                self._gathered = Gathered(self._folded)

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
        self._written_acts = changes.moved, new.position
        self._writing = asyncio.create_task(batch.commit(changes, kept, new))
        return new

    async def _written(self) -> None:
        if self._writing is not None:
            await self._writing
            self._writing = None
            self._gather(*self._written_acts)

    def _gather(self, moved: list[tuple[int, Act]] | None, position: int) -> None:
        if moved is None:  # they were too many: cells are left to find them in the rows
            self._gathered = Gathered(position)
            return
        for sign, act in moved:
            self._gathered.note(sign, act)
        self._gathered.upto = position

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
