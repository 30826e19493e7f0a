"""The ledger's HTTP service over a test's database, in this process, and events to publish to it."""

import itertools
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.ledger.main import app
from services.platform import auth, serving
from services.platform.settings import Settings
from tests.conftest import Database

STRUCTURED = {"content-type": "application/cloudevents+json"}
BATCH = {"content-type": "application/cloudevents-batch+json"}
NDJSON = {"content-type": "application/x-ndjson"}
LEDGER = "acme"
EVENTS = f"/v1/ledgers/{LEDGER}/events"
SOURCE = "https://forge.example/org"

_ids = itertools.count(1)


def made(subject: str = "", **changes: Any) -> dict[str, Any]:
    """A decision that was made, as a CloudEvent; a new one each time."""
    number = next(_ids)
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": SOURCE,
        "type": "locus.decision.made.v1",
        "subject": subject or f"decision/d-{number}",
        "time": "2026-01-31T09:30:00Z",
        "data": decision(),
    } | changes


def decision(**changes: Any) -> dict[str, Any]:
    """The data of a decision that was made."""
    return {
        "domains": ["pricing"],
        "outcome": "provisional",
        "deciders": [{"holder": "actor/a-1", "parts": 2}],
        "attested": "recorded",
    } | changes


def event(type: str, subject: str, **data: Any) -> dict[str, Any]:
    """Any event."""
    return made(subject, type=f"locus.{type}.v1", data=data)


async def token(
    database: Database,
    publisher: str = "forge",
    scopes: Sequence[auth.Scope] = auth.SCOPES,
    ledgers: Sequence[str] = (auth.ANY,),
    sources: Sequence[str] = (auth.ANY,),
    lives: timedelta = timedelta(hours=1),
) -> str:
    """A token made now."""
    connection = await database.connect()
    try:
        return await auth.create(
            connection,
            publisher,
            scopes=scopes,
            ledgers=ledgers,
            sources=sources,
            expires_at=datetime.now(UTC) + lives,
        )
    finally:
        await connection.close()


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"Bearer {token}"}


@asynccontextmanager
async def site(database: Database, *, ledger: str = LEDGER) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of the service that may do everything; the ledger exists."""
    async with site_again(database) as client:
        answer = await client.post("/v1/ledgers", json={"ledger": ledger})
        assert answer.status_code == 201, answer.text
        yield client


@asynccontextmanager
async def site_again(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """The same where there may be ledgers already."""
    service = app(Settings(database_url=database.url, vault_keys=str(database.keys)))
    async with serving.started(service):
        transport = httpx.ASGITransport(service, raise_app_exceptions=True)  # type: ignore[arg-type] — the same protocol, typed twice
        headers = bearer(await token(database))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            yield client
