"""Any value in any column that `locus verify` reads, by whoever may do everything: it is named."""

import asyncpg
import pytest

from services.audit import verifying
from services.audit.report import Report
from services.audit.verifying import Asked
from services.platform.checkpoint import Checkpoint
from services.platform.note import signed
from tests.attacks.served import KEY
from tests.conftest import Database
from tests.integration.ledger_site import LEDGER
from tests.integration.test_verify import recorded, replaced, tamper

ENTRIES = 520
EDITED = 77
HUGE = "9223372036854775807"
NUMBERS = ("NULL", "0", "-5", HUGE, f"-{HUGE}")
SMALL = ("NULL", "0", "-5", "300", "32767", "-32768")
TIMES = ("NULL", "'infinity'", "'-infinity'", "'0044-01-01 BC'", "'290000-01-01'")
TEXTS = ("NULL", "''", r"E'a\nb\tc\\'")
HASHES = ("NULL", "''", "sha256('x')", "decode(repeat('00', 200000), 'hex')")
# Of each table the row to change, and its columns.
TABLES: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "entries": (
        "position = 400",
        {"position": NUMBERS, "version": NUMBERS, "recorded": TIMES, "occurred": TIMES, "entry": HASHES}
        | dict.fromkeys(("subject", "type", "source", "id"), TEXTS),
    ),
    "commits": (
        "last = 520",
        {"first": NUMBERS, "last": NUMBERS, "recorded": TIMES, "root": HASHES, "frontier": HASHES},
    ),
    "mentions": ("position = 400", {"kind": TEXTS, "value": TEXTS, "position": NUMBERS}),
    "tiles": ("tile = 1", {"tile": ("NULL", "-1", "2", HUGE, f"-{HUGE}"), "hashes": HASHES}),
    "nodes": ("node = 1", {"level": SMALL, "node": ("NULL", "-5", "9", HUGE), "hash": HASHES}),
    "checkpoints": ("true", {"size": NUMBERS, "note": (*TEXTS, "repeat('x', 3000000)")}),
    "ledgers": ("true", {"origin": TEXTS, "format": SMALL}),
}


@pytest.fixture
async def ledger(database: Database) -> Database:
    """A signed ledger, without any constraint; an entry in it was edited."""
    await recorded(database, (100, 250, 170))
    connection = await database.connect()
    try:
        root = await connection.fetchval("SELECT root FROM ledger.commits ORDER BY last DESC LIMIT 1")
        origin = await connection.fetchval("SELECT origin FROM ledger.ledgers")
        note = str(signed(str(Checkpoint(origin, ENTRIES, root)), [KEY.named(origin)]))
        await connection.execute("INSERT INTO ledger.checkpoints VALUES ($1, $2, $3)", LEDGER, ENTRIES, note)
        assert (await checked(database)).verdict == "right"
        await unconstrained(connection)
    finally:
        await connection.close()
    await tamper(database, replaced(EDITED, '"parts":2', '"parts":3'))
    return database


async def unconstrained(connection: asyncpg.Connection) -> None:
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text AS relation, conname FROM pg_constraint"
        " WHERE connamespace = 'ledger'::regnamespace AND contype <> 'n'"
    )
    for one in constraints:
        await connection.execute(f"ALTER TABLE {one['relation']} DROP CONSTRAINT {one['conname']}")
    for table, (_, columns) in TABLES.items():
        for column in columns:
            await connection.execute(f"ALTER TABLE ledger.{table} ALTER {column} DROP NOT NULL")


async def checked(database: Database) -> Report:
    return await verifying.of_database(database.url, LEDGER, Asked(target="here"), lambda _done, _all: None)


@pytest.mark.parametrize("table", TABLES)
async def test_any_value_in_any_column_is_named_beside_what_else_is_wrong(
    ledger: Database, table: str
) -> None:
    row, columns = TABLES[table]
    before = {(fault.position, fault.until, fault.what) for fault in (await checked(ledger)).faults}
    assert {position for position, *_ in before if position} == {EDITED}
    await tamper(ledger, f"CREATE TABLE kept AS SELECT * FROM ledger.{table}")  # noqa: S608 — our own text
    for column, values in columns.items():
        for value in values:
            await tamper(ledger, f"UPDATE ledger.{table} SET {column} = {value} WHERE {row}")  # noqa: S608 — the same
            report = await checked(ledger)
            found = {(fault.position, fault.until, fault.what) for fault in report.faults}
            assert found - before, (column, value, report.told())
            assert any(first <= EDITED <= (last or first) for first, last, _ in found), (column, value)
            await tamper(
                ledger,
                f"DELETE FROM ledger.{table}",  # noqa: S608 — the same
                f"INSERT INTO ledger.{table} SELECT * FROM kept",  # noqa: S608 — the same
            )
