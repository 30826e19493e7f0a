"""Migrations and connections, on the real server."""

import asyncio

import pytest

from services.platform import database as platform_database
from tests.conftest import Database


async def test_a_migrated_database_has_nothing_left_to_apply(database: Database) -> None:
    assert await platform_database.migrate(database.url) == []


async def test_many_may_migrate_at_once(database: Database) -> None:
    assert await asyncio.gather(*(platform_database.migrate(database.url) for _ in range(4))) == [[]] * 4


@pytest.mark.parametrize("role", ["locus_appender", "locus_reader", "locus_projector"])
async def test_a_service_connects_as_its_own_role(database: Database, role: str) -> None:
    connection = await database.connect(role)
    assert await connection.fetchval("SELECT current_user") == role
    assert await connection.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
    await connection.close()


async def test_an_address_with_a_user_takes_the_role_instead(database: Database) -> None:
    connection = await platform_database.connect(f"{database.url}&user=postgres", "locus_reader")
    row = await connection.fetchrow("SELECT session_user::text AS session, current_user::text AS speaks")
    assert row is not None
    assert (row["session"], row["speaks"]) == ("postgres", "locus_reader")
    await connection.close()


async def test_the_owner_of_every_table_cannot_log_in(database: Database) -> None:
    connection = await database.connect()
    owners = await connection.fetch(
        "SELECT DISTINCT r.rolname, r.rolcanlogin FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY($1)",
        list(platform_database.SCHEMAS),
    )
    assert [tuple(row) for row in owners] == [("locus_owner", False)]
    await connection.close()
