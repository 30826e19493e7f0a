"""The commits, as the appender told them, against the entries that are there."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from services.audit.faults import Faults
from services.platform.merkle import Frontier


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
        self._leaves: list[bytes] = []
        self._recorded: list[datetime] = []
        self._last = 0
        self._at: datetime | None = None
        self._told: Frontier | None = Frontier()  # the tree at the last commit; None: it cannot be known
        self._parted = False  # from the tree over all entries

    def grow(self, positions: Sequence[int], leaves: Sequence[bytes], recorded: Sequence[datetime]) -> None:
        """More entries."""
        self._positions += positions
        self._leaves += leaves
        self._recorded += recorded

    def check(self, commits: Sequence[Commit], tree: Mapping[int, Frontier]) -> None:
        """Commits whose last entries have been added; `tree` at each of them, as far as it is known."""
        for commit in commits:
            self._follows(commit)
            cut = bisect_right(self._positions, commit.last)
            self._same_moment(commit, cut)
            whole = cut == commit.last - self._last
            if whole and self._told is not None:
                ours = self._told.extend(self._leaves[:cut]) if self._parted else tree[commit.last]
                self._compare(commit, ours)
            else:
                self._told, self._parted = _told(commit), True
            self._last, self._at = commit.last, commit.recorded
            del self._positions[:cut], self._leaves[:cut], self._recorded[:cut]

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

    def _same_moment(self, commit: Commit, cut: int) -> None:
        if self._recorded[:cut].count(commit.recorded) == cut:
            return
        for position, recorded in zip(self._positions[:cut], self._recorded[:cut], strict=True):
            if recorded != commit.recorded:
                told = f"it says it was recorded at {recorded}, its commit at {commit.recorded}"
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
