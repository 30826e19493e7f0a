"""Messages that were refused for good, kept sealed for 30 days: the shell around their table.

Bounded for each publisher and day, so that nobody fills the disk with nonsense; what is beyond, or comes
while nothing can be sealed or stored, is counted and let go: its publisher has the answer all the same.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString, Protocol

import asyncpg
import msgspec
import structlog
from prometheus_client import Counter

from services.ledger import rejected_notes
from services.ledger.rejected_notes import Message
from services.ledger.trouble import passes
from services.platform.database import sql
from services.platform.problems import UNKNOWN_LEDGER, Problem

LIFE = timedelta(days=30)
MOST_A_DAY = 1_000  # messages of one publisher in one ledger
MOST_BYTES_A_DAY = 16 * 1024 * 1024
LARGEST = 1024 * 1024  # of a body: what is larger is no event and no batch
NOT_KEPT = frozenset({UNKNOWN_LEDGER.slug, "person-erased"})  # the forgotten are not remembered here either

_OFTEN, _SOON = 6 * 3_600.0, 60.0  # seconds between two looks at what has expired
_WITHIN = 1.0  # seconds, since the answer waits for it
_FULL = timedelta(minutes=1)  # after which a publisher that had no room is looked at again
_MOST_FULL = 10_000

_KEPT = Counter("locus_rejected_messages", "Messages refused for good, by what became of them", ["outcome"])
_log = structlog.get_logger(__name__)
_message = msgspec.json.Decoder(Message)


class Seals(Protocol):
    """Seals under keys that are not in this database. `about` is bound in: opening needs the same."""

    def seal(self, ledger: str, holder: str, plain: bytes, about: Sequence[bytes]) -> tuple[bytes, bytes]:
        """The sealed form, and the key, which is kept nowhere yet."""

    async def entrust(self, ledger: str, holder: str, key: bytes, unless: Collection[str]) -> bool:
        """Keep the key of what was sealed, unless the erasure of one of these has begun: False."""

    async def open(self, ledger: str, holder: str, sealed: bytes, about: Sequence[bytes]) -> bytes:
        """What was sealed. Raises ValueError if it is not what was sealed, or there is no key."""

    async def held(self, ledger: str, holders: Collection[str]) -> Mapping[str, bytes | None]:
        """The keys there are; None: that holder is erased."""

    async def let_go(self, ledger: str, holders: Sequence[str]) -> None:
        """Delete these keys."""


class Unopenable(Exception):
    """A message that nobody can open any more."""


class Refusal(msgspec.Struct, frozen=True):
    """A message and the problem that was the answer; `headers` with names in lower case."""

    ledger: str
    publisher: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    problem: Problem


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told of a kept message without opening it. `reason` is the slug of the problem."""

    id: str
    at: datetime
    expires: datetime
    publisher: str
    reason: str
    title: str
    bytes: int
    source: str | None = None
    event_id: str | None = None
    subject: str | None = None


