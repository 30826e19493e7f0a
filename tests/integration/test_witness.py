"""The witness: every answer of C2SP tlog-witness; a ledger that is cosigned, and one that lies."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.platform import keys, merkle, note
from services.platform.checkpoint import Checkpoint, hash_lines
from services.platform.merkle import EMPTY_ROOT
from services.platform.note import Note, Signature, Signer
from services.platform.policy import Policy
from services.witness.main import Witness, app, name_of
from services.witness.rules import logs_of
from tests.conftest import Database
from tests.integration.ledger_process import address, ended, started
from tests.integration.test_log import LOG, checkpoint, fill, signing
from tests.integration.test_signing import EMPTY, TABLES, superuser
from tests.unit.test_merkle_proofs import tree

SIGNER = Signer("example.org/log", bytes(range(32)))
WITNESS = Signer("witness.example/w1", bytes(range(1, 33)), note.COSIGNATURE)


@asynccontextmanager
async def watching(directory: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a witness that watches one log."""
    service = app(Witness(WITNESS, logs_of([str(SIGNER.verifier)]), directory, now=lambda: 1_000.5))
    transport = httpx.ASGITransport(service)  # type: ignore[arg-type] — the same protocol, typed twice
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def head(size: int, root: bytes | None = None, origin: str = SIGNER.name) -> Checkpoint:
    return Checkpoint(origin, size, merkle.root(size, tree(size)) if root is None else root)


def request(old: int, new: int, *, proof: list[bytes] | None = None, of: Checkpoint | None = None) -> str:
    path = merkle.consistency_proof(old, new, tree(new)) if proof is None else proof
    signed = note.signed(str(of or head(new)), [SIGNER])
    return f"old {old}\n{hash_lines(path)}\n{signed}"


async def add(client: httpx.AsyncClient, body: str) -> httpx.Response:
    return await client.post("/add-checkpoint", content=body.encode())


def cosignature(answer: httpx.Response, of: Checkpoint) -> Signature:
    assert answer.status_code == 200, answer.text
    line = Signature.parse(answer.text.removesuffix("\n"))
    assert WITNESS.verifier.accepts(str(of), line)
    return line


async def test_what_has_grown_is_cosigned_with_the_time(tmp_path: Path) -> None:
    async with watching(tmp_path) as client:
        for old, new in ((0, 3), (3, 3), (3, 8), (8, 300)):
            line = cosignature(await add(client, request(old, new)), head(new))
            assert note.cosigned_at(line) == 1_000


async def test_monitors_are_shown_what_was_cosigned_last(tmp_path: Path) -> None:
    async with watching(tmp_path) as client:
        address = f"/{name_of(SIGNER.name)}/checkpoint"
        assert (await client.get(address)).status_code == 404
        await add(client, request(0, 5))
        shown = Note.parse((await client.get(address)).content)
        assert shown.text == str(head(5))
        found = [key for key, _ in shown.signed_by([SIGNER.verifier, WITNESS.verifier])]
        assert found == [SIGNER.verifier, WITNESS.verifier]
        assert (await client.get("/../.lock/checkpoint")).status_code == 404


async def test_the_size_that_was_cosigned_last_is_told_to_whoever_does_not_know_it(tmp_path: Path) -> None:
    async with watching(tmp_path) as client:
        await add(client, request(0, 5))
        for old in (0, 4, 6):
            answer = await add(client, request(old, 8))
            assert (answer.status_code, answer.text) == (409, "5\n")
            assert answer.headers["content-type"] == "text/x.tlog.size"


WRONG = b64encode(bytes(32)).decode()
GOOD = request(5, 8)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        (GOOD.replace("old 5", "old 05"), 400),
        (GOOD.replace("old 5", "old -5"), 400),
        (GOOD.replace("old 5", "new 5"), 400),
        (GOOD.replace("old 5\n", "old 5\nAAAA\n"), 400),
        (GOOD.replace("old 5\n", "old 5\n" + f"{WRONG}\n" * 64), 400),
        (GOOD.removesuffix("\n"), 400),
        (GOOD.replace("\n8\n", "\n08\n"), 400),
        ("x" * 70_000, 400),
        (request(9, 8, proof=[]), 400),
        (GOOD.replace(SIGNER.name, "example.org/other"), 404),
        (request(5, 8).replace("— example.org/log", "— example.org/strange"), 403),
        (request(5, 8).replace("\n8\n", "\n9\n"), 403),
        (request(5, 8, proof=[]), 422),
        (request(5, 8, proof=[bytes(32)] * 3), 422),
        (request(5, 8, of=head(8, bytes(32))), 422),
        (request(5, 5, of=head(5, bytes(32))), 422),
    ],
)
async def test_anything_else_is_refused_as_the_specification_says_and_changes_nothing(
    tmp_path: Path, body: str, status: int
) -> None:
    async with watching(tmp_path) as client:
        await add(client, request(0, 5))
        answer = await add(client, body)
        assert answer.status_code == status, answer.text
        cosignature(await add(client, GOOD), head(8))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (request(0, 0, of=head(0, EMPTY_ROOT)), 200),
        (request(0, 0, of=head(0, bytes(32))), 422),
        (request(0, 3, proof=[bytes(32)]), 422),
    ],
)
async def test_the_empty_tree_is_cosigned_as_such_only(tmp_path: Path, body: str, status: int) -> None:
    async with watching(tmp_path) as client:
        assert (await add(client, body)).status_code == status


