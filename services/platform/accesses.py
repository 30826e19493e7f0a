"""The record of accesses: every one that was refused, every reading of personal data."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self

import asyncpg
import structlog
from litestar import Request
from prometheus_client import Counter

from services.platform.database import sql

REFUSALS = frozenset({401, 403})  # the statuses of refused accesses

_HOME = "services.platform"
_HELD = 1024  # different refusals that wait to be written; the same again is counted
_PAUSE = 0.5  # seconds between writes
_FAREWELL = 3.0  # seconds for what is left at the end
_LONGEST = 300  # characters

_DROPPED = Counter("locus_accesses_dropped", "Refused accesses that could not be put on record")
_log = structlog.get_logger(__name__)

_What = tuple[str | None, str, str | None, str | None, str]  # publisher, action, ledger, object, outcome


class Executes(Protocol):
    """A connection or a pool."""

    async def execute(self, query: str, /, *args: Any) -> str:
        """Run it."""


def _now() -> datetime:
    return datetime.now(UTC)


class Accesses:
    """Puts accesses on record. A context manager, since refusals are written in the background.

    Those that are the same are one row with a number, so that a flood of them neither fills memory nor disk.
    """

    def __init__(
        self, database: Executes, *, clock: Callable[[], datetime] = _now, pause: float = _PAUSE
    ) -> None:
        self._database = database
        self._clock = clock
        self._pause = pause
        self._held: dict[_What, tuple[datetime, int]] = {}
        self._writing: dict[_What, tuple[datetime, int]] = {}
        self._dropped = 0
        self._some = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.cancel()
        await asyncio.wait({self._writer})
        try:
            async with asyncio.timeout(_FAREWELL):
                while self._writing or self._held:
                    await self._put()
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as failure:
            self._drop(sum(times for held in (self._writing, self._held) for _, times in held.values()))
            self._tell(failure)

    async def record(
        self,
        *,
        publisher: str | None,
        action: str,
        ledger: str | None,
        object: str | None = None,
        outcome: str,
    ) -> None:
        """Put one access on record before it is answered; raises what the database raises."""
        await self._note({_what(publisher, action, ledger, object, outcome): (self._clock(), 1)})

    async def record_each(
        self, objects: Iterable[str], *, publisher: str | None, action: str, ledger: str | None, outcome: str
    ) -> None:
        """The same for each of several objects, in one call."""
        at = (self._clock(), 1)
        held = {_what(publisher, action, ledger, one, outcome): at for one in objects}
        if held:
            await self._note(held)

    def refused(
        self,
        *,
        publisher: str | None,
        action: str,
        ledger: str | None,
        object: str | None = None,
        outcome: str,
    ) -> None:
        """Put a refusal on record soon, without waiting; dropped and counted if too many others wait.

        Of somebody who is nobody here, what they asked for is not kept: they could ask for anything, without
        end, and fill the disk.
        """
        asked = (ledger, object) if publisher is not None else (None, None)
        what = _what(publisher, action, *asked, outcome)
        since, times = self._held.get(what) or (self._clock(), 0)
        if times == 0 and len(self._held) >= _HELD:
            self._drop(1)
            return
        self._held[what] = (since, times + 1)
        self._some.set()

    async def _write(self) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(self._pause)
            try:
                await self._put()
            except Exception as failure:  # noqa: BLE001 — whatever it is, what waits is tried again
                _log.warning("refused accesses wait to be put on record", reason=repr(failure))
                self._some.set()

    async def _put(self) -> None:
        """Write what waits. What could not be written is kept apart and goes first the next time."""
        if not self._writing:
            self._writing, self._held = self._held, {}
            self._some.clear()
        await self._note(self._writing)
        self._writing = {}
        if self._held:
            self._some.set()
        if self._dropped:
            self._tell(None)

    async def _note(self, held: dict[_What, tuple[datetime, int]]) -> None:
        columns = list(zip(*held, strict=True))
        ats, counts = zip(*held.values(), strict=True)
        await self._database.execute(sql(_HOME, "note_accesses"), ats, *columns, counts)

    def _drop(self, number: int) -> None:
        self._dropped += number
        _DROPPED.inc(number)

    def _tell(self, failure: BaseException | None) -> None:
        reason = "they came too fast" if failure is None else repr(failure)
        _log.error("refused accesses are not on record", dropped=self._dropped, reason=reason)
        self._dropped = 0


def _what(publisher: str | None, action: str, ledger: str | None, object: str | None, outcome: str) -> _What:
    return _told(publisher), action, _told(ledger), _told(object), outcome


def _told(given: str | None) -> str | None:
    """What somebody sent, as PostgreSQL can store it: not endless, no NUL, no lone surrogate."""
    if given is None or (len(given) <= _LONGEST and given.isprintable()):
        return given
    return "".join(one if one.isprintable() else "\ufffd" for one in given[:_LONGEST])


def refusal(request: Request[Any, Any, Any], outcome: str) -> None:
    """Put on record that a request of the web framework was refused."""
    accesses: Accesses | None = request.app.state.get("accesses")
    if accesses is None:
        return
    principal = request.state.get("principal")
    accesses.refused(
        publisher=principal.publisher if principal else None,
        action=request.route_handler.handler_name,
        ledger=request.path_params.get("ledger"),
        object=request.url.path,
        outcome=outcome,
    )


async def noted(
    database: Any, *, after: int, most: int, ledgers: Sequence[str] | None, publisher: str | None
) -> list[asyncpg.Record]:
    """At most `most` accesses after an id, in order; None: of every ledger and none, of every publisher."""
    rows: list[asyncpg.Record] = await database.fetch(
        sql(_HOME, "noted_accesses"), after, most, ledgers, publisher
    )
    return rows
