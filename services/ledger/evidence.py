"""An evidence bundle, made while it is sent; others have the event loop between any two entries or proofs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from services.ledger import log
from services.ledger.history import STREAM_ENTRIES, Filters, History
from services.platform import bundle
from services.platform.bundle_writing import Writer
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.merkle import (
    HASH_SIZE,
    Node,
    check_inclusion,
    inclusion_proof,
    inclusion_ranges,
    leaf_hash,
    nodes_of,
)
from services.platform.note import Note
from services.platform.tiles import Tile, node_in, tile_of

_STRETCH = 64  # proofs whose tiles are read in one round trip
_REMEMBERED = 1 << 14  # hashes of nodes: neighbouring entries share most of their proofs
_PIECE = 1 << 16  # bytes that are sent at once
_PLACE = 8 + HASH_SIZE  # a position and a leaf hash


class Asked(msgspec.Struct, frozen=True):
    """What a bundle is about: entries under a checkpoint. `said`: the filters as they were asked for."""

    ledger: str
    note: Note
    head: Checkpoint
    policy: str
    filters: Filters
    said: dict[str, str]


async def streamed(history: History, reader: log.Reader, asked: Asked) -> AsyncIterator[bytes]:
    """The bundle in pieces. Raises NotProven, BadTile if an entry or a tile is not what was signed."""
    sent = _Unsent()
    async for _ in _written(sent, history, reader, asked):
        if sent.size >= _PIECE:
            yield sent.taken()
        await asyncio.sleep(0)
    yield sent.taken()


class _Unsent:
    """Takes what a zip file writes, until it is sent. Nothing can be sought in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, part: bytes) -> int:
        """Keep it."""
        self._parts.append(bytes(part))
        self.size += len(part)
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """There is nothing to close."""

    def taken(self) -> bytes:
        """All there is; it is kept no longer."""
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken


async def _written(out: _Unsent, history: History, reader: log.Reader, asked: Asked) -> AsyncIterator[None]:
    """Write it all, a step at a time: the entries first, since the proofs follow them."""
    head, count = asked.head, 0
    with TemporaryFile(prefix="locus-evidence-") as places, ZipFile(out, "w", ZIP_DEFLATED) as archive:
        writer = Writer(archive)
        with writer.member(bundle.ENTRIES) as write:
            async for position, line in _entries(history, asked):
                places.write(position.to_bytes(8, "big") + leaf_hash(line))
                write(line + b"\n")
                count += 1
                yield
        places.seek(0)
        with writer.member(bundle.PROOFS) as write:
            async for proof in _proofs(reader, asked, places):
                write(str(proof).encode())
                yield
        manifest = bundle.Manifest(
            1, asked.ledger, head.origin, head.size, head.root.hex(), count, asked.said
        )
        writer.end(manifest, str(asked.note), asked.policy.encode("utf-8", "surrogateescape"))


async def _entries(history: History, asked: Asked) -> AsyncIterator[tuple[int, bytes]]:
    """What passes, up to the checkpoint."""
    after, more = 0, True
    while more:
        page = await history.page(asked.ledger, after, asked.head.size, STREAM_ENTRIES, asked.filters)
        for entry in page.entries:
            yield entry
            after = entry[0]
        more = page.more


async def _proofs(reader: log.Reader, asked: Asked, places: IO[bytes]) -> AsyncIterator[LogProof]:
    """For each of the places, each checked."""
    size, root = asked.head.size, asked.head.root
    tiles = _Tiles(reader, asked.ledger, size)
    while stretch := places.read(_PLACE * _STRETCH):
        told = [stretch[at : at + _PLACE] for at in range(0, len(stretch), _PLACE)]
        leaves = {int.from_bytes(place[:8], "big") - 1: place[8:] for place in told}
        await tiles.read(list(leaves))
        for index, leaf in leaves.items():
            path = inclusion_proof(index, size, tiles.hashes)
            check_inclusion(leaf, index, size, path, root)
            yield LogProof(index, tuple(path), asked.note)


class _Tiles:
    """The tiles of a log that a few proofs need; those that the next ones need as well stay."""

    def __init__(self, reader: log.Reader, ledger: str, size: int) -> None:
        self._reader = reader
        self._ledger = ledger
        self._size = size
        self._held: dict[Tile, bytes] = {}
        self.hashes = lru_cache(_REMEMBERED)(self._hash)

    async def read(self, indexes: Sequence[int]) -> None:
        """Have at hand what proves these leaves."""
        spans = {span for index in indexes for span in inclusion_ranges(index, self._size)}
        needed = {tile_of(node, self._size) for span in spans for node in nodes_of(*span)}
        missing = list(needed.difference(self._held))
        read = await log.read_tiles(self._reader, self._ledger, missing) if missing else []
        found = {tile: hashes or b"" for tile, hashes in zip(missing, read, strict=True)}
        self._held = {tile: found[tile] if tile in found else self._held[tile] for tile in needed}

    def _hash(self, node: Node) -> bytes:
        return node_in(node, self._held[tile_of(node, self._size)])
