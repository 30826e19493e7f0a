"""Rebuilds as an operator asks for them: begin one, wait for the worker to build it, say how it ended."""

import asyncio
from collections.abc import Callable

import asyncpg

from services.projections import generations, swap
from services.projections.connection import tenant

_LOOK = 0.2  # seconds between two looks
Come = Callable[[int, int], None]


def _nobody(_: int, __: int) -> None:
    """Nobody asked how far it has come."""


class RebuildError(Exception):
    """The new rows do not serve; the message says why and what to do."""


class NothingBuiltError(RebuildError):
    """There is nothing to rebuild."""


async def rebuild(pool: asyncpg.Pool, ledger: str, *, sign_off: bool, come: Come = _nobody) -> None:
    """Have a ledger's rows built anew beside those served, until they serve; needs a running worker.

    `come(position, head)` is told how far the new rows have come, of how far they have to.
    NothingBuiltError if there is nothing to rebuild, RebuildError if the new rows differ and that is not
    signed off, or if work on them stops.
    """
    async with tenant(pool, ledger) as connection:
        if not await generations.all_of(connection, ledger):
            raise NothingBuiltError(f"no views of {ledger} were ever built: mend its name, or start a worker")
        number = await generations.begin(connection, ledger)
    while not await _served(pool, ledger, number, sign_off=sign_off, come=come):  # noqa: ASYNC110 — another process works
        await asyncio.sleep(_LOOK)


async def _served(pool: asyncpg.Pool, ledger: str, number: int, *, sign_off: bool, come: Come) -> bool:
    async with tenant(pool, ledger) as connection:
        found = {it.generation: it for it in await generations.all_of(connection, ledger)}
        new = found.get(number)
        if new is None:
            raise RebuildError(f"generation {number} of {ledger} was dropped: another rebuild took its place")
        come(new.position, max(it.position for it in found.values()))
        if new.alarm is not None:
            raise RebuildError(f"work on generation {number} has stopped: {new.alarm}")
        if new.difference is not None and not new.agreed:
            if not sign_off:
                raise RebuildError(
                    f"the new rows {new.difference}; look at them, then rebuild with --sign-off WHY"
                )
            await swap.sign_off(connection, ledger, number)
        return new.serving
