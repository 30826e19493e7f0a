"""Whether identities repeat, and whether each subject's versions count up, for more entries than fit in memory.

Texts become 64 bits of Python's own keyed hash, salted with a secret of this run, so that nobody can prepare
two that collide. They lie in files in the order of the entries; a part of them is in memory at once.
"""

from __future__ import annotations

import secrets
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from services.audit.faults import Faults

_AT_ONCE = 500_000  # hashes held at once
_CHUNK = 1 << 16
_WIDTH = 8


class Keys(msgspec.Struct, array_like=True):
    """Of entries in order: positions, hashes of identities and of subjects, versions; 8 bytes each."""

    positions: bytes
    identities: bytes
    subjects: bytes
    versions: bytes


class Hashing:
    """How texts become numbers; the same in every process that was forked after it was made."""

    def __init__(self) -> None:
        self._salt = secrets.token_hex(16)

    def hashed(self, texts: Iterable[str]) -> array[int]:
        """A number each."""
        salt = self._salt
        return array("q", [hash(salt + text) for text in texts])


class Uniques:
    """Gathers the keys; both questions are answered at the end."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._count = 0
        self._stack = ExitStack()
        self._files: list[BinaryIO] = [
            self._stack.enter_context(TemporaryFile(prefix="locus-keys-")) for _ in range(4)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, keys: Keys) -> None:
        """More entries."""
        self._count += len(keys.positions) // _WIDTH
        for file, column in zip(self._files, msgspec.structs.astuple(keys), strict=True):
            file.write(column)

    def check(self, faults: Faults) -> None:
        """What is wrong with them."""
        parts = self._count // self._at_once + 1
        for part in range(parts):
            self._identities(part, parts, faults)
            self._versions(part, parts, faults)

    def _identities(self, part: int, parts: int, faults: Faults) -> None:
        met, again = set[int](), set[int]()
        for (hashes,) in self._read(1):
            ours = [one for one in hashes if one % parts == part] if parts > 1 else hashes.tolist()
            if len(fresh := set(ours)) < len(ours) or not met.isdisjoint(fresh):
                again |= {one for one, times in Counter(ours).items() if times > 1 or one in met}
            met |= fresh
        if again:
            self._name(again, faults)

    def _name(self, again: set[int], faults: Faults) -> None:
        last: dict[int, int] = {}
        for positions, hashes in self._read(0, 1):
            for position, hashed in zip(positions, hashes, strict=True):
                if hashed not in again:
                    continue
                if hashed in last:
                    told = f"its source and id are those of position {last[hashed]}"
                    faults.add(position, "identity", told)
                last[hashed] = position

    def _versions(self, part: int, parts: int, faults: Faults) -> None:
        last: dict[int, int] = {}
        for columns in self._read(0, 2, 3):
            for position, subject, version in zip(*columns, strict=True):
                if parts > 1 and subject % parts != part:
                    continue
                due = last.get(subject, 0) + 1
                if version != due:
                    told = f"it is version {version} of its subject, where version {due} is due"
                    faults.add(position, "version", told)
                last[subject] = version

    def _read(self, *columns: int) -> Iterator[list[array[int]]]:
        """Some of the columns side by side, a stretch at a time."""
        for column in columns:
            self._files[column].seek(0)
        for _ in range(0, self._count, _CHUNK):
            yield [array("q", self._files[column].read(_CHUNK * _WIDTH)) for column in columns]
