"""One generation of one ledger: whoever has the lease works on it, and what goes wrong is told."""

import asyncio

import asyncpg
import structlog

from services.platform.faults import CommitPoints, nothing
from services.projections import generations, leases
from services.projections.connection import LOST, tenant
from services.projections.feed import LedgerDivergedError
from services.projections.generations import GenerationGoneError
from services.projections.leases import Lease, LeaseLostError
from services.projections.settle import described
from services.projections.subjects import Room
from services.projections.tenure import Tenure

_PAUSE = 5.0  # seconds before trying again what failed for no known reason
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
        room: Room,
        commit_points: CommitPoints = nothing,
    ) -> None:
        self.ledger, self.generation = ledger, generation
        self._pool, self._holder, self._page = pool, holder, page
        self._room, self._pass = room, commit_points
        self._head = 0
        self._moved = asyncio.Event()

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
        tenure = Tenure(self._pool, lease, self._page, self._moved, self._room, self._pass)
        work = asyncio.create_task(tenure.run())
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
        waits = False
        while True:
            async with tenant(self._pool, self.ledger) as connection:
                lease = await leases.take(connection, self.ledger, self.generation, self._holder)
            if lease is not None:
                return lease
            if not waits:
                _log.info("waiting for the lease", ledger=self.ledger, generation=self.generation)
                waits = True
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

    async def _alarm(self, text: str) -> None:
        while True:
            try:
                async with tenant(self._pool, self.ledger) as connection:
                    await generations.alarm(connection, self.ledger, self.generation, text)
                return
            except LOST as error:  # no reason to end the work on other ledgers
                _log.warning("alarm not written", ledger=self.ledger, reason=repr(error))
                await asyncio.sleep(1)
