"""What a log says of itself: C2SP tlog-checkpoint, and tlog-proof, which puts one entry under it. Pure."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from services.platform.merkle import HASH_SIZE, check_inclusion
from services.platform.note import BadNote, Note, base64_of

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LARGEST = (1 << 63) - 1
_FIRST_LINE: Final = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63


def number_of(text: str) -> int:
    """A size or an index: decimal, without leading zeros, below 2^63. Raises BadNote."""
    if not _NUMBER.fullmatch(text) or int(text) > _LARGEST:
        raise BadNote(f"{text[:100]!r} is not a decimal number below 2^63 without leading zeros")
    return int(text)


def hashes_of(lines: Sequence[str]) -> tuple[bytes, ...]:
    """Lines of one hash each, as proofs are written. Raises BadNote."""
    if len(lines) > _MOST_HASHES:
        raise BadNote(f"a proof of {len(lines)} hashes; no tree needs more than {_MOST_HASHES}")
    return tuple([base64_of(line, HASH_SIZE) for line in lines])


def hash_lines(hashes: Sequence[bytes]) -> str:
    """Hashes in base64, each with its newline."""
    return "".join([b64encode(one).decode() + "\n" for one in hashes])


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its name, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The text to sign."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join([line + "\n" for line in lines])

    @classmethod
    def parse(cls, text: str) -> Self:
        """The text of a note. Raises BadNote."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):
            raise BadNote("a checkpoint is three lines or more, none empty: origin, size and root")
        origin, size, root, *extensions = lines
        return cls(origin, number_of(size), base64_of(root, HASH_SIZE), tuple(extensions))


@dataclass(frozen=True, slots=True)
class LogProof:
    """That one entry is in the log, to be checked offline: its index, the path, the signed checkpoint."""

    index: int
    path: tuple[bytes, ...]
    note: Note
    extra: bytes = b""  # vouched for by nobody

    def __str__(self) -> str:
        extra = f"extra {b64encode(self.extra).decode()}\n" if self.extra else ""
        return f"{_FIRST_LINE}\n{extra}index {self.index}\n{hash_lines(self.path)}\n{self.note}"

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """A file as C2SP tlog-proof has it, read strictly. Raises BadNote."""
        try:
            text = data if isinstance(data, str) else data.decode()
        except UnicodeDecodeError:
            raise BadNote("a proof is text in UTF-8") from None
        head, parted, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if not parted or first != _FIRST_LINE:
            raise BadNote(f"a proof begins with {_FIRST_LINE}, and a signed checkpoint follows an empty line")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = base64_of(lines.pop(0).removeprefix("extra "))
            if not extra:
                raise BadNote("a proof without extra data has no such line, or it is not base64")
        if not lines or not lines[0].startswith("index "):
            raise BadNote("a proof says the entry's index: index <number>")
        index = number_of(lines.pop(0).removeprefix("index "))
        return cls(index, hashes_of(lines), Note.parse(note), extra)

    def checkpoint(self) -> Checkpoint:
        """The head it rests on, whoever signed it. Raises BadNote."""
        return Checkpoint.parse(self.note.text)

    def check(self, leaf: bytes) -> None:
        """Raise NotProven unless the leaf hash is under the checkpoint; who signed it is another matter."""
        head = self.checkpoint()
        check_inclusion(leaf, self.index, head.size, self.path, head.root)
