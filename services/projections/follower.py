"""One generation of one ledger, kept up with: page → facts → acts → checkpoint, in one transaction."""

import asyncio

import asyncpg
import structlog

from services.platform.faults import CommitPoints, nothing
from services.projections import generations, leases, swap
from services.projections.connection import LOST, Connection, tenant
from services.projections.engine import Engine
from services.projections.feed import LedgerDivergedError, feed, verified
from services.projections.generations import Checkpoint, GenerationGoneError
from services.projections.leases import Lease, LeaseLostError
from services.projections.rows import Rows
from services.projections.settle import described
from services.projections.subjects import Subjects

_PAUSE = 5.0  # seconds before trying again what failed for no known reason
_LOOK = 0.5  # seconds between attempts to take over from another generation
MEMORY = 48 * 2**20  # bytes of subjects kept in mind, by estimate
_log = structlog.get_logger(__name__)


class Follower:
    """Takes the lease when it can, then every entry. `head` is told; the follower owns everything else."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        ledger: str,
        generation: int,
        holder: str,
        page: int,
        commit_points: CommitPoints = nothing,
    ) -> None:
        self.ledger, self.generation = ledger, generation
        self._pool, self._holder, self._page = pool, holder, page
        self._pass = commit_points
        self._head = 0
        self._moved = asyncio.Event()
        self._servers: set[int] = set()  # the connections over which the ledger was compared

    def head(self, position: int) -> None:
        """The ledger has come to a position."""
        if position != self._head:
            self._head = position
            self._moved.set()

    async def run(self) -> None:
        """Follow until the generation is dropped or the ledger turns out to be another."""
        log = _log.bind(ledger=self.ledger, generation=self.generation)
        while True:
            try:
                await self._tenure()
            except GenerationGoneError:
                log.info("generation is gone")
                return
            except LeaseLostError as error:
                log.warning("lease lost", reason=str(error))
            except LedgerDivergedError as error:
                log.error("ledger diverged", reason=str(error))
                await self._alarm(str(error))
                return
            except LOST as error:
                log.warning("database failed", reason=repr(error))
                await asyncio.sleep(0.2)
            except Exception as error:
                # Nothing of the page was written. Others' ledgers go on; somebody has to look at this one.
                log.exception("work failed")
                await self._alarm(described(error))
                await asyncio.sleep(_PAUSE)

    async def _tenure(self) -> None:
        """From taking the lease to losing it."""
        lease = await self._lease()
        work = asyncio.create_task(self._work(lease))
        hold = asyncio.create_task(self._hold(lease))
        try:
            await asyncio.wait({work, hold}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (work, hold):
                task.cancel()
            ends = await asyncio.gather(work, hold, return_exceptions=True)
            await self._release(lease)
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def _lease(self) -> Lease:
        while True:
            async with tenant(self._pool, self.ledger) as connection:
                lease = await leases.take(connection, self.ledger, self.generation, self._holder)
            if lease is not None:
                return lease
            await asyncio.sleep(leases.RENEWED)

    async def _hold(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(leases.RENEWED)
            async with tenant(self._pool, self.ledger) as connection:
                if not await leases.renew(connection, lease):
                    raise LeaseLostError("it had expired")

    async def _release(self, lease: Lease) -> None:
        try:
            async with tenant(self._pool, self.ledger) as connection:
                await leases.release(connection, lease)
        except LOST as error:
            _log.info("lease left to expire", ledger=self.ledger, reason=repr(error))

    async def _work(self, lease: Lease) -> None:
        engine = Engine(Subjects(MEMORY))
        async with tenant(self._pool, self.ledger) as connection:
            at = await generations.checkpoint(connection, self.ledger, self.generation)
            await self._compare(connection, at)
            await engine.load(Rows(connection, self.ledger, self.generation))
            await generations.alarm(connection, self.ledger, self.generation, None)
        alone = False
        while True:
            self._moved.clear()
            before, at = at, await self._step(engine, lease, at)
            if at.position != before.position:
                continue
            alone = alone or await swap.attempt(self._pool, self.ledger, self.generation)
            await self._news(None if alone else _LOOK)

    async def _news(self, patience: float | None) -> None:
        """Return when the head has moved, or after a while."""
        try:
            await asyncio.wait_for(self._moved.wait(), patience)
        except TimeoutError:
            return

    async def _step(self, engine: Engine, lease: Lease, at: Checkpoint) -> Checkpoint:
        """Take one page. If we crash before the commit, nothing of it was written, and it is taken again."""
        async with tenant(self._pool, self.ledger) as connection:
            await self._compare(connection, at)
            page = await feed(connection, self.ledger, at.position, self._page)
            if not page:
                return at
            frontier, kept = verified(at.frontier, page)
            await engine.take(page, Rows(connection, self.ledger, self.generation))
            await generations.keep_roots(connection, self.ledger, kept)
            new = Checkpoint(page[-1].position, page[-1].recorded, frontier)
            await generations.advance(connection, lease, at, new)
            self._pass("work:before-commit")
        # If we crash here, the rows and the checkpoint are there: whoever is next goes on from them.
        self._pass("work:after-commit")
        return new

    async def _compare(self, connection: Connection, at: Checkpoint) -> None:
        """Once a connection: behind a new one the database may be another than before."""
        server = connection.get_server_pid()
        if server not in self._servers:
            await generations.compare(connection, self.ledger, at)
            self._servers.add(server)

    async def _alarm(self, text: str) -> None:
        async with tenant(self._pool, self.ledger) as connection:
            await generations.alarm(connection, self.ledger, self.generation, text)
