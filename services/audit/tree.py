"""The tree over the bytes as read: its roots where somebody told one, and its leaves, kept in a file."""

from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import BinaryIO

from services.platform.merkle import HASH_SIZE, Frontier, Node


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
