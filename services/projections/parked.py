"""Entries that could not be taken: what an operator can see and do about them."""

from datetime import datetime
from typing import NamedTuple

from services.platform.database import sql
from services.projections.connection import Connection

_SQL = "services.projections"


class ParkedEntry(NamedTuple):
    """An entry that is in no fact, since when, and why; `skipped`: somebody has seen it and lets it be."""

    position: int
    subject: str
    error: str
    parked: datetime
    skipped: bool


async def entries(connection: Connection, ledger: str) -> list[ParkedEntry]:
    """What is parked in the generation that is served, in order of position."""
    return [ParkedEntry(*row) for row in await connection.fetch(sql(_SQL, "parked"), ledger)]


async def skip(connection: Connection, ledger: str, position: int) -> bool:
    """Let a parked entry be: out of the facts and no longer counted, not even after a rebuild.

    False if it is not parked. It waits while another generation takes over: what is carried over then would
    be without it, and so would be the new rows.
    """
    await connection.execute(sql(_SQL, "generations_held"), ledger)
    return bool(await connection.fetchval(sql(_SQL, "parked_skip"), ledger, position))
