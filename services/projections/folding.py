"""Folds every ledger's cells as rows come, in a process of its own beside the worker: neither waits."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import structlog

from services.platform import lifetime, telemetry
from services.platform import settings as environment
from services.platform.database import sql
from services.projections import aggregates, generations
from services.projections.connection import LOST, pool, tenant
from services.projections.generations import GenerationGoneError
from services.projections.settle import described

LOOK = 0.25  # seconds between two looks at which cells are behind
OFTEN = 2_048  # positions cells may be behind while entries trickle in
SELDOM = 131_072  # the same while many come: few large folds cost less than many small ones
_PAUSE = 5.0  # seconds before trying again what failed for no known reason
_SQL = "services.projections"
_ROOT = Path(__file__).resolve().parents[2]
_log = structlog.get_logger(__name__)


class Folding:
    """`run` until cancelled, in whatever process."""

    def __init__(self, pool: asyncpg.Pool, look: float = LOOK) -> None:
        self._pool, self._look = pool, look
        self._seen: dict[tuple[str, int], int] = {}  # where each generation was at the last look

    async def run(self) -> None:
        """Fold what is behind, look after look."""
        while True:
            more = False
            try:
                for row in await self._pool.fetch(sql(_SQL, "heads")):
                    more |= await self._fold_ledger(row["ledger"])
            except LOST as error:
                _log.warning("cells not folded", reason=repr(error))
            await asyncio.sleep(0 if more else self._look)

    async def _fold_ledger(self, ledger: str) -> bool:
        """Fold a step of each generation that is behind; whether another is due at once."""
        async with tenant(self._pool, ledger) as connection:
            rows = await connection.fetch(sql(_SQL, "cells_behind"), ledger, generations.FACTS_VERSION)
        more = False
        for generation, position, folded in rows:
            came = position - self._seen.get((ledger, generation), 0)
            self._seen[ledger, generation] = position
            if position - folded >= _due(came):
                more |= await self._fold(ledger, generation)
        return more

    async def _fold(self, ledger: str, generation: int) -> bool:
        try:
            folded, position = await aggregates.step(self._pool, ledger, generation)
        except GenerationGoneError:
            return False
        except LOST:
            raise
        except Exception as error:  # noqa: BLE001 — shown to somebody, and no reason to stop
            # Readers add from the acts what cells lack; other ledgers go on.
            _log.exception("cells not folded", ledger=ledger, generation=generation)
            async with tenant(self._pool, ledger) as connection:
                await generations.alarm(connection, ledger, generation, described(error))
            await asyncio.sleep(_PAUSE)
            return False
        return position - folded >= SELDOM


def _due(came: int) -> int:
    """How far behind cells must be to be folded, by how many entries came since the last look."""
    return SELDOM if came > OFTEN else OFTEN if came else 1


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
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "services.projections.folding"),
            env=os.environ | {"PYTHONPATH": str(_ROOT)},
            stdin=asyncio.subprocess.PIPE,
        )
        try:
            code = await child.wait()
        finally:
            if child.returncode is None:
                child.kill()  # at whatever point: a fold is one transaction
                await child.wait()
        _log.warning("folding ended and is started again", code=code)
        await asyncio.sleep(1)


async def _main() -> None:
    settings = environment.read()
    telemetry.log_to_stderr(settings.log_level, "folding")
    async with pool(settings.database_url, 1) as connections, asyncio.TaskGroup() as tasks:
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
