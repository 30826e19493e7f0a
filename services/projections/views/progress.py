"""How far the views of a ledger have come behind it, and whether anything is wrong with them."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.views.answer import Count
from services.projections.views.ground import UnknownLedgerError


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where the views of a ledger stand."""

    ledger: str
    position: Annotated[Count, Meta(description="The last entry the views have taken")]
    recorded: Annotated[datetime | None, Meta(description="When that entry was recorded")]
    head: Annotated[Count, Meta(description="The last entry of the ledger")]
    behind: Annotated[Count, Meta(description="Entries still to be taken; 0 once caught up")]
    parked: Annotated[
        Count, Meta(description="Entries that could not be taken: `locus projections parked list`")
    ]
    alarm: Annotated[str | None, Meta(description="Why the views have stopped; null: they have not")]
    facts_version: int


async def progress(connection: Connection, ledger: str) -> Progress:
    """Where the views of a ledger stand now. UnknownLedgerError if there are none."""
    row = await connection.fetchrow(sql("services.projections", "view_progress"), ledger)
    if row is None:
        raise UnknownLedgerError(ledger)
    return Progress(ledger=ledger, behind=max(row["head"] - row["position"], 0), **row)
