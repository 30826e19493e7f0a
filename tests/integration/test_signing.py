"""Who signs, what is kept of it, and what happens when the database is not what was signed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest
from prometheus_client import REGISTRY

from services.ledger.errors import LedgerHalted
from services.ledger.log import log_of
from services.ledger.signer import Signing
from services.ledger.signing import Kept, Moved, Watch, sign
from services.ledger.witnesses import Witness, Witnesses
from services.platform import faults, keys
from services.platform.checkpoint import Checkpoint
from services.platform.note import Note, Signer
from tests.conftest import Database
from tests.integration import ledger_site as site_of
from tests.integration.test_log import LOG, checkpoint, fill, signing
from tests.ledgers import appending, made

KEY = keys.new()
SAVE = "CREATE TABLE ledger.saved_{0} AS TABLE ledger.{0}"
CUT = "DELETE FROM ledger.{} WHERE {} > {}"
EMPTY = "DELETE FROM ledger.{}"
RESTORE = "INSERT INTO ledger.{0} SELECT * FROM ledger.saved_{0}"
FORGE = (
    "UPDATE ledger.commits SET root = sha256('x'),"
    " frontier = overlay(frontier PLACING 'X'::bytea FROM 3 FOR 1) WHERE last = 3"
)
TABLES = ("entries", "mentions", "commits", "tiles", "nodes")


class Process:
    """What signs in one process, over a connection of its own."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        directory: Path,
        signers: tuple[Signer, ...] = (KEY,),
        witnesses: Sequence[Witness] = (),
    ) -> None:
        self.connection = connection
        self.kept = Kept(directory)
        self.watch = Watch(self.kept)
        self.signing = Signing(
            lambda: asyncio.sleep(0, connection),
            connection,
            self.watch,
            signers,
            Witnesses(witnesses, asyncio.get_running_loop().time),
            commit_points=faults.nothing,
        )

    async def once(self) -> None:
        await self.signing.once(self.connection)

    def kept_size(self) -> int:
        return Checkpoint.parse(Note.parse(self.kept.read("acme") or "").text).size

    async def shown_size(self) -> int:
        signed = (await log_of(self.connection, "acme")).signed()
        return -1 if signed is None else signed[1].size


@asynccontextmanager
async def process(
    database: Database, directory: Path, *signers: Signer, witnesses: Sequence[Witness] = ()
) -> AsyncIterator[Process]:
    connection = await database.connect("locus_appender")
    try:
        yield Process(connection, directory, signers or (KEY,), witnesses)
    finally:
        connection.terminate()


async def superuser(database: Database, *statements: str) -> None:
    connection = await database.connect()
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def cut_after(database: Database, last: int) -> None:
    """As if the backup of when there were so many entries had been restored."""
    await superuser(
        database,
        *[SAVE.format(table) for table in TABLES],
        *[CUT.format(table, "position", last) for table in ("entries", "mentions")],
        CUT.format("commits", "last", last),
        "DELETE FROM ledger.tiles",
        "DELETE FROM ledger.nodes",
    )


async def put_back(database: Database) -> None:
    for table in TABLES:
        await superuser(
            database,
            EMPTY.format(table),
            RESTORE.format(table),
        )


async def test_only_one_signs_and_another_takes_over_when_it_is_gone(
    database: Database, tmp_path: Path
) -> None:
    await fill(database, 2)
    async with process(database, tmp_path) as second:
        async with process(database, tmp_path) as first:
            await first.once()
            assert (first.kept_size(), await first.shown_size()) == (2, 2)
            await fill(database, 2, first=10)
            await second.once()
            assert (second.kept_size(), await second.shown_size()) == (2, 2)
            await first.once()
            assert (first.kept_size(), await first.shown_size()) == (4, 4)
            await fill(database, 2, first=20)
        async with asyncio.timeout(5):
            while second.kept_size() != 6:
                await second.once()
                await asyncio.sleep(0.01)
        assert await second.shown_size() == 6


async def test_what_is_kept_gives_way_only_to_what_was_made_of_it(database: Database, tmp_path: Path) -> None:
    await fill(database, 2)
    async with process(database, tmp_path) as one:
        await one.once()
        before = one.kept.read("acme")
        note = sign(await log_of(one.connection, "acme"), [KEY, keys.new()])
        with pytest.raises(Moved):
            one.kept.write("acme", None, note)
        one.kept.write("acme", before, note)
        assert one.kept.read("acme") == str(note)
        assert (tmp_path / "acme").stat().st_mode & 0o777 == 0o600


