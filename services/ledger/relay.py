"""From positions to JetStream: what is recorded is published, in order, each entry at its own sequence.

The stream's last sequence is the only cursor, and every entry is sent on the condition that it is the next.
So any number of relays may run and die: what one has published the others are refused, and what none has, the
next one does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import asyncpg
import structlog
from nats.aio.client import Client
from nats.errors import ConnectionClosedError, Error

from services.ledger import store
from services.ledger.stream import Streams, stream_of
from services.ledger.trouble import cure, passes, unmigrated
from services.platform.faults import CommitPoints, nothing
from services.platform.lifetime import heed_cancellation

PAGE = 256  # entries sent at once
IDLE = 0.025  # seconds between looks when there is nothing to do
RECHECK = 5.0  # seconds between looks at a stream that differs from its ledger

_PAUSE = 0.2
_LOOK = 1.0  # seconds between two looks at a database that is not ready for us

_log = structlog.get_logger(__name__)


class Relay:
    """Echoes every ledger. `alarms` names those stopped because their stream differs, and the cure."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        client: Client,
        *,
        commit_points: CommitPoints = nothing,
    ) -> None:
        self.alarms: dict[str, str] = {}
        self._connect = connect
        self._client = client
        self._pass = commit_points
        self._cursors: dict[str, int] = {}  # known to be the streams' last sequences, and compared
        self._recheck: dict[str, float] = {}
        self._reconnects = client.stats["reconnects"]

    async def run(self) -> None:
        """Relay until cancelled, through any loss of PostgreSQL or NATS.

        Raises ConnectionClosedError once NATS lets its user in no more.
        """
        streams = await Streams.open(self._client)
        try:
            while True:
                await self._while_connected(streams)
                await asyncio.sleep(_PAUSE)
        finally:
            await streams.close()

    async def _while_connected(self, streams: Streams) -> None:
        """A new connection may be to a restored database: every stream is compared again."""
        self._cursors.clear()
        self._recheck.clear()
        try:
            connection = await self._connect()
        except Exception as error:
            if not passes(error):
                raise
            _log.warning("the relay waits for the database", error=repr(error))
            return
        try:
            while True:
                if not await self._round(connection, streams):
                    await asyncio.sleep(IDLE)
        except Exception as error:
            if unmigrated(error):
                _log.error(
                    "the relay waits for the database to be migrated", error=repr(error), cure=cure(error)
                )
                await asyncio.sleep(_LOOK)
            elif not passes(error):
                raise
            else:
                _log.warning("the relay lost the database", error=repr(error))
        finally:
            connection.terminate()

    async def _round(self, connection: asyncpg.Connection, streams: Streams) -> bool:
        """One page of each ledger that has something new; gives whether any had."""
        if self._client.is_closed:
            _log.error(
                "NATS lets the relay in no more", cure="mend its user or LOCUS_NATS_URL, and restart it"
            )
            raise ConnectionClosedError
        worked = False
        self._look_again_after_reconnecting()
        for ledger, last in (await store.heads(connection)).items():
            if self._cursors.get(ledger, -1) >= last:
                continue
            try:
                worked = await self._advance(connection, streams, ledger) or worked
            except (Error, TimeoutError) as error:
                heed_cancellation()
                # Nobody knows how far it came: the stream does, and is asked.
                self._cursors.pop(ledger, None)
                _log.debug("publishing is interrupted; it will go on", ledger=ledger, error=repr(error))
        return worked

    def _look_again_after_reconnecting(self) -> None:
        """A server that crashed may have lost what it had not yet synced; it is sent again."""
        reconnects = self._client.stats["reconnects"]
        if reconnects != self._reconnects:
            self._reconnects = reconnects
            self._cursors.clear()

    async def _advance(self, connection: asyncpg.Connection, streams: Streams, ledger: str) -> bool:
        cursor = self._cursors.get(ledger)
        if cursor is None:
            cursor = await self._compared(connection, streams, ledger)
        if cursor is None:
            return False
        page = await store.feed(connection, ledger, cursor, PAGE)
        if page:
            self._pass("relay:before-publish")
            # If we crash here or while sending, some of the page is in the stream, and its last sequence says
            # how much: whoever relays next goes on from there.
            await streams.publish(ledger, cursor + 1, [entry for _, entry in page])
            self._pass("relay:after-publish")
        self._cursors[ledger] = cursor + len(page)
        return bool(page)

    async def _compared(self, connection: asyncpg.Connection, streams: Streams, ledger: str) -> int | None:
        """The stream's last sequence, if it holds what the ledger has there; None: stopped, with an alarm."""
        if monotonic() < self._recheck.get(ledger, 0.0):
            return None
        last, message = await streams.last(ledger)
        stored = await store.feed(connection, ledger, last - 1, 1) if last else []
        if last and (not stored or stored[0][1] != message):
            self._recheck[ledger] = monotonic() + RECHECK
            self._alarm(ledger, last)
            return None
        if self.alarms.pop(ledger, None):
            _log.info("the stream agrees with its ledger again", ledger=ledger)
        return last

    def _alarm(self, ledger: str, position: int) -> None:
        name = stream_of(ledger)
        alarm = (
            f"the stream {name} differs from its ledger at position {position}, as after a restore, so that "
            f"publishing has stopped. Cure: delete the stream (nats stream rm {name}); it is relayed from 1"
        )
        if self.alarms.get(ledger) != alarm:
            _log.error("alarm", ledger=ledger, alarm=alarm)
        self.alarms[ledger] = alarm
