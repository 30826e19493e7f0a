"""The vault's life in a process: its connections, its opening, and what is looked after meanwhile."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import structlog

from services.ledger.people import People
from services.ledger.trouble import cure
from services.ledger.vault import KeysMissing, Vault
from services.ledger.vault_files import KeyFiles
from services.platform import database
from services.platform.lifetime import background
from services.platform.settings import Settings, needed

_CONNECTIONS = 4
_OPENING = 5.0  # seconds for the vault, before we start without it

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def looked_after(vault: Vault, people: People) -> AsyncGenerator[None]:
    """Erasures are finished and epochs turned meanwhile. Raises KeysMissing: the vault cannot be opened."""
    try:
        async with asyncio.timeout(_OPENING):
            await vault.begin()
    except KeysMissing:
        raise
    except Exception as error:  # noqa: BLE001 — most likely the database is away: we start all the same
        _log.warning("the vault is not open yet", error=repr(error), cure=cure(error))
    async with background(people.keep()):
        yield


async def turn(settings: Settings) -> int:
    """Turn the vault's epoch, now; the new one."""
    files = KeyFiles(Path(needed(settings.vault_keys, "LOCUS_VAULT_KEYS")))
    async with vault_pool(settings) as pool:
        vault = Vault(pool, files, now=lambda: datetime.now(UTC))
        await vault.begin()
        return await vault.turn()


def vault_pool(settings: Settings) -> "asyncpg.Pool[asyncpg.Record]":
    """Connections to the vault, which may be on a server of its own."""
    url = settings.vault_url or settings.database_url
    return database.pool(url, "locus_vault", _CONNECTIONS)
