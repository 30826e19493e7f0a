"""Entries kept in files: one stored line a line, as `locus history --json` gives them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

_LONGEST = 1 << 17  # twice what an entry can hold: a longer line is none


def paths(target: Path) -> list[Path]:
    """The file, or the `.ndjson` files of a directory in the order of their names."""
    return sorted(target.glob("*.ndjson")) if target.is_dir() else [target]


def no_entries(target: Path, first: Sequence[bytes]) -> str:
    """What there seems to be in the place of entries, by its first lines, and what to do."""
    if not first:
        return f"{target} is empty, so there is nothing to check: fetch it again"
    begins = next((line.lstrip() for line in first if line.strip()), b"")
    if begins.startswith((b"PK\3\4", b"PK\5\6")):
        return f"{target} begins as a zip file, but is damaged or not all of it came: fetch it again"
    if begins.startswith(b"<"):
        return f"{target} looks like a web page, perhaps one to log in at: fetch it again, with a token"
    return f"{target} holds neither a bundle (locus evidence) nor entries as NDJSON (locus history --json)"


def lines(target: Path) -> Iterator[bytes]:
    """Every line in order."""
    for path in paths(target):
        with path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")
