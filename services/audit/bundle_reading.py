"""The members of a bundle that somebody gives us: in bounded memory, each hashed on the way."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, is_zipfile

from services.audit.faults import Faults
from services.failures import UNREACHABLE, CommandFailed
from services.platform import bundle

_LONGEST = 1 << 17  # of a line; entries have at most 65,535 bytes
_LARGEST = 1 << 20  # of a member that is read whole, and of a proof
# All that reading a damaged archive raises.
BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def is_bundle(path: Path) -> bool:
    """Whether it looks like one."""
    return path.is_file() and is_zipfile(path)


def is_unpacked(path: Path) -> bool:
    """Whether it is a directory that a bundle was unpacked into: its entries alone are no whole log."""
    return path.is_dir() and all((path / name).is_file() for name in bundle.MEMBERS)


class Members:
    """A bundle's members by name."""

    def __init__(self, path: Path, faults: Faults) -> None:
        self.digests: dict[str, bytes] = {}
        self._faults = faults
        try:
            self._zip = ZipFile(path)
        except BROKEN as error:
            told = f"{path} is damaged, or not all of it came, so fetch it again: {error}"
            raise CommandFailed(told, UNREACHABLE) from None
        if not {*bundle.MEMBERS} & {*self._zip.namelist()}:
            self._zip.close()
            raise CommandFailed(f"{path} is a zip file, but no bundle (locus evidence)", UNREACHABLE)
        self._check_names()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._zip.close()

    def _check_names(self) -> None:
        names = self._zip.namelist()
        for name in sorted(set(names) | set(bundle.MEMBERS)):
            if name not in bundle.MEMBERS:
                self._faults.add(0, "member", f"{name[:100]!r} does not belong into a bundle")
            elif names.count(name) != 1:
                self._faults.add(0, "member", f"the member {name} is there {names.count(name)} times")

    def whole(self, name: str) -> bytes:
        """A small member; empty if it cannot be read, which is a fault."""
        return b"".join(self._parts(name, lambda member: [member.read(_LARGEST)]))

    def lines(self, name: str) -> Iterator[bytes]:
        """A member line by line, each with its newline."""
        return self._parts(name, lambda member: iter(lambda: member.readline(_LONGEST), b""))

    def proofs(self) -> Iterator[bytes]:
        """The proofs, one text each."""
        block, size = list[bytes](), 0
        for line in self.lines(bundle.PROOFS):
            if line == bundle.PROOF_BEGINS and block:
                yield b"".join(block)
                block, size = [], 0
            size += len(line)
            if size <= _LARGEST:
                block.append(line)
        if block:
            yield b"".join(block)

    def check_sums(self) -> None:
        """Whether SHA256SUMS is that of the members as they were read."""
        told = self.whole(bundle.SUMS).split(b"\n")
        for number, line in enumerate(bundle.sums(self.digests).split(b"\n")):
            if told[number : number + 1] != [line]:
                name = (*bundle.SUMMED, "its end")[number]
                self._faults.add(0, "member", f"{bundle.SUMS} gives another hash for {name}")
        if len(told) != len(bundle.SUMMED) + 1:
            self._faults.add(0, "member", f"{bundle.SUMS} has {len(told) - 1} lines")

    def _parts(self, name: str, read: Callable[[IO[bytes]], Iterable[bytes]]) -> Iterator[bytes]:
        digest = sha256()
        try:
            # What is packed otherwise is unpacked at one blow, however much of it there is.
            if self._zip.getinfo(name).compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise BadZipFile("it is not packed as members of bundles are")
            with self._zip.open(name) as member:
                for part in read(member):
                    digest.update(part)
                    yield part
                if member.read(1):
                    self._faults.add(0, "member", f"{name} is larger than it can be")
        except KeyError:
            return  # named already, with the names
        except BROKEN as error:
            self._faults.add(0, "member", f"{name} cannot be read: {error}")
        finally:
            self.digests[name] = digest.digest()
