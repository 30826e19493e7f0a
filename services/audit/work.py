"""Stretches of a log as tasks, for whoever examines them: this process, or others beside it."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from itertools import cycle

import msgspec

from services.audit.reading import Known, Page, Stretch, examined
from services.audit.uniques import Hashing

STRETCH = 2_048  # entries: whole tiles, and few enough for the processor's cache
_EACH = 2  # tasks given to each at once


class Between(msgspec.Struct, tag=True, frozen=True):
    """Entries of a database by position; `before` is the one that stands before them, as far as is known."""

    before: int
    after: int
    until: int


class Lines(msgspec.Struct, tag=True, frozen=True):
    """Entries themselves."""

    before: int
    lines: list[bytes]


class InDatabase(msgspec.Struct, tag=True, frozen=True):
    """Where entries are: a ledger in one moment of a database."""

    url: str
    snapshot: str
    known: Known


class OfLines(msgspec.Struct, tag=True, frozen=True):
    """The entries come with the tasks."""

    known: Known


Task = Between | Lines
Place = InDatabase | OfLines
Examine = Callable[[Task], Awaitable[Stretch]]


def of_lines(place: OfLines, hashing: Hashing) -> Examine:
    """Examines lines."""

    async def examine(task: Task) -> Stretch:
        if not isinstance(task, Lines):
            raise TypeError("positions can only be looked up in a database")
        return examined(Page(task.lines), task.before, place.known, hashing)[0]

    return examine


async def in_order(
    examiners: Sequence[Examine], tasks: AsyncIterator[Task]
) -> AsyncGenerator[tuple[Task, Stretch]]:
    """Each task and what was found, in the order of the tasks; a few are on the way at any time."""
    under_way: deque[tuple[Task, asyncio.Task[Stretch]]] = deque()
    turn = cycle(examiners)
    try:
        async for task in tasks:
            under_way.append((task, asyncio.ensure_future(next(turn)(task))))
            if len(under_way) >= _EACH * len(examiners):
                done, found = under_way[0]
                yield done, await found
                under_way.popleft()
        while under_way:
            done, found = under_way[0]
            yield done, await found
            under_way.popleft()
    finally:
        for _, found in under_way:
            found.cancel()
        await asyncio.gather(*(found for _, found in under_way), return_exceptions=True)
