"""How a ledger has its checkpoints cosigned, by witnesses that are slow or tell what is not so."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from services.ledger import witnesses
from services.ledger.log import Reader
from services.ledger.witnesses import Witness, Witnesses
from services.platform import note
from services.platform.checkpoint import Checkpoint
from services.platform.note import Note, Signature, Signer
from tests.conftest import Database
from tests.integration.test_log import fill
from tests.integration.test_signing import cut_after, process, put_back
from tests.ledgers import until

LOG = Signer("example.org/log", bytes(range(32)))
WITNESS = Signer("witness.example/w1", bytes(range(1, 33)), note.COSIGNATURE)
NOTE = note.signed(str(Checkpoint(LOG.name, 5, bytes(32))), [LOG])
COSIGNATURE = WITNESS.sign(NOTE.text, 1_000)
NOBODY: Reader = None  # type: ignore[assignment] — a proof from nothing takes no reading

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answer) -> AsyncGenerator[Witness]:
    """A witness that answers so; given the request's body."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        with suppress(OSError):
            await answer(await reader.readexactly(length), writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        yield Witness(WITNESS.verifier, f"http://127.0.0.1:{port}")


def answered(status: int, body: str) -> bytes:
    return f"HTTP/1.0 {status} Said\r\ncontent-length: {len(body.encode())}\r\n\r\n{body}".encode()


class Dripping:
    """Answers byte by byte, and never to the end."""

    def __init__(self, begun: bytes) -> None:
        self.begun = begun
        self.asked = self.left = 0

    async def __call__(self, body: bytes, writer: asyncio.StreamWriter) -> None:
        self.asked += 1
        try:
            writer.write(self.begun)
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.01)
        finally:
            self.left += 1


async def good(body: bytes, writer: asyncio.StreamWriter) -> None:
    text = Note.parse(body.partition(b"\n\n")[2]).text
    writer.write(answered(200, WITNESS.sign(text, 1_000).line()))


async def ask(asked: Witnesses, ledger: str = "acme") -> list[Signature]:
    return await asked.cosign(NOBODY, ledger, 5, NOTE)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
async def test_a_witness_that_answers_byte_by_byte_holds_up_neither_signing_nor_the_watch(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(witnesses, "_PATIENCE", 1.2)
    drip = Dripping(begun)
    await fill(database, 2)
    async with (
        asyncio.timeout(10),
        listening(drip) as slow,
        process(database, tmp_path, witnesses=[slow]) as one,
    ):
        await one.once()
        assert (drip.asked, one.kept_size(), await one.shown_size()) == (1, 2, -1)
        await fill(database, 2, first=10)
        await one.once()
        assert (drip.asked, one.kept_size(), await one.shown_size()) == (1, 4, -1)
        await cut_after(database, 3)
        await one.once()
        assert "acme" in one.watch.halted
        await put_back(database)
        while await one.shown_size() != 4:
            await one.once()
        await until(lambda: drip.left == drip.asked)


async def test_a_slow_witness_costs_no_other_its_cosignatures(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(witnesses, "_PATIENCE", 0.5)
    drip = Dripping(b"")
    async with asyncio.timeout(5), listening(drip) as slow, listening(good) as quick:
        asked = Witnesses([slow, quick], asyncio.get_running_loop().time)
        found = await asyncio.gather(*[ask(asked, f"ledger-{number}") for number in range(40)])
        await until(lambda: drip.left == drip.asked)
    assert found == [[COSIGNATURE]] * 40
    assert drip.asked == 4
    assert "did not cosign" in "".join(capfd.readouterr())


async def test_a_witness_that_told_a_size_that_cannot_be_is_asked_anew_later() -> None:
    sizes: list[bytes] = []

    async def wrong_once(body: bytes, writer: asyncio.StreamWriter) -> None:
        sizes.append(body.partition(b"\n")[0])
        if len(sizes) > 1:
            await good(body, writer)
        else:
            writer.write(answered(409, "99999999\n"))

    now = 0.0
    async with listening(wrong_once) as witness:
        asked = Witnesses([witness], lambda: now)
        assert await ask(asked) == []
        assert await ask(asked) == []
        assert sizes == [b"old 0"]
        now = 30.0
        assert await ask(asked) == [COSIGNATURE]
    assert sizes == [b"old 0", b"old 0"]
