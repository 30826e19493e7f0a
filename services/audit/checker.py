"""A log put together from its stretches: what is wrong where they meet and with all of them."""

from __future__ import annotations

from array import array
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from services.audit.chain import Chain
from services.audit.faults import Faults
from services.audit.reading import Stretch, check_order
from services.audit.spool import Spool
from services.audit.tree import Tree
from services.audit.uniques import Uniques


class Checker:
    """Takes stretches in order; what is found wrong is in `faults`."""

    def __init__(self, tree: Tree, faults: Faults) -> None:
        self.tree = tree
        self.last = 0  # position
        self.whole = True  # no position was missing, so that the tree is the log's
        self._faults = faults
        self._chain = Chain(faults)
        self._recorded: datetime | None = None  # of the last entry that could be read
        self._stack = ExitStack()
        self._uniques = self._stack.enter_context(Uniques())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._stack.close()

    def take(self, stretch: Stretch) -> None:
        """The next one; it was examined knowing what stands before it."""
        self._faults.merge(stretch.faults, stretch.faults_in_all)
        positions = array("q", stretch.positions)
        self._follows(positions, stretch.recorded)
        self.last, self.whole = stretch.last, self.whole and stretch.whole
        self._uniques.add(stretch.keys)
        passed = self.tree.join(stretch.tree)
        if stretch.commits is not None:
            recorded = [at for at, times in stretch.recorded for _ in range(times)]
            self._chain.grow(positions, stretch.tree.leaves, recorded)
            self._chain.check(stretch.commits, passed)

    def _follows(self, positions: array[int], recorded: list[tuple[datetime | None, int]]) -> None:
        """Within a stretch the times are in order, or it has told so itself."""
        place = 0
        for at, times in recorded:
            if at is not None:
                if self._recorded is not None:
                    check_order(positions[place], at, self._recorded, self._faults)
                break
            place += times
        self._recorded = next((at for at, _ in reversed(recorded) if at is not None), self._recorded)

    def end(self, told: int = 0) -> None:
        """No more entries; the last commit, or whoever counts them, tells of `told`."""
        self._chain.end()
        if told > self.last:
            ends = f"the entries end at position {self.last}, but there were {told}"
            self._faults.add(self.last + 1, "order", ends)
        self._uniques.check(self._faults)


def repeated(identities: Spool, faults: Faults) -> None:
    """Identities that are there more than once."""
    for met in identities.met():
        if met.again:
            told = f"its source and id are those of position {met.before}"
            faults.add(met.position, "identity", told)
