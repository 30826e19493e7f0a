"""Every login of the database, beyond its privileges; and the one that may add, at what should not be added.

Editing, deleting, truncating, disabling row-level security, taking roles, making objects and reading across
tenants are in tests/integration/test_roles.py and test_tenants.py.
"""

from pathlib import Path

import asyncpg
import pytest

from services.platform import database as platform_database
from tests.attacks.served import first, served
from tests.conftest import Database
from tests.integration.test_roles import LOGINS

TRICKS = (
    "ALTER TABLE ledger.entries DISABLE TRIGGER ALL",
    "ALTER TABLE ledger.entries ENABLE REPLICA TRIGGER x",
    "CREATE TRIGGER mine BEFORE INSERT ON ledger.entries"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE mine AS ON INSERT TO ledger.entries DO INSTEAD NOTHING",
    "CREATE INDEX mine ON ledger.entries (position)",
    "DROP POLICY tenant ON ledger.entries",
    "ALTER POLICY tenant ON ledger.entries USING (true)",
    "ALTER TABLE ledger.entries OWNER TO CURRENT_USER",
    "ALTER TABLE ledger.entries DROP CONSTRAINT entries_identity",
    "ALTER FUNCTION ledger.append SECURITY DEFINER",
    "ALTER FUNCTION ledger.keep_checkpoint SET search_path = public",
    "CREATE OR REPLACE FUNCTION ledger.lock(of_ledger text) RETURNS void LANGUAGE sql AS ''",
    "DROP FUNCTION ledger.append",
    "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT timestamptz ''2001-01-01'''",
    "CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT timestamptz ''2001-01-01'''",
    "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
    "CREATE CAST (text AS bytea) WITHOUT FUNCTION",
    "CREATE LANGUAGE mine HANDLER plpgsql_call_handler",
    "ALTER ROLE locus_owner LOGIN",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "CREATE ROLE mine SUPERUSER LOGIN",
    "GRANT locus_owner TO CURRENT_USER",
    "ALTER DATABASE CURRENT SET search_path = public",
    "ALTER SYSTEM SET fsync = off",
    "DO $$ BEGIN LOCK TABLE ledger.entries IN ACCESS EXCLUSIVE MODE; END $$",
    "COPY ledger.entries FROM '/etc/passwd'",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_switch_wal()",
)


async def refused(connection: asyncpg.Connection, statement: str) -> bool:
    """Whether the server says that it is not permitted, and not that something else is wrong."""
    try:
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False


@pytest.mark.parametrize("role", LOGINS)
async def test_no_login_changes_what_protects_the_log(database: Database, role: str) -> None:
    await platform_database.migrate(database.url)  # a clone of a database has lost what is granted on it
    connection = await database.connect(role)
    try:
        for trick in TRICKS:
            statement = trick.replace("DATABASE CURRENT", f"DATABASE {database.name}")
            assert await refused(connection, statement), f"{role} may: {statement}"
        await refused(connection, "GRANT UPDATE ON ledger.entries TO CURRENT_USER")  # or only a warning
    finally:
        await connection.close()
    admin = await database.connect()
    assert not await admin.fetchval("SELECT has_table_privilege($1, 'ledger.entries', 'UPDATE')", role)
    await admin.close()


async def test_what_stands_first_in_the_search_path_is_not_what_runs(
    database: Database, tmp_path: Path
) -> None:
    """A superuser puts functions and tables of the same names before ours: who calls ours gets ours."""
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(1)
        await ledger.checkpoint(1)
        connection = await database.connect()
        await connection.execute("CREATE SCHEMA shadow")
        await connection.execute(
            "CREATE TABLE shadow.checkpoints (ledger text PRIMARY KEY, size bigint, note text)"
        )
        await connection.execute("CREATE TABLE shadow.accesses AS TABLE access.accesses")
        await connection.execute("GRANT ALL ON SCHEMA shadow TO PUBLIC")
        await connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA shadow TO PUBLIC")
        await connection.close()
        login = await database.connect("locus_appender")
        await login.execute("SET search_path = shadow, pg_catalog")
        assert await login.fetchval("SELECT ledger.keep_checkpoint('acme', 0, 'x')") is False
        assert await login.fetch("SELECT * FROM shadow.checkpoints") == []
        await login.close()


async def test_an_entry_that_is_slipped_in_without_a_commit_is_named(
    database: Database, tmp_path: Path
) -> None:
    """By the one login that may add rows; nothing is added behind it any more."""
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(1, 1)
        await ledger.checkpoint(2)
        login = await database.connect("locus_appender")
        await login.execute("SET locus.ledger = 'acme'")
        copied = (
            "INSERT INTO ledger.entries SELECT ledger, 3, recorded, occurred, 1, latest, 'decision/slipped',"
            " type, source, 'slipped', phase, convert_to(replace(convert_from(entry, 'UTF8'),"
            " '\"position\":2', '\"position\":3'), 'UTF8') FROM ledger.entries WHERE position = 2"
        )
        await login.execute(copied)
        for position in (1, 2):
            with pytest.raises(asyncpg.UniqueViolationError, match="entries_pk"):
                await login.execute(copied.replace("ledger, 3,", f"ledger, {position},"))
        code, report = await ledger.verified()
        assert (code, first(report)[0]) == (1, 3), report
        await login.close()


async def test_a_commit_before_its_time_and_a_head_that_was_not_seen_are_refused(
    database: Database, tmp_path: Path
) -> None:
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(1)
        login = await database.connect("locus_appender")
        empty = (
            "'{}', '', '', '', '', '{}', '{}', '', ARRAY['x'::bytea], '', '', '{}', 'r', 'f',"
            " '{}', '{}', '{}', '{}'"
        )
        with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError, match="not after the last commit"):
            await login.execute(f"SELECT ledger.append('acme', 1, '2001-01-01', {empty})")
        assert await login.fetchval(f"SELECT ledger.append('acme', 0, now(), {empty})") is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=r"row-level security|permission denied"):
            await login.execute("INSERT INTO ledger.commits VALUES ('acme', 2, 2, now(), sha256('x'), '')")
        await login.close()


async def test_a_checkpoint_that_is_none_is_named_and_told_to_readers(
    database: Database, tmp_path: Path
) -> None:
    """The one row that changes proves nothing; one that says it is larger stays until somebody looks."""
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(2)
        await ledger.checkpoint(2)
        login = await database.connect("locus_appender")
        assert await login.fetchval("SELECT ledger.keep_checkpoint('acme', 1000000, 'lies')") is True
        await login.close()
        code, report = await ledger.verified()
        assert (code, first(report)) == (1, (0, None, "checkpoint")), report
        assert "cannot be read" in report["faults"][0]["what"]
        for path in ("checkpoint", "proof/1"):
            answer = await ledger.client.get(f"/v1/ledgers/acme/log/{path}")
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:locus:problem:no-checkpoint")
            assert "somebody changed the database" in answer.json()["hint"]
