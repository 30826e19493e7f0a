"""PostgreSQL as the services see it: connections that speak as a role, SQL from files, migrations."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, LiteralString
from urllib.parse import urlsplit

import asyncpg

SCHEMAS = ("access", "ledger", "projections", "vault")
_HOMES = ("services.platform", "services.ledger", "services.projections")
# What makes the schema `vault`, which no backup has: made anew where it is not there.
_OF_THE_VAULT = frozenset({"ledger/0070_vault", "ledger/0082_vault_tenants", "ledger/0110_epoch_digests"})
_ONE_AT_A_TIME = 7_003_811_942_015  # the advisory lock of migrations; any number nobody else uses
_SETTINGS = {
    "plan_cache_mode": "force_custom_plan",  # a plan cached on an empty table scans the full one later
    "jit": "off",
    "timezone": "UTC",
}


@cache
def sql(package: str, name: str) -> LiteralString:
    """The statement in `<package>/sql/<name>.sql`; a file of the program, so as trusted as a literal."""
    return (files(package) / "sql" / f"{name}.sql").read_text()


def names_user(url: str) -> bool:
    """Whether the address says as whom to connect."""
    parts = urlsplit(url)
    return parts.username is not None or re.search(r"(^|&)user=", parts.query) is not None


def as_role(url: str, role: str, **settings: str) -> dict[str, Any]:
    """Arguments for `asyncpg.connect` and `create_pool` that make the session speak as `role`.

    An address that names a user connects as it and then takes the role; one that names none (the embedded
    server, a pooler that maps users) connects as the role itself.
    """
    wanted = _SETTINGS | {"application_name": role} | settings
    if names_user(url):
        return {"dsn": url, "server_settings": wanted | {"role": role}}
    return {"dsn": url, "user": role, "server_settings": wanted}


def pool(
    url: str,
    role: str,
    size: int,
    settings: Mapping[str, str] = MappingProxyType({}),
    *,
    patience: float | None = 30.0,
) -> "asyncpg.Pool[asyncpg.Record]":
    """Connections that speak as `role`, opened when needed: the database may be away when we start; enter it.

    `patience` is for one command, in seconds; None: as long as it takes. What is set in a connection is to
    end with its transaction: one given back needs no trip to be cleaned.
    """
    arguments = as_role(url, role, **settings)
    return asyncpg.create_pool(
        **arguments, min_size=0, max_size=size, command_timeout=patience, reset=_as_it_is
    )


async def _as_it_is(_: object) -> None:
    """Nothing is left to reset."""


async def connect(url: str, role: str, **settings: str) -> asyncpg.Connection:
    """One connection that speaks as `role`; `settings` are server settings of the session."""
    connection: asyncpg.Connection = await asyncpg.connect(**as_role(url, role, **settings))
    return connection


async def administer(url: str) -> asyncpg.Connection:
    """One connection for whoever sets the database up: the address's own user, or `postgres`."""
    user = None if names_user(url) else "postgres"
    connection: asyncpg.Connection = await asyncpg.connect(dsn=url, user=user)
    return connection


async def ensure_locus(url: str) -> None:
    """Create the database `locus` on the server at `url`, unless it is there."""
    connection = await administer(url)
    try:
        if not await connection.fetchval(sql("services.platform", "database_exists")):
            await connection.execute(sql("services.platform", "create_database"))
    finally:
        await connection.close()


async def migrate(url: str) -> list[str]:
    """Bring the database to the newest schema; gives the names of what was applied. Any number may run it.

    A database restored without its vault gets an empty one.
    """
    connection = await administer(url)
    try:
        await connection.execute(sql("services.platform", "lock_migrations"), _ONE_AT_A_TIME)
        await connection.execute(sql("services.platform", "prepare"))
        await connection.execute("SET ROLE locus_owner")
        done = {row["name"] for row in await connection.fetch("SELECT name FROM access.migrations")}
        has_vault = await connection.fetchval("SELECT to_regnamespace('vault') IS NOT NULL")
        again = frozenset() if has_vault else done & _OF_THE_VAULT
        if again:  # first, so that none is passed over if we crash between them
            await connection.execute("DELETE FROM access.migrations WHERE name = ANY ($1)", sorted(again))
        missing = [(name, text) for name, text in migrations() if name not in done - again]
        for name, text in missing:
            await _apply(connection, name, text)
        await connection.execute(sql("services.platform", "analyze"))
    finally:
        await connection.close()  # ends the advisory lock as well
    return [f"{name} (anew: there was no vault)" if name in again else name for name, _ in missing]


async def unknown(url: str) -> list[str]:
    """The names of what a newer version migrated, which is unknown here."""
    connection = await administer(url)
    try:
        if not await connection.fetchval("SELECT to_regclass('access.migrations') IS NOT NULL"):
            return []
        await connection.execute("SET ROLE locus_owner")
        done = {row["name"] for row in await connection.fetch("SELECT name FROM access.migrations")}
    finally:
        await connection.close()
    return sorted(done.difference(name for name, _ in migrations()))


def migrations() -> Iterator[tuple[str, str]]:
    """Every migration in the order of application: name (`ledger/0001_entries`) and text."""
    for package in _HOMES:
        folder = files(package) / "migrations"
        for file in sorted(_sql_files(folder), key=lambda file: file.name):
            yield f"{package.rsplit('.', 1)[1]}/{file.name.removesuffix('.sql')}", file.read_text()


def _sql_files(folder: Traversable) -> list[Traversable]:
    return [file for file in folder.iterdir() if file.name.endswith(".sql")] if folder.is_dir() else []


async def _apply(connection: asyncpg.Connection, name: str, text: str) -> None:
    """The migration and its record commit together: if we crash here, it runs again from nothing."""
    async with connection.transaction():
        await connection.execute(text)
        await connection.execute("INSERT INTO access.migrations (name) VALUES ($1)", name)
