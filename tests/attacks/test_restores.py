"""Old backups put back, with PostgreSQL's own tools: what was signed, and who was erased, stays so.

Restores under a running process are in tests/integration/test_signing.py, those of the vault in
test_privacy.py there, and that of a whole data directory in test_erasure_on_disk.py here.
"""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from services.ledger.errors import LedgerHalted
from services.ledger.history import History
from services.ledger.main import readers
from services.ledger.people import People
from services.ledger.rejected import Refusal, RejectedMessages
from services.ledger.signing import Kept, Watch
from services.platform.embedded import postgres_home
from services.platform.problems import BAD_REQUEST, Problem
from tests.attacks.served import VKEY, first, served
from tests.conftest import Database, Server
from tests.integration.ledger_site import EVENTS, LEDGER, STRUCTURED, event
from tests.ledgers import appending, keeping, now

PERSON = event("actor.registered", "actor/a-1", kind="person", profile={"name": "Ada Marker"})


def tool(postgres: Server, program: str, *arguments: str) -> None:
    """pg_dump or pg_restore, as an operator runs it."""
    command = [postgres_home() / "bin" / program, "-h", postgres.sockets, "-U", "postgres", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 — the wheel's own program
    assert ended.returncode == 0, ended.stderr


def back_up(postgres: Server, database: Database, to: Path) -> None:
    """Everything but the vault, as operators are told."""
    tool(postgres, "pg_dump", "-Fc", "--exclude-schema=vault", "-f", str(to), database.name)


def restore(postgres: Server, database: Database, backup: Path) -> None:
    """The ledger's tables as they were; the vault stays what it is."""
    options = ("--data-only", "--disable-triggers", "--schema=ledger")
    with_rows = "entries, mentions, commits, tiles, nodes, checkpoints, rejected, ledgers"
    truncate = "TRUNCATE " + ", ".join(f"ledger.{table}" for table in with_rows.split(", "))
    tool(postgres, "psql", "-d", database.name, "-q", "-c", truncate)
    tool(postgres, "pg_restore", *options, "-d", database.name, str(backup))


async def test_an_old_backup_is_neither_signed_nor_added_to(
    database: Database, postgres: Server, tmp_path: Path
) -> None:
    backup, kept = tmp_path / "backup", tmp_path / "kept"
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(1, 2)
        await ledger.checkpoint(3)
        back_up(postgres, database, backup)
        await ledger.publish(2)
        kept.write_text(await ledger.checkpoint(5))
    restore(postgres, database, backup)
    async with served(database, tmp_path / "signed") as ledger:
        status, problem = await ledger.publishing()
        assert (status, problem["type"]) == (503, "urn:locus:problem:ledger-halted")
        assert "5 entries were signed, and the database holds 3" in problem["detail"]
        assert (await ledger.health(503))["detail"] == "not ready: halted"
        assert "\n3\n" in await ledger.checkpoint(3)  # which is true, and all there is to read
        assert ledger.signed.read_text() == "".join(kept.read_text().splitlines(keepends=True)[:5])
        code, report = await ledger.verified("", "--key", str(VKEY), "--checkpoint", str(kept))
    assert (code, first(report)) == (1, (4, None, "checkpoint")), report
    assert "the entries end at position 3" in report["faults"][0]["what"]


async def test_who_deletes_what_was_kept_beside_the_key_too_is_named_by_whoever_kept_a_checkpoint(
    database: Database, postgres: Server, tmp_path: Path
) -> None:
    backup, kept = tmp_path / "backup", tmp_path / "kept"
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(3)
        back_up(postgres, database, backup)
        await ledger.publish(2)
        kept.write_text(await ledger.checkpoint(5))
        ledger.signed.unlink()
    restore(postgres, database, backup)
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(4)
        await ledger.checkpoint(7)
        assert (await ledger.verified("", "--key", str(VKEY)))[0] == 0, "by itself it is a whole log"
        code, report = await ledger.verified("", "--key", str(VKEY), "--checkpoint", str(kept))
    assert (code, first(report)) == (1, (1, 5, "checkpoint")), report


async def test_a_file_deleted_while_the_log_is_whole_is_made_again(database: Database, tmp_path: Path) -> None:
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(2)
        await ledger.checkpoint(2)
        ledger.signed.unlink()
        await ledger.publish(1)
        await ledger.checkpoint(3)
        assert "\n3\n" in ledger.signed.read_text()


async def test_a_refused_message_of_an_erased_person_does_not_come_back_with_the_ledger(
    database: Database, postgres: Server, tmp_path: Path
) -> None:
    """Its key is no person's, so it lives on; but what names the erased is let go again, be the ledger halted."""
    async with served(database, tmp_path / "signed") as ledger:
        await sent(ledger.client)
        async with readers(database.url) as pool, keeping(database.url, database.keys) as vault:
            writers = await readers_as(database)
            await RejectedMessages(writers, vault, now).keep(refusal())
            back_up(postgres, database, tmp_path / "backup")
            assert await rejected(database) == 1
            await writers.close()
            assert pool is not None
        await erase(ledger.client)
        assert await rejected(database) == 0
        await ledger.checkpoint(2)
    restore(postgres, database, tmp_path / "backup")
    assert await rejected(database) == 1
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.health(503)
        assert await rejected(database) == 0


async def readers_as(database: Database) -> object: ...
