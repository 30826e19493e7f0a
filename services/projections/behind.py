"""What follows behind the rows, cells and strands: where each is, and whether it may be written still."""

from typing import Literal

from services.platform.database import sql
from services.projections import generations
from services.projections.connection import Connection

_SQL = "services.projections"
What = Literal["cells", "strands"]


async def held(connection: Connection, ledger: str, generation: int, what: What) -> tuple[int, int]:
    """Where it is, and the checkpoint's position; nobody else may move it on until the transaction ends."""
    await connection.execute(sql(_SQL, "folds_begin"), ledger, generation)
    checkpoint = (await generations.checkpoint(connection, ledger, generation)).position
    row = await connection.fetchrow(sql(_SQL, "folds_hold"), ledger, generation)
    return (row[what] if row else 0), checkpoint


async def overtaken(
    connection: Connection, ledger: str, generation: int, what: What, before: int, upto: int
) -> tuple[int, int] | None:
    """Where it is now and the rows are, if what was worked out between these positions is not to be written.

    Another process was quicker; or rows are gone again, as commits do not wait for the disk.
    """
    now, rows_at = await held(connection, ledger, generation, what)
    return (now, rows_at) if now != before or rows_at < upto else None