class RejectedMessages:
    """Keeps and gives back. `pool` speaks as locus_appender."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", seals: Seals, now: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._seals = seals
        self._now = now
        self._full: dict[tuple[str, str], datetime] = {}

    async def keep(self, refusal: Refusal) -> None:
        """Keep it if it was refused for good and there is room. Never raises but to be cancelled."""
        if not 400 <= refusal.problem.kind.status < 500 or refusal.problem.kind.slug in NOT_KEPT:
            return
        try:
            async with asyncio.timeout(_WITHIN):
                kept = await self._keep(refusal)
        except Exception as error:  # noqa: BLE001 — the publisher's answer does not depend on it
            _log.warning("a refused message is not kept", ledger=refusal.ledger, reason=type(error).__name__)
            kept = False
        _KEPT.labels("kept" if kept else "dropped").inc()

    async def _keep(self, refusal: Refusal) -> bool:
        now, whose = self._now(), (refusal.ledger, refusal.publisher)
        if len(refusal.body) > LARGEST or self._full.get(whose, now) > now:
            return False
        said = rejected_notes.notes(refusal.headers, refusal.body)
        named = [f"actor/{one}" for one in said.actors or ()]
        if named and None in (await self._seals.held(refusal.ledger, named)).values():
            return False  # nor are the words of the erased kept from here on
        id = _stamp(now) + secrets.token_hex(4)
        kind, headers, body = refusal.problem.kind, refusal.headers, refusal.body
        plain = msgspec.json.encode(rejected_notes.message(headers, body, refusal.problem.encoded()))
        sealed, key = self._seals.seal(refusal.ledger, _holder(id), plain, [id.encode()])
        kept: bool = await self._pool.fetchval(
            _sql("rejected_keep"), whose[0], id, now, now + LIFE, whose[1], kind.slug, kind.title,
            said.source, said.event_id, said.subject, said.actors, sealed, MOST_A_DAY, MOST_BYTES_A_DAY,
        )  # fmt: skip
        if not kept:
            self._remember_full(whose, now + _FULL)
            return False
        # If we crash here, nobody can open it: it expires like others.
        return await self._entrusted(refusal.ledger, id, key, named)

    async def _entrusted(self, ledger: str, id: str, key: bytes, named: Sequence[str]) -> bool:
        """Keep the key of a message that is stored; where it cannot be kept, the message goes again.

        Last of all: an erasure that has begun by now lets no key be kept, and one that begins from now on
        finds the message.
        """
        entrusted = False
        try:
            entrusted = await self._seals.entrust(ledger, _holder(id), key, named)
        finally:
            if not entrusted:  # there is no key to let go of, and the vault may be away
                async with asyncio.timeout(_WITHIN):
                    await self._pool.fetchval(_sql("rejected_drop"), ledger, [id])
        return entrusted

    def _remember_full(self, whose: tuple[str, str], until: datetime) -> None:
        if len(self._full) >= _MOST_FULL:
            self._full.clear()
        self._full[whose] = until

    async def page(self, ledger: str, before: str | None, most: int) -> list[Kept]:
        """The newest ones before an id."""
        return [_kept(row) for row in await self._pool.fetch(_sql("rejected_page"), ledger, before, most)]

    async def one(self, ledger: str, id: str) -> tuple[Kept, Message] | None:
        """A message, opened. Raises Unopenable."""
        row = await self._pool.fetchrow(_sql("rejected_one"), ledger, id)
        if row is None:
            return None
        try:
            plain = await self._seals.open(ledger, _holder(id), row["sealed"], [id.encode()])
        except ValueError as error:
            raise Unopenable(str(error)) from None
        return _kept(row), _message.decode(plain)

    async def drop(self, ledger: str, ids: Sequence[str]) -> int:
        """Let these go; how many there were."""
        await self._seals.let_go(ledger, [_holder(id) for id in ids])
        # If we crash here, they are left and nobody can open them: they expire like others.
        return int(await self._pool.fetchval(_sql("rejected_drop"), ledger, ids))

    async def names(self, ledger: str, actor: str) -> bool:
        """Whether a message that is kept names this actor, as far as anybody can tell."""
        return bool(await self._pool.fetchval(_sql("rejected_names"), ledger, actor))

    async def purge(self, ledger: str, actor: str, until: datetime | None = None) -> int:
        """Let go of every message that names this actor, or of which nobody can tell; how many there were.

        `until`: of those kept until then.
        """
        found = await self._pool.fetch(_sql("rejected_about"), ledger, actor)
        ids = [row[0] for row in found if until is None or row[0] < _stamp(until)]
        return await self.drop(ledger, ids) if ids else 0

    async def expire(self) -> int:
        """Let go of what has been kept long enough, in every ledger; how many there were."""
        expired = await self._pool.fetch(_sql("rejected_expired"), self._now())
        return sum([await self.drop(row["ledger"], row["ids"]) for row in expired])


async def expiring(messages: RejectedMessages) -> None:
    """Let go of what has been kept long enough, again and again until cancelled."""
    while True:
        try:
            if gone := await messages.expire():
                _log.info("refused messages have expired", messages=gone)
        except Exception as error:
            if not passes(error):
                raise
            _log.debug("expiry waits for the database", reason=type(error).__name__)
            await asyncio.sleep(_SOON)
        else:
            await asyncio.sleep(_OFTEN)


def _sql(name: str) -> LiteralString:
    return sql("services.ledger", name)


def _stamp(at: datetime) -> str:
    """What ids begin with, so that they sort by time."""
    return f"{int(at.timestamp() * 1_000_000):015x}"


def _holder(id: str) -> str:
    """Whose key seals it: its own, so that letting it go is for good."""
    return f"rejected/{id}"


def _kept(row: Any) -> Kept:
    return Kept(
        row["id"], row["at"].astimezone(UTC), row["expires"].astimezone(UTC), row["publisher"], row["slug"],
        row["title"], row["bytes"], row["source"], row["event_id"], row["subject"],
    )  # fmt: skip
