"""What each role of the database may do, asked of the catalogue and tried for real."""

import asyncpg
import pytest

from services.ledger.main import readers
from services.platform import database as platform_database
from services.projections.connection import pool, tenant
from tests.conftest import Database
from tests.ledgers import appending, made

LOGINS = (
    "locus_appender",
    "locus_relay",
    "locus_reader",
    "locus_projector",
    "locus_auditor",
    "locus_vault",
)
# Without a ledger of their own, so without tenants: no login may touch them, but the vault its epochs.
SHARED = {"access.limits", "access.migrations", "access.publishers", "access.tokens"}
RECORDED = ("ledgers", "commits", "entries", "mentions", "tiles", "nodes")
_OURS = "n.nspname IN ('access', 'ledger', 'projections', 'vault')"


async def listed(database: Database, query: str) -> list[str]:
    connection = await database.connect()
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_every_table_with_a_ledger_is_under_forced_row_level_security(database: Database) -> None:
    bare = await listed(
        database,
        f"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ledger' AND NOT a.attisdropped
        WHERE {_OURS} AND c.relkind IN ('r', 'p') AND NOT (c.relrowsecurity AND c.relforcerowsecurity
            AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))
        """,  # noqa: S608 — our own text
    )
    assert bare == []


async def test_no_policy_lets_a_login_see_another_ledger_than_the_one_set(database: Database) -> None:
    wide = await listed(
        database,
        f"""
        SELECT p.polrelid::regclass || ': ' || p.polname FROM pg_policy p
        JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND p.polroles <> ARRAY['locus_owner'::regrole::oid]
          AND NOT (n.nspname = 'vault' AND p.polroles = ARRAY['locus_vault'::regrole::oid]) AND NOT (
            pg_get_expr(p.polqual, c.oid) LIKE '%ledger = %current_setting(''locus.ledger''%'
            AND coalesce(pg_get_expr(p.polwithcheck, c.oid), '') NOT LIKE '%true%')
        """,  # noqa: S608 — our own text
    )
    assert wide == []


async def test_a_table_without_a_ledger_is_named_here_and_no_login_touches_it(database: Database) -> None:
    without = await listed(
        database,
        f"""
        SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE {_OURS} AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'ledger')
        """,  # noqa: S608 — our own text
    )
    assert set(without) - SHARED == {"vault.epochs"}
    touched = await listed(
        database,
        f"""
        SELECT r.rolname || ' ' || t FROM pg_roles r, unnest(ARRAY{sorted(SHARED)}) AS t
        WHERE r.rolname LIKE 'locus\\_%' AND r.rolcanlogin
          AND has_table_privilege(r.oid, t, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
        """,  # noqa: S608 — our own text
    )
    assert touched == []


async def test_nothing_of_ours_is_for_everybody(database: Database) -> None:
    everybody = await listed(
        database,
        f"""
        SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            aclexplode(c.relacl) AS acl WHERE {_OURS} AND acl.grantee = 0
        UNION ALL
        SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
            aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
        WHERE {_OURS} AND acl.grantee = 0
        UNION ALL
        SELECT n.nspname FROM pg_namespace n, aclexplode(n.nspacl) AS acl WHERE {_OURS} AND acl.grantee = 0
        """,  # noqa: S608 — our own text
    )
    assert everybody == []


async def test_a_function_that_runs_as_its_owner_has_a_fixed_search_path(database: Database) -> None:
    loose = await listed(
        database,
        f"""
        SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {_OURS} AND p.prosecdef
          AND NOT coalesce(p.proconfig::text LIKE '%search_path=' || n.nspname || ', pg_temp%', false)
        """,  # noqa: S608 — our own text
    )
    assert loose == []


async def test_a_function_made_later_is_for_nobody_until_granted(database: Database) -> None:
    connection = await database.connect()
    await connection.execute("SET ROLE locus_owner")
    await connection.execute("CREATE FUNCTION ledger.later() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    await connection.close()
    for role in LOGINS:
        connection = await database.connect(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"later|schema ledger"):
            await connection.execute("SELECT ledger.later()")
        await connection.close()


@pytest.fixture
async def two(database: Database) -> Database:
    """Two ledgers with an entry each."""
    async with appending(database.url) as appender:
        await appender.create_ledger("other")
        for ledger in ("acme", "other"):
            await appender.submit(ledger, [made(1)], "tests")
    return database


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize("tenant", ["acme", None])
async def test_no_login_edits_what_is_recorded(two: Database, role: str, tenant: str | None) -> None:
    connection = await two.connect(role)
    if tenant:
        await connection.execute(f"SET locus.ledger = {tenant}")
    for table in RECORDED:
        for change in (
            f"UPDATE ledger.{table} SET ledger = ledger",  # noqa: S608 — our own text
            f"DELETE FROM ledger.{table}",  # noqa: S608 — our own text
            f"TRUNCATE ledger.{table}",
            f"ALTER TABLE ledger.{table} DISABLE ROW LEVEL SECURITY",
            f"ALTER TABLE ledger.{table} NO FORCE ROW LEVEL SECURITY",
            f"DROP TABLE ledger.{table}",
            f"CREATE POLICY mine ON ledger.{table} USING (true)",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    await connection.close()


@pytest.mark.parametrize("role", LOGINS)
@pytest.mark.parametrize(
    "trick",
    [
        "SET ROLE locus_owner",
        "SET ROLE postgres",
        "SELECT set_config('role', 'locus_owner', false)",
        "SET SESSION AUTHORIZATION locus_owner",
        "SET session_replication_role = replica",
        "CREATE TABLE public.entries (position bigint)",
        "CREATE TABLE ledger.mine (position bigint)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION ledger.append() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "SELECT pg_read_file('postgresql.conf')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT hash FROM access.tokens",
        "SELECT * FROM access.migrations",
    ],
)
async def test_no_login_becomes_more_than_it_is(database: Database, role: str, trick: str) -> None:
    connection = await database.connect(role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(trick)
    await connection.close()


async def test_no_login_makes_temporary_objects_in_a_migrated_database(database: Database) -> None:
    await platform_database.migrate(database.url)  # a clone of a database has lost what is granted on it
    for role in LOGINS:
        connection = await database.connect(role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="temporary tables"):
            await connection.execute("CREATE TEMPORARY TABLE entries (position bigint)")
        await connection.close()


@pytest.mark.parametrize("role", LOGINS)
async def test_no_login_takes_another_role(database: Database, role: str) -> None:
    connection = await database.connect(role)
    for other in {*LOGINS, "locus_owner"} - {role}:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied to set role"):
            await connection.execute(f"SET ROLE {other}")
    await connection.close()


@pytest.mark.parametrize("role", ["locus_appender", "locus_reader", "locus_auditor"])
async def test_switching_row_security_off_gives_an_error_and_no_rows(two: Database, role: str) -> None:
    connection = await two.connect(role)
    await connection.execute("SET row_security = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await connection.fetch("SELECT * FROM ledger.entries")
    await connection.close()


async def may(database: Database, role: str) -> tuple[set[str], set[str]]:
    """The functions and the tables (with the privilege) of ours that a role has."""
    functions = await listed(
        database,
        f"""
        SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {_OURS} AND has_function_privilege('{role}', p.oid, 'EXECUTE')
          AND has_schema_privilege('{role}', n.oid, 'USAGE')
        """,  # noqa: S608 — our own text
    )
    tables = await listed(
        database,
        f"""
        SELECT privilege || ' ' || n.nspname || '.' || c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
        WHERE {_OURS} AND c.relkind IN ('r', 'p') AND has_table_privilege('{role}', c.oid, privilege)
        """,  # noqa: S608 — our own text
    )
    return set(functions), set(tables)


async def test_the_relay_has_the_feed_and_the_heads_and_nothing_else(two: Database) -> None:
    assert await may(two, "locus_relay") == ({"ledger.feed", "ledger.heads"}, set())
    connection = await two.connect("locus_relay")
    assert len(await connection.fetch("SELECT * FROM ledger.feed('acme', 0, 10)")) == 1
    await connection.close()


async def test_an_auditor_reads_entries_commits_and_accesses_and_nothing_else(two: Database) -> None:
    functions, tables = await may(two, "locus_auditor")
    assert functions == {"access.noted", "ledger.heads"}
    assert tables == {
        f"SELECT ledger.{one}"
        for one in ("ledgers", "commits", "entries", "mentions", "tiles", "nodes", "checkpoints")
    }
    connection = await two.connect("locus_auditor")
    assert await connection.fetch("SELECT * FROM ledger.entries") == []
    await connection.execute("SET locus.ledger = 'acme'")
    rows = await connection.fetch("SELECT e.ledger FROM ledger.entries e JOIN ledger.commits USING (ledger)")
    assert [row[0] for row in rows] == ["acme"]
    assert await connection.fetch("SELECT * FROM access.noted(0, 10, NULL, NULL)") == []
    await connection.close()


async def test_the_vault_and_everybody_else_have_nothing_in_common(database: Database) -> None:
    functions, tables = await may(database, "locus_vault")
    assert {one.partition(".")[0].rpartition(" ")[2] for one in functions | tables} == {"vault"}
    for role in LOGINS[:-1]:
        functions, tables = await may(database, role)
        assert not {one for one in functions | tables if "vault." in one}, role


async def test_the_intake_appends_and_looks_no_token_up(database: Database) -> None:
    functions, tables = await may(database, "locus_appender")
    assert not {one for one in functions | tables if "access." in one or "projections." in one}
    assert {one.partition(" ")[0] for one in tables} == {"SELECT", "INSERT"}


async def test_a_database_of_an_older_version_gets_the_roles_it_lacks(database: Database) -> None:
    admin = await database.connect()
    roles = await admin.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", LOGINS)
    assert {row["rolname"] for row in roles} == set(LOGINS)
    await admin.execute("DELETE FROM access.migrations WHERE name LIKE '%roles'")
    await admin.execute("DROP FUNCTION access.token")
    await admin.execute("GRANT SELECT ON access.tokens TO locus_reader")
    await admin.execute("GRANT EXECUTE ON FUNCTION ledger.feed TO PUBLIC")
    await admin.close()
    applied = await platform_database.migrate(database.url)
    assert applied == ["platform/0003_roles", "ledger/0080_roles", "projections/0020_roles"]
    await test_nothing_of_ours_is_for_everybody(database)


async def test_a_reused_connection_carries_no_tenant_over(two: Database) -> None:
    async with readers(two.url) as reading, reading.acquire() as connection:
        assert await connection.fetchval("SELECT ledger.head('acme')") == 1
        assert await connection.fetch("SELECT * FROM ledger.entries") == []
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.execute("SELECT ledger.head('acme') / 0")
        assert await connection.fetch("SELECT * FROM ledger.entries") == []
        rows = await connection.fetch("SELECT ledger.head('acme'), e.ledger FROM ledger.entries e")
        assert {row["ledger"] for row in rows} <= {"acme"}
        assert await connection.fetchval("SELECT current_setting('locus.ledger', true)") in (None, "")


async def test_a_reused_connection_of_the_views_carries_no_tenant_over(two: Database) -> None:
    async with pool(two.url, 1) as connections:
        async with tenant(connections, "acme") as connection:
            assert await connection.fetchval("SELECT current_setting('locus.ledger', true)") == "acme"
        with pytest.raises(ZeroDivisionError):
            async with tenant(connections, "acme"):
                raise ZeroDivisionError
        assert await connections.fetchval("SELECT current_setting('locus.ledger', true)") in (None, "")
