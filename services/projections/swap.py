"""A generation takes the place of the one that is served, once they are known to say the same."""

import asyncio
from typing import NamedTuple

import asyncpg

from services.platform.database import sql
from services.projections import generations
from services.projections.connection import Connection, tenant
from services.projections.generations import Generation

_SQL = "services.projections"
_BEHIND = 8_192  # positions cells may be behind at a swap: readers are given quick answers from the first


class Digest(NamedTuple):
    """Rows of one kind: how many, and the sum of their hashes, which no order changes."""

    rows: int
    sum: str


async def digests(connection: Connection, ledger: str, generation: int, position: int) -> dict[str, Digest]:
    """What a generation's rows come to, by kind of row, as known at a position it has reached.

    Two generations that read the same entries have the same digests, however the entries were paged.
    """
    rows = await connection.fetch(sql(_SQL, "digests"), ledger, generation, position)
    return {row["kind"]: Digest(row["rows"], str(row["sum"])) for row in rows}


def difference(old: dict[str, Digest], new: dict[str, Digest]) -> str | None:
    """The kinds of rows in which a generation differs from an older one; new kinds are additions."""
    kinds = sorted(kind for kind, digest in old.items() if new.get(kind) != digest)
    return f"differs in {', '.join(kinds)}" if kinds else None


async def attempt(pool: asyncpg.Pool, ledger: str, generation: int) -> bool:
    """Let a generation that has come as far as the one served take over, or note how they differ.

    True when it is served and alone: there is nothing left to attempt.

    Each step is a transaction of its own and may be repeated: if we crash between them, the next attempt goes
    on from there. The old rows go last, when nobody is given them any more.
    """
    if await _compared(pool, ledger, generation):
        await _served(pool, ledger, generation)
    return await _cleared(pool, ledger, generation)


async def sign_off(connection: Connection, ledger: str, generation: int) -> None:
    """Let a generation take over although its rows differ: somebody has looked."""
    await connection.execute(sql(_SQL, "generation_agreed"), ledger, generation, True, None)


async def _compared(pool: asyncpg.Pool, ledger: str, generation: int) -> bool:
    """Whether the generation may take over: the long part, in which readers and the other one go on."""
    async with tenant(pool, ledger) as connection:
        new, old = await _both(connection, ledger, generation)
        if new is None or old is None or new.position < old.position:
            return False
        folded = await connection.fetchval(sql(_SQL, "cells_folded_to"), ledger, generation)
        if new.position - (folded or 0) > _BEHIND:
            return False
        if new.agreed or new.difference is not None:
            return new.agreed
    differs = None  # from an older version it is meant to differ: that is why the version was raised
    if new.facts_version == old.facts_version:
        both = (old.generation, generation)
        differs = difference(
            *await asyncio.gather(*(_digests(pool, ledger, it, old.position) for it in both))
        )
    async with tenant(pool, ledger) as connection:
        await connection.execute(sql(_SQL, "generation_agreed"), ledger, generation, differs is None, differs)
    return differs is None


async def _digests(pool: asyncpg.Pool, ledger: str, generation: int, position: int) -> dict[str, Digest]:
    async with tenant(pool, ledger) as connection:
        return await digests(connection, ledger, generation, position)


async def _served(pool: asyncpg.Pool, ledger: str, generation: int) -> None:
    """The change itself, while neither can advance: no reader is taken back to an earlier position."""
    async with tenant(pool, ledger) as connection:
        await connection.execute(sql(_SQL, "generations_held"), ledger)
        new, old = await _both(connection, ledger, generation)
        if new is None or old is None or new.position < old.position:
            return
        await connection.execute(sql(_SQL, "parked_carry"), ledger, old.generation, generation)
        await connection.execute(sql(_SQL, "generation_retire"), ledger, old.generation)
        await connection.execute(sql(_SQL, "generation_serve"), ledger, generation)


async def _cleared(pool: asyncpg.Pool, ledger: str, generation: int) -> bool:
    """Drop what the generation has replaced; whether it is served."""
    async with tenant(pool, ledger) as connection:
        found = await generations.all_of(connection, ledger)
        if not any(it.generation == generation and it.serving for it in found):
            return False
        for it in found:
            if it.generation < generation:
                await connection.execute(sql(_SQL, "generation_drop"), ledger, it.generation)
        return True


async def _both(
    connection: Connection, ledger: str, generation: int
) -> tuple[Generation | None, Generation | None]:
    """The generation, if it is not served yet, and the one that is."""
    found = await generations.all_of(connection, ledger)
    new = next((it for it in found if it.generation == generation and not it.serving), None)
    return new, next((it for it in found if it.serving), None)
