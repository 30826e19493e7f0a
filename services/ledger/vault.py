"""The vault: the only code that knows its tables. Keys of persons, erasures, legal holds, epochs.

A person's key is random, wrapped by the key-encryption key of the newest epoch, which is a file outside the
database. Destroying the epoch makes every deletion before it final, in whatever copy of the database the row
still lies. Nothing is cached: a key deleted by one process is gone for all of them.
"""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import asyncpg
import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from services.ledger.errors import Overloaded
from services.ledger.vault_files import KEY_BYTES, KeyFiles, KeysMissing
from services.platform.database import sql
from services.platform.faults import CommitPoints, nothing

_AT_ONCE = 500  # keys wrapped anew in one step
_TRIED = 20  # keys that a file has to open one of, where it was not noted which file it is
_ATTEMPTS = 5  # at making or reading keys while epochs turn

_log = structlog.get_logger(__name__)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the vault has of a holder. `gone`: when the key was deleted; `position`: once all is done."""

    has_key: bool
    basis: str | None = None
    asked: datetime | None = None
    gone: datetime | None = None
    position: int | None = None
    final: bool = False


class LegalHold(msgspec.Struct, frozen=True):
    """What keeps a holder, and whoever is the same person, from being erased."""

    holder: str
    reason: str
    placed_by: str
    since: datetime


class Vault:
    """Keys by ledger and holder, through a pool of connections as locus_vault."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        files: KeyFiles,
        *,
        now: Callable[[], datetime],
        commit_points: CommitPoints = nothing,
    ) -> None:
        self._pool = pool
        self._files = files
        self._now = now
        self._pass = commit_points

    async def begin(self) -> None:
        """See that there is an epoch and its key is at hand; finish what a crash left. Run at each start.

        Raises KeysMissing if the directory lacks a key that was not destroyed on purpose, or is another
        vault's. Rows that only a destroyed key could open come from an old copy of the vault: they are as
        good as erased, and dropped, loudly, so that their holders get new keys.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_sql("lock"))
            lost = await self._lost(connection)
            dropped = await connection.fetchval(_sql("drop"), lost)
            if dropped:
                _log.error(
                    "the vault was restored from an old copy: what these keys sealed is lost", keys=dropped
                )
            newest = await connection.fetchval(_sql("newest"))
            if newest is None or self._files.destroyed(newest):
                await self._begin_epoch(connection)
            else:
                await self._rewrap(connection, newest)
        await self._destroy_old()

    async def answers(self) -> None:
        """For the health check: raises if the vault is not there."""
        await self._pool.fetchval(_sql("newest"))

    async def keys(self, ledger: str, holders: Collection[str]) -> Mapping[str, bytes | None]:
        """The key of each, made if there is none yet; None: erased. Raises KeysMissing, Overloaded."""
        for _ in range(_ATTEMPTS):
            found = await self.held(ledger, holders)
            missing = [holder for holder in holders if holder not in found]
            if not missing:
                return found
            await self._add(ledger, missing)
        raise Overloaded("the keys of persons are being wrapped anew")

    async def held(self, ledger: str, holders: Collection[str]) -> dict[str, bytes | None]:
        """The key of each who has one, and None for the erased."""
        for _ in range(2):  # an epoch destroyed since the rows were read: by now another wraps them
            rows = await self._pool.fetch(_sql("find"), ledger, list(holders))
            epochs = {row["epoch"] for row in rows if row["wrapped"] and not row["erased"]}
            wrapping = {epoch: self._files.read(epoch) for epoch in epochs}
            if None not in wrapping.values():
                break
        return {row["holder"]: _unwrapped(ledger, row, wrapping) for row in rows if _known(row)}

    def seal(self, ledger: str, holder: str, plain: bytes, about: Sequence[bytes]) -> tuple[bytes, bytes]:
        """Anything else, sealed with `about` bound in, and its new key, kept once it is entrusted."""
        key = secrets.token_bytes(KEY_BYTES)
        return AESSIV(key).encrypt(plain, [*_of(ledger, holder), *about]), key

    async def entrust(self, ledger: str, holder: str, key: bytes, unless: Collection[str]) -> bool:
        """Keep a holder's new key, unless one of others is erased or just being: False. Raises Overloaded."""
        async with self._pool.acquire() as connection, connection.transaction():
            # No erasure begins and no epoch turns until the key is kept.
            await connection.execute(_sql("share"))
            epoch = await connection.fetchval(_sql("newest"))
            wrapping = None if epoch is None else self._files.read(epoch)
            if wrapping is None:
                raise Overloaded("the vault is not open yet")
            wrapped = _wrapped(wrapping, ledger, holder, key)
            return bool(
                await connection.fetchval(_sql("entrust"), ledger, holder, epoch, wrapped, list(unless))
            )

    async def open(self, ledger: str, holder: str, sealed: bytes, about: Sequence[bytes]) -> bytes:
        """What `seal` was given. Raises ValueError: it is not what was sealed, or there is no key."""
        try:
            return _siv(await self.held(ledger, [holder]), holder).decrypt(
                sealed, [*_of(ledger, holder), *about]
            )
        except InvalidTag:
            raise ValueError("it was sealed with another key, or changed since") from None

    async def let_go(self, ledger: str, holders: Sequence[str]) -> None:
        """Delete keys of what is kept no longer; no erasure of a person."""
        await self._pool.execute(_sql("let_go"), ledger, list(holders))

    async def _add(self, ledger: str, holders: Sequence[str]) -> None:
        epoch = await self._pool.fetchval(_sql("newest"))
        wrapping = None if epoch is None else self._files.read(epoch)
        if wrapping is None:
            await self.begin()
            return
        holders = sorted(holders)
        new = [_wrapped(wrapping, ledger, holder, secrets.token_bytes(KEY_BYTES)) for holder in holders]
        # If we crash here or below, there is a key that nobody used, or none: whoever comes next makes it.
        await self._pool.fetchval(_sql("add"), ledger, holders, epoch, new)

    async def person(self, ledger: str, holder: str) -> Held:
        """What there is of a holder."""
        row = await self._pool.fetchrow(_sql("person"), ledger, holder)
        return msgspec.convert(dict(row or {}), Held)

    async def erased(self, ledger: str) -> dict[str, int | None]:
        """Every holder whose erasure has begun, with the position of its entry once all is done."""
        return dict([tuple(row) for row in await self._pool.fetch(_sql("all_erased"), ledger)])

    async def held_by(self, ledger: str, holders: Sequence[str]) -> LegalHold | None:
        """The hold on the first of these on whom one lies."""
        return _legal_hold(await self._pool.fetchrow(_sql("first_held"), ledger, holders))

    async def intend(
        self, ledger: str, holders: Sequence[str], basis: str, others: Sequence[str] = ()
    ) -> LegalHold | None:
        """Begin erasures, which are finished whoever crashes; or none of them, but tell what hold forbids it.

        A hold on `others`, the person's other ids, forbids it too; but not what has begun before.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_sql("lock"))
            if await connection.fetchval(_sql("all_begun"), ledger, holders):
                return None
            held = _legal_hold(await connection.fetchrow(_sql("first_held"), ledger, [*holders, *others]))
            if held is None:
                await connection.execute(_sql("intend"), ledger, holders, basis, self._now())
            return held

    async def erase_again(self, ledger: str, holder: str, basis: str, asked: datetime) -> None:
        """Take over an erasure that the log knows, whatever the vault holds."""
        await self._pool.execute(_sql("erase_again"), ledger, holder, basis, asked)

    async def forget(self, ledger: str, holder: str) -> None:
        """Delete the key of somebody whose erasure has begun."""
        await self._pool.execute(_sql("forget"), ledger, holder, self._now())

    async def gone_only_now(self, ledger: str, holder: str) -> None:
        """More of an erased person is let go of just now: all is final once the keys of now are destroyed."""
        await self._pool.execute(_sql("gone_only_now"), ledger, holder, self._now())

    async def recorded(self, ledger: str, holder: str, position: int) -> None:
        """The erasure is complete."""
        await self._pool.execute(_sql("recorded"), ledger, holder, position)

    async def hold(self, ledger: str, holder: str, reason: str, placed_by: str) -> bool:
        """Keep a person from being erased. False: the erasure has begun."""
        return bool(await self._pool.fetchval(_sql("hold"), ledger, holder, reason, placed_by, self._now()))

    async def release(self, ledger: str, holder: str) -> None:
        """Lift the hold, if there is one."""
        await self._pool.execute(_sql("release"), ledger, holder)

    async def pending_since(self) -> datetime | None:
        """When the oldest erasure that is not final deleted its key."""
        since: datetime | None = await self._pool.fetchval(_sql("pending"))
        return since

    async def turn(self) -> int:
        """Begin a new epoch, wrap living keys with it, destroy the old ones: what was erased is final.

        Raises KeysMissing, before anything is changed, if the directory is another vault's.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_sql("lock"))
            await self._lost(connection)
            epoch = await self._begin_epoch(connection)
        # If we crash here, old keys still lie in the directory; `begin` destroys them.
        self._pass("epoch:rewrapped")
        await self._destroy_old()
        return epoch

    async def _lost(self, connection: Any) -> list[int]:
        """The epochs whose keys were destroyed on purpose though the tables do not say so.

        Raises KeysMissing if any key is missing, or is not the one that the vault was given.
        """
        lost = []
        for epoch, digest in await connection.fetch(_sql("epochs")):
            key = self._files.read(epoch)
            there = self._files.digest(epoch)
            if digest is None and key is not None:
                await self._note(connection, epoch, key)
            elif None not in (digest, there) and digest != there:
                raise self._files.another(epoch)
            if key is None:
                lost.append(epoch)
        return lost

    async def _note(self, connection: Any, epoch: int, key: bytes) -> None:
        """Note which key is an epoch's that began before that was noted: it opens what the epoch wraps."""
        rows = await connection.fetch(_sql("wrapped_by"), epoch, _TRIED)
        if rows and all(_unwrapped(row["ledger"], row, {epoch: key}) is None for row in rows):
            raise self._files.another(epoch)
        await connection.execute(_sql("epoch_noted"), epoch, self._files.digest(epoch))

    async def _begin_epoch(self, connection: Any) -> int:
        # If we crash before the transaction ends, a key file is left that wraps nothing.
        epoch = await asyncio.to_thread(self._files.make)
        await connection.execute(_sql("epoch_begin"), epoch, self._now(), self._files.digest(epoch))
        await self._rewrap(connection, epoch)
        return epoch

    async def _rewrap(self, connection: Any, epoch: int) -> None:
        """A stretch of keys at a time, so that whoever shares our thread and memory is not kept waiting."""
        after = ("", "")
        while rows := await connection.fetch(_sql("wrapped_before"), epoch, *after, _AT_ONCE):
            await self._rewrap_these(connection, epoch, rows)
            after = rows[-1]["ledger"], rows[-1]["holder"]

    async def _rewrap_these(self, connection: Any, epoch: int, rows: list[Any]) -> None:
        wrapping = {old: self._files.read(old) for old in {epoch, *(row["epoch"] for row in rows)}}
        kept = [(row, _unwrapped(row["ledger"], row, wrapping)) for row in rows]
        new = wrapping[epoch] or b""
        live = [
            (row["ledger"], row["holder"], _wrapped(new, row["ledger"], row["holder"], key))
            for row, key in kept
            if key is not None
        ]
        if len(live) < len(rows):
            _log.error("keys that do not open are lost with their epoch", keys=len(rows) - len(live))
        await connection.execute(
            _sql("rewrap"), epoch, *([list(one) for one in zip(*live, strict=True)] or [[]] * 3)
        )

    async def _destroy_old(self) -> None:
        for row in (await self._pool.fetch(_sql("epochs")))[:-1]:
            await asyncio.to_thread(self._files.destroy, row["epoch"])
            # If we crash here, the key is gone and nobody noted it: `begin` comes by here again.
            self._pass("epoch:destroyed")
            await self._pool.execute(_sql("epoch_end"), row["epoch"], self._now())


