"""Whether identities repeat, and whether each subject's versions count up, for more than fits in memory.

Texts become 64 bits of Python's own keyed hash, salted with a secret of this run, so that nobody can prepare
two that collide. All is right if no identity is met twice, no subject's version is met twice, and of each
version but the first, the one before it was met before: questions that can be asked of a few hashes at a
time, parted by their lowest bits into files. Only if something is wrong are the entries looked at in order.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import compress
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

import msgspec

from services.audit.faults import Faults

_AT_ONCE = 250_000  # entries whose hashes are in memory
_PARTS = 64
_CHUNK = 1 << 13
_BUFFER = 1 << 15  # bytes a file, before they are written
_WIDTH = 8


class Keys(msgspec.Struct, array_like=True):
    """Of entries in order: positions, hashes of identities and of subjects, versions; 8 bytes each.

    `met` are the parts of what they are asked for: how many hashes have to be met before, how many are met
    here, and both.
    """

    positions: bytes
    identities: bytes
    subjects: bytes
    versions: bytes
    met: list[bytes]


class Hashing:
    """How texts become numbers; the same in every process that was forked after it was made."""

    MOST = (1 << 64) - 1

    def __init__(self) -> None:
        self.salt = secrets.token_hex(16)

    def hashed(self, texts: Iterable[str]) -> array[int]:
        """A number each."""
        return array("q", list(map(hash, map(self.salt.__add__, texts))))

    def keys(
        self,
        positions: Sequence[int],
        identities: Iterable[str],
        subjects: Iterable[str],
        versions: Sequence[int],
    ) -> Keys:
        """The keys of some entries."""
        who, of = self.hashed(identities), self.hashed(subjects)
        met = _met(who, of, versions)
        return Keys(
            array("q", positions).tobytes(), who.tobytes(), of.tobytes(), array("q", versions).tobytes(), met
        )

    def total(self, lines: str) -> int:
        """A number of all the lines, in whatever order."""
        salted = self.salt + lines.replace("\n", f"\n{self.salt}")
        return self.sum(salted.split("\n")) if lines else 0

    def sum(self, salted: Iterable[str]) -> int:
        """The same of lines that begin with the salt."""
        return sum(map(hash, salted)) & self.MOST


def _met(identities: Sequence[int], subjects: Sequence[int], versions: Sequence[int]) -> list[bytes]:
    here = list(map(hash, zip(subjects, versions, strict=True)))
    before: list[int] = []
    if versions and max(versions) > 1:
        before = _before(here, subjects, versions)
    parts: list[tuple[list[int], list[int]]] = [([], []) for _ in range(_PARTS)]
    for side, keys in enumerate((before, identities, here)):
        adds = [part[side > 0].append for part in parts]
        for key in keys:
            adds[key % _PARTS](key)
    return [array("q", (len(due), len(met), *due, *met)).tobytes() for due, met in parts]


def _before(here: Sequence[int], subjects: Sequence[int], versions: Sequence[int]) -> list[int]:
    """What has to be met before these entries, as it does not stand earlier among them."""
    found, met = [], set[int]()
    for key, subject, version in zip(here, subjects, versions, strict=True):
        if version > 1 and (due := hash((subject, version - 1))) not in met:
            found.append(due)
        met.add(key)
    return found


class Uniques:
    """Gathers the keys; both questions are answered at the end."""

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        self._at_once = at_once
        self._count = 0
        self._stack = ExitStack()
        self._files = [self._file() for _ in range(4)]
        self._parts = [self._file() for _ in range(_PARTS)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._stack.close()

    def _file(self) -> IO[bytes]:
        return self._stack.enter_context(TemporaryFile(prefix="locus-keys-", buffering=_BUFFER))

    def add(self, keys: Keys) -> None:
        """More entries."""
        self._count += len(keys.positions) // _WIDTH
        columns = (keys.positions, keys.identities, keys.subjects, keys.versions)
        for file, column in zip(self._files, columns, strict=True):
            file.write(column)
        for file, part in zip(self._parts, keys.met, strict=True):
            file.write(part)

    def check(self, faults: Faults) -> None:
        """What is wrong with them."""
        if all(map(_right, self._parts)):
            return
        parts = self._count // self._at_once + 1
        for number in range(parts):
            part = self._part(number, parts)
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


def _right(part: IO[bytes]) -> bool:
    """Nothing is met twice, and whatever has to be met before is."""
    part.seek(0)
    keys, at, met, count = _numbers(part.read()), 0, set[int](), 0
    while at < len(keys):
        start, end = at + 2 + keys[at], at + 2 + keys[at] + keys[at + 1]
        if not met.issuperset(keys[at + 2 : start]):
            return False
        met.update(keys[start:end])
        count, at = count + end - start, end
    return len(met) == count


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
