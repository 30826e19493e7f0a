"""Reads a log as C2SP tlog-tiles shows it: head and checkpoint, tiles, bundles, proofs. Changes nothing."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import asyncpg
import msgspec

from services.ledger.entries import FORMAT
from services.ledger.errors import LedgerOutdated, LedgerUnknown
from services.ledger.names import known_form
from services.platform.checkpoint import Checkpoint
from services.platform.database import sql
from services.platform.merkle import (
    HASH_SIZE,
    Node,
    Range,
    consistency_ranges,
    inclusion_ranges,
    nodes_of,
    range_hash,
)
from services.platform.note import Note
from services.platform.tiles import Tile, node_in, tile_of

_HOME = "services.ledger"


class Reader(Protocol):
    """A connection or a pool, as locus_reader or locus_appender."""

    async def fetch(self, query: str, /, *args: Any) -> list[asyncpg.Record]:
        """All rows."""

    async def fetchrow(self, query: str, /, *args: Any) -> asyncpg.Record | None:
        """The first row."""


class Log(msgspec.Struct, frozen=True):
    """The log of a ledger at one moment, and the newest note that readers are shown of it."""

    origin: str
    last: int
    root: bytes
    note: str | None

    def head(self) -> Checkpoint:
        """What there is to sign."""
        return Checkpoint(self.origin, self.last, self.root)

    def signed(self) -> tuple[Note, Checkpoint] | None:
        """The newest note, read."""
        if self.note is None:
            return None
        note = Note.parse(self.note)
        return note, Checkpoint.parse(note.text)


async def log_of(reader: Reader, ledger: str) -> Log:
    """The log of a ledger. Raises LedgerUnknown, LedgerOutdated."""
    known_form(ledger)
    row = await reader.fetchrow(sql(_HOME, "log"), ledger)
    if row is None:
        raise LedgerUnknown(ledger)
    format, *log = row
    if format != FORMAT:
        raise LedgerOutdated(ledger)
    return Log(*log)


async def read_tiles(reader: Reader, ledger: str, tiles: Sequence[Tile]) -> list[bytes | None]:
    """The hashes of tiles, in their order; None: the log is not so far."""
    levels, indexes, widths = ([getattr(tile, of) for tile in tiles] for of in ("level", "index", "width"))
    rows = await reader.fetch(sql(_HOME, "log_tiles"), ledger, levels, indexes, widths)
    return [
        row[0] if row[0] is not None and len(row[0]) == tile.width * HASH_SIZE else None
        for row, tile in zip(rows, tiles, strict=True)
    ]


async def read_bundle(reader: Reader, ledger: str, tile: Tile) -> bytes | None:
    """The entries of a tile; None: the log is not so far."""
    row = await reader.fetchrow(sql(_HOME, "log_bundle"), ledger, tile.index, tile.width)
    entries, bundle = row or (0, None)
    return bundle if entries == tile.width else None


async def inclusion(reader: Reader, ledger: str, index: int, size: int) -> list[bytes]:
    """The proof that a leaf is in the tree of `size` leaves. ValueError: it is not."""
    return await _hashes(reader, ledger, inclusion_ranges(index, size), size)


async def consistency(reader: Reader, ledger: str, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old`. ValueError: `old` is larger."""
    return await _hashes(reader, ledger, consistency_ranges(old, new), new)


async def _hashes(reader: Reader, ledger: str, ranges: Iterable[Range], size: int) -> list[bytes]:
    ranges = list(ranges)
    if not ranges:
        return []
    tiles = list({tile_of(node, size) for span in ranges for node in nodes_of(*span)})
    found = dict(zip(tiles, await read_tiles(reader, ledger, tiles), strict=True))

    def hashes(node: Node) -> bytes:
        return node_in(node, found[tile_of(node, size)] or b"")

    return [range_hash(span, hashes) for span in ranges]