async def test_a_note_that_was_kept_but_not_shown_is_shown_by_the_next_signer(
    database: Database, tmp_path: Path
) -> None:
    await fill(database, 2)
    async with process(database, tmp_path) as one:
        note = sign(await log_of(one.connection, "acme"), [KEY])
        one.kept.write("acme", None, note)
        await one.once()
        assert (await log_of(one.connection, "acme")).note == str(note)


async def test_readers_are_never_shown_a_smaller_tree_again(database: Database, tmp_path: Path) -> None:
    await fill(database, 2)
    async with process(database, tmp_path) as one:
        await one.once()
        row = "SELECT ledger.keep_checkpoint('acme', $1, 'x')"
        assert await one.connection.fetchval(row, 1) is False
        assert await one.shown_size() == 2


async def refuses(client: httpx.AsyncClient, why: str) -> None:
    answer = await client.post(site_of.EVENTS, json=site_of.made(), headers=site_of.STRUCTURED)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:locus:problem:ledger-halted"), (
        answer.text
    )
    assert why in answer.json()["detail"]
    assert "operator" in answer.json()["hint"]
    assert answer.headers["retry-after"] == "30"


async def becomes(client: httpx.AsyncClient, status: int) -> None:
    async with asyncio.timeout(10):
        while (await client.get("/health/ready")).status_code != status:  # noqa: ASYNC110 — it is another process that brings it about
            await asyncio.sleep(0.05)


async def test_a_restored_backup_halts_the_ledger_until_what_was_signed_is_back(
    database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 3)
        await checkpoint(client, 3)
        await fill(database, 2, first=10)
        await checkpoint(client, 5)
        kept = (tmp_path / "keys/signed/acme").read_text()
        await cut_after(database, 3)
        await becomes(client, 503)
        await refuses(client, "5 entries were signed, and the database holds 3")
        assert (await client.get("/health/ready")).json()["detail"] == "not ready: halted"
        assert (tmp_path / "keys/signed/acme").read_text() == kept
        assert "ALARM" in "".join(capfd.readouterr())
        other = await client.post("/v1/ledgers", json={"ledger": "other"})
        assert other.status_code == 201
        elsewhere = site_of.EVENTS.replace("acme", "other")
        answer = await client.post(elsewhere, json=site_of.made(), headers=site_of.STRUCTURED)
        assert answer.status_code == 201
        await put_back(database)
        await becomes(client, 200)
        answer = await client.post(
            site_of.EVENTS, json=site_of.made("decision/new"), headers=site_of.STRUCTURED
        )
        assert answer.status_code == 201, answer.text
        await checkpoint(client, 6)


async def test_a_halted_ledger_without_a_checkpoint_does_not_say_that_nothing_was_signed(
    database: Database, tmp_path: Path
) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 3)
        await fill(database, 2, first=10)
        await checkpoint(client, 5)
        await cut_after(database, 3)
        await superuser(database, "DELETE FROM ledger.checkpoints")
        await becomes(client, 503)
        for path in ("log/checkpoint", "log/proof/1", "evidence"):
            answer = await client.get(f"/v1/ledgers/{site_of.LEDGER}/{path}")
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:locus:problem:ledger-halted")
            assert "5 entries were signed, and the database holds 3" in answer.json()["detail"]


async def test_an_appender_looks_before_its_connection_writes_for_the_first_time(
    database: Database, tmp_path: Path
) -> None:
    await fill(database, 3)
    await fill(database, 1, first=10)
    async with process(database, tmp_path) as one:
        await one.once()
        await cut_after(database, 3)
        async with appending(database.url, guard=Watch(one.kept)) as appender:
            with pytest.raises(LedgerHalted, match="4 entries were signed"):
                await appender.submit("acme", [made(99)], "tests")
        assert (await log_of(one.connection, "acme")).last == 3


@pytest.mark.parametrize("how", ["cut", "rewritten"])
async def test_an_appender_that_knew_more_than_there_is_looks_before_it_writes_on(
    database: Database, tmp_path: Path, how: str
) -> None:
    async with (
        process(database, tmp_path) as one,
        appending(database.url, guard=one.watch, connections=1) as appender,
    ):
        for number in (1, 2, 3):
            await appender.submit("acme", [made(number)], "tests")
        await one.once()
        if how == "cut":
            await cut_after(database, 2)
        else:
            await superuser(database, SAVE.format("commits"), FORGE)
        for _ in range(2):
            with pytest.raises(LedgerHalted, match=r"3 entries were signed|different roots"):
                await appender.submit("acme", [made(4), made(1)], "tests")
        if how == "cut":
            await put_back(database)
        else:
            await superuser(database, EMPTY.format("commits"), RESTORE.format("commits"))
        (receipt,) = await appender.submit("acme", [made(5)], "tests")
        assert receipt.position == 4


