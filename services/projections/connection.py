"""The projector's way to the database: pooled connections, one ledger a transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.platform import database
from services.platform.database import sql
from services.platform.lifetime import heed_cancellation

Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy
# Begin again with a new connection. The driver's internal error: it lost track of one that the server ended.
LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# Of these, those that say nothing about what was asked: it has no room for us, or ended what we had begun.
AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


def pool(url: str, size: int = 8) -> asyncpg.Pool:
    """Connections of the projector.

    The transaction of a frozen process ends by itself, which frees the rows it was writing. A commit does not
    wait for the disk: rows and checkpoint are lost together, and what follows from entries is read again.
    """
    settings = {"idle_in_transaction_session_timeout": "1500", "synchronous_commit": "off"}
    return database.pool(url, "locus_projector", size, settings, patience=None)


@asynccontextmanager
async def tenant(pool: asyncpg.Pool, ledger: str) -> AsyncIterator[Connection]:
    """A transaction that sees one ledger's rows."""
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(sql("services.projections", "tenant"), ledger)
            yield connection
    except LOST:
        heed_cancellation()  # a rollback that failed must not hide it from those who try again
        raise