def _sql(name: str) -> LiteralString:
    return sql("services.ledger", f"vault_{name}")


def _of(ledger: str, holder: str) -> list[bytes]:
    return [ledger.encode(), holder.encode()]


def _siv(keys: Mapping[str, bytes | None], holder: str) -> AESSIV:
    key = keys.get(holder)
    if key is None:
        raise ValueError("its key is gone")
    return AESSIV(key)


def _legal_hold(row: Any) -> LegalHold | None:
    return None if row is None else LegalHold(*row)


def _known(row: Any) -> bool:
    return row["erased"] or row["wrapped"] is not None


def _unwrapped(ledger: str, row: Any, wrapping: Mapping[int, bytes | None]) -> bytes | None:
    """The key; None: erased, be it that a row came back, or that nothing opens it."""
    key = None if row.get("erased") else wrapping[row["epoch"]]
    if key is None:
        return None
    try:
        return AESSIV(key).decrypt(row["wrapped"], _of(ledger, row["holder"]))
    except InvalidTag:
        _log.error("a key in the vault does not open: it was altered, or is another's", ledger=ledger)
        return None


def _wrapped(wrapping: bytes, ledger: str, holder: str, key: bytes) -> bytes:
    return AESSIV(wrapping).encrypt(key, _of(ledger, holder))


__all__ = ["Held", "KeysMissing", "LegalHold", "Vault"]
