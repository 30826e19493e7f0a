"""What entries name, against the rows by which the history is filtered: in bounded memory.

Both come in nearly the same order, so that what meets leaves at once. What waits for long goes to disk, as all
of it does where somebody has re-ordered the table.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from services.audit.faults import Faults
from services.audit.spool import Spool

_SAID, _STORED = 0, 1
_WAITING = 300_000  # rows held in memory
_AHEAD = 30_000  # positions by which the table may be ahead of the entries
_END = 1 << 63


class Mentioned:
    """Gathers rows, as COPY writes them, from the entries and from the table; both have to be the same."""

    def __init__(self, faults: Faults, waiting: int = _WAITING) -> None:
        self._faults = faults
        self._waiting = waiting
        self._said = set[bytes]()
        self._stored = set[bytes]()
        self._spool = Spool(secrets.token_bytes(32))
        self._rest = b""  # the beginning of a row whose end has not come yet
        self._reached = 0  # by the entries
        self._moved = asyncio.Condition()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.__exit__(kind, error, trace)

    async def said(self, rows: bytes, reached: int = _END) -> None:
        """What the entries up to a position name."""
        if rows:
            self._meet(set(rows.split(b"\n")), self._said, self._stored)
        async with self._moved:
            self._reached = reached
            self._moved.notify_all()

    async def stored(self, content: bytes) -> None:
        """More of the table; waits until the entries have come near."""
        *rows, self._rest = (self._rest + content).split(b"\n")
        if not rows:
            return
        fresh = set(rows)
        if len(fresh) < len(rows):
            self._spill((row for row, times in Counter(rows).items() for _ in range(times - 1)), _STORED)
        self._meet(fresh, self._stored, self._said)
        position = _placed(rows[-1])[1]
        async with self._moved:
            await self._moved.wait_for(lambda: position <= self._reached + _AHEAD)

    def compare(self) -> None:
        """Everything named has its row, and every row is of something named."""
        self._spill_all()
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

    def _meet(self, rows: set[bytes], ours: set[bytes], others: set[bytes]) -> None:
        met = rows & others
        others -= met
        ours |= rows - met
        if len(self._said) + len(self._stored) > self._waiting:
            self._spill_all()

    def _spill_all(self) -> None:
        for rows, side in ((self._said, _SAID), (self._stored, _STORED)):
            self._spill(rows, side)
            rows.clear()

    def _spill(self, rows: Iterable[bytes], side: int) -> None:
        for row in rows:
            key, position = _placed(row)
            if position > 0:
                self._spool.add(key, position, side)
            else:
                self._strange(position)

    def _strange(self, position: int) -> None:
        self._faults.add(position, "mention", "the history finds it by what it does not name")

    def _missing(self, position: int) -> None:
        told = "an actor or domain that it names has no row, so a filtered history leaves it out"
        self._faults.add(position, "mention", told)


def _placed(row: bytes) -> tuple[bytes, int]:
    """What is named, and where."""
    key, _, position = row.rpartition(b"\t")
    return key, int(position)
