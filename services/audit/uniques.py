"""Whether identities repeat, and whether each subject's versions count up, for more than fits in memory.

Texts become 64 bits of Python's own keyed hash, salted with a secret of this run, so that nobody can prepare
two that collide. They lie in files in the order of the entries. As long as they are few they are also in
memory, and compared as they come; of many, a part is compared at a time, at the end.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import compress
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

import msgspec

from services.audit.faults import Faults

_AT_ONCE = 500_000  # entries whose hashes are in memory
_CHUNK = 1 << 13
_WIDTH = 8


class Keys(msgspec.Struct, array_like=True):
    """Of entries in order: positions, hashes of identities and of subjects, versions; 8 bytes each."""

    positions: bytes
    identities: bytes
    subjects: bytes
    versions: bytes


class Hashing:
    """How texts become numbers; the same in every process that was forked after it was made."""

    MOST = (1 << 64) - 1

    def __init__(self) -> None:
        self._salt = secrets.token_hex(16)

    def hashed(self, texts: Iterable[str]) -> array[int]:
        """A number each."""
        return array("q", list(map(hash, map(self._salt.__add__, texts))))

    def total(self, lines: str) -> int:
        """A number of all the lines, in whatever order."""
        salted = self._salt + lines.replace("\n", f"\n{self._salt}")
        return sum(map(hash, salted.split("\n"))) & self.MOST if lines else 0


class Uniques:
    """Gathers the keys; both questions are answered at the end."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._count = 0
        self._stack = ExitStack()
        self._files = [self._stack.enter_context(TemporaryFile(prefix="locus-keys-")) for _ in range(4)]  # noqa: SIM115 — the stack closes them
        self._all: _Part | None = _Part()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._stack.close()

    def add(self, keys: Keys) -> None:
        """More entries."""
        columns = msgspec.structs.astuple(keys)
        self._count += len(keys.positions) // _WIDTH
        for file, column in zip(self._files, columns, strict=True):
            file.write(column)
        if self._count >= self._at_once:
            self._all = None
        if self._all is not None:
            positions, identities, subjects, versions = map(_numbers, columns)
            self._all.identities(identities)
            self._all.versions(positions, subjects, versions)

    def check(self, faults: Faults) -> None:
        """What is wrong with them."""
        parts = self._count // self._at_once + 1
        for number in range(parts):
            part = self._all or self._part(number, parts)
            faults.merge(part.faults.listed(), part.faults.count)
            if part.repeats:
                self._name(number, parts, faults)

    def _part(self, number: int, parts: int) -> _Part:
        part = _Part()
        for positions, identities, subjects, versions in self._read(0, 1, 2, 3):
            part.identities([one for one in identities if one % parts == number])
            ours = [one % parts == number for one in subjects]
            part.versions(compress(positions, ours), compress(subjects, ours), compress(versions, ours))
        return part

    def _name(self, number: int, parts: int, faults: Faults) -> None:
        last: dict[int, int] = {}
        for positions, identities in self._read(0, 1):
            for position, identity in zip(positions, identities, strict=True):
                if identity % parts != number:
                    continue
                if identity in last:
                    told = f"its source and id are those of position {last[identity]}"
                    faults.add(position, "identity", told)
                last[identity] = position

    def _read(self, *columns: int) -> Iterator[list[array[int]]]:
        """Some of the columns side by side, a stretch at a time."""
        for column in columns:
            self._files[column].seek(0)
        for _ in range(0, self._count, _CHUNK):
            yield [_numbers(self._files[column].read(_CHUNK * _WIDTH)) for column in columns]


class _Part:
    """What has been met of the entries whose hashes belong here."""

    def __init__(self) -> None:
        self.repeats = False  # an identity, or more
        self.faults = Faults()
        self._met = set[int]()
        self._last: dict[int, int] = {}  # version of each subject

    def identities(self, hashes: Sequence[int]) -> None:
        """More of them."""
        fewest = len(self._met) + len(hashes)
        self._met.update(hashes)
        self.repeats |= len(self._met) < fewest

    def versions(self, positions: Iterable[int], subjects: Iterable[int], versions: Iterable[int]) -> None:
        """More of them."""
        last = self._last
        for position, subject, version in zip(positions, subjects, versions, strict=True):
            due = last.get(subject, 0) + 1
            if version != due:
                told = f"it is version {version} of its subject, where version {due} is due"
                self.faults.add(position, "version", told)
            last[subject] = version


def _numbers(column: bytes) -> array[int]:
    return array("q", column)
