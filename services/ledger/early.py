"""Events that are early for their subject wait a little for what they follow.

Publishers of one subject need not be in step: that something ended may arrive before that it began. Waiting
is bounded in number, bytes and time; what has waited in vain is refused as retryable.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from schemas import Event, Receipt
from services.ledger.appender import Appender
from services.ledger.errors import Rejected, TooEarly

_MOST_WAITING = 500
_MOST_BYTES = 4 * 1024 * 1024
_LONGEST = 3.0  # seconds
_FIRST_PAUSE = 0.1  # seconds until the next try, whoever recorded it; each pause is twice the one before

_T = TypeVar("_T")


class Waits(Protocol):
    """Bounds how long one answer of the appender is awaited."""

    async def wait(self, answer: Awaitable[_T]) -> _T:
        """The answer; TimeoutError if it takes too long."""


class Early:
    """Submits to an appender, patiently with what is early."""

    def __init__(self, appender: Appender, patience: Waits) -> None:
        self._appender = appender
        self._patience = patience
        self._waiting = 0
        self._bytes = 0
        self._calls: dict[tuple[str, str], set[asyncio.Event]] = {}
        appender.hear = self._hear

    async def submit(
        self, ledger: str, unit: Sequence[Event], publisher: str, size: int
    ) -> Sequence[Receipt]:
        """As `Appender.submit`, of a unit that takes `size` bytes in memory. Raises TooEarly as well."""
        try:
            return await self._submit(ledger, unit, publisher)
        except Rejected as rejected:
            if not rejected.early:
                raise
            if self._waiting >= _MOST_WAITING or self._bytes + size > _MOST_BYTES:
                raise TooEarly(rejected) from None
            first = rejected
        self._waiting += 1
        self._bytes += size
        try:
            return await self._until_possible(ledger, unit, publisher, first)
        finally:
            self._waiting -= 1
            self._bytes -= size

    async def _until_possible(
        self, ledger: str, unit: Sequence[Event], publisher: str, rejected: Rejected
    ) -> Sequence[Receipt]:
        clock = asyncio.get_running_loop().time
        ends, pause = clock() + _LONGEST, _FIRST_PAUSE
        while (left := ends - clock()) > 0:
            await self._heard_of(ledger, unit[rejected.index].subject, min(pause, left))
            pause *= 2
            try:
                return await self._submit(ledger, unit, publisher)
            except Rejected as again:
                if not again.early:
                    raise
                rejected = again
        raise TooEarly(rejected)

    async def _submit(self, ledger: str, unit: Sequence[Event], publisher: str) -> Sequence[Receipt]:
        return await self._patience.wait(self._appender.submit(ledger, unit, publisher))

    async def _heard_of(self, ledger: str, subject: str, seconds: float) -> None:
        """Wait until this process records something of the subject, but not longer than that."""
        call = asyncio.Event()
        calls = self._calls.setdefault((ledger, subject), set())
        calls.add(call)
        try:
            with suppress(TimeoutError):  # another process may have recorded it: it is tried in any case
                async with asyncio.timeout(seconds):
                    await call.wait()
        finally:
            calls.discard(call)
            if not calls:
                self._calls.pop((ledger, subject), None)

    def _hear(self, ledger: str, subject: str) -> None:
        if self._calls:
            for call in self._calls.get((ledger, subject), ()):
                call.set()
