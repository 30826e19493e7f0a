"""The views served over real rows: entries in, the worker's rows, the API, an HTTP client."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.platform import auth, serving
from services.platform.settings import Settings
from services.projections.main import app
from tests.conftest import Database

LEDGER = "acme"


@asynccontextmanager
async def site(database: Database, **allowed: Any) -> AsyncGenerator[httpx.AsyncClient]:
    """The API and a client whose token may read views."""
    connection = await database.connect()
    token = await auth.create(
        connection,
        "reader",
        scopes=allowed.get("scopes", ["views"]),
        ledgers=allowed.get("ledgers", ["*"]),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    await connection.close()
    served = app(Settings(database_url=database.url))
    async with (
        serving.started(served),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(served),
            base_url="http://test",
            headers={"authorization": f"Bearer {token}"},
        ) as client,
    ):
        yield client


async def asked(
    client: httpx.AsyncClient, view: str, ledger: str = LEDGER, **question: Any
) -> dict[str, Any]:
    """The answer to a question; `from_` is written `from`."""
    parameters = {name.rstrip("_"): str(value) for name, value in question.items() if value is not None}
    response = await client.get(f"/v1/ledgers/{ledger}/{view}", params=parameters)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer
