"""Tenants are apart, and nothing recorded can be edited: asked of the database itself."""

import asyncio

import asyncpg
import pytest

from schemas.registry import decode_entry
from services.ledger.history import History
from services.ledger.main import readers
from tests.conftest import Database
from tests.ledgers import appending, made

TABLES = ("ledgers", "commits", "entries", "mentions", "tiles", "nodes", "checkpoints")
ROLES = ("locus_appender", "locus_reader")
_ALL = "SELECT * FROM ledger.{}"
LOGINS = (*ROLES, "locus_relay", "locus_projector", "locus_auditor", "locus_vault")


@pytest.fixture
async def two(database: Database) -> Database:
    """Two ledgers with an entry each, a tile, and a checkpoint."""
    async with appending(database.url) as appender:
        await appender.create_ledger("other")
        for ledger in ("acme", "other"):
            await appender.submit(ledger, [made(1)], "tests")
    connection = await database.connect()
    for ledger in ("acme", "other"):
        await connection.execute(
            "INSERT INTO ledger.tiles VALUES ($1, 0, decode(repeat('00', 8192), 'hex'))", ledger
        )
        await connection.execute("INSERT INTO ledger.nodes VALUES ($1, 1, 0, sha256(''))", ledger)
        await connection.execute("SELECT ledger.keep_checkpoint($1, 1, 'note')", ledger)
    await connection.close()
    return database


async def count(connection: asyncpg.Connection, table: str) -> int:
    return len(await connection.fetch(_ALL.format(table)))


@pytest.mark.parametrize("role", ROLES)
async def test_no_tenant_is_no_rows(two: Database, role: str) -> None:
    connection = await two.connect(role)
    assert [await count(connection, table) for table in TABLES] == [0] * len(TABLES)
    await connection.close()


@pytest.mark.parametrize("role", ROLES)
async def test_a_tenant_sees_its_own_rows_alone(two: Database, role: str) -> None:
    connection = await two.connect(role)
    await connection.execute("SET locus.ledger = 'acme'")
    for table in TABLES:
        rows = await connection.fetch(_ALL.format(table))
        assert {row["ledger"] for row in rows} == {"acme"}
    await connection.close()


async def test_the_owner_is_under_the_policies_too(two: Database) -> None:
    connection = await two.connect()
    await connection.execute("SET ROLE locus_owner")
    assert [await count(connection, table) for table in ("entries", "mentions")] == [0, 0]
    await connection.close()


async def test_a_tenant_cannot_write_into_another(two: Database) -> None:
    connection = await two.connect("locus_appender")
    await connection.execute("SET locus.ledger = 'acme'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await connection.execute("INSERT INTO ledger.mentions VALUES ('other', 'actor', 'a', 1)")
    await connection.close()


async def test_a_call_leaves_no_tenant_behind(two: Database) -> None:
    connection = await two.connect("locus_reader")
    assert len(await connection.fetch("SELECT * FROM ledger.feed('acme', 0, 10)")) == 1
    assert await count(connection, "entries") == 0
    await connection.close()


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET ledger = ledger", "DELETE FROM {}", "TRUNCATE {}"])
async def test_nobody_who_can_log_in_may_edit_what_is_recorded(
    two: Database, role: str, table: str, change: str
) -> None:
    connection = await two.connect(role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(change.format(f"ledger.{table}"))
    await connection.close()


async def test_only_roles_that_cannot_log_in_own_or_edit(two: Database) -> None:
    connection = await two.connect()
    able = await connection.fetch(
        "SELECT rolname FROM pg_roles, unnest($1::text[]) AS relation, unnest($2::text[]) AS privilege"
        " WHERE rolcanlogin AND NOT rolsuper"
        " AND has_table_privilege(rolname, 'ledger.' || relation, privilege)",
        TABLES,
        ["UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"],
    )
    assert able == []
    assert (
        await connection.fetchval("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'locus_owner'") is False
    )
    await connection.close()


async def test_the_reader_and_the_projector_cannot_append(two: Database) -> None:
    for role in ("locus_reader", "locus_projector"):
        connection = await two.connect(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("SELECT ledger.lock('acme')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("INSERT INTO ledger.mentions VALUES ('acme', 'actor', 'a', 1)")
        await connection.close()


async def test_the_projector_has_the_feed_and_the_heads_and_nothing_else(two: Database) -> None:
    connection = await two.connect("locus_projector")
    rows = await connection.fetch("SELECT * FROM ledger.feed('acme', 0, 10)")
    assert [(row["position"], row["root"] is not None) for row in rows] == [(1, True)]
    heads = await connection.fetch("SELECT * FROM ledger.heads()")
    assert {row["ledger"]: row["last"] for row in heads} == {"acme": 1, "other": 1}
    for table in TABLES:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await count(connection, table)
    callable_ = await connection.fetch(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'ledger' AND has_function_privilege(p.oid, 'EXECUTE') ORDER BY 1"
    )
    assert [row["proname"] for row in callable_] == ["feed", "heads"]
    await connection.close()


async def test_many_requests_over_few_connections_never_meet_another_tenant(two: Database) -> None:
    async with readers(two.url) as pool:
        history = History(pool)

        async def read(ledger: str) -> set[str]:
            page = await history.page(ledger, 0, await history.head(ledger), 10)
            return {decode_entry(line).ledger for _, line in page.entries}

        asked = ["acme", "other"] * 100
        found = await asyncio.gather(*[read(ledger) for ledger in asked])
        assert found == [{ledger} for ledger in asked]
        assert await pool.fetch("SELECT * FROM ledger.entries") == []
