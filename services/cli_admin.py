"""`locus token` and `locus migrate`: who may do what, until when; the schema; through the database."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import msgspec
import rich_click as click
from rich.console import Console

from services import running
from services.cli_drawing import rows
from services.cli_words import json_text
from services.failures import FAILED, REFUSED, UNKNOWN, UNREACHABLE, USAGE, CommandFailed
from services.platform import auth, database, publishers, settings

_T = TypeVar("_T")


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


@contextmanager
def told_plainly() -> Iterator[None]:
    """What the database refuses is one line to whoever asked, not a traceback."""
    try:
        yield
    except (asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError) as error:
        told = f"the database refuses: {error}"
        raise CommandFailed(f"{told}; this needs the login that ran locus migrate", FAILED) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandFailed(f"the database refuses: {error}", FAILED) from error
    except OSError as error:
        raise _away(error) from error


def _away(error: OSError) -> CommandFailed:
    return CommandFailed(f"the database does not answer: {error}; mend LOCUS_DATABASE_URL", UNREACHABLE)


async def as_owner(data: Path | None) -> asyncpg.Connection:
    """A connection that may do what the owner of our tables may."""
    connection = await database.administer(with_database(data).database_url)
    await connection.execute("SET ROLE locus_owner")
    return connection


def turn_vault(data: Path | None) -> int:
    """Turn the epoch of the vault that the settings name, or the running system's; the new epoch."""
    from services.ledger.keeping import turn

    found, given = with_database(data), settings.read(os.environ)
    if given.database_url and not given.vault_keys:  # the running system's keys are not this database's
        told = "LOCUS_DATABASE_URL names a database, and nothing the directory of its keys"
        raise CommandFailed(f"{told}: set LOCUS_VAULT_KEYS, or unset LOCUS_DATABASE_URL", USAGE)
    if not found.vault_keys:
        found = msgspec.structs.replace(
            found, vault_keys=str(running.vault_keys(running.data_directory(data)))
        )
    with told_plainly():
        return asyncio.run(turn(found))


def migrate() -> None:
    """Apply the migrations that are missing, and name them; to the vault too, if it is elsewhere."""
    read = settings.read(os.environ)
    url = settings.needed(read.database_url, "LOCUS_DATABASE_URL")
    try:
        applied = asyncio.run(database.migrate(url))
        if read.vault_url not in ("", url):
            applied += [f"{name} (vault)" for name in asyncio.run(database.migrate(read.vault_url))]
        newer = asyncio.run(database.unknown(url))
    except asyncpg.InsufficientPrivilegeError as error:
        told = f"the database cannot be set up: {error}"
        who = "its owner can, with CREATEROLE, and where the server has Locus's roles already, who made these"
        raise CommandFailed(f"{told}; {who}", FAILED) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandFailed(f"the database cannot be set up: {error}", FAILED) from error
    except OSError as error:
        raise _away(error) from error
    Console(highlight=False).print("\n".join(applied) or "nothing to do")
    if newer:
        told = f"locus: a newer Locus has migrated this database (unknown here: {', '.join(newer)})"
        Console(stderr=True, soft_wrap=True, highlight=False).print(told)


def with_owner(data: Path | None, work: Callable[[asyncpg.Connection], Awaitable[_T]]) -> _T:
    """What the work gives, done as the owner of our tables. CommandFailed for a name that cannot be kept."""

    async def run() -> _T:
        connection = await as_owner(data)
        try:
            return await work(connection)
        finally:
            await connection.close()

    try:
        with told_plainly():
            return asyncio.run(run())
    except publishers.BadName as error:
        raise CommandFailed(str(error), REFUSED) from None


def create_token(data: Path | None, publisher: str, *, days: int, as_json: bool, **allowed: Any) -> None:
    """Make a token and print it, and nothing else, on stdout; as JSON, with what it allows."""
    ends = datetime.now(UTC) + timedelta(days=days)
    made = with_owner(data, lambda owner: auth.create(owner, publisher, expires_at=ends, **allowed))
    if as_json:
        _print_json({"token": made, "id": auth.id_of(made), "publisher": publisher, **allowed, "ends": ends})
        return
    Console(soft_wrap=True, highlight=False).print(made)


def list_tokens(data: Path | None, *, as_json: bool) -> None:
    """Print what every working token allows."""
    columns = ("id", "publisher", "scopes", "ledgers", "sources", "made", "ends")
    found = with_owner(data, auth.listed)
    if as_json:
        _print_json({"tokens": [dict(zip(columns, row, strict=True)) for row in found]})
        return
    cells = []
    for row in found:
        words = (", ".join(row[column]) for column in ("scopes", "ledgers", "sources"))
        days = (f"{row[column]:%Y-%m-%d}" for column in ("created_at", "expires_at"))
        cells.append((row["id"], row["publisher"], *words, *days))
    rows(Console(), columns, (), cells, len(cells), "a wider terminal")
    if not cells:
        Console().print("no token works")


def _print_json(answer: dict[str, Any]) -> None:
    click.echo(json_text(msgspec.to_builtins(answer)))


def revoke_tokens(data: Path | None, publisher: str) -> None:
    """Withdraw every token of a publisher."""
    ended = with_owner(data, lambda owner: auth.revoke(owner, publisher))
    if not ended:
        raise CommandFailed(f"no working token belongs to {publisher!r}", UNKNOWN)
    Console(highlight=False).print(f"{ended} withdrawn")


def revoke_token(data: Path | None, id: str) -> None:
    """Withdraw one token by its id."""
    if not with_owner(data, lambda owner: auth.revoke_one(owner, id)):
        raise CommandFailed(f"no working token has the id {id!r}", UNKNOWN)
    Console(highlight=False).print("1 withdrawn")
