"""The aggregates: cells of the acts known now, brought up to date behind the worker's back.

A fold goes from one position to another, apart from the pages: what is acknowledged shows without waiting for
it, and a reader who finds cells behind adds what changed since from the acts. Any process may fold, in turns.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from services.platform.database import sql
from services.projections.behind import held, overtaken
from services.projections.cells import GRAINS, Packed, Place, raised
from services.projections.connection import tenant
from services.projections.gathered import Gathered
from services.projections.rows import known_act
from services.projections.slots import Flat, Slots, add

_SQL = "services.projections"
_STEP = 6_000  # changes of acts folded at once: bounds the memory it takes, as far as positions are apart
_AT_ONCE = 500  # acts read at once
_BREATHE = 32  # acts or cells between two moments in which other tasks may run


async def step(pool: asyncpg.Pool, ledger: str, generation: int) -> tuple[int, int]:
    """Fold one step; gives the position it came to and the checkpoint's.

    All is read first and worked out outside any transaction, so that none is idle for long; then written, if
    cells are still where they were. If we crash before that commits, they are.
    """
    async with tenant(pool, ledger) as connection:
        before, checkpoint = await held(connection, ledger, generation, "cells")
        if checkpoint == before:
            return before, checkpoint
        upto = await connection.fetchval(
            sql(_SQL, "cells_upto"), ledger, generation, before, checkpoint, _STEP
        )
        gathered = Gathered()
        changed = sql(_SQL, "cells_changed"), ledger, generation, before, upto
        async for act in connection.cursor(*changed, prefetch=_AT_ONCE):
            gathered.note(act["sign"], known_act(act))
    slots = Slots()
    sums = await _sums(gathered, slots)
    async with tenant(pool, ledger) as connection:
        cells = await connection.fetch(sql(_SQL, "cells_at"), ledger, generation, *_columns(sums))
    full, empty = await _packed(sums, slots, cells)
    async with tenant(pool, ledger) as connection:
        if elsewhere := await overtaken(connection, ledger, generation, "cells", before, upto):
            return elsewhere
        await connection.execute(
            sql(_SQL, "cells_write"), [(ledger, generation, *place, *columns) for place, columns in full]
        )
        await connection.execute(sql(_SQL, "cells_clear"), ledger, generation, *_columns(empty))
        await connection.execute(sql(_SQL, "cells_folded"), ledger, generation, upto)
    return upto, checkpoint


async def _sums(gathered: Gathered, slots: Slots) -> dict[Place, Flat]:
    """What was gathered comes to in each cell, up to years."""
    sums: dict[Place, Flat] = {}
    for count, (place, flat) in enumerate(gathered.sums(slots)):
        sums[place] = flat
        if count % _BREATHE == 0:
            await asyncio.sleep(0)
    for grain in GRAINS[:-1]:
        for count, (place, above) in enumerate(raised(sums, grain)):
            add(sums.setdefault(above, {}), sums[place].items())
            if count % _BREATHE == 0:
                await asyncio.sleep(0)
    return sums


async def _packed(
    sums: Mapping[Place, Flat], slots: Slots, cells: Iterable[asyncpg.Record]
) -> tuple[list[tuple[Place, Packed]], list[Place]]:
    """Sums added to the cells there are: those to be written, and those that come to nothing."""
    known = {Place(*tuple(row)[:4]): tuple(row)[4:] for row in cells}
    full: list[tuple[Place, Packed]] = []
    empty: list[Place] = []
    for count, (place, flat) in enumerate(sums.items()):
        cell = slots.cell(flat)
        if place in known:
            cell.add_packed(*known[place])
            cell.prune()
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
