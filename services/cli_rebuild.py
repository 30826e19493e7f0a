"""`locus projections rebuild|parked`: looking after a ledger's facts, through the database."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from services.cli_admin import with_database
from services.cli_tables import table
from services.failures import REFUSED, UNKNOWN, CommandFailed
from services.projections import generations, parked, swap
from services.projections.connection import Connection, pool, tenant
from services.projections.generations import Generation

_PAUSE = 0.5


def rebuild(data: Path | None, ledger: str, *, sign_off: bool) -> None:
    """Begin a generation, or go on with one that was begun, and wait until it is served.

    Workers build and swap it by themselves: to stop waiting stops nothing. If its rows differ from those
    served, they wait for somebody to look: that is exit code 1, and `sign_off` lets them take over.
    """
    number = asyncio.run(_rebuilt(with_database(data).database_url, ledger, sign_off=sign_off))
    Console(highlight=False).print(f"generation {number} of the facts of {ledger} is served")


async def _rebuilt(url: str, ledger: str, *, sign_off: bool) -> int:
    async with pool(url, 1) as connections:
        async with tenant(connections, ledger) as connection:
            number = await _begun(connection, ledger, sign_off=sign_off)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(f"building generation {number}", total=None)
            while True:
                async with tenant(connections, ledger) as connection:
                    found = await generations.all_of(connection, ledger)
                new = next((one for one in found if one.generation == number), None)
                if new is None or new.serving:
                    return number
                if new.difference is not None and not new.agreed:
                    told = f"generation {number} {new.difference}; look, then let it take over: --sign-off"
                    raise CommandFailed(told, REFUSED)
                goal = max(one.position for one in found)
                progress.update(task, completed=new.position, total=goal)
                await asyncio.sleep(_PAUSE)


async def _begun(connection: Connection, ledger: str, *, sign_off: bool) -> int:
    found = await generations.all_of(connection, ledger)
    if not found:
        raise CommandFailed(f"the views know no ledger {ledger!r}", UNKNOWN)
    waiting = _waiting(found)
    if sign_off:
        if waiting is None or waiting.difference is None:
            raise CommandFailed("there is no difference to sign off", REFUSED)
        await swap.sign_off(connection, ledger, waiting.generation)
    return waiting.generation if waiting else await generations.begin(connection, ledger)


def _waiting(found: Sequence[Generation]) -> Generation | None:
    """The newest generation that is not served yet."""
    return next((one for one in reversed(found) if not one.serving), None)


def show_parked(data: Path | None, ledger: str, *, skip: int | None) -> None:
    """List parked entries with the reason; with `skip`, first let the one at that position be."""
    rows = asyncio.run(_parked(with_database(data).database_url, ledger, skip))
    drawn = table("position", "subject", "since", "error", right=("position",))
    for row in rows:
        seen = " (skipped)" if row.skipped else ""
        cells = (str(row.position), row.subject, f"{row.parked:%Y-%m-%d %H:%M}", row.error + seen)
        drawn.add_row(*map(escape, cells))
    Console().print(drawn if rows else "nothing is parked")


async def _parked(url: str, ledger: str, skip: int | None) -> Sequence[parked.ParkedEntry]:
    async with _tenant(url, ledger) as connection:
        if skip is not None and not await parked.skip(connection, ledger, skip):
            raise CommandFailed(f"nothing is parked at position {skip}", UNKNOWN)
        return await parked.entries(connection, ledger)


@asynccontextmanager
async def _tenant(url: str, ledger: str) -> AsyncIterator[Connection]:
    connections: asyncpg.Pool
    async with pool(url, 1) as connections, tenant(connections, ledger) as connection:
        yield connection
