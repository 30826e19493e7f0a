"""What an answer stands on: one position of one ledger, its root, and everybody who was known there."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple, TypeVar, cast

import asyncpg
import msgspec

from services.platform.database import sql
from services.projections.connection import LOST, Connection
from services.projections.facts.fact import FOREVER, Fact
from services.projections.facts.registry import decode
from services.projections.feed import position_of, recorded_of, root_at
from services.projections.knots.settings import Settings
from services.projections.structure import Structure
from services.projections.views.answer import RestsOn
from services.projections.views.followed import FollowedLedgers
from services.projections.views.kept import Histories
from services.projections.views.question import FIRST, BadParameterError, instant
from services.projections.wholes import Wholes

F = TypeVar("F", bound=Fact)
_SQL = "services.projections"
_ROOM: Final = 120_000  # facts, some 500 bytes each
_TICK: Final = timedelta(microseconds=1)
_FIRST: Final = FIRST + _TICK  # the driver takes the very first instant for none
_LAST: Final = FOREVER - _TICK


class UnknownLedgerError(LookupError):
    """No ledger of that name has been read."""


class NotReadYetError(LookupError):
    """The ledger has the position, the views have not come so far: try again."""


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A moment of a ledger. `as_of` is never open; `at` is null where nothing was recorded nor asked for."""

    ledger: str
    generation: int
    facts_version: int
    position: int
    root: bytes
    known_at: datetime | None
    at: datetime | None
    now: bool
    """Nothing later is known."""
    folded: int
    """Up to where cells have come."""

    @property
    def as_of(self) -> datetime:
        """Up to when facts had occurred; where nothing was recorded, before anything can have."""
        return _FIRST if self.at is None else max(_FIRST, min(self.at, _LAST))

    def rests_on(self, view: str, version: int) -> RestsOn:
        """What an answer of this view says it rests on."""
        return RestsOn(
            ledger=self.ledger,
            position=self.position,
            root=self.root.hex(),
            view=view,
            version=version,
            at=self.at,
            known_at=self.known_at,
        )


class Served(NamedTuple):
    """The rows that readers are given."""

    generation: int
    facts_version: int
    position: int
    recorded: datetime | None
    root: bytes
    folded: int


async def served(connection: Connection, ledger: str) -> Served:
    """The generation served. UnknownLedgerError if there is none."""
    row = await connection.fetchrow(sql(_SQL, "view_served"), ledger)
    if row is None:
        raise UnknownLedgerError(ledger)
    return Served(*row)


async def generation_is_there(connection: Connection, ground: Ground) -> bool:
    """Whether the rows that a ground speaks of are here: neither dropped since nor, in a crash, lost."""
    row = await connection.fetchrow(sql(_SQL, "checkpoint"), ground.ledger, ground.generation)
    return row is not None and row["position"] >= ground.position


async def ground(connection: Connection, ledger: str, at: str | None, known_at: str | None) -> Ground:
    """Finds the position and the instant a question is asked of, from its parameters as they were written."""
    now = await served(connection, ledger)
    position = now.position if known_at is None else await _position(connection, ledger, known_at, now)
    if position == now.position:
        recorded, root = now.recorded, now.root
    else:
        recorded = await recorded_of(connection, ledger, position) if position else None
        root = await root_at(connection, ledger, position)
    return Ground(
        ledger=ledger,
        generation=now.generation,
        facts_version=now.facts_version,
        position=position,
        root=root,
        known_at=recorded,
        at=recorded if at is None else instant("at", at),
        now=position == now.position,
        folded=now.folded,
    )


async def _position(connection: Connection, ledger: str, known_at: str, now: Served) -> int:
    if not known_at.isdecimal() or not known_at.isascii():
        recorded = instant("known_at", known_at)
        if now.recorded is None or recorded >= now.recorded:
            return now.position
        return await position_of(connection, ledger, recorded)
    position = int(known_at) if len(known_at) < 19 else now.position + 1
    if position <= now.position:
        return position
    try:
        await recorded_of(connection, ledger, position)
    except LookupError:
        hint = f"the last position is {now.position}; leave `known_at` out to ask what is known now"
        raise BadParameterError("known_at", f"the ledger has no position {known_at[:80]}", hint) from None
    raise NotReadYetError(f"position {position} has not been read yet; the views have come to {now.position}")


