"""What entries name, against the rows by which the history is filtered: in bounded memory.

Both are added up, as numbers that nobody can foresee: the sums agree only if the rows do. If they do not,
both sides are laid on disk to see what is on one of them alone.
"""

import secrets
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from services.audit.faults import Faults
from services.audit.spool import Spool
from services.audit.uniques import Hashing

_SAID, _STORED = 0, 1


class Rows:
    """Parts the text that COPY writes into rows, and adds them up."""

    def __init__(self, hashing: Hashing) -> None:
        self.total = 0
        self._hashing = hashing
        self._rest = b""

    async def add(self, content: bytes) -> None:
        """More text."""
        self.total = (self.total + self._hashing.total(self.whole(content))) & self._hashing.MOST

    def whole(self, content: bytes) -> str:
        """The rows whose end has come."""
        rows, _, self._rest = (self._rest + content).rpartition(b"\n")
        return rows.decode()


class Mentioned:
    """Gathers rows from the entries and from the table; both have to be the same."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._strays = 0  # rows where there can be none
        self._lowest = 0  # of their positions; 0: or none
        self._spool = Spool(secrets.token_bytes(32))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.__exit__(kind, error, trace)

    def said(self, rows: Iterable[str]) -> None:
        """What entries name."""
        self._add(rows, _SAID)

    def stored(self, rows: Iterable[str]) -> None:
        """Of the table."""
        self._add(rows, _STORED)

    def _add(self, rows: Iterable[str], side: int) -> None:
        for row in rows:
            place, _, key = row.partition("\t")
            if int(place) > 0:
                self._spool.add(key.encode("utf-8", "surrogatepass"), int(place), side)
            else:
                self._strays += 1
                self._lowest = min(self._lowest, int(place))

    def compare(self) -> None:
        """Everything named has its row, and every row is of something named."""
        place = f"position {self._lowest}" if self._lowest else "position 0 or NULL"
        self._faults.add_strays("mention", "ledger.mentions", place, self._strays)
        waiting: int | None = None  # the position of an entry whose row has to come next
        for met in self._spool.met():
            found = met.again and waiting == met.position and met.number == _STORED
            if waiting is not None and not found:
                self._missing(waiting)
            if met.number == _STORED and not found:
                self._strange(met.position)
            waiting = met.position if met.number == _SAID else None
        if waiting is not None:
            self._missing(waiting)

    def _strange(self, position: int) -> None:
        self._faults.add(position, "mention", "the history finds it by what it does not name")

    def _missing(self, position: int) -> None:
        told = "an actor or domain that it names has no row, so a filtered history leaves it out"
        self._faults.add(position, "mention", told)
