"""Reads what is recorded: pages and streams of stored lines, subjects, roots, people. Changes nothing."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from schemas import decode_entry, type_of
from schemas.actor import Merged
from services.ledger.errors import LedgerUnknown
from services.ledger.history_people import Actor, described, merged_into
from services.ledger.names import known_form
from services.ledger.refold import Fact
from services.platform.database import sql
from services.platform.merkle import EMPTY_ROOT, Frontier

PAGE_BYTES = 1 << 20  # after which a page ends, so that a handful of readers fits in memory
STREAM_ENTRIES = 2_000  # a page of a stream

_HOME = "services.ledger"
_MERGED = type_of(Merged)


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: all that pass every filter given. Times bound [from, to)."""

    type: str | None = None
    subject: str | None = None
    actor: str | None = None
    domain: str | None = None
    source: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None


class Page(msgspec.Struct, frozen=True):
    """Stored lines in order, each with its position; `more`: there may be others after them."""

    entries: Sequence[tuple[int, bytes]]
    more: bool


class Standing(msgspec.Struct, frozen=True):
    """Where a subject stands after its last entry, at `position`."""

    version: int
    phase: str
    position: int


EVERYTHING = Filters()


class History:
    """The history of every ledger, read through a pool of connections as locus_reader.

    Each call is one round trip and sets its tenant itself, so that connections keep nothing between calls.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def head(self, ledger: str) -> int:
        """The last position; 0: nothing yet. Raises LedgerUnknown."""
        known_form(ledger)
        last: int | None = await self._pool.fetchval(sql(_HOME, "history_head"), ledger)
        if last is None:
            raise LedgerUnknown(ledger)
        return last

    async def ledgers(self, after: str, most: int, allowed: Sequence[str] | None) -> list[tuple[str, int]]:
        """Names and last positions after a name; `allowed` None: of all."""
        rows = await self._pool.fetch(sql(_HOME, "history_ledgers"), after, allowed, most)
        return [(row["ledger"], row["last"]) for row in rows]

    async def page(
        self, ledger: str, after: int, until: int, most: int, filters: Filters = EVERYTHING
    ) -> Page:
        """At most `most` entries with after < position <= until."""
        rows = await self._pool.fetch(
            sql(_HOME, "history_page"), *_asked(ledger, after, until, most, filters)
        )
        entries = [(row[0], row[1]) for row in rows]
        cut = len(entries) == most or sum(len(line) for _, line in entries) >= PAGE_BYTES
        return Page(entries, cut and entries[-1][0] < until)

    async def lines(
        self, ledger: str, after: int, until: int, limit: int | None, filters: Filters
    ) -> AsyncIterator[bytes]:
        """The stored lines with after < position <= until, each with its newline; many lines at a time."""
        left = until if limit is None else limit
        while after < until and left > 0:
            most = min(left, STREAM_ENTRIES)
            asked = _asked(ledger, after, until, most, filters)
            row = await self._pool.fetchrow(sql(_HOME, "history_lines"), *asked)
            last, lines = row or (0, None)
            if lines is None:
                return
            yield lines + b"\n"
            left -= lines.count(b"\n") + 1
            after = int(last)

    async def subject(self, ledger: str, subject: str) -> Standing | None:
        """Where a subject stands; None: nothing is known of it."""
        row = await self._pool.fetchrow(sql(_HOME, "history_subject"), ledger, subject)
        return None if row is None else Standing(*row)

    async def root(self, ledger: str, position: int) -> bytes | None:
        """The root of the tree of the first `position` entries; None: there are not so many."""
        if position == 0:
            return EMPTY_ROOT
        row = await self._pool.fetchrow(sql(_HOME, "history_tree"), ledger, position)
        if row is None:
            return None
        last, root, before, frontier, leaves = row
        return root if last == position else Frontier.from_bytes(before, frontier).extend(leaves).root()

    async def people(
        self, ledger: str, after: int, most: int, actors: Sequence[str] | None
    ) -> tuple[list[Actor], int | None]:
        """Actors as last described, sealed (`actors` None: all), and the cursor of the next page, if any."""
        wanted = None if actors is None else [f"actor/{actor}" for actor in actors]
        rows = await self._pool.fetch(sql(_HOME, "history_described"), ledger, after, most, wanted)
        streams = await self._streams(ledger, [row["subject"] for row in rows])
        people = [described(subject, facts) for subject, facts in streams.items()]
        return [person for person in people if person], rows[-1]["position"] if len(rows) == most else None

    async def merges(self, ledger: str, until: int) -> dict[str, str]:
        """Every actor that turned out to be another, and which."""
        merged: set[str] = set()
        async for lines in self.lines(ledger, 0, until, None, Filters(type=_MERGED)):
            merged.update(decode_entry(line).event.subject for line in lines.splitlines())
        streams = await self._streams(ledger, sorted(merged))
        into = {subject.partition("/")[2]: merged_into(facts) for subject, facts in streams.items()}
        return {actor: other for actor, other in into.items() if other is not None}

    async def _streams(self, ledger: str, subjects: Sequence[str]) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {subject: [] for subject in subjects}
        for row in await self._pool.fetch(sql(_HOME, "history_streams"), ledger, subjects):
            event = decode_entry(row["entry"]).event
            found[row["subject"]].append(Fact(row["position"], row["occurred"], row["recorded"], event))
        return found


def _asked(ledger: str, after: int, until: int, most: int, filters: Filters) -> tuple[Any, ...]:
    return (ledger, after, until, most, PAGE_BYTES, *msgspec.structs.astuple(filters))
