"""A log on its way through the checks: stretches are examined where there is time, put together here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, aclosing, closing
from itertools import islice
from types import TracebackType
from typing import Self

import msgspec

from services.audit import lines
from services.audit.checker import Checker
from services.audit.claims import Claim
from services.audit.database import Database
from services.audit.faults import Faults
from services.audit.mentioned import Rows
from services.audit.reading import Known, Stretch
from services.audit.tree import Tree
from services.audit.uniques import Hashing
from services.audit.work import STRETCH, Lines, OfLines, Place, Task, in_order
from services.audit.workers import Workers


class Log:
    """What is known of a log after its entries have been read: the tree over them; faults go where told."""

    def __init__(
        self,
        faults: Faults,
        claims: Sequence[Claim],
        step: Callable[[int, int | None], None],
        workers: Workers | None = None,
        told: int = 0,
    ) -> None:
        self.ledger: str | None = None
        self.format: int | None = None
        self._faults = faults
        self._step = step
        self._workers = workers or Workers()
        self._told = told  # how many entries there are to be; 0: nobody knows
        self._stack = ExitStack()
        self.tree = self._stack.enter_context(closing(Tree(claim.size for claim in claims)))
        self.checker = self._stack.enter_context(Checker(self.tree, faults))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._stack.close()

    async def read_lines(self, entries: Iterator[bytes], ledger: str | None) -> None:
        """Entries as they come; what the first says of ledger and format, all have to say."""
        first = list(islice(entries, STRETCH))
        known = _known(first, ledger)
        self.ledger, self.format = known.ledger, known.format
        async for _ in self._examined(OfLines(known), _tasks(first, entries)):
            pass
        self.checker.end(self._told)

    async def read_tables(self, tables: Database, stretch: int) -> None:
        """A database's entries, and beside them what is stored of whom and what they name."""
        self.ledger, self.format = tables.place.known.ledger, tables.place.known.format
        stored, said = Rows(self._workers.hashing), 0
        reading = asyncio.create_task(tables.read_mentions(stored.add))
        try:
            async for found in self._examined(tables.place, tables.tasks(stretch)):
                said += found.named
                if found.following is not None:
                    tables.skip(found.following)
            await reading
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        self.checker.end(self._told)
        if said & Hashing.MOST != stored.total:
            await tables.compare_mentions(self._workers.hashing, self._faults)

    async def _examined(self, place: Place, tasks: AsyncIterator[Task]) -> AsyncIterator[Stretch]:
        async with self._workers.at(place) as examiners, aclosing(in_order(examiners, tasks)) as pairs:
            async for task, found in pairs:
                if found.before != self.checker.last:  # what is missing before it was not known then
                    again = msgspec.structs.replace(task, before=self.checker.last)
                    found = await examiners[0](again)  # noqa: PLW2901 — the same stretch
                self.checker.take(found)
                self._step(self.tree.size, self._told or None)
                yield found


def _known(first: Sequence[bytes], ledger: str | None) -> Known:
    """What the first entry that can be read says."""
    for raw in first:
        try:
            line = lines.read(raw)
        except lines.UNREADABLE:
            continue
        return Known(ledger or line.ledger, line.format)
    return Known(ledger, None)


async def _tasks(first: list[bytes], entries: Iterator[bytes]) -> AsyncIterator[Task]:
    before = 0
    while first:
        yield Lines(before, first)
        before += len(first)
        first = list(islice(entries, STRETCH))
