"""Migrations and connections, on the real server."""

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from services.platform import database as platform_database
from services.platform.embedded import Postgres, postgres_home
from services.platform.identity import Identity, choose
from tests.conftest import FAST, Database, scratch


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


async def test_logins_without_superuser_set_up_the_database_and_run_the_services() -> None:
    with scratch() as data:
        postgres = Postgres(data, FAST)
        postgres.start()
        try:
            admin = await platform_database.administer(postgres.url("postgres"))
            await admin.execute("CREATE ROLE setup LOGIN CREATEROLE")
            await admin.execute("CREATE DATABASE locus OWNER setup")
            applied = await platform_database.migrate(as_user(postgres, "setup"))
            assert applied[0] == "platform/0001_tokens"
            assert await platform_database.migrate(as_user(postgres, "setup")) == []
            await admin.execute(
                "CREATE ROLE services LOGIN NOINHERIT IN ROLE locus_appender, locus_reader, locus_projector"
            )
            await admin.close()
            for role in ("locus_appender", "locus_reader", "locus_projector"):
                connection = await platform_database.connect(as_user(postgres, "services"), role)
                assert await connection.fetchval("SELECT current_user") == role
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute("SET ROLE locus_owner")
                await connection.close()
        finally:
            postgres.stop()


def as_user(postgres: Postgres, user: str) -> str:
    return f"{postgres.url('locus')}&user={user}"


async def test_the_schema_is_made_by_an_older_server_as_well() -> None:
    older = postgres_home().with_name("pginstall")  # the other major version in the wheel
    with scratch() as data:
        usual = choose(data, postgres_home())
        identity = replace(usual, home=older)
        postgres = Postgres(data, FAST, run_as=identity)
        await asyncio.to_thread(make_cluster, identity, postgres.cluster)
        postgres.start()
        try:
            admin = await platform_database.administer(postgres.url("postgres"))
            assert int(await admin.fetchval("SHOW server_version_num")) < 170000
            await admin.execute("CREATE DATABASE locus")
            applied = await platform_database.migrate(postgres.url("locus"))
            assert {name.partition("/")[0] for name in applied} == {"platform", "ledger", "projections"}
            await admin.close()
        finally:
            postgres.stop()


def make_cluster(identity: Identity, cluster: Path) -> None:
    program = [*identity.prefix, identity.home / "bin" / "initdb", "-D", cluster, "-U", "postgres"]
    subprocess.run(
        [*program, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, capture_output=True
    )
