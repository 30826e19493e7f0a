"""The aggregates: cells of the acts known now, brought up to date behind the worker's back.

A fold goes from one position to another, apart from the pages: what is acknowledged shows without waiting for
it, and a reader who finds cells behind adds what changed since from the acts. Any process may fold, in turns.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from services.platform.database import sql
from services.projections import generations
from services.projections.cells import Cell, Place, of_act, places, raised
from services.projections.connection import Connection, tenant

_SQL = "services.projections"
OFTEN = 2_048  # positions cells may be behind while entries keep coming
_STEP = 16_384  # positions folded at once: bounds the memory it takes
_BREATHE = 32  # acts or cells between two moments in which other tasks may run


async def fold(pool: asyncpg.Pool, ledger: str, generation: int) -> int:
    """Bring the cells to the generation's checkpoint; gives that position."""
    while True:
        came_to, checkpoint = await _step(pool, ledger, generation)
        if came_to == checkpoint:
            return came_to


async def _step(pool: asyncpg.Pool, ledger: str, generation: int) -> tuple[int, int]:
    """Fold one step; gives the position it came to and the checkpoint's.

    The sums are worked out between two transactions, so that none is idle for long. If we crash before the
    second commits, cells and the position they say they are of are as before.
    """
    async with tenant(pool, ledger) as connection:
        await connection.execute(sql(_SQL, "cells_begin"), ledger, generation)
        checkpoint = (await generations.checkpoint(connection, ledger, generation)).position
        before = await connection.fetchval(sql(_SQL, "cells_hold"), ledger, generation)
        after = min(checkpoint, before + _STEP)
        if after == before:
            return before, checkpoint
        acts = await connection.fetch(sql(_SQL, "cells_changed"), ledger, generation, before, after)
    sums = await _sums([dict(act) for act in acts])
    async with tenant(pool, ledger) as connection:
        held = await connection.fetchval(sql(_SQL, "cells_hold"), ledger, generation)
        if held != before:  # another process was quicker
            return held or 0, checkpoint
        await _write(connection, ledger, generation, sums)
        await connection.execute(sql(_SQL, "cells_folded"), ledger, generation, after)
    return after, checkpoint


async def _sums(acts: Iterable[Mapping[str, Any]]) -> dict[Place, Cell]:
    """What acts that became known, less those that ceased to be, come to in each cell."""
    sums: dict[Place, Cell] = {}
    for count, act in enumerate(acts):
        alone = of_act(act)
        for place, sign in places(act):
            cell = sums.get(place)
            if cell is None:
                cell = sums[place] = Cell()
            cell.add(alone, sign * act["sign"])
        if count % _BREATHE == 0:
            await asyncio.sleep(0)
    sums |= raised(sums, "month")
    await asyncio.sleep(0)
    return sums | raised(sums, "year")


async def _write(connection: Connection, ledger: str, generation: int, sums: dict[Place, Cell]) -> None:
    """Add sums to the cells there are."""
    columns = [list(column) for column in zip(*sums, strict=True)] or [[], [], [], []]
    for row in await connection.fetch(sql(_SQL, "cells_at"), ledger, generation, *columns):
        sums[Place(*tuple(row)[:4])].add_packed(*tuple(row)[4:])
    full, empty = [], []
    for count, (place, cell) in enumerate(sums.items()):
        packed = cell.packed()
        if packed is None:
            empty.append(place)
        else:
            full.append((ledger, generation, *place, *packed))
        if count % _BREATHE == 0:
            await asyncio.sleep(0)
    await connection.execute(sql(_SQL, "cells_write"), full)
    if empty:
        await connection.execute(
            sql(_SQL, "cells_clear"), ledger, generation, *map(list, zip(*empty, strict=True))
        )
