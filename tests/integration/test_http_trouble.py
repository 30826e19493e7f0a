"""When we are busy, the database is away or the program is wrong: an answer that says what to do."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from schemas import Receipt
from services.ledger import main
from services.ledger.appender import Appender
from services.ledger.errors import Overloaded
from services.platform import serving
from services.platform.settings import Settings
from tests.conftest import Database
from tests.integration.ledger_site import EVENTS, NDJSON, STRUCTURED, bearer, made, site


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def submit(*_: Any) -> list[Receipt]:
        raise error

    monkeypatch.setattr(Appender, "submit", submit)
    monkeypatch.setattr(Appender, "submit_each", submit)


async def test_busy_means_retry_the_same_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site(database) as client:
        failing(monkeypatch, Overloaded("too much is waiting", 7))
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(made()))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
        assert answer.json()["hint"]


async def test_a_bulk_load_waits_while_we_are_busy(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.ledger.http_bulk._PAUSE", 0.05)
    submit_each = Appender.submit_each
    busy = iter([True, True, False])

    async def sometimes(*arguments: Any) -> Any:
        if next(busy):
            raise Overloaded("too much is waiting")
        return await submit_each(*arguments)

    async with site(database) as client:
        monkeypatch.setattr(Appender, "submit_each", sometimes)
        answer = await client.post(EVENTS, headers=NDJSON, content=json.dumps(made()))
        assert (answer.status_code, answer.json()["position"]) == (200, 1)


async def test_a_receipt_that_takes_too_long_is_to_be_asked_for_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def submit(*_: Any) -> list[Receipt]:
        await asyncio.sleep(30)
        return []

    monkeypatch.setattr(main, "_PATIENCE", 0.2)
    async with site(database) as client:
        monkeypatch.setattr(Appender, "submit", submit)
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(made()))
        assert answer.status_code == 503
        assert answer.headers["retry-after"]


async def test_a_body_of_which_nothing_comes_is_not_waited_for_without_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    monkeypatch.setattr("services.ledger.http._WITHIN", 0.1)
    async with site(database) as client, asyncio.timeout(5):
        answer = await client.post(EVENTS, headers=STRUCTURED | {"content-length": "9"}, content=nothing())
        assert (answer.status_code, answer.json()["type"]) == (408, "urn:locus:problem:body-too-slow")


@pytest.mark.parametrize("headers", [STRUCTURED, NDJSON])
async def test_what_nobody_foresaw_is_logged_and_not_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    async with site(database) as client:
        failing(monkeypatch, RuntimeError("the secret"))
        with capture_logs() as logs:
            answer = await client.post(EVENTS, headers=headers, content=json.dumps(made()))
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert [line["event"] for line in logs if "exc_info" in line] == ["request failed"]


async def test_without_a_database_the_service_runs_and_says_what_it_waits_for(tmp_path: Path) -> None:
    service = main.app(
        Settings(database_url="postgresql:///none?host=/nonexistent", vault_keys=str(tmp_path))
    )
    async with serving.started(service):
        transport = httpx.ASGITransport(service)  # type: ignore[arg-type] — the same protocol, typed twice
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=bearer("x")
        ) as client:
            assert (await client.get("/health/live")).status_code == 200
            assert (await client.get("/health/ready")).status_code == 503
            for answer in (
                await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(made())),
                await client.post("/v1/ledgers", json={"ledger": "acme"}),
                await client.get(EVENTS),
                await client.get("/v1/ledgers"),
            ):
                assert answer.status_code == 503, answer.text
                assert answer.headers["retry-after"]
                assert answer.json()["type"] == "urn:locus:problem:unavailable"