async def test_of_two_that_come_at_once_one_is_told_to_come_again(tmp_path: Path) -> None:
    async with watching(tmp_path) as client:
        await add(client, request(0, 5))
        answers = await asyncio.gather(*[add(client, request(5, size)) for size in (6, 7, 8, 9)])
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


async def test_what_was_cosigned_is_still_known_after_a_restart(tmp_path: Path) -> None:
    async with watching(tmp_path) as client:
        await add(client, request(0, 5))
    async with watching(tmp_path) as client:
        assert (await add(client, request(0, 3))).text == "5\n"
        assert (tmp_path / name_of(SIGNER.name)).stat().st_mode & 0o777 == 0o600


async def test_a_witness_that_cannot_read_what_it_kept_vouches_for_nothing(tmp_path: Path) -> None:
    (tmp_path / name_of(SIGNER.name)).write_text("nonsense")
    async with watching(tmp_path) as client:
        answer = await add(client, request(0, 5))
        assert (answer.status_code, answer.text) == (500, "the witness cannot keep what it cosigns\n")


async def test_a_signature_said_over_and_over_is_kept_once(tmp_path: Path) -> None:
    async with watching(tmp_path) as client:
        text, _, line = request(0, 5).rpartition("\n\n")
        cosignature(await add(client, f"{text}\n\n" + line * 64), head(5))
        cosignature(await add(client, GOOD), head(8))
        shown = Note.parse((await client.get(f"/{name_of(SIGNER.name)}/checkpoint")).content)
        assert [one.name for one in shown.signatures] == [SIGNER.name, WITNESS.name]


async def test_what_could_not_be_read_again_is_not_kept(tmp_path: Path) -> None:
    many = [keys.new(SIGNER.name) for _ in range(64)]
    witness = Witness(WITNESS, logs_of([str(one.verifier) for one in many]), tmp_path, now=lambda: 1_000)
    with pytest.raises(note.BadNote, match="65 signatures"):
        witness.add(f"old 0\n\n{note.signed(str(head(5)), many)}".encode())
    assert witness.add(f"old 0\n\n{note.signed(str(head(5)), many[1:])}".encode())


@asynccontextmanager
async def witness_process(directory: Path, log_key: str, **environment: str) -> AsyncGenerator[str]:
    """`locus witness` as a second party runs it; its address."""
    process = await started(
        *("witness", "--key", str(directory / "witness-key"), "--log", log_key),
        *("--state", str(directory / "witness-state")),
        **environment,
    )
    try:
        yield await address(process)
    finally:
        await ended(process)


async def test_a_ledger_shows_its_checkpoints_cosigned_and_a_second_history_is_not(
    database: Database, tmp_path: Path
) -> None:
    witness = keys.new("witness.example/w1", witness=True)
    keys.write(tmp_path / "witness-key", [witness])
    keys.write(tmp_path / "keys" / "signing-key", [keys.new()])
    log_key = keys.read(str(tmp_path / "keys" / "signing-key"))[0].named("log.example/acme").verifier
    async with witness_process(tmp_path, str(log_key)) as url:
        setting = f"{witness.verifier} {url}"
        policy = Policy.parse(f"log {log_key}\nwitness w1 {witness.verifier}\nquorum w1\n".encode())
        async with signing(database, tmp_path, witnesses=setting) as client:
            for size in (3, 6):
                await fill(database, 3, first=size * 10)
                shown, _ = await checkpoint(client, size)
                told, times = policy.check(shown)
                assert told.size == size
                assert times["w1"] > 1_700_000_000
            asked = await client.get(f"{LOG}/policy")
            assert Policy.parse(asked.content).witnesses["witness.example/w1"] == witness.verifier
        # Somebody with the key rewrites the whole log, and what was kept of it.
        await superuser(database, *[EMPTY.format(table) for table in (*TABLES, "checkpoints")])
        (tmp_path / "keys" / "signed" / "acme").unlink()
        async with signing(database, tmp_path, witnesses=setting) as client:
            await fill(database, 9, first=1_000)
            shown, _ = await checkpoint(client, 9)
            with pytest.raises(note.NotSigned, match="not the quorum 'w1'"):
                policy.check(shown)


async def test_without_its_witness_a_ledger_goes_on_uncosigned(database: Database, tmp_path: Path) -> None:
    setting = f"{WITNESS.verifier} http://127.0.0.1:9"
    async with signing(database, tmp_path, witnesses=setting) as client:
        await fill(database, 3)
        shown, _ = await checkpoint(client, 3)
        assert len(shown.signatures) == 1