async def known(connection: Connection, ground: Ground, kind: type[F]) -> list[F]:
    """The facts of one kind as known at the ground's position, valid at whatever time, by position."""
    rows = await connection.fetch(
        sql(_SQL, "view_facts"), ground.ledger, ground.generation, kind.kind, ground.position
    )
    return [cast("F", decode(kind.kind, row["body"])) for row in rows]


class Structures:
    """The structures of the ledgers asked about: as known now, followed, and as known earlier, remembered.

    One event loop owns them. A followed structure moves on with whoever asks next: use what `of` gives before
    awaiting anything else, and ask again after.
    """

    def __init__(self, knots: Settings | None = None, followed: int = 150_000) -> None:
        self.knots = knots or Settings()  # what it takes to raise a knot
        self.histories = Histories()
        self.followed = FollowedLedgers(followed)
        self.wholes = Wholes()
        self._kept: OrderedDict[tuple[str, int, int], _Kept] = OrderedDict()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def of(self, connection: Connection, ground: Ground) -> Structure:
        """The structure as known at the ground's position."""
        async with self._locks[ground.ledger]:
            if ground.now:
                kept = await self._find(connection, ground, _NOW)
                if kept.position < ground.position:
                    try:
                        await kept.follow(connection, ground)
                    except BaseException:  # broken off, it is neither of then nor of now
                        self._kept.pop((ground.ledger, ground.generation, _NOW), None)
                        raise
                if kept.changed <= ground.position:
                    return kept.structure
            # Asked of earlier, or somebody who asked a moment later was here first.
            return (await self._find(connection, ground, ground.position)).structure

    async def _find(self, connection: Connection, ground: Ground, position: int) -> "_Kept":
        key = ground.ledger, ground.generation, position
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = await _known(connection, ground)
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and sum(kept.facts for kept in self._kept.values()) > _ROOM:
            self._kept.popitem(last=False)
        return kept


_NOW: Final = -1  # in place of a position


class _Kept:
    """A structure, the position it is of, and the position at which it last became another."""

    def __init__(self, structure: Structure, position: int, facts: int) -> None:
        self.structure = structure
        self.position = self.changed = position
        self.facts = facts

    async def follow(self, connection: Connection, ground: Ground) -> None:
        moved = await connection.fetch(
            sql(_SQL, "view_structure_moved"),
            ground.ledger,
            ground.generation,
            self.position,
            ground.position,
        )
        for row in moved:
            change = self.structure.add if row["known"] else self.structure.discard
            change(decode(row["kind"], row["body"]))
            self.facts += 1 if row["known"] else -1
        self.position = ground.position
        if moved:
            self.changed = ground.position


async def _known(connection: Connection, ground: Ground) -> _Kept:
    structure = Structure()
    rows = await connection.fetch(
        sql(_SQL, "view_structure"), ground.ledger, ground.generation, ground.position
    )
    for row in rows:
        structure.add(decode(row["kind"], row["body"]))
    return _Kept(structure, ground.position, len(rows))


@asynccontextmanager
async def snapshot(pool: asyncpg.Pool, ledger: str) -> AsyncIterator[Connection]:
    """One unmoving view of a ledger's rows."""
    async with pool.acquire() as connection:
        # In one trip, which takes no parameters. With its quotes doubled, a text is a literal whatever it is.
        begin = sql(_SQL, "view_snapshot").replace("$1", "'" + ledger.replace("'", "''") + "'")
        try:
            await connection.execute(begin)
            yield connection
        finally:
            with suppress(*LOST):  # nothing was written, and what was read is read
                await connection.execute("ROLLBACK")
