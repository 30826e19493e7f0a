"""Who works on a generation: a lease that a living worker renews and another takes over soon after a death.

The lease only keeps workers from getting in each other's way. What keeps rows right is that every checkpoint
write compares the lease's epoch and the old position: whoever lost it cannot commit.
"""

from datetime import timedelta
from typing import NamedTuple

from services.platform.database import sql
from services.projections.connection import Connection

TERM = timedelta(seconds=1.5)  # a death or a freeze is noticed after this long; others go on within 3 s
RENEWED = 0.25  # seconds between renewals, and between attempts of those who wait
_SQL = "services.projections"


class LeaseLostError(Exception):
    """Another worker has taken over: what was being written was not committed."""


class Lease(NamedTuple):
    """A generation of a ledger, and the epoch under which this worker may advance it."""

    ledger: str
    generation: int
    epoch: int


async def take(connection: Connection, ledger: str, generation: int, holder: str) -> Lease | None:
    """The lease, if it is free or expired or this holder's already. Times are the database's."""
    epoch = await connection.fetchval(sql(_SQL, "lease_take"), ledger, generation, holder, TERM)
    return None if epoch is None else Lease(ledger, generation, epoch)


async def renew(connection: Connection, lease: Lease) -> bool:
    """Whether the lease was still this one and now lasts another term."""
    return bool(await connection.fetchval(sql(_SQL, "lease_renew"), *lease, TERM))


async def release(connection: Connection, lease: Lease) -> None:
    """Let others go on at once."""
    await connection.execute(sql(_SQL, "lease_release"), *lease)
