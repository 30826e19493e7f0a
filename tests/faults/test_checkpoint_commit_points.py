"""Death of whoever signs, and of a witness, at each commit point: nobody is ever shown a second history."""

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from services.platform import keys, note
from services.platform.note import Signature
from tests.faults.book import Book
from tests.faults.publishers import publishing
from tests.faults.system import System
from tests.faults.verdict import verify
from tests.integration.ledger_process import address, started
from tests.integration.test_witness import SIGNER, head, request


@pytest.mark.parametrize("point", ["before-keep", "kept", "stored"])
async def test_another_signs_on_from_what_the_dead_signer_kept(
    system: System, book: Book, seed: str, point: str
) -> None:
    await asyncio.to_thread(system.nodes["ledger-b"].stop)  # so that the mortal one is who signs
    await system.restart("ledger-a", f"checkpoint:{point}:3")
    async with publishing(book, [system.ledgers("ledger-a")] * 2, system.token, seed):
        await system.dies("ledger-a")
        await system.restart("ledger-b")
        await system.restart("ledger-a")
    await verify(system, book)


@pytest.mark.parametrize(("point", "kept"), [("before-keep", 3), ("kept", 8)])
async def test_a_witness_that_died_vouches_on_from_what_it_kept(
    tmp_path: Path, point: str, kept: int
) -> None:
    witness = keys.new("witness.example/w1", witness=True)
    keys.write(tmp_path / "key", [witness])
    words = ["witness", "--key", str(tmp_path / "key"), "--log", str(SIGNER.verifier)]
    words += ["--state", str(tmp_path / "state")]
    mortal = await started(*words, LOCUS_FAULT=f"witness:{point}:2")
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
