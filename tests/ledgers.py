"""What tests of the ledger share: events, appenders to publish them with, and a check from outside."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from schemas import Data, Event, decision, type_of
from services.ledger.appender import Appender
from services.ledger.sealing import Keys
from services.ledger.vault import Vault
from services.ledger.vault_files import KeyFiles
from services.platform import database as platform_database

SOURCE = "urn:test:forge"
START = datetime(2024, 1, 1, tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


def event(
    id: object, subject: str, data: Data, *, day: float = 0, source: str = SOURCE, **more: Any
) -> Event:
    """An event that occurred `day` days into 2024."""
    return Event(
        id=str(id),
        source=source,
        type=type_of(data),
        subject=subject,
        time=START + timedelta(days=day),
        data=data,
        **more,
    )


def made(
    id: object, subject: str | None = None, *, day: float = 0, outcome: str = "accepted", **more: Any
) -> Event:
    """A decision made; its subject is new unless given."""
    data = decision.Made.__call__(
        domains=("pricing",),
        outcome=outcome,
        deciders=(decision.Decider(holder="actor/a-1"),),
        attested="recorded",
    )
    return event(id, subject or f"decision/d-{id}", data, day=day, **more)


def reviewed(id: object, subject: str, *, day: float = 0, **more: Any) -> Event:
    """A fact that any subject may have any number of times."""
    return event(id, subject, decision.Reviewed(by="a-1", result="kept"), day=day, **more)


def connecting(url: str) -> Callable[[], Any]:
    """How an appender connects."""
    return lambda: platform_database.connect(url, "locus_appender")


@asynccontextmanager
async def keeping(url: str, keys: Path) -> AsyncIterator[Vault]:
    """The vault in a database, its key-encryption keys in a directory."""
    pool = asyncpg.create_pool(**platform_database.as_role(url, "locus_vault"), min_size=0)
    async with pool:
        vault = Vault(pool, KeyFiles(keys), now=now)
        await vault.begin()
        yield vault


async def no_keys(ledger: str, holders: Collection[str]) -> Keys:
    """For events without anything personal."""
    raise AssertionError(f"nobody's key was expected to be needed in {ledger}: {holders}")


@asynccontextmanager
async def appending(url: str, ledger: str = "acme", **options: Any) -> AsyncIterator[Appender]:
    """An appender on a ledger that exists."""
    options.setdefault("now", now)
    options.setdefault("keys", no_keys)
    async with Appender(connecting(url), **options) as appender:
        await appender.create_ledger(ledger)
        yield appender


async def check_log(url: str, ledger: str = "acme") -> list[dict[str, Any]]:
    """Verify the whole log from outside and give its entries, decoded.

    Positions without gaps, instants that grow, consecutive versions, identities once, columns that agree with
    the stored bytes, commits end to end, and every root computed anew by the RFC's recursive definition.
    """
    connection = await platform_database.connect(url, "postgres")
    try:
        rows = await connection.fetch(
            "SELECT * FROM ledger.entries WHERE ledger = $1 ORDER BY position", ledger
        )
        commits = await connection.fetch(
            "SELECT * FROM ledger.commits WHERE ledger = $1 ORDER BY last", ledger
        )
    finally:
        await connection.close()
    entries = [_checked(row, place) for place, row in enumerate(rows, start=1)]
    _check_versions(entries)
    _check_commits(rows, commits)
    return entries


def _checked(row: asyncpg.Record, place: int) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(row["entry"])
    said = entry["event"]
    assert b"\n" not in row["entry"]
    assert list(entry) == ["format", "ledger", "position", "recorded", "version", "publisher", "event"]
    assert row["position"] == entry["position"] == place
    assert (row["ledger"], row["version"]) == (entry["ledger"], entry["version"])
    assert row["recorded"] == datetime.fromisoformat(entry["recorded"])
    assert row["occurred"] == min(datetime.fromisoformat(said["time"]), row["recorded"])
    for column in ("subject", "type", "source", "id"):
        assert row[column] == said[column]
    return entry


def _check_versions(entries: list[dict[str, Any]]) -> None:
    versions: dict[str, int] = {}
    for entry in entries:
        subject = entry["event"]["subject"]
        versions[subject] = versions.get(subject, 0) + 1
        assert entry["version"] == versions[subject]
    identities = {(entry["event"]["source"], entry["event"]["id"]) for entry in entries}
    assert len(identities) == len(entries)


def _check_commits(rows: list[asyncpg.Record], commits: list[asyncpg.Record]) -> None:
    leaves = [sha256(b"\0" + row["entry"]).digest() for row in rows]
    last, recorded = 0, datetime.min.replace(tzinfo=UTC)
    for commit in commits:
        assert commit["first"] == last + 1
        assert commit["recorded"] > recorded
        last, recorded = commit["last"], commit["recorded"]
        assert {row["recorded"] for row in rows[commit["first"] - 1 : last]} == {recorded}
    assert last == len(rows)
    for commit in [*commits[:20], *commits[-3:]]:
        assert commit["root"] == _root(leaves[: commit["last"]])


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:])).digest()


async def until(condition: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait for something another task brings about."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 — what brings it about may be another process
            await asyncio.sleep(0.005)
