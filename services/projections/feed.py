"""Entries once, in order, from the ledger's `feed`, checked against its roots."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from schemas.registry import UPCASTERS, read_data
from services.platform.database import sql
from services.platform.merkle import Frontier, leaf_hash
from services.projections.connection import Connection
from services.projections.facts.registry import READ
from services.projections.streams import Heard

KEPT_EVERY = 256  # positions between two frontiers in `roots`
_SQL = "services.projections"
_READ_NOW = READ | {"locus.event.corrected.v1", "locus.event.retracted.v1"}
_READ_RAW = frozenset(
    name.encode() for name in (*_READ_NOW, *(old for old, (new, _) in UPCASTERS.items() if new in _READ_NOW))
)
_TYPE = b'"type":"'  # as stored: no spaces


class LedgerDivergedError(Exception):
    """The ledger is not the one that was read before: stop, and rebuild once it is known why."""


class Fed(msgspec.Struct, frozen=True, gc=False):
    """One entry as fed; `root` is the tree's on the last entry of each commit."""

    position: int
    recorded: datetime
    entry: bytes
    root: bytes | None


class Line(msgspec.Struct, frozen=True, gc=False):
    """An entry as far as every reader must know it; the data is left alone until somebody wants it."""

    position: int
    recorded: datetime
    subject: str
    version: int
    type: str
    size: int
    raw: "_Event"

    def heard(self) -> Heard:
        """The entry with its data. Raises msgspec.DecodeError if this version cannot read it."""
        raw = self.raw
        return Heard(
            self.position,
            min(raw.time, self.recorded),
            read_data(self.type, raw.data),
            raw.source,
            raw.id,
            recorded=self.recorded,
            type=self.type,
            time=raw.time,
            size=self.size,
        )


class _Event(msgspec.Struct, frozen=True, gc=False):
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: msgspec.Raw


class _Entry(msgspec.Struct, frozen=True, gc=False):
    position: int
    recorded: datetime
    version: int
    event: _Event


_decode = msgspec.json.Decoder(_Entry).decode


def concerns_facts(entry: bytes) -> bool:
    """Whether any fact may depend on an entry: half of them are passed over without being decoded.

    The first member called `type` is the event's, for nothing before it holds members of its own, and inside
    a string a quotation mark is never bare. An entry written in any other way is left to the decoder.
    """
    found = entry.find(_TYPE)
    if found < 0:
        return True
    start = found + len(_TYPE)
    return entry[start : entry.find(b'"', start)] in _READ_RAW


def read_line(entry: bytes) -> Line:
    """The outside of a stored entry. Raises msgspec.DecodeError."""
    stored = _decode(entry)
    event = stored.event
    return Line(
        stored.position, stored.recorded, event.subject, stored.version, event.type, len(entry), event
    )


def verified(frontier: Frontier, page: Sequence[Fed]) -> tuple[Frontier, list[tuple[Fed, Frontier]]]:
    """The tree after a page, and the entries at which its frontier is kept.

    LedgerDivergedError if positions are not the next ones or a commit's root is not that of the entries.
    """
    kept: list[tuple[Fed, Frontier]] = []
    pending: list[bytes] = []
    at = frontier.size
    for fed in page:
        at += 1
        if fed.position != at:
            raise LedgerDivergedError(f"position {at} was to follow, the ledger gave {fed.position}")
        pending.append(leaf_hash(fed.entry))
        if fed.root is None and at % KEPT_EVERY:
            continue
        frontier = frontier.extend(pending)
        pending.clear()
        if fed.root is not None and fed.root != frontier.root():
            raise LedgerDivergedError(f"the root at position {at} is not that of the entries read")
        if at % KEPT_EVERY == 0:
            kept.append((fed, frontier))
    return frontier.extend(pending), kept


async def feed(connection: Connection, ledger: str, after: int, limit: int) -> list[Fed]:
    """At most `limit` entries after a position, in order."""
    rows = await connection.fetch(sql(_SQL, "feed"), ledger, after, limit)
    return [Fed(row[0], row[1], row[2], row[3]) for row in rows]


async def root_at(connection: Connection, ledger: str, position: int) -> bytes:
    """The Merkle root of the first `position` entries, of which the worker must have read that many."""
    base = position - position % KEPT_EVERY
    kept: Any = await connection.fetchval(sql(_SQL, "root_kept"), ledger, base) if base else b""
    if kept is None:
        raise LookupError(f"{ledger} has not been read up to position {position}")
    frontier = Frontier.from_bytes(base, kept)
    page = await feed(connection, ledger, base, position - base) if position > base else []
    return frontier.extend(leaf_hash(fed.entry) for fed in page).root()


async def position_of(connection: Connection, ledger: str, recorded: datetime) -> int:
    """The last position recorded at that instant or before; 0 if there is none."""
    base: int = await connection.fetchval(sql(_SQL, "root_before"), ledger, recorded) or 0
    while page := await feed(connection, ledger, base, KEPT_EVERY):
        within = [fed.position for fed in page if fed.recorded <= recorded]
        base = within[-1] if within else base
        if len(within) < len(page):
            break
    return base


async def recorded_of(connection: Connection, ledger: str, position: int) -> datetime:
    """When the entry at a position was recorded. LookupError if there is none."""
    page = await feed(connection, ledger, position - 1, 1)
    if not page:
        raise LookupError(f"{ledger} has no position {position}")
    return page[0].recorded
