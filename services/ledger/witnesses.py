"""Has checkpoints cosigned, as C2SP tlog-witness has it: what makes a second history be noticed."""

import asyncio
import re
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from typing import NamedTuple
from urllib.parse import urlsplit

import structlog

from services.ledger.log import Reader, consistency
from services.platform.checkpoint import hash_lines
from services.platform.note import COSIGNATURE, BadNote, Note, Signature, Verifier
from services.platform.settings import SettingsError

REFRESH = 60.0  # seconds until a head that has not grown is cosigned again: the time says how fresh it is
_PATIENCE = 2.0  # seconds for a witness to answer, all of it
_PAUSE = 20.0  # seconds before a witness that failed is asked again
_AT_ONCE = 4  # checkpoints that one witness is asked about
_LARGEST = 64 * 1024
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")

_log = structlog.get_logger(__name__)


class Witness(NamedTuple):
    """Its key, and where it takes checkpoints."""

    verifier: Verifier
    url: str


class _Refusal(Exception):
    pass


def configured(setting: str) -> list[Witness]:
    """`<vkey> <url>` each, parted by commas or newlines. Raises SettingsError."""
    found = []
    for line in re.split(r"[,\n]", setting):
        words = line.split()
        if not words:
            continue
        if len(words) != 2 or urlsplit(words[1]).scheme not in ("http", "https"):
            raise SettingsError(f"LOCUS_WITNESSES: {line.strip()[:200]!r} is not written as <vkey> <url>")
        try:
            key = Verifier.parse(words[0])
        except BadNote as error:
            raise SettingsError(f"LOCUS_WITNESSES: {error}") from None
        if key.algorithm != COSIGNATURE:
            raise SettingsError(f"LOCUS_WITNESSES: {key.name} is the key of a log, not of a witness")
        found.append(Witness(key, words[1].rstrip("/")))
    return found


class Witnesses:
    """Asks every witness for a cosignature. One that fails costs nothing but its cosignature."""

    def __init__(self, witnesses: Sequence[Witness], clock: Callable[[], float]) -> None:
        self.known = tuple(witnesses)
        self._clock = clock
        self._sizes: dict[tuple[str, str], int] = {}  # what each witness saw last, as far as is known
        self._next: dict[tuple[str, str], float] = {}  # when each is asked about a head that has not grown
        self._down: dict[str, float] = {}  # until when one that failed is let be
        # A slow one holds up neither the others nor whatever else is done in threads.
        self._turns = {one.url: asyncio.Semaphore(_AT_ONCE) for one in self.known}
        self._threads = ThreadPoolExecutor(max(1, _AT_ONCE * len(self.known)), "witness")

    def due(self, ledger: str) -> bool:
        """Whether a witness should see the ledger's head although it has not grown."""
        now = self._clock()
        return any(
            self._next.get((ledger, one.url), 0) <= now and not self._is_down(one) for one in self.known
        )

    async def cosign(self, reader: Reader, ledger: str, size: int, note: Note) -> list[Signature]:
        """The cosignatures to be had now."""
        found = await asyncio.gather(*[self._in_turn(reader, ledger, size, note, one) for one in self.known])
        return [line for line in found if line is not None]

    def _is_down(self, witness: Witness) -> bool:
        return self._down.get(witness.url, 0) > self._clock()

    async def _in_turn(
        self, reader: Reader, ledger: str, size: int, note: Note, witness: Witness
    ) -> Signature | None:
        async with self._turns[witness.url]:
            if self._is_down(witness):
                return None
            return await self._ask(reader, ledger, size, note, witness)

    async def _ask(
        self, reader: Reader, ledger: str, size: int, note: Note, witness: Witness
    ) -> Signature | None:
        place = (ledger, witness.url)
        try:
            status, body = await self._post(reader, ledger, size, note, witness)
            if status == 409 and (seen := _SIZE.fullmatch(body)):
                self._sizes[place] = int(seen[1])
                status, body = await self._post(reader, ledger, size, note, witness)
            line = _cosignature(status, body, note, witness)
        except (OSError, HTTPException, ValueError, _Refusal) as error:
            self._down[witness.url] = self._clock() + _PAUSE
            self._sizes.pop(place, None)  # it may have told a wrong one: it is asked anew
            refused = isinstance(error, _Refusal)
            tell = _log.critical if refused else _log.warning
            tell("a witness did not cosign", ledger=ledger, witness=witness.verifier.name, error=repr(error))
            return None
        self._sizes[place] = size
        self._next[place] = self._clock() + REFRESH
        return line

    async def _post(
        self, reader: Reader, ledger: str, size: int, note: Note, witness: Witness
    ) -> tuple[int, bytes]:
        old = self._sizes.get((ledger, witness.url), 0)
        if old > size:
            raise _Refusal(f"it has seen {old} entries of this log, which has {size}")
        proof = await consistency(reader, ledger, old, size)
        body = f"old {old}\n{hash_lines(proof)}\n{note}".encode()
        async with asyncio.timeout(_PATIENCE):
            return await asyncio.get_running_loop().run_in_executor(self._threads, _send, witness.url, body)


def _send(url: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer. Blocks."""
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_PATIENCE)
    connection.connect()
    # Each byte may take as long as the whole: whoever sends them one by one is broken off.
    late = Timer(_PATIENCE, _break_off, (connection.sock,))
    late.start()
    try:
        connection.request("POST", f"{parts.path}/add-checkpoint", body)
        answer = connection.getresponse()
        return answer.status, answer.read(_LARGEST)
    finally:
        late.cancel()
        connection.close()


def _break_off(connected: socket.socket) -> None:
    with suppress(OSError):  # it has just ended
        connected.shutdown(socket.SHUT_RDWR)


def _cosignature(status: int, body: bytes, note: Note, witness: Witness) -> Signature:
    if status != 200:
        raise _Refusal(f"it answered {status}: {body[:200]!r}")
    for line in Note.parse(str(note).encode() + body).signatures[len(note.signatures) :]:
        if witness.verifier.accepts(note.text, line):
            return line
    raise _Refusal("its answer holds no cosignature by its key")
