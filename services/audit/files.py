"""Entries kept in files: one stored line a line, as `locus history --json` gives them."""

from collections.abc import AsyncIterator, Iterator
from itertools import islice
from pathlib import Path

from services.audit.checker import Page

PAGE = 2_000
_LONGEST = 1 << 17  # twice what an entry can hold: a longer line is none


def paths(target: Path) -> list[Path]:
    """The file, or the `.ndjson` files of a directory in the order of their names."""
    return sorted(target.glob("*.ndjson")) if target.is_dir() else [target]


async def pages(target: Path) -> AsyncIterator[Page]:
    """Every line in order."""
    source = _lines(target)
    while lines := list(islice(source, PAGE)):
        yield Page(lines)


def _lines(target: Path) -> Iterator[bytes]:
    for path in paths(target):
        with path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")
