"""Signs what was committed, at most once a second a ledger, by one process a ledger at a time."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

import asyncpg
import structlog
from prometheus_client import Gauge

from services.ledger.appender import Connect
from services.ledger.errors import LedgerHalted, LedgerOutdated, LedgerUnknown
from services.ledger.log import Log, Reader
from services.ledger.signing import Moved, Watch, sign
from services.ledger.trouble import passes
from services.ledger.witnesses import Witnesses
from services.platform.database import sql
from services.platform.faults import CommitPoints
from services.platform.lifetime import heed_cancellation
from services.platform.note import Note, Signature, Signer

EVERY = 1.0  # seconds between the checkpoints of a ledger
SILENCE = "2s"  # after which the server takes the leases of a signer that froze, for others to have

_HOME = "services.ledger"
_Cosigned = tuple[Log, Note, list[Signature]]
_log = structlog.get_logger(__name__)
_SIGNED = Gauge(
    "locus_ledger_signed_entries",
    "Entries of a ledger under its newest checkpoint that was shown",
    ["ledger"],
)
_WAITING = Gauge(
    "locus_ledger_unsigned_seconds",
    "How long ago all of a ledger was seen to be signed, or more of it than before",
    ["ledger"],
)


def _since(then: float) -> float:
    return monotonic() - then


class Signing:
    """The signer of this process. It signs for the ledgers whose lease it holds, and watches all of them.

    `connect` opens a connection as locus_appender, which carries the leases; `reader` gives proofs.
    """

    def __init__(
        self,
        connect: Connect,
        reader: Reader,
        watch: Watch,
        signers: Sequence[Signer],
        witnesses: Witnesses,
        *,
        commit_points: CommitPoints,
    ) -> None:
        self._connect = connect
        self._reader = reader
        self._watch = watch
        self._signers = signers
        self._witnesses = witnesses
        self._pass = commit_points
        self._leased: set[str] = set()
        self._done: dict[str, int] = {}  # ledgers whose newest note is the one we would write, by size
        self._shown: dict[str, int] = {}  # sizes of the checkpoints that readers had at the last look
        self._cosigning: dict[str, asyncio.Task[_Cosigned]] = {}  # by ledger: notes that witnesses look at

    async def run(self) -> None:
        """Sign until cancelled; the database may go and come."""
        while True:
            try:
                await self._until_lost()
            except Exception as error:  # noqa: BLE001 — whatever it was, the next head has to be signed
                heed_cancellation()
                if not passes(error):
                    _log.error("signing is interrupted; it will go on", exc_info=error)
                else:
                    _log.warning("signing is interrupted; it will go on", error=repr(error))
            await asyncio.sleep(EVERY)

    async def _until_lost(self) -> None:
        connection = await self._connect()
        self._leased.clear()
        self._done.clear()
        try:
            while True:
                await self.once(connection)
                await asyncio.sleep(EVERY)
        finally:
            connection.terminate()
            for task in self._cosigning.values():
                task.cancel()
            await asyncio.gather(*self._cosigning.values(), return_exceptions=True)
            self._cosigning.clear()

    async def once(self, connection: asyncpg.Connection) -> None:
        """Sign every head that is new, have it cosigned, and show readers those that are.

        A slow witness holds up what is shown of its ledgers, until it is given up, and never what is signed.
        """
        heads = await connection.fetch(sql(_HOME, "log_heads"))
        self._tell(heads)
        for ledger, last, shown in heads:
            signed = await self._signed(connection, ledger, last, shown)
            if signed is not None and ledger not in self._cosigning:
                self._cosigning[ledger] = asyncio.create_task(self._cosigned(ledger, *signed))
        if self._cosigning:
            await asyncio.wait(self._cosigning.values(), timeout=EVERY / 4)
        for ledger in [ledger for ledger, task in self._cosigning.items() if task.done()]:
            await self._show(connection, ledger, *self._cosigning.pop(ledger).result())

    def _tell(self, heads: Sequence[asyncpg.Record]) -> None:
        """Tell the metrics; any process sees what each has signed, and time passes for one that hangs."""
        for ledger, last, shown in heads:
            _SIGNED.labels(ledger).set(max(shown, 0))
            if last <= shown or shown != self._shown.get(ledger):
                _WAITING.labels(ledger).set_function(partial(_since, monotonic()))
            self._shown[ledger] = shown

    async def _cosigned(self, ledger: str, log: Log, note: Note) -> _Cosigned:
        return log, note, await self._witnesses.cosign(self._reader, ledger, log.last, note)

    async def _show(
        self, connection: asyncpg.Connection, ledger: str, log: Log, note: Note, lines: Sequence[Signature]
    ) -> None:
        if lines or not (log.note or "").startswith(str(note)):
            shown = str(note.with_signatures(lines))
            await connection.fetchval(sql(_HOME, "keep_checkpoint"), ledger, log.last, shown)
            self._pass("checkpoint:stored")
        self._done[ledger] = log.last

    async def _signed(
        self, connection: asyncpg.Connection, ledger: str, last: int, shown: int
    ) -> tuple[Log, Note] | None:
        """The log and its note, kept; None: readers have it, somebody else makes it, or nobody may."""
        fresh = last == shown == self._done.get(ledger) and not self._witnesses.due(ledger)
        if fresh and ledger not in self._watch.halted:
            return None
        with suppress(LedgerHalted, LedgerUnknown, LedgerOutdated, Moved):
            log, before = await self._watch.check(connection, ledger)
            if not await self._holds(connection, ledger):
                self._done[ledger] = last
                return None
            note = sign(log, self._signers)
            if str(note) != before:
                # If we crash here, nobody has seen the note: the next signer makes one of the head it finds.
                self._pass("checkpoint:before-keep")
                await asyncio.to_thread(self._watch.kept.write, ledger, before, note)
                # If we crash here, the note is kept and nobody has seen it: the next signer shows the same
                # one, or one of a head that has grown from it.
                self._pass("checkpoint:kept")
            return log, note
        return None

    async def _holds(self, connection: asyncpg.Connection, ledger: str) -> bool:
        if ledger not in self._leased and await connection.fetchval(sql(_HOME, "lease"), ledger):
            self._leased.add(ledger)
        return ledger in self._leased
