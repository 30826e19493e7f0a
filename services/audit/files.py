"""Entries kept in files: one stored line a line, as `locus history --json` gives them."""

from collections.abc import Iterator
from pathlib import Path

_LONGEST = 1 << 17  # twice what an entry can hold: a longer line is none


def paths(target: Path) -> list[Path]:
    """The file, or the `.ndjson` files of a directory in the order of their names."""
    return sorted(target.glob("*.ndjson")) if target.is_dir() else [target]


def lines(target: Path) -> Iterator[bytes]:
    """Every line in order."""
    for path in paths(target):
        with path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")
