"""Following a ledger as it grows: server-sent events, and one look at the head for all who follow."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog

from services.ledger.history import Filters, History
from services.ledger.trouble import passes

HEARTBEAT = 15.0  # seconds of silence after which a follower hears that we are there
_PAUSE = 0.05  # between looks at the head
_TROUBLED = 1.0  # between looks when the database is away
_MOST = 500  # entries at a time

_log = structlog.get_logger(__name__)


class Watch:
    """The head of one ledger, kept fresh while somebody follows it."""

    def __init__(self, look: Callable[[], Awaitable[int]]) -> None:
        self._look = look
        self._moved = asyncio.Event()
        self._broken: Exception | None = None
        self.head = 0
        self.followers = 0

    async def beyond(self, position: int, patience: float) -> int:
        """The head as soon as it is beyond `position`; after `patience` seconds, as it is."""
        try:
            async with asyncio.timeout(patience):
                while self.head <= position and self._broken is None:
                    await self._moved.wait()
        except TimeoutError:
            return self.head
        if self._broken is not None:
            raise self._broken
        return self.head

    async def keep_fresh(self) -> None:
        """Look at the head for ever; what stops us is told to those who wait."""
        while self._broken is None:
            pause = _PAUSE
            try:
                self._saw(await self._look())
            except Exception as error:  # noqa: BLE001 — raised again in every follower
                if passes(error):
                    _log.warning("cannot look at the head; will go on", error=repr(error))
                    pause = _TROUBLED
                else:
                    self._broken = error
                    self._moved.set()
            await asyncio.sleep(pause)

    def _saw(self, head: int) -> None:
        if head > self.head:
            self.head = head
            self._moved.set()
            self._moved = asyncio.Event()


class Heads:
    """The ledgers that are followed now: however many follow one, its head is looked at once."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._watches: dict[str, tuple[Watch, asyncio.Task[None]]] = {}

    @contextmanager
    def following(self, ledger: str) -> Iterator[Watch]:
        """The ledger's watch, for as long as it is needed."""
        if ledger not in self._watches:
            watch = Watch(lambda: self._history.head(ledger))
            self._watches[ledger] = watch, asyncio.create_task(watch.keep_fresh())
        watch, task = self._watches[ledger]
        watch.followers += 1
        try:
            yield watch
        finally:
            watch.followers -= 1
            if watch.followers == 0:
                del self._watches[ledger]
                task.cancel()


async def events(
    history: History,
    heads: Heads,
    ledger: str,
    after: int,
    filters: Filters,
    allowed: Callable[[], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """Every entry after a position as a server-sent event, for ever or until it is no longer `allowed`.

    The id is the position, so a client that comes back with Last-Event-ID misses nothing; the data are the
    stored bytes.
    """
    yield b"retry: 1000\n\n"
    with heads.following(ledger) as watch:
        while True:
            head = await watch.beyond(after, HEARTBEAT)
            if not await allowed():
                return
            if head <= after:
                yield b":\n\n"
                continue
            try:
                page = await history.page(ledger, after, head, _MOST, filters)
            except Exception as error:
                if not passes(error):
                    raise
                await asyncio.sleep(_TROUBLED)
                continue
            if page.entries:
                yield b"".join([b"id: %d\ndata: %b\n\n" % entry for entry in page.entries])
            after = page.entries[-1][0] if page.more else head
