"""A request that arrives whole is answered without a task, as any other would be."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.ledger import main
from services.ledger.appender import Appender
from services.ledger.errors import Overloaded
from services.platform import serving
from services.platform.prompt import Answer
from services.platform.settings import Settings
from tests.conftest import Database
from tests.integration.ledger_site import (
    BATCH,
    EVENTS,
    LEDGER,
    NDJSON,
    STRUCTURED,
    bearer,
    event,
    made,
    token,
)

PERSON = event("actor.registered", "actor/a-1", profile={"name": "Ada"}, kind="person")


class Site:
    """One service, asked in both ways; it knows the token, and the ledger exists."""

    def __init__(self, service: main.Front, client: httpx.AsyncClient, token: str) -> None:
        self.service = service
        self.client = client
        self.token = token

    async def promptly(self, headers: dict[str, str], said: Any) -> Answer:
        """The answer to what must be taken promptly."""
        told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        assert self.taken(headers, said, told)
        return await told

    def taken(self, headers: dict[str, str], said: Any, told: "asyncio.Future[Answer]") -> bool:
        """Whether it is taken promptly."""
        fields = [(name.encode(), value.encode()) for name, value in (bearer(self.token) | headers).items()]
        scope: Any = {"type": "http", "method": "POST", "path": EVENTS, "headers": fields}
        return self.service.promptly(scope, body(said), told.set_result)

    async def asked(self, headers: dict[str, str], said: Any) -> httpx.Response:
        """The same through ASGI."""
        return await self.client.post(EVENTS, headers=headers, content=body(said))


def body(said: Any) -> bytes:
    return said if isinstance(said, bytes) else json.dumps(said).encode()


@asynccontextmanager
async def running(database: Database) -> AsyncGenerator[Site]:
    """The service over this database."""
    service = main.app(Settings(database_url=database.url, vault_keys=str(database.keys)))
    transport = httpx.ASGITransport(service)  # type: ignore[arg-type] — the same protocol, typed twice
    secret = await token(database)
    async with (
        serving.started(service),
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=bearer(secret)) as client,
    ):
        assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 201
        yield Site(service, client, secret)


@pytest.fixture
async def site(database: Database) -> AsyncGenerator[Site]:
    """The same, one for a test."""
    async with running(database) as found:
        yield found


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (STRUCTURED, made()),
        (BATCH, [made(), made()]),
        ({"content-type": "application/json"}, [made()]),
        (STRUCTURED, PERSON),
    ],
)
async def test_what_was_recorded_promptly_is_a_duplicate_when_it_comes_again(
    site: Site, headers: dict[str, str], said: Any
) -> None:
    first = await site.promptly(headers, said)
    again = await site.asked(headers, said)
    assert (first.status, again.status_code) == (201, 200)
    assert json.loads(first.body.replace(b'"duplicate":false', b'"duplicate":true')) == again.json()
    once_more = await site.promptly(headers, said)
    assert (once_more.status, json.loads(once_more.body)) == (200, again.json())


@pytest.mark.parametrize(
    ("headers", "said", "status"),
    [
        (STRUCTURED, b"{", 400),
        (STRUCTURED, made(type="locus.decision.mad.v1"), 422),
        (STRUCTURED, made(source="urn:locus:ledger:1"), 422),
        (STRUCTURED, made(expectedversion=3), 409),
        (BATCH, [made(), made(time="2999-01-01T00:00:00Z")], 422),
        (BATCH, [made()] * 501, 413),
        (STRUCTURED, b" " * (256 * 1024 + 1), 413),
        ({"content-type": "text/html"}, made(), 415),
        ({"authorization": "Bearer nobody"}, made(), 0),
        (NDJSON, made(), 0),
    ],
)
async def test_what_is_refused_is_refused_in_the_same_words(
    site: Site, headers: dict[str, str], said: Any, status: int
) -> None:
    if not status:  # it takes a task, and nothing was begun
        assert not site.taken(headers, said, asyncio.get_running_loop().create_future())
        return
    prompt, asked = await site.promptly(headers, said), await site.asked(headers, said)
    assert (prompt.status, asked.status_code) == (status, status)
    told, also = json.loads(prompt.body), asked.json()
    assert told | {"detail": ""} == also | {"detail": ""}  # one says what time it is
    assert dict(prompt.fields)[b"content-type"] == b"application/problem+json"


async def test_busy_means_retry_the_same_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(*_: Any) -> None:
        raise Overloaded("too much is waiting", 7)

    monkeypatch.setattr(Appender, "publish", publish)
    answer = await site.promptly(STRUCTURED, made())
    assert (answer.status, dict(answer.fields)[b"retry-after"]) == (503, b"7")
    monkeypatch.undo()
    assert (await site.promptly(STRUCTURED, made())).status == 201


async def test_requests_being_answered_are_counted_until_they_are(site: Site) -> None:
    limiter = site.service._site.state.limiter
    account = limiter.account("forge")
    waiting = [asyncio.create_task(site.promptly(STRUCTURED, made())) for _ in range(3)]
    await asyncio.sleep(0)
    assert account._flying == 3
    await asyncio.gather(*waiting, site.promptly(STRUCTURED, b"{"))
    assert account._flying == 0


async def test_a_receipt_that_takes_too_long_is_to_be_asked_for_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "_PATIENCE", 0.2)

    def never(*_: Any) -> "asyncio.Future[Any]":
        return asyncio.get_running_loop().create_future()

    async with running(database) as site:
        monkeypatch.setattr(Appender, "publish", never)
        answer = await site.promptly(STRUCTURED, made())
        assert (answer.status, b"retry-after" in dict(answer.fields)) == (503, True)
