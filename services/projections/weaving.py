"""Brings strands on behind the rows, and finds what belongs together before they have come there."""

from collections.abc import Iterable
from typing import Final

import asyncpg

from services.platform.database import sql
from services.projections.behind import held, overtaken
from services.projections.connection import Connection, tenant
from services.projections.strands import ASKS, OVER, SETTLES, TIED, Told, kind, woven

_SQL: Final = "services.projections"
STEP: Final = 16_384  # positions taken at once


async def step(pool: asyncpg.Pool, ledger: str, generation: int) -> tuple[int, int]:
    """Bring strands on by one step; gives the position they came to and the checkpoint's.

    What is read is worked out outside any transaction, so that none is idle for long; then written, if
    strands are still where they were. If we crash before that commits, they are.
    """
    async with tenant(pool, ledger) as connection:
        before, checkpoint = await held(connection, ledger, generation, "strands")
        if checkpoint == before:
            return before, checkpoint
        upto = min(before + STEP, checkpoint)
        moved = await connection.fetch(sql(_SQL, "strands_moved"), ledger, generation, before, upto)
        subjects = await tied(connection, ledger, generation, [row["subject"] for row in moved])
        asked = ledger, generation, subjects, [*ASKS, *OVER], SETTLES
        told = await connection.fetch(sql(_SQL, "strands_read"), *asked)
    found = woven(map(_of_row, told))
    async with tenant(pool, ledger) as connection:
        if elsewhere := await overtaken(connection, ledger, generation, "strands", before, upto):
            return elsewhere
        await connection.execute(sql(_SQL, "strands_clear"), ledger, generation, subjects)
        rows = [(ledger, generation, *strand) for strand in found]
        await connection.execute(sql(_SQL, "strands_write"), rows)
        await connection.execute(sql(_SQL, "strands_folded"), ledger, generation, upto)
    return upto, checkpoint


class TooManyError(Exception):
    """More belong together than were asked for."""


async def tied(
    connection: Connection, ledger: str, generation: int, subjects: Iterable[str], most: int | None = None
) -> list[str]:
    """These subjects and all that belong together with them. Raises TooManyError beyond about `most`."""
    found = next_ = {subject for subject in subjects if kind(subject) in TIED}
    while next_:
        rows = await connection.fetch(sql(_SQL, "strands_beside"), ledger, generation, sorted(next_), most)
        next_ = {row["subject"] for row in rows if kind(row["subject"]) in TIED} - found
        found = found | next_
        if most is not None and max(len(rows), len(found)) >= most:
            raise TooManyError
    return sorted(found)


def _of_row(row: asyncpg.Record) -> Told:
    told = Told(**dict(row))
    titles, proposed = ([one for one in many or () if one] for many in (told.titles, told.proposed))
    return told._replace(about=told.about or (), domains=told.domains or (), titles=titles, proposed=proposed)
