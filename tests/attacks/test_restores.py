"""Old backups put back, with PostgreSQL's own tools: what was signed, and who was erased, stays so.

Restores under a running process are in tests/integration/test_signing.py, those of the vault in
test_privacy.py there, and that of a whole data directory in test_erasure_on_disk.py here.
"""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from schemas import Event, actor
from services.cli import main
from services.ledger.history import History
from services.ledger.main import readers
from services.ledger.people import People
from services.ledger.rejected import Refusal, RejectedMessages
from services.platform import database as platform_database
from services.platform.database import as_role
from services.platform.embedded import postgres_home
from services.platform.problems import BAD_REQUEST, Problem
from tests.attacks.served import VKEY, first, served
from tests.conftest import Database, Server, fresh
from tests.integration.ledger_site import EVENTS, LEDGER, STRUCTURED, event, site, site_again
from tests.ledgers import appending, keeping, now
from tests.ledgers import event as said

PEOPLE = f"/v1/ledgers/{LEDGER}/people"


def registered() -> Event:
    return said("r-1", "actor/a-1", actor.Registered(kind="person", profile=actor.Profile(name="Ada Marker")))


def tool(postgres: Server, program: str, *arguments: str) -> str:
    """pg_dump or pg_restore, as an operator runs it; what it prints."""
    command = [str(postgres_home() / "bin" / program), "-h", postgres.sockets, "-U", "postgres", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


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


async def test_a_file_deleted_while_the_log_is_whole_is_made_again(
    database: Database, tmp_path: Path
) -> None:
    async with served(database, tmp_path / "signed") as ledger:
        await ledger.publish(2)
        await ledger.checkpoint(2)
        ledger.signed.unlink()
        await ledger.publish(1)
        await ledger.checkpoint(3)
        assert "\n3\n" in ledger.signed.read_text()


@pytest.fixture
def empty(postgres: Server, tmp_path: Path) -> Iterator[Database]:
    with fresh(postgres, tmp_path / "new-keys", "template0") as database:
        yield database


async def test_a_backup_without_the_vault_is_restored_onto_nothing_and_the_erased_stay_so(
    database: Database, empty: Database, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ledger.people._SOON", 0.05)
    profile = {"kind": "person", "profile": {"name": "Ada Marker"}}
    async with site(database) as client:
        for actor in ("a-1", "a-2"):
            sent = event("actor.registered", f"actor/{actor}", **profile)
            assert (await client.post(EVENTS, json=sent, headers=STRUCTURED)).status_code == 201
        assert (await client.delete(f"{PEOPLE}/a-1", params={"basis": "asked"})).status_code == 200
    back_up(postgres, database, tmp_path / "backup")
    tool(postgres, "pg_restore", "-d", empty.name, str(tmp_path / "backup"))
    async with site_again(empty) as client:
        words = [event("actor.updated", f"actor/{actor}", **profile) for actor in ("a-1", "a-2")]
        answers = [await client.get(f"/v1/ledgers/{LEDGER}/directory"), await client.get(f"{PEOPLE}/a-1")]
        answers += [await client.post(EVENTS, json=one, headers=STRUCTURED) for one in words]
        assert [answer.status_code for answer in answers] == [503] * 4
        assert {answer.json()["hint"] for answer in answers} == {
            "its operator has to run locus migrate, or to update this service; then retry the same"
        }
        ready = await client.get("/health/ready")
        assert (ready.status_code, ready.json()["detail"]) == (503, "not ready: vault")
        told = await asyncio.to_thread(
            CliRunner().invoke, main, ["migrate"], env={"LOCUS_DATABASE_URL": empty.url}
        )
        assert "ledger/0070_vault (anew: there was no vault)" in told.output
        assert (await client.get("/health/ready")).status_code == 200
        async with asyncio.timeout(10):
            while not (await client.get(f"{PEOPLE}/a-1")).json()["erased"]:  # noqa: ASYNC110 — the service brings it about
                await asyncio.sleep(0.02)
        answers = [await client.post(EVENTS, json=one, headers=STRUCTURED) for one in words]
        assert [answer.status_code for answer in answers] == [422, 201]
        people = (await client.get(f"/v1/ledgers/{LEDGER}/directory")).json()["people"]
        assert [one.get("profile") for one in people] == [None, profile["profile"]]
    assert await platform_database.migrate(empty.url) == []
    assert schema_of_the_vault(postgres, empty) == schema_of_the_vault(postgres, database)


def schema_of_the_vault(postgres: Server, database: Database) -> str:
    """As SQL, without what is drawn anew each time."""
    dumped = tool(postgres, "pg_dump", "--schema-only", "--schema=vault", database.name)
    return "".join(line for line in dumped.splitlines(keepends=True) if "restrict" not in line)


def dying(point: str) -> None:
    """A process that dies when the erasure is in the log."""
    if point == "erase:recorded":
        raise ConnectionResetError(point)


async def test_a_refused_message_of_an_erased_person_is_let_go_whatever_died_in_it(
    database: Database,
) -> None:
    words = json.dumps(event("decision.position_taken", "decision/d", by="a-1", reason="Marker")).encode()
    problem = Problem(BAD_REQUEST, "no value", where="/data/value", hint="say it")
    async with (
        readers(database.url) as reading,
        asyncpg.create_pool(**as_role(database.url, "locus_appender"), min_size=0) as writing,
        keeping(database.url, database.keys) as vault,
        appending(database.url, keys=vault.keys) as appender,
    ):
        await appender.submit(LEDGER, [registered()], "tests")
        messages = RejectedMessages(writing, vault, now)
        await messages.keep(
            Refusal(LEDGER, "forge", [(b"content-type", b"application/json")], words, problem)
        )
        assert len(await messages.page(LEDGER, None, 10)) == 1
        people = People(
            vault,
            appender,
            History(reading),
            now=now,
            epoch=timedelta(days=7),
            elsewhere=(messages,),
            commit_points=dying,
        )
        with pytest.raises(ConnectionResetError):
            await people.erase(LEDGER, "a-1", "asked for it")
        await people.recover()
        assert (await people.person(LEDGER, "a-1")).position == 2
        assert await messages.page(LEDGER, None, 10) == []
