"""Entries kept in files: one stored line a line, as `locus history --json` gives them."""

from collections.abc import Iterator
from pathlib import Path

_BEGINNING = 256  # bytes that tell what a file is
_LONGEST = 1 << 17  # twice what an entry can hold: a longer line is none


def paths(target: Path) -> list[Path]:
    """The file, or the `.ndjson` files of a directory in the order of their names."""
    return sorted(target.glob("*.ndjson")) if target.is_dir() else [target]


def no_entries(target: Path) -> str:
    """What there is in the place of entries, and what to do."""
    path = next((one for one in paths(target) if one.stat().st_size), None)
    if path is None:
        return f"{target} is empty: there are no entries to check"
    with path.open("rb") as file:
        begins = file.read(_BEGINNING).lstrip()
    if begins.startswith(b"PK"):
        return f"{path} begins as a zip file, but is damaged or not all of it came: fetch it again"
    if begins.startswith(b"<"):
        return f"{path} looks like a web page, perhaps one to log in at: fetch it again, with a token"
    return f"{path} holds neither a bundle (locus evidence) nor entries as NDJSON (locus history --json)"


def lines(target: Path) -> Iterator[bytes]:
    """Every line in order."""
    for path in paths(target):
        with path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")
