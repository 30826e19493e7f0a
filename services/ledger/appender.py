"""Group commit: what arrives while one group commits is the next group.

PostgreSQL is the only state that matters. What is believed here saves round trips and is checked by the
append itself, so any number of processes may write one ledger, and any of them may die at any moment.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from secrets import token_hex
from types import TracebackType
from typing import Protocol, Self

import asyncpg
import structlog

from schemas.envelope import Event, Receipt
from services.ledger import store
from services.ledger.entries import Prepared, prepare
from services.ledger.errors import LedgerHalted, LedgerOutdated, LedgerUnknown, Overloaded, Rejected, TooLarge
from services.ledger.keyring import NO_KEYS, Keyring, Lookup
from services.ledger.queues import MOST_BYTES, MOST_ENTRIES, Answer, Lane, Lanes, Unit, Waiter
from services.ledger.sealing import Keys, holders
from services.ledger.trouble import is_about_the_data, passes, unstorable
from services.ledger.writing import WentBack, Writer
from services.platform.faults import CommitPoints, nothing
from services.platform.lifetime import heed_cancellation

Connect = Callable[[], Awaitable[asyncpg.Connection]]
Hear = Callable[[str, str], None]  # a ledger, and a subject of which something was recorded


class Guard(Protocol):
    """Raises LedgerHalted; `known`: this connection has found the ledger sound before."""

    async def __call__(self, connection: asyncpg.Connection, ledger: str, *, known: bool) -> None:
        """May this connection write to the ledger?"""


async def unguarded(connection: asyncpg.Connection, ledger: str, *, known: bool) -> None:
    """The guard of a ledger whose log nobody signs."""


_CONNECTING = 5.0  # seconds until an attempt to connect is given up
_PAUSES = (0.02, 0.05, 0.1, 0.2, 0.5)  # between attempts; the last one for ever

_log = structlog.get_logger(__name__)


def _chance() -> str:
    return token_hex(4)


class Appender:
    """Takes events from any number of waiters and answers each once what it published is stored.

    `keys` gives the keys of those who have something personal in a unit. `connect` opens a connection as
    locus_appender; the appender owns `connections` of them, each writing one group at a time, and takes
    ledgers in turn. Not more than `queue_bytes` wait. `guard` is asked before a connection writes to a ledger
    for the first time, and again if the ledger went back; it raises LedgerHalted if nothing may be written.
    Used as a context manager, in the event loop of its callers.
    """

    def __init__(
        self,
        connect: Connect,
        *,
        keys: Lookup,
        now: Callable[[], datetime],
        connections: int = 2,
        queue_bytes: int = 16 << 20,
        commit_points: CommitPoints = nothing,
        guard: Guard = unguarded,
        chance: Callable[[], str] = _chance,
    ) -> None:
        self.hear: Hear | None = None  # told of every subject this process records something of
        self._connect = connect
        self._keyring = Keyring(keys)
        self._guard = guard
        self._chance = chance
        self._now = now
        self._connections = connections
        self._lanes = Lanes(queue_bytes)
        self._writer = Writer(self._lanes, now, commit_points)
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._connections)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        _settle(self._lanes.drain(), _closing)

    async def create_ledger(self, ledger: str, origin: str | None = None) -> bool:
        """Add an empty ledger; `origin` names its log for good. False: there is one of that name already.

        Raises OriginTaken.
        """
        named = origin or f"locus/{ledger}-{self._chance()}"
        connection = await self._connect()
        try:
            return await store.create_ledger(connection, ledger, named, self._now())
        finally:
            await connection.close()

    async def submit(
        self, ledger: str, unit: Sequence[Event], publisher: str, *, own: bool = False
    ) -> list[Receipt]:
        """Record these events, all or none; a receipt each, in their order. `own`: the ledger says it itself.

        Raises Refused, Conflict, TooLarge (mend it), Overloaded (retry, same ids), LedgerUnknown.
        """
        keys, wanted = NO_KEYS, holders(unit)
        if wanted or ledger in self._keyring.waiting:
            keys = await self._keyring.keys(ledger, wanted)
        (answer,) = await self._queue_unit(ledger, self._prepare(ledger, unit, publisher, keys, own=own))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def publish(self, ledger: str, unit: Sequence[Event], publisher: str) -> "asyncio.Future[list[Answer]]":
        """As `submit`, begun at once and without a task if no key is needed: one answer will be there.

        It may be an error that `submit` raises; some are raised here.
        """
        if holders(unit) or ledger in self._keyring.waiting:
            return asyncio.ensure_future(self._submitted(ledger, unit, publisher))
        return self._queue_unit(ledger, self._prepare(ledger, unit, publisher, NO_KEYS, own=False))

    async def _submitted(self, ledger: str, unit: Sequence[Event], publisher: str) -> list[Answer]:
        return [await self.submit(ledger, unit, publisher)]

    def _queue_unit(self, ledger: str, prepared: Sequence[Prepared]) -> "asyncio.Future[list[Answer]]":
        size = sum([one.size for one in prepared])
        if len(prepared) > MOST_ENTRIES or size > MOST_BYTES:
            raise _batch_too_large(len(prepared), size)
        waiter = Waiter(1)
        self._queue(ledger, [Unit(prepared, size, waiter, 0)], size)
        return waiter.future

    async def submit_each(
        self, ledger: str, events: Sequence[Event], publisher: str
    ) -> list[Receipt | Rejected]:
        """Record each event that can be, alone; in their order a receipt, or why not.

        Raises Overloaded (retry all, same ids), LedgerUnknown (even if there is no event to record).
        """
        if not events:
            return [*await self.submit(ledger, (), publisher)]
        keys, wanted = NO_KEYS, holders(events)
        if wanted or ledger in self._keyring.waiting:
            keys = await self._keyring.keys(ledger, wanted)
        now = self._now()
        waiter = Waiter(len(events))
        units: list[Unit] = []
        for place, event in enumerate(events):
            try:
                prepared = prepare(event, ledger, publisher, now, keys)
            except Rejected as rejected:
                waiter.settle(place, rejected)
            else:
                units.append(Unit((prepared,), prepared.size, waiter, place))
        self._queue(ledger, units, sum([unit.size for unit in units]))
        return [_each(answer) for answer in await waiter.future]

    def _prepare(
        self, ledger: str, unit: Sequence[Event], publisher: str, keys: Keys, *, own: bool
    ) -> list[Prepared]:
        now = self._now()
        prepared: list[Prepared] = []
        for index, event in enumerate(unit):
            try:
                prepared.append(prepare(event, ledger, publisher, now, keys, own=own))
            except Rejected as rejected:
                rejected.index = index
                raise
        return prepared

    def _queue(self, ledger: str, units: Sequence[Unit], size: int) -> None:
        if not self._lanes.has_room(size):
            raise Overloaded("too much is waiting to be recorded")
        self._lanes.put(ledger, units, size)

    async def _work(self) -> None:
        """One connection's life: the next lane's group, answered; then the next."""
        link = _Link(self._connect)
        try:
            while True:
                lane, units = await self._lanes.next()
                try:
                    await self._answer(link, lane, units)
                except asyncio.CancelledError:
                    _settle(units, _closing)
                    raise
                finally:
                    lane.unheard.clear()
                    self._lanes.release(lane)
        finally:
            await link.close()

    async def _answer(self, link: "_Link", lane: Lane, units: Sequence[Unit]) -> None:
        """Write the group and answer it, however long that takes.

        A lost connection answers nobody: whether the group was stored is found out by running it again. What
        SQL refuses is told apart by running the units alone.
        """
        try:
            outcomes: Sequence[Answer] = await self._until_it_passes(link, lane, units)
        except (LedgerUnknown, LedgerOutdated, LedgerHalted) as error:
            outcomes = [error] * len(units)
        except Exception as error:  # noqa: BLE001 — whatever it was, those who wait must hear of it
            self._lanes.forget(lane)
            if len(units) > 1:
                for unit in units:
                    await self._answer(link, lane, [unit])
                return
            _log.error("a unit cannot be recorded", ledger=lane.ledger, exc_info=error)
            outcomes = [unstorable(error) if is_about_the_data(error) else error]
        for unit, outcome in zip(units, outcomes, strict=True):
            unit.settle(outcome)
            if self.hear is not None and isinstance(outcome, list):
                for receipt in outcome:
                    self.hear(lane.ledger, receipt.subject)

    async def _until_it_passes(self, link: "_Link", lane: Lane, units: Sequence[Unit]) -> Sequence[Answer]:
        attempt = 0
        while True:
            try:
                connection = await link.connection()
                await self._guard(connection, lane.ledger, known=lane.ledger in link.guarded)
                outcomes = await self._writer.write(connection, lane, units)
                link.guarded.add(lane.ledger)  # only now is there known to be such a ledger
                return outcomes
            except WentBack:
                _log.critical("ALARM: entries that were recorded are no longer stored", ledger=lane.ledger)
                link.guarded.discard(lane.ledger)  # before anything is judged by what is there now
                continue
            except Exception as error:
                heed_cancellation()
                if not passes(error):
                    raise
                _log.warning("recording is interrupted; it will go on", ledger=lane.ledger, error=repr(error))
            self._lanes.forget(lane)
            await link.close()
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1


class _Link:
    """A worker's connection, opened when it is needed."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._open: asyncpg.Connection | None = None
        self.guarded: set[str] = set()  # ledgers found sound through this connection

    async def connection(self) -> asyncpg.Connection:
        if self._open is None or self._open.is_closed():
            async with asyncio.timeout(_CONNECTING):
                self._open = await self._connect()
            self.guarded.clear()
        return self._open

    async def close(self) -> None:
        """Let go at once: what is in flight is lost or stored, and the next run finds out which."""
        if self._open is not None:
            self._open.terminate()
            self._open = None


def _each(answer: Answer) -> Receipt | Rejected:
    if isinstance(answer, list):
        return answer[0]
    if isinstance(answer, Rejected):
        return answer
    raise answer


def _settle(units: Sequence[Unit], answer: Callable[[], Answer]) -> None:
    for unit in units:
        unit.settle(answer())


def _closing() -> Overloaded:
    return Overloaded("this ledger process is closing")


def _batch_too_large(events: int, size: int) -> TooLarge:
    return TooLarge(
        "batch-too-large",
        "The batch is too large to be recorded whole",
        f"{events} events of {size} bytes; a batch has at most {MOST_ENTRIES} events and {MOST_BYTES} bytes",
        where="",
        hint="Publish smaller batches, or, if it need not be recorded whole, as NDJSON.",
    )
