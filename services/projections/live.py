"""Telling those who follow a ledger which views changed, where: one look at the rows for all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import asyncpg
import msgspec
import structlog

from services.platform.problems import unavailable
from services.projections.changed import Change, Changed, Reads, shown
from services.projections.connection import LOST, Connection
from services.projections.views.ground import Structures, ground, served, snapshot
from services.projections.views.moved import moved

HEARTBEAT: Final = 15.0  # seconds of silence after which a follower hears that we are there
PATIENCE: Final = 30.0  # seconds a follower may take to receive what is sent, before it is let go
MOST_OF_LEDGER: Final = 200  # followers of one ledger, and
MOST: Final = 1_000  # of all, in this process
_PAUSE: Final = 0.05  # between two looks while nothing happens
_GAP: Final = 0.25  # after a change: what comes in between is told at once
_TROUBLED: Final = 1.0
_AHEAD: Final = 500  # positions an answer may be ahead of the last look; further on it was another ledger's
_log = structlog.get_logger(__name__)


class Place(NamedTuple):
    """Which rows are served, and how far they have come."""

    generation: int
    position: int


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """What a follower is told. The first has no changes: from here on it hears of every one."""

    ledger: str
    position: int
    changes: list[Changed]


class Follower:
    """One client: what it was not told yet is one change, however slow it is."""

    def __init__(self) -> None:
        self._waiting: Change | None = None
        self._told = asyncio.Event()

    def tell(self, change: Change) -> None:
        self._waiting = change if self._waiting is None else self._waiting.then(change)
        self._told.set()

    async def next(self, patience: float) -> Change | None:
        """What changed since it was last asked, as soon as something has; None after a while of nothing."""
        try:
            async with asyncio.timeout(patience):
                await self._told.wait()
        except TimeoutError:
            return None
        self._told.clear()
        change, self._waiting = self._waiting, None
        return change


class Watch:
    """The rows of one ledger, looked at while somebody follows it."""

    def __init__(self, ledger: str, pool: asyncpg.Pool, structures: Structures, place: Place) -> None:
        self._ledger, self._pool, self._structures = ledger, pool, structures
        self.place = place
        self.followers: set[Follower] = set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            pause = _PAUSE
            try:
                change = await self._look()
                if change is not None:
                    pause = _GAP
                    for follower in self.followers:
                        follower.tell(change)
            except Exception as error:  # noqa: BLE001 — in the log, and nobody is left waiting for ever
                _log.warning("cannot look what changed; will go on", ledger=self._ledger, error=repr(error))
                pause = _TROUBLED
            await asyncio.sleep(pause)

    async def _look(self) -> Change | None:
        async with snapshot(self._pool, self._ledger) as connection:
            now = await served(connection, self._ledger)
            place = Place(now.generation, now.position)
            if place == self.place:
                return None
            since = self.place.position
            if place.generation != self.place.generation:
                change = Change(since, place.position, None)
            else:
                change = await self._moved(connection, None, since)
        self.place = place
        return change

    async def _moved(self, connection: Connection, known_at: str | None, since: int) -> Change:
        """What changed; whatever there is where it cannot be told, so that nobody waits for ever."""
        base = await ground(connection, self._ledger, None, known_at)
        try:
            return await moved(connection, base, self._structures, since)
        except LOST:
            raise
        except Exception:  # noqa: BLE001 — in the log, and no reason to leave followers waiting
            _log.exception("cannot tell what changed", ledger=self._ledger, since=since)
            return Change(since, base.position, None)

    async def since(self, position: int) -> Change:
        """What changed after a position up to where the watch is now."""
        place = self.place
        async with snapshot(self._pool, self._ledger) as connection:
            return await self._moved(connection, str(place.position), position)


class Lives:
    """The ledgers that are followed now."""

    def __init__(self, pool: asyncpg.Pool, structures: Structures, reads: Mapping[str, Reads]) -> None:
        self._pool, self._structures, self._reads = pool, structures, reads
        self._watches: dict[str, tuple[Watch, asyncio.Task[None]]] = {}
        self._opening = asyncio.Lock()
        self._ended = asyncio.Event()
        self._count = 0

    async def end(self) -> None:
        """Everybody's stream ends."""
        self._ended.set()

    @asynccontextmanager
    async def following(self, ledger: str) -> AsyncIterator[tuple[Watch, Follower]]:
        """The ledger's watch and a place in it. UnknownLedgerError; a problem if too many follow already."""
        if self._count >= MOST:
            raise unavailable("too many follow already", retry_after=5)
        self._count += 1
        try:
            watch = await self._watch(ledger)
            if len(watch.followers) >= MOST_OF_LEDGER:
                raise unavailable("too many follow this ledger already", retry_after=5)
            follower = Follower()
            watch.followers.add(follower)
            try:
                yield watch, follower
            finally:
                watch.followers.discard(follower)
                self._leave(ledger)
        finally:
            self._count -= 1

    async def _watch(self, ledger: str) -> Watch:
        async with self._opening:
            if ledger not in self._watches:
                async with snapshot(self._pool, ledger) as connection:
                    now = await served(connection, ledger)
                watch = Watch(ledger, self._pool, self._structures, Place(now.generation, now.position))
                self._watches[ledger] = watch, asyncio.create_task(watch.run())
            return self._watches[ledger][0]

    def _leave(self, ledger: str) -> None:
        watch, task = self._watches[ledger]
        if not watch.followers:
            del self._watches[ledger]
            task.cancel()

    async def events(
        self,
        ledger: str,
        watch: Watch,
        follower: Follower,
        after: int | None,
        allowed: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[bytes]:
        """Server-sent events until they are no longer `allowed` or the service ends.

        Ids are positions after which everything is still to be told, the first that of whoever goes on.
        """
        position = watch.place.position
        begins = position if after is None else after
        yield b"retry: 1000\n\n" + _event("position", Live(ledger=ledger, position=begins, changes=[]))
        if after is not None and not position <= after <= position + _AHEAD:
            yield self._changed(ledger, await watch.since(after))
        while True:
            change = await self._next(follower)
            if self._ended.is_set() or not await allowed():
                return
            yield b":\n\n" if change is None else self._changed(ledger, change)

    async def _next(self, follower: Follower) -> Change | None:
        ended = asyncio.ensure_future(self._ended.wait())
        told = asyncio.ensure_future(follower.next(HEARTBEAT))
        try:
            await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
            return told.result() if told.done() else None
        finally:
            ended.cancel()
            told.cancel()

    def _changed(self, ledger: str, change: Change) -> bytes:
        told = Live(ledger=ledger, position=change.position, changes=shown(change, self._reads))
        return _event("changed", told)


def _event(name: str, told: Live) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (told.position, name.encode(), msgspec.json.encode(told))
