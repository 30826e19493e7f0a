"""The only code that knows the ledger's tables: a few calls, one round trip each, on a connection given."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import asyncpg

from schemas.registry import decode_entry
from services.ledger.entries import FORMAT
from services.ledger.errors import LedgerOutdated, LedgerUnknown, OriginTaken
from services.ledger.judging import Judgement
from services.ledger.moment import Head, Identity, Kept, Subject
from services.ledger.refold import Fact
from services.platform.database import sql
from services.platform.merkle import TILE_HEIGHT, Frontier

# The constraints that say: judge this group again, from what is stored.
STALE = frozenset({"entries_identity", "entries_subject_version"})
# Many texts are sent as one, which the driver does ten times as fast. If one of them held the character, the
# columns would be of unequal length, and the database would refuse the group.
_PART = "\x1f"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
SILENCE = "2s"  # how long a writer that holds the lock may be silent before the server lets the others on


def _sql(name: str) -> LiteralString:
    return sql("services.ledger", name)


async def create_ledger(connection: asyncpg.Connection, ledger: str, origin: str, now: datetime) -> bool:
    """Add an empty ledger; `origin` is its log's name for good. False: there is one of that name already.

    Raises OriginTaken.
    """
    try:
        return bool(await connection.fetchval(_sql("create_ledger"), ledger, origin, now))
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != "ledgers_origin":
            raise
        raise OriginTaken(origin) from None


async def append(connection: asyncpg.Connection, ledger: str, judgement: Judgement, head: Head) -> bool:
    """Write what was accepted, whole, as the commit that makes `head`; False: the head has moved meanwhile.

    UniqueViolationError with a constraint of STALE: a subject or identity was not as the group took it to be.
    """
    versions, subjects, types, sources, ids, occurred, latest, phases, lines = zip(
        *judgement.rows, strict=True
    )
    kinds, values, positions = zip(*judgement.mentions, strict=True) if judgement.mentions else ((), (), ())
    return bool(
        await connection.fetchval(
            _sql("append"),
            ledger,
            head.last - len(lines),
            head.recorded,
            versions,
            _PART.join(subjects),
            _PART.join(types),
            _PART.join(sources),
            _PART.join(ids),
            [_microseconds(moment) for moment in occurred],
            [None if moment is None else _microseconds(moment) for moment in latest],
            _PART.join(phases),
            lines,
            _PART.join(kinds),
            _PART.join(values),
            positions,
            head.frontier.root(),
            head.frontier.to_bytes(),
            [level // TILE_HEIGHT for (level, _), _ in judgement.completed],
            [place for (_, place), _ in judgement.completed],
            [hash for _, hash in judgement.completed],
            [judgement.tile(node) for node, _ in judgement.completed],
        )
    )


async def lock(connection: asyncpg.Connection, ledger: str) -> None:
    """Keep every other writer of the ledger waiting until this transaction ends."""
    await connection.execute(_sql("lock"), ledger, SILENCE)


async def read(
    connection: asyncpg.Connection, ledger: str, identities: Sequence[Identity], subjects: Sequence[str]
) -> tuple[Head, dict[Identity, Kept], dict[str, Subject]]:
    """One moment: the head, those of the identities that are stored, those of the subjects that exist.

    Raises LedgerUnknown, LedgerOutdated.
    """
    sources, ids = [source for source, _ in identities], [id for _, id in identities]
    rows = await connection.fetch(_sql("judge"), ledger, sources, ids, subjects)
    if not rows:
        raise LedgerUnknown(ledger)
    _, _, last, recorded, format, *_, frontier = rows[0]
    if format != FORMAT:
        raise LedgerOutdated(ledger)
    kept: dict[Identity, Kept] = {}
    found: dict[str, Subject] = {}
    for what, place, position, instant, version, latest, phase, entry in rows[1:]:
        if what == "identity":
            kept[identities[place - 1]] = Kept(position, instant, version, entry=entry)
        else:
            found[subjects[place - 1]] = Subject(version, latest, phase)
    return Head(last, recorded, Frontier.from_bytes(last, frontier)), kept, found


async def streams(
    connection: asyncpg.Connection, ledger: str, subjects: Iterable[str]
) -> dict[str, list[Fact]]:
    """Every fact of these subjects, each subject's in order of position."""
    found: dict[str, list[Fact]] = {}
    for subject, position, recorded, occurred, entry in await connection.fetch(
        _sql("streams"), ledger, list(subjects)
    ):
        fact = Fact(position, occurred, recorded, decode_entry(entry).event)
        found.setdefault(subject, []).append(fact)
    return found


async def heads(connection: asyncpg.Connection) -> dict[str, int]:
    """Every ledger's last position."""
    return {row["ledger"]: row["last"] for row in await connection.fetch(_sql("heads"))}


async def feed(connection: asyncpg.Connection, ledger: str, after: int, most: int) -> list[tuple[int, bytes]]:
    """At most `most` stored lines after a position, with their positions, in order."""
    return [(row[0], row[1]) for row in await connection.fetch(_sql("feed"), ledger, after, most)]


def _microseconds(moment: datetime) -> int:
    """Since 1970, exactly. The driver takes six times as long to send an instant as to send a number."""
    return (moment - _EPOCH) // _MICROSECOND
