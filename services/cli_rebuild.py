"""`locus projections rebuild|parked`: looking after a ledger's facts, through the database."""

import asyncio
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from services.cli_admin import told_plainly, with_database
from services.cli_tables import table
from services.failures import REFUSED, UNKNOWN, CommandFailed
from services.projections import main, parked
from services.projections.connection import pool, tenant
from services.projections.rebuilding import RebuildError


def rebuild(data: Path | None, ledger: str, sign_off: str | None) -> None:
    """Have the facts built anew, and wait until they are served; to stop waiting stops nothing."""
    settings = with_database(data)
    try:
        with Console(stderr=True).status(f"building the facts of {ledger} anew"), told_plainly():
            asyncio.run(main.rebuild(settings, ledger, sign_off=sign_off))
    except RebuildError as error:
        raise CommandFailed(str(error), REFUSED) from error
    Console(highlight=False).print(f"the new facts of {ledger} are served")


def show_parked(data: Path | None, ledger: str, skip: int | None) -> None:
    """List parked entries with the reason; with `skip`, first let the one at that position be."""
    drawn = table("position", "subject", "since", "error", right=("position",))
    with told_plainly():
        rows = asyncio.run(_parked(data, ledger, skip))
    for row in rows:
        seen = " (skipped)" if row["skipped"] else ""
        since = f"{row['parked_at']:%Y-%m-%d %H:%M}"
        drawn.add_row(str(row["position"]), escape(row["subject"]), since, escape(row["error"] + seen))
    Console().print(drawn if rows else "nothing is parked")


async def _parked(data: Path | None, ledger: str, skip: int | None) -> list[dict[str, Any]]:
    settings = with_database(data)
    if skip is not None:
        async with pool(settings.database_url, 1) as connections, tenant(connections, ledger) as connection:
            if not await parked.skip(connection, ledger, skip):
                raise CommandFailed(f"nothing is parked at position {skip}", UNKNOWN)
    return await main.parked(settings, ledger)
