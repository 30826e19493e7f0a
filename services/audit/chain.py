"""The commits, as the appender told them, against the entries that are there."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from services.audit.faults import Faults
from services.audit.tree import split
from services.platform.merkle import HASH_SIZE, Frontier


class Commit(msgspec.Struct, frozen=True):
    """A row of the commits: first and last position of a group, when, and the tree after it."""

    first: int
    last: int
    recorded: datetime
    root: bytes
    frontier: bytes


class Chain:
    """Follows the commits. Where one does not fit its entries, it goes on from what the commit tells."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._positions: list[int] = []  # of the entries after the last commit
        self._leaves = b""
        self._recorded: list[datetime | None] = []
        self._last = 0
        self._at: datetime | None = None
        self._told: Frontier | None = Frontier()  # the tree at the last commit; None: it cannot be known
        self._parted = False  # from the tree over all entries

    def grow(self, positions: Sequence[int], leaves: bytes, recorded: Sequence[datetime | None]) -> None:
        """More entries: where they are, their leaf hashes end to end, when they say they were recorded."""
        self._positions += positions
        self._leaves += leaves
        self._recorded += recorded

    def check(self, commits: Sequence[Commit], tree: Mapping[int, Frontier]) -> None:
        """Commits whose last entries have been added; `tree` at each of them, as far as it is known."""
        done = 0  # of those that wait
        for commit in commits:
            self._follows(commit)
            cut = bisect_right(self._positions, commit.last, done)
            self._same_moment(commit, done, cut)
            whole = cut - done == commit.last - self._last
            ours = self._grown(done, cut) if self._parted else tree.get(commit.last)
            if whole and ours is not None:
                self._compare(commit, ours)
            else:
                self._told, self._parted = _told(commit), True
            self._last, self._at, done = commit.last, commit.recorded, cut
        del self._positions[:done], self._recorded[:done]
        self._leaves = self._leaves[done * HASH_SIZE :]

    def _grown(self, first: int, end: int) -> Frontier | None:
        """What the commit told before becomes with these of the leaves that wait."""
        leaves = split(self._leaves[first * HASH_SIZE : end * HASH_SIZE])
        return None if self._told is None else self._told.extend(leaves)

    def end(self) -> None:
        """There are no more entries."""
        for position in self._positions:
            self._faults.add(position, "commit", "it is in no commit")

    def _follows(self, commit: Commit) -> None:
        if commit.first != self._last + 1:
            told = f"its commit begins at position {commit.first}, but the one before ended at {self._last}"
            self._faults.add(commit.last, "commit", told)
        if self._at is not None and commit.recorded <= self._at:
            told = f"its commit was recorded at {commit.recorded}, not after the one before it, {self._at}"
            self._faults.add(commit.last, "recorded", told)

    def _same_moment(self, commit: Commit, first: int, end: int) -> None:
        recorded = self._recorded[first:end]
        if recorded.count(commit.recorded) == end - first:
            return
        for position, said in zip(self._positions[first:end], recorded, strict=True):
            if said not in (None, commit.recorded):
                told = f"it says it was recorded at {said}, its commit at {commit.recorded}"
                self._faults.add(position, "recorded", told)

    def _compare(self, commit: Commit, ours: Frontier) -> None:
        self._told = ours
        root, frontier = commit.root == ours.root(), commit.frontier == ours.to_bytes()
        if root and frontier:
            return
        told = _told(commit)
        if root or frontier or told is None:
            wrong = "frontier" if root else "root"
            self._faults.add(commit.last, "commit", f"the {wrong} in its commit is not that of the tree")
            return
        first, last = next(_differences(ours, told))
        self._told, self._parted = told, True
        said = f"the tree of the commit that ends at {commit.last} was built over other bytes"
        first = max(first, self._last + 1)
        self._faults.add(first, "root", said, None if first == last else last)


def _told(commit: Commit) -> Frontier | None:
    """The tree the commit tells of, if it agrees with itself."""
    try:
        told = Frontier.from_bytes(commit.last, commit.frontier)
    except ValueError:
        return None
    return told if told.root() == commit.root else None


def _differences(ours: Frontier, told: Frontier) -> Iterator[tuple[int, int]]:
    """First and last position under each perfect subtree in which two trees of one size differ."""
    start = 0
    sizes = (1 << bit for bit in reversed(range(ours.size.bit_length())) if ours.size >> bit & 1)
    for size, mine, other in zip(sizes, ours.nodes, told.nodes, strict=True):
        if mine != other:
            yield start + 1, start + size
        start += size
