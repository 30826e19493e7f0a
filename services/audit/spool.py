"""Whether keys repeat, and whether each key's numbers go 1, 2, 3 …, for more keys than fit in memory.

Keys become 128 bits of keyed BLAKE2, with a key of this run, so that nobody can prepare two that collide. The
records are parted by their first byte into temporary files; each part is small enough to be sorted in memory.
"""

import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

_PARTS = 64
_BUFFER = 1 << 15  # bytes a part, before they go to its file
_DIGEST = 16
_NUMBER = 8
_RECORD = _DIGEST + 2 * _NUMBER


class Spool:
    """Records (key, position, number), read back by key and position."""

    def __init__(self, secret: bytes) -> None:
        self._hash = blake2b(digest_size=_DIGEST, key=secret)
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

    def groups(self) -> Iterator[list[tuple[int, int]]]:
        """The (position, number) of each key in order of position, one key after the other."""
        for file in self._files:
            file.seek(0)
            content = file.read()
            records = sorted(content[at : at + _RECORD] for at in range(0, len(content), _RECORD))
            for _, same in groupby(records, key=_digest):
                yield [_numbers(record) for record in same]


def _digest(record: bytes) -> bytes:
    return record[:_DIGEST]


def _numbers(record: bytes) -> tuple[int, int]:
    split = _DIGEST + _NUMBER
    return int.from_bytes(record[_DIGEST:split], "big"), int.from_bytes(record[split:], "big")
