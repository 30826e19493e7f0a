"""The tree and the entries of a log as C2SP tlog-tiles cuts and names them. Pure.

A tile holds up to 256 hashes: those of leaves at level 0, those of full tiles below at any other.
An entry bundle holds the entries of a tile of level 0.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.platform.merkle import HASH_SIZE, TILE_HEIGHT, Node, subtree

WIDTH: Final = 1 << TILE_HEIGHT
ENTRIES: Final = -1  # in the place of a level: the entries themselves
_HIGHEST = 63
_MOST_INDEX = 1 << 63
_FORM = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


class BadTile(ValueError):
    """It is no tile as the specification has them; the message says why."""


@dataclass(frozen=True, slots=True)
class Tile:
    """The tile `index` of a level, or of the entries; narrower than 256: a partial one."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def start(self) -> int:
        """The first leaf or entry it is about."""
        return self.index << TILE_HEIGHT * (max(self.level, 0) + 1)

    @property
    def size(self) -> int:
        """The smallest tree that has it."""
        return self.start + (self.width << TILE_HEIGHT * max(self.level, 0))


def path(tile: Tile) -> str:
    """Its address below the log's: `tile/0/x001/x234/067.p/112`."""
    groups = [f"{tile.index % 1000:03}"]
    left = tile.index // 1000
    while left:
        groups.append(f"x{left % 1000:03}")
        left //= 1000
    level = "entries" if tile.level == ENTRIES else tile.level
    partial = f".p/{tile.width}" if tile.width < WIDTH else ""
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


def parse(text: str) -> Tile:
    """The tile at an address; only the one way of writing it is taken. Raises BadTile."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise BadTile(f"{text[:100]!r} is not written as tile/<level>/<index>[.p/<width>]")
    level, groups, width = found.groups()
    tile = Tile(
        ENTRIES if level == "entries" else int(level),
        int(groups.replace("/", "").replace("x", "")),
        WIDTH if width is None else int(width),
    )
    if tile.level > _HIGHEST or tile.index >= _MOST_INDEX or path(tile) != text:
        raise BadTile(f"{text[:100]!r} names no tile: levels end at 63, widths of partial tiles at 255")
    return tile


def width_at(level: int, index: int, size: int) -> int:
    """How wide a tile is in a tree of `size` leaves; 0: it has none such."""
    nodes = size >> TILE_HEIGHT * max(level, 0)
    return max(0, min(WIDTH, nodes - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of hashes of a tree of `size` leaves, level by level."""
    level = 0
    while nodes := size >> TILE_HEIGHT * level:
        for index in range(-(-nodes // WIDTH)):
            yield Tile(level, index, width_at(level, index, size))
        level += 1


def tile_of(node: Node, size: int) -> Tile:
    """Where a node's hash is found, or those it is made of, in a tree of `size` leaves."""
    level = node[0] // TILE_HEIGHT
    first = node[1] << node[0] % TILE_HEIGHT
    return Tile(level, first // WIDTH, width_at(level, first // WIDTH, size))


def node_in(node: Node, tile: bytes) -> bytes:
    """The hash of a node out of the tile that `tile_of` names. Raises BadTile if it is not wide enough."""
    count = 1 << node[0] % TILE_HEIGHT
    first = node[1] * count % WIDTH
    hashes = split(tile)[first : first + count]
    if len(hashes) < count:
        raise BadTile(f"the tile ends before the hash of node {node[1]} at level {node[0]}")
    return subtree(hashes)


def split(tile: bytes) -> list[bytes]:
    """The hashes of a tile. Raises BadTile if it is empty, too wide, or cut off."""
    if not tile or len(tile) % HASH_SIZE or len(tile) > WIDTH * HASH_SIZE:
        raise BadTile(f"{len(tile)} bytes are not 1 to {WIDTH} hashes of {HASH_SIZE} bytes")
    return [tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)]
