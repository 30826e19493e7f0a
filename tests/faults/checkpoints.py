"""Checkpoints as whoever keeps them sees them: one history, which only grows."""

import asyncio
import time
from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import httpx
import psycopg

from tests.faults.book import Book
from tests.faults.outside import Log, tree
from tests.faults.system import System, until

OFTEN = 0.25  # seconds between looks at the checkpoint served
COSIGNED = 40.0  # seconds until the head is: a witness that failed is let be for 20


class Head(NamedTuple):
    origin: str
    size: int
    root: bytes


def read(note: str, system: System) -> Head:
    """The head in a note, which the log's key has to have signed."""
    text, _, lines = note.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    for line in lines.splitlines():
        _, name, signature = line.split(" ")
        if name == origin:
            system.public_key.verify(b64decode(signature)[4:], f"{text}\n".encode())
            return Head(origin, int(size), b64decode(root))
    raise AssertionError(f"the log has not signed this: {note}")


def cosigned(note: str, system: System) -> bool:
    """Whether the witness vouches for it."""
    text, _, lines = note.rpartition("\n\n")
    for line in lines.splitlines():
        _, name, signature = line.split(" ")
        if name == system.WITNESS:
            value = b64decode(signature)[4:]
            said = f"cosignature/v1\ntime {int.from_bytes(value[:8], 'big')}\n{text}\n".encode()
            system.witness_key.verify(value[8:], said)
            return True
    return False


async def keeping(system: System, book: Book, stop: asyncio.Event) -> None:
    """Keep every checkpoint that is served while others publish, as an auditor would."""
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {system.token}"}, timeout=2) as client:
        while not stop.is_set():
            for name, url in system.ledgers()().items():
                asked = time.monotonic()
                try:
                    answer = await client.get(f"{url}/v1/ledgers/{book.ledger}/log/checkpoint")
                except httpx.TransportError:
                    continue
                if answer.status_code == httpx.codes.OK:
                    book.checkpoints.append((name, asked, time.monotonic(), answer.text))
            await asyncio.sleep(OFTEN)


def signs(system: System, ledger: str) -> bool:
    """Whether some process has the lease by which it signs for the ledger."""
    question = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
        " AND ((classid::bigint << 32) | objid::bigint) = hashtextextended(%s, 7003811943)"
    )
    with psycopg.connect(system.superuser) as connection:
        return connection.execute(question, [ledger]).fetchone() == (1,)


async def check(system: System, book: Book, log: Log) -> str:
    """Wait for the head to be signed and cosigned; then every checkpoint anywhere is of this one history."""
    newest = await at_the_head(system, book, len(log.entries))
    everywhere = [newest, *_stored(system, book.ledger), *[note for *_, note in book.checkpoints]]
    state = system.directory / "witness" / sha256(read(newest, system).origin.encode()).hexdigest()
    everywhere += [state.read_text(), (system.directory / "keys" / "signed" / book.ledger).read_text()]
    _agree([read(note, system) for note in everywhere], log)
    for one in (state.read_text(), (system.directory / "keys" / "signed" / book.ledger).read_text()):
        assert read(one, system).size == len(log.entries)
    _grow(system, book)
    return newest


async def at_the_head(system: System, book: Book, size: int) -> str:
    """The checkpoint of this size, once it is shown and cosigned."""
    found = [""]

    def done() -> bool:
        found[0] = (_stored(system, book.ledger) or [""])[0]
        return bool(found[0]) and read(found[0], system).size == size and cosigned(found[0], system)

    await until(done, f"position {size} is signed and cosigned", COSIGNED)
    return found[0]


def _stored(system: System, ledger: str) -> list[str]:
    with psycopg.connect(system.superuser) as connection:
        rows = connection.execute("SELECT note FROM ledger.checkpoints WHERE ledger = %s", [ledger])
        return [note for (note,) in rows.fetchall()]


def _agree(heads: Sequence[Head], log: Log) -> None:
    roots: dict[int, bytes] = {}
    leaves = [sha256(b"\x00" + stored.line).digest() for stored in log.entries]
    for head in heads:
        assert head.size <= len(log.entries), f"{head.size} entries were signed"
        if head.size not in roots:
            roots[head.size] = tree(leaves[: head.size])
        assert head.root == roots[head.size], f"what was signed at size {head.size} is not the log"
    assert len({head.origin for head in heads}) == 1


def _grow(system: System, book: Book) -> None:
    """Nobody is shown a smaller checkpoint after a larger one, wherever they ask."""
    seen = [(asked, told, read(note, system).size) for _, asked, told, note in book.checkpoints]
    for asked, _, size in seen:
        larger = [other for _, told, other in seen if told < asked and other > size]
        assert not larger, f"size {size} was shown after {max(larger)}"


def kept_files(system: System, book: Book) -> list[Path]:
    """The first, a middle and the last cosigned checkpoint kept, as files."""
    notes = [note for *_, note in book.checkpoints if cosigned(note, system)]
    chosen = {notes[at] for at in (0, len(notes) // 2, -1)} if notes else set()
    paths = []
    for number, note in enumerate(sorted(chosen)):
        paths.append(system.directory / f"kept-{book.ledger}-{number}")
        paths[-1].write_text(note)
    return paths
