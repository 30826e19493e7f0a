"""Which keys repeat, and with which numbers, for more keys than fit in memory.

Keys become 128 bits of keyed BLAKE2, with a key of this run, so that nobody can prepare two that collide. The
records are parted by their first byte into temporary files. Each part is sorted in memory; one that grows too
large, since its key is everywhere, in stretches.
"""

import heapq
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

_PARTS = 64
_BUFFER = 1 << 15  # bytes a part, before they go to its file
_DIGEST = 16
_NUMBER = 8
_RECORD = _DIGEST + 2 * _NUMBER
_STRETCH = 200_000  # records sorted at once


class Met(NamedTuple):
    """One key at one position; `again`: the one before is of the same key."""

    again: bool
    position: int
    number: int
    before: int  # the position of the one before
    number_before: int


class Spool:
    """Records (key, position, number), read back by key and position."""

    def __init__(self, secret: bytes, stretch: int = _STRETCH) -> None:
        self._hash = blake2b(digest_size=_DIGEST, key=secret)
        self._stretch = stretch
        self._home = tempfile.TemporaryDirectory(prefix="locus-verify-")
        paths = [Path(self._home.name) / f"{part}" for part in range(_PARTS)]
        self._files = [path.open("w+b", buffering=_BUFFER) for path in paths]
        self._write = [file.write for file in self._files]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()
        self._home.cleanup()

    def add(self, key: bytes, position: int, number: int) -> None:
        """One record; numbers are of 64 bits."""
        hashed = self._hash.copy()
        hashed.update(key)
        digest = hashed.digest()
        self._write[digest[0] % _PARTS](digest + (position << 64 | number).to_bytes(2 * _NUMBER, "big"))

    def met(self) -> Iterator[Met]:
        """Every record, those of a key after each other in the order of positions."""
        digest, position, number = b"", 0, 0
        for file in self._files:
            for record in self._sorted(file):
                key, before, number_before = digest, position, number
                digest = record[:_DIGEST]
                both = int.from_bytes(record[_DIGEST:], "big")
                position, number = both >> 64, both & _LOW
                yield Met(key == digest, position, number, before, number_before)

    def _sorted(self, file: IO[bytes]) -> Iterator[bytes]:
        file.seek(0)
        stretch = _next(file, self._stretch)
        if len(stretch) < self._stretch:
            return iter(stretch)
        stretches: list[IO[bytes]] = []
        while stretch:
            stretches.append(tempfile.TemporaryFile(dir=self._home.name))  # noqa: SIM115 — gone with its last reader
            stretches[-1].write(b"".join(stretch))
            stretch = _next(file, self._stretch)
        return heapq.merge(*[_records(one) for one in stretches])


_LOW = (1 << 64) - 1


def _next(file: IO[bytes], most: int) -> list[bytes]:
    content = file.read(most * _RECORD)
    return sorted(content[at : at + _RECORD] for at in range(0, len(content), _RECORD))


def _records(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while record := file.read(_RECORD):
            yield record
