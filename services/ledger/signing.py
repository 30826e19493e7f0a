"""Signs the heads of logs, and stops everything if the database is not what was signed.

What was signed last is kept in a file outside the database, before anybody sees it: `signed/<ledger>` beside
the key. A head that is smaller than that, or has not grown from it, is another history: nothing is signed on
it and nothing is recorded on it, until it is the right one again.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import structlog
from prometheus_client import Gauge

from services.ledger.errors import LedgerHalted
from services.ledger.log import Log, Reader, consistency, log_of
from services.platform import durable, keys
from services.platform.checkpoint import Checkpoint
from services.platform.merkle import NotProven, check_consistency
from services.platform.note import BadNote, Note, Signer, signed
from services.platform.settings import Settings, SettingsError
from services.platform.tiles import BadTile

_log = structlog.get_logger(__name__)
_HALTED = Gauge("locus_ledger_halted", "Ledgers that take nothing, since they are not what was signed")


class Moved(Exception):
    """Another process has signed meanwhile."""


class Kept:
    """The last signed note of each ledger, in a directory outside the database."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read(self, ledger: str) -> str | None:
        """What was signed last, as it was written; None: nothing yet. OSError, BadNote: it cannot be told."""
        try:
            return (self._directory / ledger).read_text()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise BadNote(f"it is not text: {error}") from None

    def write(self, ledger: str, before: str | None, note: Note) -> None:
        """Keep a note in the place of `before`. Raises Moved if that is no longer the last one."""
        with durable.locked(self._directory / ".lock"):
            if self.read(ledger) != before:
                raise Moved
            durable.replace(self._directory / ledger, str(note).encode())


class Watch:
    """Compares logs with what was signed of them; remembers which are halted, and why."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.halted: dict[str, str] = {}

    async def __call__(self, connection: asyncpg.Connection, ledger: str, *, known: bool) -> None:
        """The appender's guard. Raises LedgerHalted."""
        if not known:
            await self.check(connection, ledger)
        elif ledger in self.halted:
            raise LedgerHalted(ledger, self.halted[ledger])

    async def check(self, reader: Reader, ledger: str) -> tuple[Log, str | None]:
        """The log, found to have grown from what was signed last, and that note. Raises LedgerHalted."""
        # What was signed is read first: whatever is signed meanwhile is of a head that is there by then.
        try:
            before = await asyncio.to_thread(self.kept.read, ledger)
            log = await log_of(reader, ledger)
            if before is not None:
                await _grown(reader, ledger, Checkpoint.parse(Note.parse(before).text), log)
        except (NotProven, BadTile) as error:
            raise self._halt(ledger, str(error)) from None
        except BadNote as error:
            raise self._halt(ledger, f"the last signed checkpoint cannot be read: {error}") from None
        if self.halted.pop(ledger, None):
            _HALTED.set(len(self.halted))
            _log.warning("the ledger is again what was signed of it: it goes on", ledger=ledger)
        return log, before

    def _halt(self, ledger: str, why: str) -> LedgerHalted:
        if self.halted.get(ledger) != why:
            self.halted[ledger] = why
            _HALTED.set(len(self.halted))
            _log.critical(
                "ALARM: the database does not hold what was signed; nothing is signed or recorded",
                ledger=ledger,
                why=why,
                cure="find out who changed it; restore the database that was signed, never an older one",
            )
        return LedgerHalted(ledger, why)

    async def sound(self) -> None:
        """For the health check: RuntimeError if any ledger is halted."""
        if self.halted:
            raise RuntimeError(f"halted: {self.halted}")


def signed_directory(settings: Settings) -> Path:
    """Where what was signed last is kept. Raises SettingsError."""
    if settings.signed:
        return Path(settings.signed)
    if keys.is_key(settings.signing_key):
        told = (
            "LOCUS_SIGNED is not set; name a directory for the last signed checkpoints, outside the database"
        )
        raise SettingsError(told)
    return Path(settings.signing_key).parent / "signed"


def sign(log: Log, signers: Sequence[Signer]) -> Note:
    """The signed checkpoint of a log; deterministic, by every key that is in use."""
    return signed(str(log.head()), [one.named(log.origin) for one in signers])


async def _grown(reader: Reader, ledger: str, last: Checkpoint, log: Log) -> None:
    if last.origin != log.origin:
        raise NotProven(f"{last.origin!r} was signed, and the database holds the log {log.origin!r}")
    if log.last < last.size:
        raise NotProven(f"{last.size} entries were signed, and the database holds {log.last}")
    proof = await consistency(reader, ledger, last.size, log.last)
    check_consistency(last.size, log.last, proof, last.root, log.root)
