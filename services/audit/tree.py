"""The tree over the bytes as read: its roots where somebody told one, and its leaves, kept in a file."""

from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import BinaryIO

import msgspec

from services.platform.merkle import HASH_SIZE, TILE_HEIGHT, Frontier, Node, in_memory, nodes_of


class Grown(msgspec.Struct, array_like=True):
    """Leaves end to end, and the tree over them alone: its right edge at some sizes, and its whole tiles."""

    leaves: bytes
    edges: dict[int, bytes]  # by size; that of all of them among these
    tiles: list[bytes]

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self.leaves) // HASH_SIZE


def grown(leaves: Sequence[bytes], stops: Iterable[int] = ()) -> Grown:
    """Hash all there is to hash over some leaves."""
    hashes = in_memory(leaves)
    sizes = {size for size in (*stops, len(leaves)) if 0 < size <= len(leaves)}
    edges = {size: b"".join(map(hashes, nodes_of(0, size))) for size in sizes}
    tiles = [hashes((TILE_HEIGHT, at)) for at in range(len(leaves) >> TILE_HEIGHT)]
    return Grown(b"".join(leaves), edges, tiles)


class Tree:
    """Grows with the leaves; remembers the roots of the sizes asked for in advance."""

    def __init__(self, wanted: Iterable[int] = ()) -> None:
        self.frontier = Frontier()
        self.roots: dict[int, bytes] = {0: self.frontier.root()}
        self.nodes: dict[Node, bytes] = {}  # those of whole tiles: levels 8, 16 …
        self._wanted = sorted(set(wanted), reverse=True)
        self._kept: BinaryIO = TemporaryFile(prefix="locus-leaves-")  # noqa: SIM115 — closed by close()

    def close(self) -> None:
        """Give the leaves' file back."""
        self._kept.close()

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self.frontier.size

    def join(self, more: Grown) -> dict[int, Frontier]:
        """Add leaves over which all is hashed; the frontiers at the sizes of their edges."""
        start, end = self.size, self.size + more.size
        room = start & -start or 1 << 62  # a subtree that begins here has at most so many leaves
        asked = bool(self._wanted) and self._wanted[-1] <= end
        if asked or room < 1 << TILE_HEIGHT or more.size > room:
            return self.grow(split(more.leaves), [start + size for size in more.edges])
        self._kept.write(more.leaves)
        first = start >> TILE_HEIGHT
        self.nodes.update({(TILE_HEIGHT, first + at): tile for at, tile in enumerate(more.tiles)})
        passed: dict[int, Frontier] = {}
        for size, edge in sorted(more.edges.items()):
            passed[start + size], completed = self.frontier.join(Frontier.from_bytes(size, edge))
            self.nodes.update(completed)
        self.frontier = passed.get(end, self.frontier)
        return passed

    def grow(self, leaves: Sequence[bytes], stops: Iterable[int] = ()) -> dict[int, Frontier]:
        """Add leaf hashes at the right; the frontiers at those of the stops that lie among them."""
        self._kept.write(b"".join(leaves))
        start, end, done = self.size, self.size + len(leaves), 0
        passed: dict[int, Frontier] = {}
        wanted = self._next(end)
        for stop in sorted({stop for stop in (*stops, *wanted) if start < stop <= end}):
            self._extend(leaves[done : stop - start])
            done = stop - start
            passed[stop] = self.frontier
        self.roots |= {size: passed[size].root() for size in wanted if size in passed}
        self._extend(leaves[done:])
        return passed

    def _extend(self, leaves: Sequence[bytes]) -> None:
        self.frontier, completed = self.frontier.grow(leaves)
        self.nodes.update(completed)

    def _next(self, end: int) -> list[int]:
        """The wanted sizes up to `end`, which the caller comes by now."""
        found: list[int] = []
        while self._wanted and self._wanted[-1] <= end:
            found.append(self._wanted.pop())
        return found

    def leaves(self, first: int, count: int) -> bytes:
        """Leaf hashes end to end, from the zero-based index `first`; fewer at the end of the log."""
        self._kept.seek(first * HASH_SIZE)
        content = self._kept.read(count * HASH_SIZE)
        self._kept.seek(0, 2)
        return content


def split(leaves: bytes) -> list[bytes]:
    """Hashes one by one."""
    return [leaves[at : at + HASH_SIZE] for at in range(0, len(leaves), HASH_SIZE)]
