"""Whoever examines stretches of a ledger's tables: a connection of its own that sees a given moment."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from schemas import convert_data
from schemas.event import Corrected
from schemas.registry import UnknownTypeError, read_data
from services.audit import lines, naming
from services.audit.chain import Commit
from services.audit.instants import NEVER, instants
from services.audit.reading import COLUMNS, Events, Page, Stretch, examined
from services.audit.uniques import Hashing
from services.audit.work import Between, InDatabase, Task
from services.failures import UNREACHABLE, CommandFailed
from services.platform.database import connect, sql

_HOME = "services.audit"
_SNAPSHOT = re.compile(r"[0-9A-F]+(-[0-9A-F]+)*")


async def connected(url: str) -> asyncpg.Connection:
    """As the auditor's role, which is all an auditor's login may take; as a reader in an older database."""
    try:
        auditor = await connect(url, "locus_auditor")
    except asyncpg.PostgresError as refused:
        try:
            return await connect(url, "locus_reader")
        except asyncpg.InsufficientPrivilegeError:
            told = f"{refused}: ask for GRANT locus_auditor TO the login that the address names"
            raise CommandFailed(told, UNREACHABLE) from None
        except asyncpg.PostgresError:
            raise refused from None
    if await auditor.fetchval(sql(_HOME, "auditor")):
        return auditor
    await auditor.close()
    return await connect(url, "locus_reader")


@asynccontextmanager
async def looking(place: InDatabase, hashing: Hashing) -> AsyncIterator["Looker"]:
    """One who examines entries by position."""
    connection = await connected(place.url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if not _SNAPSHOT.fullmatch(place.snapshot):
                raise ValueError(f"the database names a moment {place.snapshot!r}")
            await connection.execute(f"SET TRANSACTION SNAPSHOT '{place.snapshot}'")  # takes no parameters
            await connection.execute(sql(_HOME, "tenant"), place.known.ledger)
            yield Looker(connection, place, hashing)
    finally:
        await connection.close()


class Looker:
    """Asks one thing at a time."""

    def __init__(self, connection: asyncpg.Connection, place: InDatabase, hashing: Hashing) -> None:
        self._connection = connection
        self._known = place.known
        self._hashing = hashing
        self._lock = asyncio.Lock()

    async def examine(self, task: Task) -> Stretch:
        """All there is to say of these entries."""
        if not isinstance(task, Between):
            raise TypeError("a database is examined by positions")
        async with self._lock:
            page = await self._page(task)
            stretch, slices = examined(page, task.before, self._known, self._hashing)
            for events in slices:
                named = self._hashing.sum(await self._named(events, self._hashing.salt))
                stretch.named = (stretch.named + named) & Hashing.MOST
            if not page.lines:
                stretch.following = await self._connection.fetchval(
                    sql(_HOME, "next_position"), self._known.ledger, task.after
                )
            return stretch

    async def named(self, task: Between) -> set[str]:
        """The rows of mentions that there have to be."""
        async with self._lock:
            _, slices = examined(await self._page(task), task.before, self._known, self._hashing)
            return {row for events in slices for row in await self._named(events)}

    async def _named(self, events: Events, salt: str = "") -> set[str]:
        return {*naming.rows(events, salt), *await self._instead(events, salt)}

    async def _page(self, task: Between) -> Page:
        asked = (self._known.ledger, task.after, task.until)
        rows = await self._connection.fetch(sql(_HOME, "pages"), *asked)
        commits = await self._connection.fetch(sql(_HOME, "commits"), *asked)
        *columns, entries = zip(*rows, strict=True) if rows else [()] * (len(COLUMNS) + 1)
        position, recorded, occurred, *others = columns
        columns = [position, instants(recorded), instants(occurred), *others]
        return Page(entries, columns, list(_commits(commits)))

    async def _instead(self, events: Events, salt: str) -> list[str]:
        """What corrections name in the place of others: their data are of the type that they correct."""
        if lines.CORRECTED not in events.types:
            return []
        columns = zip(events.positions, events.types, events.subjects, events.data, strict=True)
        found = [
            (naming.place(position, salt), subject, data)
            for position, type, subject, raw in columns
            if type == lines.CORRECTED and (data := _correction(raw)) is not None
        ]
        if not found:
            return []
        asked = [data.source for *_, data in found], [data.id for *_, data in found]
        rows = await self._connection.fetch(sql(_HOME, "types"), self._known.ledger, *asked)
        types = {(row["source"], row["id"]): row["type"] for row in rows}
        return [
            row
            for place, subject, data in found
            for row in _named(place, subject, types.get((data.source, data.id)), data)
        ]


def _commits(rows: Sequence[asyncpg.Record]) -> Iterator[Commit]:
    recorded = instants([row[2] for row in rows])
    for (first, last, _, root, frontier), at in zip(rows, recorded, strict=True):
        yield Commit(first, last, at or NEVER, root, frontier)


def _correction(raw: msgspec.Raw) -> Corrected | None:
    """One that puts other data in the place of an event's."""
    try:
        data = read_data(lines.CORRECTED, raw)
    except (ValueError, *lines.UNREADABLE):
        return None  # then it names nothing
    return data if isinstance(data, Corrected) and data.data is not None else None


def _named(place: str, subject: str, corrected: str | None, data: Corrected) -> list[str]:
    if corrected is None:
        return []
    try:
        return naming.of_data(place, subject, convert_data(corrected, data.data, sealed=True))
    except (UnknownTypeError, msgspec.ValidationError):
        return []
