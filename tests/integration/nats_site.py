"""The ledger's service with its intake on a NATS server of its own, and publishers to ask it."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from nats.aio.client import Client
from nats.errors import NoRespondersError

from services.ledger.main import app
from services.platform import durable, messaging, nats_users, serving
from services.platform.embedded import Nats
from services.platform.settings import Settings
from tests.conftest import Database, scratch
from tests.integration.ledger_site import LEDGER, bearer, token

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


@contextmanager
def running_nats() -> Iterator[Nats]:
    with scratch() as directory:
        server = Nats(directory)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def new_password(server: Nats, user: str) -> None:
    """A user's password is another from now on, and whoever came with the old one is turned out."""
    old = nats_users.password(server.home, user)
    durable.replace(server.home / f"{user}.password", b"another")
    configuration = server.home / "nats.conf"
    text = configuration.read_text().replace(old, "another")
    configuration.write_text(text.replace("127.0.0.1:-1", f"127.0.0.1:{server.port}"))
    assert server.child is not None
    server.child.send_signal(signal.SIGHUP)


@dataclass
class Answer:
    """A reply: its JSON, its media type and all its headers."""

    json: Any
    media_type: str
    headers: Mapping[str, str]


@dataclass
class Publisher:
    """Asks over NATS as the user `publisher`, with a token."""

    client: Client
    token: str
    ledger: str = LEDGER

    async def send(
        self,
        body: Any,
        media_type: str | None = STRUCTURED,
        *,
        ledger: str = "",
        authorization: str | None = None,
        within: float = 10,
        **headers: str,
    ) -> Answer:
        """One request; waits for an intake to be there."""
        given = {"Authorization": authorization if authorization is not None else f"Bearer {self.token}"}
        given |= {"Content-Type": media_type} if media_type else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        subject = f"locus.intake.{ledger or self.ledger}"
        while True:
            try:
                message = await self.client.request(subject, data, timeout=within, headers=given)
                break
            except NoRespondersError:
                await asyncio.sleep(0.02)
        answered = dict(message.headers or {})
        return Answer(json.loads(message.data), answered["Content-Type"], answered)

    async def until_receipt(self, body: Any) -> Answer:
        """What a publisher does: retry until there is a receipt."""
        while True:
            try:
                answer = await self.send(body, within=1)
            except TimeoutError:
                continue
            if answer.media_type == "application/json":
                return answer
            assert answer.json["status"] == 503, answer.json


@asynccontextmanager
async def publishing(server: Nats, token: str, ledger: str = LEDGER) -> AsyncGenerator[Publisher]:
    client = await messaging.connect(server.url_of("publisher"), "a publisher")
    try:
        yield Publisher(client, token, ledger)
    finally:
        await client.close()


@dataclass
class Site:
    """The service over HTTP, and a publisher over NATS with the same token."""

    http: httpx.AsyncClient
    nats: Publisher


@asynccontextmanager
async def site(database: Database, server: Nats, keys: Path) -> AsyncGenerator[Site]:
    """Everything in this process; the ledger exists."""
    settings = Settings(
        database_url=database.url,
        nats_url=server.url_of("intake"),
        vault_keys=str(keys),
        token_cache_seconds=0,
    )
    service = app(settings)
    async with serving.started(service):
        transport = httpx.ASGITransport(service, raise_app_exceptions=True)  # type: ignore[arg-type] — the same protocol, typed twice
        secret = await token(database)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://test", headers=bearer(secret)) as client,
            publishing(server, secret) as publisher,
        ):
            answer = await client.post("/v1/ledgers", json={"ledger": LEDGER})
            assert answer.status_code == 201, answer.text
            yield Site(client, publisher)
