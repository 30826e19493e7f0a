"""`locus token` and `locus migrate`: who may do what, until when; the schema; through the database."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
from rich.console import Console
from rich.table import Table

from services import running
from services.failures import FAILED, UNKNOWN, UNREACHABLE, CommandFailed
from services.platform import auth, database, settings


def with_database(data: Path | None) -> settings.Settings:
    """The settings, with the database of the running system unless LOCUS_DATABASE_URL names one."""
    read = settings.read(os.environ)
    if read.database_url:
        return read
    directory = running.data_directory(data)
    system = running.read(directory)
    if system is None:
        told = f"nothing is running for {directory}; start it with locus up, or set LOCUS_DATABASE_URL"
        raise CommandFailed(told, UNREACHABLE)
    return msgspec.structs.replace(read, database_url=system.database_url, nats_url=system.nats_url)


async def _as_owner(data: Path | None) -> asyncpg.Connection:
    connection = await database.administer(with_database(data).database_url)
    await connection.execute("SET ROLE locus_owner")
    return connection


def turn_vault(data: Path | None) -> int:
    """Turn the epoch of the vault that the settings name, or the running system's; the new epoch."""
    from services.ledger.keeping import turn

    found = with_database(data)
    if not found.vault_keys:
        found = msgspec.structs.replace(
            found, vault_keys=str(running.vault_keys(running.data_directory(data)))
        )
    return asyncio.run(turn(found))


def migrate() -> None:
    """Apply the migrations that are missing, and name them; to the vault too, if it is elsewhere."""
    read = settings.read(os.environ)
    url = settings.needed(read.database_url, "LOCUS_DATABASE_URL")
    try:
        applied = asyncio.run(database.migrate(url))
        if read.vault_url not in ("", url):
            applied += [f"{name} (vault)" for name in asyncio.run(database.migrate(read.vault_url))]
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandFailed(f"the database cannot be set up: {error}", FAILED) from error
    Console(highlight=False).print("\n".join(applied) or "nothing to do")


def create_token(
    data: Path | None,
    publisher: str,
    *,
    scopes: Sequence[auth.Scope],
    ledgers: Sequence[str],
    sources: Sequence[str],
    days: int,
) -> None:
    """Make a token and print it, and nothing else, on stdout."""

    async def make() -> str:
        connection = await _as_owner(data)
        ends = datetime.now(UTC) + timedelta(days=days)
        try:
            return await auth.create(
                connection, publisher, scopes=scopes, ledgers=ledgers, sources=sources, expires_at=ends
            )
        finally:
            await connection.close()

    Console(soft_wrap=True, highlight=False).print(asyncio.run(make()))


def list_tokens(data: Path | None) -> None:
    """Print what every working token allows."""

    async def read() -> list[asyncpg.Record]:
        connection = await _as_owner(data)
        try:
            return await auth.listed(connection)
        finally:
            await connection.close()

    table = Table("publisher", "scopes", "ledgers", "sources", "made", "ends")
    for row in asyncio.run(read()):
        words = (", ".join(row[column]) for column in ("scopes", "ledgers", "sources"))
        days = (f"{row[column]:%Y-%m-%d}" for column in ("created_at", "expires_at"))
        table.add_row(row["publisher"], *words, *days)
    Console().print(table)


def revoke_tokens(data: Path | None, publisher: str) -> None:
    """Withdraw every token of a publisher."""

    async def end() -> int:
        connection = await _as_owner(data)
        try:
            return await auth.revoke(connection, publisher)
        finally:
            await connection.close()

    ended = asyncio.run(end())
    if not ended:
        raise CommandFailed(f"no working token belongs to {publisher!r}", UNKNOWN)
    Console(highlight=False).print(f"{ended} withdrawn")
