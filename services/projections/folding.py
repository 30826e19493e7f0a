"""Folds every ledger's cells and strands as rows come, in a process of its own: the worker does not wait."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import asyncpg
import structlog

from services.platform import lifetime, telemetry
from services.platform import settings as environment
from services.platform.database import sql
from services.platform.lifetime import heed_cancellation
from services.projections import aggregates, generations, weaving
from services.projections.behind import What
from services.projections.connection import LOST, pool, tenant
from services.projections.generations import GenerationGoneError

LOOK = 0.25  # seconds between two looks at which cells are behind
OFTEN = 2_048  # more entries than these between two looks are many
_PAUSE = 5.0  # seconds before a ledger that could not be folded is tried again
_PART = 4  # times as long as it took, what has come to the last rows is let be: one entry may bear on much
_PATIENCE = 120.0  # seconds a step may take
_AGAIN = 1.0  # seconds before a process that ended is started again
_SQL = "services.projections"
_ROOT = Path(__file__).resolve().parents[2]
_log = structlog.get_logger(__name__)


class Fold(NamedTuple):
    """Something that follows behind the rows."""

    what: What
    step: Callable[[asyncpg.Pool, str, int], Awaitable[tuple[int, int]]]
    often: int
    """How many positions it may be behind while entries trickle in."""
    seldom: int
    """The same while many come: few large folds cost less than many small ones."""
    pause: int = 0
    """How many times as long as a step took it lets others work before the next."""
    patient: bool = False
    """Whether it waits while many entries come or another is due, unless it is as far behind as `seldom`."""


CELLS = Fold("cells", aggregates.step, OFTEN, 65_536)
STRANDS = Fold("strands", weaving.step, 256, 1_048_576, pause=1, patient=True)  # no generation waits for them
_FOLDS = CELLS, STRANDS


class Folding:
    """`run` until cancelled, in whatever process. Of several, one folds a ledger at a time."""

    def __init__(self, pool: asyncpg.Pool, look: float = LOOK) -> None:
        self._pool, self._look = pool, look
        self._seen: dict[tuple[str, int], int] = {}  # where each generation was at the last look
        self._done: dict[tuple[Fold, str], float] = {}  # what was folded, and until when it is let be
        self._rests: dict[str, float] = {}  # ledgers that could not be folded, and until when they are let be

    async def run(self) -> None:
        """Fold what is behind, look after look."""
        while True:
            more = False
            try:
                for row in await self._pool.fetch(sql(_SQL, "heads")):
                    more |= await self._fold_ledger(row["ledger"], row["last"])
            except LOST as error:
                _log.warning("heads not read", reason=repr(error))
            await asyncio.sleep(0 if more else self._look)

    async def _fold_ledger(self, ledger: str, head: int) -> bool:
        """Fold a step of what is due; whether more is. One ledger's trouble is not that of the others."""
        now = asyncio.get_running_loop().time()
        if now < self._rests.get(ledger, now):
            return False
        try:
            more = False
            async with asyncio.timeout(_PATIENCE):
                for fold, generation, to_come in await self._due(ledger, head, now):
                    more |= await self._step(fold, ledger, generation, to_come)
            return more
        except GenerationGoneError:
            pass  # dropped meanwhile, so nothing of it is left to fold
        except LOST as error:
            heed_cancellation()
            _log.warning("not folded", ledger=ledger, reason=repr(error))
            self._rests[ledger] = now + _PAUSE
        except Exception:  # noqa: BLE001 — told, and no reason to leave the others alone
            # Readers add from the rows what is lacking, so their answers are right, if slow; but a new
            # generation waits for its cells, and somebody has to look.
            _log.exception("not folded", ledger=ledger)
            self._rests[ledger] = now + _PAUSE
        return False

    async def _due(self, ledger: str, head: int, now: float) -> list[tuple[Fold, int, int]]:
        """What is far enough behind, of which generations, and how many entries these have still to read."""
        async with tenant(self._pool, ledger) as connection:
            rows = await connection.fetch(sql(_SQL, "folds_behind"), ledger, generations.FACTS_VERSION)
        due = []
        for row in rows:
            generation, position = row["generation"], row["position"]
            came = position - self._seen.get((ledger, generation), 0)
            self._seen[ledger, generation] = position
            others = False
            for fold in _FOLDS:
                resting = now < self._done.get((fold, ledger), now)
                behind = Behind(position - row[fold.what], came, head - position)
                if is_due(fold, behind, resting=resting, others=others):
                    due.append((fold, generation, behind.to_come))
                    others = True
        return due

    async def _step(self, fold: Fold, ledger: str, generation: int, to_come: int) -> bool:
        """Fold one step, unless another process is folding this ledger; whether more is to come."""
        async with self._pool.acquire() as connection:
            if not await connection.fetchval(sql(_SQL, "folding_begin"), ledger):
                return False
            clock = asyncio.get_running_loop().time
            begun = clock()
            try:
                folded, position = await fold.step(self._pool, ledger, generation)
            finally:
                await connection.execute(sql(_SQL, "folding_end"), ledger)
        come = folded >= position
        rests = _PART if come and to_come <= OFTEN else fold.pause
        self._done[fold, ledger] = clock() + rests * (clock() - begun)
        return not come and not fold.pause


class Behind(NamedTuple):
    """How many positions a fold is behind the rows; how many came since the last look, and are to come."""

    by: int
    came: int
    to_come: int


def is_due(fold: Fold, behind: Behind, *, resting: bool, others: bool) -> bool:
    """Whether a fold is due; it does not rest while much is to come. `others`: whether one before it is."""
    by, came, to_come = behind
    if fold.patient and (others or max(came, to_come) > OFTEN) and by < fold.seldom:
        return False
    return (to_come > OFTEN or not resting) and by >= may_be_behind(fold, came, to_come)


def may_be_behind(fold: Fold, came: int, to_come: int) -> int:
    """The positions at which a fold is due, by the entries since the last look and those still to be read.

    As many as are still to be read are folded meanwhile: then little is left when the last has been.
    """
    if to_come > OFTEN:
        return min(fold.seldom, to_come)
    if came > OFTEN:
        return fold.seldom
    return fold.often if came else 1


@asynccontextmanager
async def beside() -> AsyncIterator[None]:
    """A process that folds, for as long as this one lives: it ends when its stdin does."""
    keeping = asyncio.create_task(_kept())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)


async def _kept() -> None:
    while True:
        try:
            _log.warning("folding ended and is started again", code=await _one_life())
        except OSError as error:
            _log.warning("folding cannot be started; tried again", reason=repr(error))
        await asyncio.sleep(_AGAIN)


async def _one_life() -> int:
    """Start the process and give its exit code."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "services.projections.folding"),
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stdin=asyncio.subprocess.PIPE,
    )
    try:
        return await child.wait()
    finally:
        if child.returncode is None:
            child.kill()  # at whatever point: what it writes is one transaction
            await child.wait()


async def _main() -> None:
    settings = environment.read()
    telemetry.log_to_stderr(settings.log_level, "folding")
    async with pool(settings.database_url, 2) as connections, asyncio.TaskGroup() as tasks:
        folding = tasks.create_task(Folding(connections).run())
        await _deserted()
        folding.cancel()


async def _deserted() -> None:
    """Return when whoever started us is gone."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    await reader.read()


if __name__ == "__main__":
    lifetime.run(_main())