async def test_what_is_lost_before_it_was_signed_is_told_and_recorded_anew(
    database: Database, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As a database that does not keep what it has acknowledged, and crashes."""
    async with (
        process(database, tmp_path) as one,
        appending(database.url, guard=one.watch) as appender,
        appending(database.url) as other,
    ):
        await appender.submit("acme", [made(1)], "tests")
        await one.once()
        await other.submit("acme", [made(2)], "tests")
        await appender.submit("acme", [made(3)], "tests")
        assert "ALARM" not in "".join(capfd.readouterr())
        await cut_after(database, 1)
        (receipt,) = await appender.submit("acme", [made(3)], "tests")
        assert (receipt.position, receipt.duplicate) == (2, False)
        assert "no longer stored" in "".join(capfd.readouterr())


@pytest.mark.parametrize("more", [0, 3])
async def test_a_rewritten_history_is_neither_signed_nor_added_to(
    database: Database, tmp_path: Path, more: int
) -> None:
    await fill(database, 300)
    async with process(database, tmp_path) as one:
        await one.once()
        await superuser(database, *[EMPTY.format(table) for table in TABLES])
        await fill(database, 300 + more, first=1000)
        await fill(database, 1, first=5000)
        await one.once()
        assert (one.kept_size(), await one.shown_size()) == (300, 300)
        with pytest.raises(LedgerHalted, match=r"root of the tree of 300|does not begin with that of 300"):
            await one.watch(one.connection, "acme", known=False)
        with pytest.raises(LedgerHalted):
            await one.watch(one.connection, "acme", known=True)


async def test_a_ledger_of_that_name_whose_log_is_another_is_halted(
    database: Database, tmp_path: Path
) -> None:
    await fill(database, 2)
    async with process(database, tmp_path) as one:
        await one.once()
        await superuser(database, "UPDATE ledger.ledgers SET origin = 'log.example/other'")
        with pytest.raises(LedgerHalted, match="the database holds the log 'log"):
            await one.watch.check(one.connection, "acme")


@pytest.mark.parametrize("garbage", [b"", b"nonsense", b"\xff\xfe", b"a\nb\nc\n\n\xe2\x80\x94 a AAAAAAA=\n"])
async def test_a_ledger_is_halted_while_what_was_signed_cannot_be_read(
    database: Database, tmp_path: Path, garbage: bytes
) -> None:
    await fill(database, 2)
    async with process(database, tmp_path) as one:
        (tmp_path / "acme").write_bytes(garbage)
        await one.once()
        with pytest.raises(LedgerHalted, match="cannot be read"):
            await one.watch.check(one.connection, "acme")
        assert await one.shown_size() == -1


async def test_two_services_with_one_key_show_one_checkpoint(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as one, signing(database, tmp_path) as other:
        for size in (3, 6):
            await fill(database, 3, first=size * 10)
            assert (await checkpoint(one, size))[0] == (await checkpoint(other, size))[0]
        assert (await one.get(f"{LOG}/checkpoint")).status_code == 200


async def test_what_is_signed_and_for_how_long_nothing_was_is_in_the_metrics_of_each_process(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no room")

    def told() -> tuple[float | None, float]:
        of = {"ledger": "acme"}
        size, age = (
            REGISTRY.get_sample_value(f"locus_ledger_{one}", of)
            for one in ("signed_entries", "unsigned_seconds")
        )
        return size, round(age or 0, 2)

    now = 0.0
    monkeypatch.setattr("services.ledger.signer.monotonic", lambda: now)
    await fill(database, 2)
    async with process(database, tmp_path) as first, process(database, tmp_path) as other:
        for one in (first, other, first):
            await one.once()
        assert told() == (2, 0)
        await fill(database, 2, first=10)
        with monkeypatch.context() as patch:
            patch.setattr(Kept, "write", full)
            now += 20
            with pytest.raises(OSError, match="no room"):
                await first.once()
            assert told() == (2, 20)
            now += 20
            await other.once()
            assert told() == (2, 40)
        now += 1
        assert told() == (2, 41), "although nobody looked"
        for one in (first, first, other):
            await one.once()
        assert told() == (4, 0)
