"""`locus verify` and `locus evidence` at work: a ledger process that signs, its database, files, bundles."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.platform import keys
from services.platform.note import Signer
from tests import audits
from tests.conftest import Database
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import BATCH, EVENTS, LEDGER, bearer, made, token

KEY = Signer("the-key", b"\3" * 32)


class Site:
    """The service's address, and the command line as an auditor uses it."""

    def __init__(self, address: str, given: str, database: Database) -> None:
        self.address = address
        self.token = given
        self.database = database.url
        self._environment = {"LOCUS_URL": address, "LOCUS_TOKEN": given, "LOCUS_LEDGER": LEDGER}

    async def run(self, *arguments: str, **environment: str) -> Result:
        """A command in this process, on a thread of its own."""
        told = {**self._environment, **environment}
        return await asyncio.to_thread(CliRunner().invoke, main, arguments, env=told)

    async def verified(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the report."""
        ended = await self.run("verify", *arguments, "--json")
        assert ended.stdout, ended.output
        return ended.exit_code, json.loads(ended.stdout)


@asynccontextmanager
async def signing(database: Database, tmp_path: Path, events: int = 300) -> AsyncGenerator[Site]:
    """A ledger of some events whose checkpoint covers them all."""
    given = await token(database)
    environment = {"LOCUS_SIGNING_KEY": KEY.secret(), "LOCUS_SIGNED": str(tmp_path / "signed")}
    async with (
        serving(database, **environment) as address,
        httpx.AsyncClient(base_url=address, headers=bearer(given), timeout=30) as client,
    ):
        assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 201
        batch = [made(f"decision/d-{number % 7}") for number in range(events)]
        answer = await client.post(EVENTS, headers=BATCH, content=json.dumps(batch))
        assert answer.status_code == 201, answer.text
        async with asyncio.timeout(20):
            head = f"/v1/ledgers/{LEDGER}/log/checkpoint"
            while f"\n{events}\n" not in (await client.get(head)).text:  # noqa: ASYNC110 — nobody tells
                await asyncio.sleep(0.1)
        yield Site(address, given, database)


async def test_an_auditor_checks_a_running_ledger_keeps_what_they_saw_and_takes_evidence_away(
    database: Database, tmp_path: Path
) -> None:
    async with signing(database, tmp_path) as site:
        code, report = await site.verified(site.address)
        assert (code, report["verdict"], report["entries"]) == (0, "right", 300), report
        assert any("no key was given" in note for note in report["notes"])
        key = str(KEY.named(report["checkpoints"][0]["origin"]).verifier)
        code, report = await site.verified(site.address, "--key", key)
        assert (code, report["checkpoints"][0]["signed_by"]) == (0, [key])
        kept = tmp_path / "kept"
        async with httpx.AsyncClient(base_url=site.address, headers=bearer(site.token)) as client:
            kept.write_text((await client.get(f"/v1/ledgers/{LEDGER}/log/checkpoint")).text)
        assert (await site.verified(site.database, "--checkpoint", str(kept), "--key", key))[0] == 0

        entries = tmp_path / "entries.ndjson"
        entries.write_bytes((await site.run("history", "--ledger", LEDGER, "--json")).stdout_bytes)
        code, report = await site.verified(str(entries), "--checkpoint", str(kept))
        assert (code, report["entries"], report["ledger"]) == (0, 300, LEDGER)

        some = tmp_path / "some.zip"
        made_some = await site.run("evidence", "--subject", "decision/d-3", "-o", str(some))
        assert made_some.exit_code == 0, made_some.output
        code, report = await site.verified(str(some), "--key", key)
        assert (code, report["entries"]) == (0, 43), report
        assert (await site.verified(str(some), "--key", str(Signer("x", b"\6" * 32).verifier)))[0] == 1
        served = tmp_path / "served.zip"
        async with httpx.AsyncClient(base_url=site.address, headers=bearer(site.token)) as client:
            asked = {"subject": "decision/d-3"}
            served.write_bytes((await client.get(f"/v1/ledgers/{LEDGER}/evidence", params=asked)).content)
        assert (await site.verified(str(served), "--key", key))[0] == 0
        with ZipFile(served) as one, ZipFile(some) as other_way:
            assert {name: one.read(name) for name in one.namelist()} == {
                name: other_way.read(name) for name in other_way.namelist()
            }

        unpacked = tmp_path / "unpacked"
        with ZipFile(some) as bundle:
            bundle.extractall(unpacked)
        said = await site.run("verify", str(unpacked))
        assert (said.exit_code, "unpacked bundle" in said.output) == (3, True), said.output
        none = await site.run("evidence", "--ledger", "no-such", "-o", str(tmp_path / "none.zip"))
        assert (none.exit_code, "no ledger" in none.output) == (5, True), none.output

        other = tmp_path / "other-key"
        keys.write(other, [Signer("locus", b"\7" * 32)])
        shown = await site.run("key", "show", "--ledger", LEDGER, LOCUS_SIGNING_KEY=KEY.secret())
        assert shown.output.strip() == key
        shown = await site.run("key", "show", str(other), "--ledger", LEDGER)
        assert (shown.exit_code, "not signed with this key" in shown.output) == (1, True), shown.output

        answer = tmp_path / "answer.json"
        root = report["root"]
        answer.write_text(json.dumps({"rests_on": {"ledger": LEDGER, "position": 300, "root": root}}))
        code, report = await site.verified(site.address, "--answer", str(answer))
        assert (code, "their figures were not worked out anew" in report["notes"][-1]) == (0, True)
        answer.write_text(json.dumps({"rests_on": {"ledger": LEDGER, "position": 299, "root": root}}))
        code, report = await site.verified(site.address, "--answer", str(answer))
        assert (code, report["faults"][0]["kind"]) == (1, "answer")


async def test_a_changed_entry_is_named_through_the_service_too(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as site:
        connection = await database.connect()
        await connection.execute(
            "UPDATE ledger.entries SET entry = convert_to(replace(convert_from(entry, 'UTF8'),"
            " '\"parts\":2', '\"parts\":3'), 'UTF8') WHERE position = 70"
        )
        await connection.close()
        code, report = await site.verified(site.address)
        assert (code, report["faults"][0]["position"]) == (1, 70), report
        refused = await site.run("evidence", "-o", str(tmp_path / "b.zip"))
        assert (refused.exit_code, "position 70" in refused.output) == (1, True), refused.output
        assert not (tmp_path / "b.zip").exists()
        async with httpx.AsyncClient(base_url=site.address, headers=bearer(site.token)) as client:
            with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
                await client.get(f"/v1/ledgers/{LEDGER}/evidence")
            whole = await client.get(f"/v1/ledgers/{LEDGER}/evidence?subject=decision/d-3")
            assert whole.status_code == 200


async def test_history_is_exported_as_rows_and_as_objects(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path, 9) as site:
        rows = (await site.run("history", "--format", "csv")).stdout.splitlines()
        assert (len(rows), rows[0][:18]) == (10, "position,recorded,")
        objects = json.loads((await site.run("history", "--format", "ocel")).stdout)
        assert len(objects["events"]) == 9
        assert (await site.run("history", "--format", "ocel", "--follow")).exit_code == 2
        assert (await site.run("history", "--format", "csv", "--json")).exit_code == 2
        assert (await site.run("history", "--format", "ndjson", "--json")).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("http://127.0.0.1:9", "--ledger", "acme"), 3, "nothing answers"),
        (("http://127.0.0.1:9",), 2, "name the ledger"),
        (("http://127.0.0.1:0", "--ledger", "acme"), 2, "is no address"),
        (("http://127.0.0.1:9", "--ledger", "A B"), 2, "lower-case letters"),
        (("postgresql://nobody@127.0.0.1:9/x", "--ledger", "acme"), 3, "could not be checked"),
        (("/no/such/file",), 3, "No such file"),
        (("ftp://127.0.0.1:9/x",), 2, "ftp://127.0.0.1:9/x is no address"),
        ((__file__, "--key", "nonsense"), 2, "--key"),
        ((__file__, "--witness", str(audits.WITNESS.verifier)), 2, "name its key as well"),
        ((__file__, "--policy", __file__), 2, "policy"),
        ((__file__, "--answer", __file__), 2, "no answer of a view"),
        ((__file__, "--checkpoint", "/no/such/file"), 2, "No such file"),
    ],
)
def test_what_cannot_be_checked_is_told_in_a_sentence(
    arguments: tuple[str, ...], code: int, told: str
) -> None:
    environment = {"LOCUS_TOKEN": "t", "LOCUS_URL": "", "LOCUS_LEDGER": ""}
    ended = CliRunner().invoke(main, ["verify", *arguments], env=environment)
    assert (ended.exit_code, told in ended.output) == (code, True), ended.output
    assert "Traceback" not in ended.output


def test_a_directory_without_entries_is_not_right(tmp_path: Path) -> None:
    ended = CliRunner().invoke(main, ["verify", str(tmp_path)])
    assert (ended.exit_code, "no *.ndjson file" in ended.output) == (3, True), ended.output


@pytest.mark.parametrize(
    ("ledger", "position", "code", "told"),
    [
        ("acme", -1, 2, "no answer of a view"),
        ("another", 0, 1, "is of the ledger 'another', not of 'acme'"),
        ("acme", 0, 0, "right"),
    ],
)
def test_an_answer_is_of_this_ledger_and_of_a_position_that_can_be(
    tmp_path: Path, ledger: str, position: int, code: int, told: str
) -> None:
    entries, answer = tmp_path / "entries.ndjson", tmp_path / "answer.json"
    entries.write_bytes(audits.line(1) + b"\n")
    rests_on = {"ledger": ledger, "position": position, "root": sha256().hexdigest()}
    answer.write_text(json.dumps({"rests_on": rests_on}))
    ended = CliRunner().invoke(main, ["verify", str(entries), "--answer", str(answer)])
    assert (ended.exit_code, told in " ".join(ended.output.split())) == (code, True), ended.output


def test_a_key_without_any_checkpoint_to_check_is_no_proof(tmp_path: Path) -> None:
    entries = tmp_path / "entries.ndjson"
    entries.write_bytes(audits.line(1))
    ended = CliRunner().invoke(main, ["verify", str(entries), "--key", str(audits.LOG.verifier)])
    assert (ended.exit_code, "no checkpoint" in ended.output) == (3, True), ended.output


def _zipped(**members: str) -> bytes:
    with BytesIO() as content:
        with ZipFile(content, "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)
        return content.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (
            _zipped(**{"manifest.json": "{}" * 99})[:90],
            "begins as a zip file, but is damaged or not all of it came",
        ),
        (_zipped(), "is a zip file, but no bundle"),
        (_zipped(other="x"), "is a zip file, but no bundle"),
        (b"\n<!doctype html>\n<title>Log in</title>\n", "looks like a web page, perhaps one to log in at"),
        (b'{"entries":[],"next":null}\n', "holds neither a bundle (locus evidence) nor entries as NDJSON"),
        (audits.line(1)[:99], "holds neither a bundle (locus evidence) nor entries as NDJSON"),
    ],
    ids=["empty", "cut-off", "no-members", "other-members", "web-page", "answer", "cut-line"],
)
def test_a_file_without_an_entry_could_not_be_checked(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    ended = CliRunner().invoke(main, ["verify", str(path)])
    assert (ended.exit_code, told in " ".join(ended.output.split())) == (3, True), ended.output
    assert "position" not in ended.output


@pytest.mark.parametrize("broken", [1, 2, 3])
def test_a_line_that_is_no_entry_among_others_is_wrong(tmp_path: Path, broken: int) -> None:
    path = tmp_path / "entries.ndjson"
    path.write_bytes(b"".join(audits.line(at)[: 99 if at == broken else None] + b"\n" for at in range(1, 4)))
    ended = CliRunner().invoke(main, ["verify", str(path), "--json"])
    report = json.loads(ended.stdout)
    assert (ended.exit_code, report["faults"][0]["position"]) == (1, broken)
    assert report["faults"][0]["kind"] == "unreadable"


def test_entries_that_come_through_a_pipe_are_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(b"".join(audits.line(at) + b"\n" for at in range(1, 4)),))
    writer.start()
    ended = CliRunner().invoke(main, ["verify", str(pipe), "--json"])
    writer.join()
    assert (ended.exit_code, json.loads(ended.stdout)["entries"]) == (0, 3), ended.output
