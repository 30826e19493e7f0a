"""Death of whoever signs, and of a witness, at each commit point: nobody is ever shown a second history."""

import signal
from pathlib import Path

import httpx
import pytest

from services.platform import keys, note
from services.platform.note import Signature
from tests.faults import points
from tests.faults.book import Book
from tests.faults.checkpoints import at_the_head
from tests.faults.publishers import publishing
from tests.faults.system import LEDGERS, System, until
from tests.faults.verdict import verify
from tests.integration.ledger_process import address, started
from tests.integration.test_witness import SIGNER, head, request


async def test_another_signs_on_from_what_the_dead_signers_kept(
    system: System, book: Book, seed: str
) -> None:
    system.kill("witness")  # which would see other ledgers again as well, so that more is stored than ours
    async with publishing(system, book, [system.ledgers()] * 2, seed):
        for point in points.CHECKPOINT:  # whoever signs dies, and the one who signs on from there
            await system.restart_ledgers(f"{point}:2")
            for name in LEDGERS:
                await system.dies(name)
        await system.restart("witness")
        await system.restart_ledgers()
    await verify(system, book)


@pytest.mark.parametrize(
    "point", [pytest.param("witness:before-keep", marks=pytest.mark.long), "witness:kept"]
)
async def test_appending_and_signing_go_on_without_the_witness_and_it_vouches_on_afterwards(
    system: System, book: Book, seed: str, point: str
) -> None:
    await system.restart_ledgers()
    await at_the_head(system, book, 0)  # who do not ask the witness just while it is away
    await system.restart("witness", f"{point}:2")
    async with publishing(system, book, [system.ledgers()] * 2, seed):
        await system.dies("witness")
        length, signed = len(book.acknowledged), book.latest()
        await until(lambda: book.latest() != signed, "the ledger signs on")
        assert len(book.acknowledged) > length
        await system.restart("witness")
        await system.restart_ledgers()  # or they would let it be for 20 seconds
    await verify(system, book)


async def test_postgres_dies_while_a_signed_checkpoint_is_not_stored_yet(
    system: System, book: Book, seed: str
) -> None:
    await system.restart_ledgers("checkpoint:kept:2:STOP")
    async with publishing(system, book, [system.ledgers()] * 2, seed):
        await until(lambda: any(system.frozen(name) for name in LEDGERS), "the signer is frozen")
        system.kill("postgres")
        for name in LEDGERS:
            system.thaw(name)
        await system.restart("postgres")
        await system.restart_ledgers()
    await verify(system, book)


@pytest.mark.parametrize(("point", "kept"), [("witness:before-keep", 3), ("witness:kept", 8)])
async def test_a_witness_that_died_vouches_on_from_what_it_kept(
    tmp_path: Path, point: str, kept: int
) -> None:
    witness = keys.new("witness.example/w1", witness=True)
    keys.write(tmp_path / "key", [witness])
    words = ["witness", "--key", str(tmp_path / "key"), "--log", str(SIGNER.verifier)]
    words += ["--state", str(tmp_path / "state")]
    mortal = await started(*words, LOCUS_FAULT=f"{point}:2")
    async with httpx.AsyncClient(base_url=await address(mortal)) as client:
        assert (await client.post("/add-checkpoint", content=request(0, 3).encode())).status_code == 200
        with pytest.raises(httpx.TransportError):
            await client.post("/add-checkpoint", content=request(3, 8).encode())
    assert await mortal.wait() == -signal.SIGKILL
    again = await started(*words)
    try:
        async with httpx.AsyncClient(base_url=await address(again)) as client:
            told = await client.post("/add-checkpoint", content=request(0, 8).encode())
            assert (told.status_code, told.text) == (409, f"{kept}\n")
            answer = await client.post("/add-checkpoint", content=request(kept, 8).encode())
        line = Signature.parse(answer.text.removesuffix("\n"))
        assert witness.verifier.accepts(str(head(8)), line)
        assert note.cosigned_at(line) > 1_700_000_000
    finally:
        again.terminate()
        await again.wait()
