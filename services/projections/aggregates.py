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
from services.projections.cells import Cell, Packed, Place, of_act, places, raised
from services.projections.connection import tenant

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

    All is read first and worked out outside any transaction, so that none is idle for long; then written, if
    cells are still where they were. If we crash before that commits, they are.
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
        cells = await connection.fetch(sql(_SQL, "cells_at"), ledger, generation, *_columns(sums))
    full, empty = await _packed(sums, cells)
    async with tenant(pool, ledger) as connection:
        held = await connection.fetchval(sql(_SQL, "cells_hold"), ledger, generation)
        if held != before:  # another process was quicker
            return held or 0, checkpoint
        await connection.execute(
            sql(_SQL, "cells_write"), [(ledger, generation, *place, *columns) for place, columns in full]
        )
        await connection.execute(sql(_SQL, "cells_clear"), ledger, generation, *_columns(empty))
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


async def _packed(
    sums: dict[Place, Cell], cells: Iterable[asyncpg.Record]
) -> tuple[list[tuple[Place, Packed]], list[Place]]:
    """Sums added to the cells there are: those to be written, and those that come to nothing."""
    for row in cells:
        place, columns = Place(*tuple(row)[:4]), tuple(row)[4:]
        sums[place].add_packed(*columns)
    full: list[tuple[Place, Packed]] = []
    empty: list[Place] = []
    for count, (place, cell) in enumerate(sums.items()):
        packed = cell.packed()
        if packed is None:
            empty.append(place)
        else:
            full.append((place, packed))
        if count % _BREATHE == 0:
            await asyncio.sleep(0)
    return full, empty


def _columns(places: Iterable[Place]) -> list[list[Any]]:
    return [list(column) for column in zip(*places, strict=True)] or [[], [], [], []]
