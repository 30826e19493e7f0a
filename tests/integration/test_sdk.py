"""The official CloudEvents SDK publishes unchanged, in both of its generations, in every content mode."""

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cloudevents.core.bindings import http as binding
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent as EarlierEvent

from tests.conftest import Database
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import EVENTS, LEDGER, SOURCE, bearer, decision, token


@pytest.fixture
async def client(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a real server; the ledger exists."""
    headers = bearer(await token(database))
    async with serving(database) as address, httpx.AsyncClient(base_url=address, headers=headers) as client:
        assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 201
        yield client


def attributes(id: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "source": SOURCE,
        "type": "locus.decision.made.v1",
        "subject": f"decision/{id.replace('/', '-')}",
    } | more


def current(id: str, **more: Any) -> CloudEvent:
    moment = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    return CloudEvent(attributes(id, time=moment, **more), decision(title="Größe: 100 %"))


def earlier(id: str, **more: Any) -> EarlierEvent:
    return EarlierEvent(attributes(id, **more), decision(title="Größe: 100 %"))


async def recorded(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    return [entry["event"] for entry in (await client.get(EVENTS)).json()["entries"]]


@pytest.mark.parametrize("more", [{}, {"datacontenttype": "application/json", "expectedversion": 0}])
@pytest.mark.parametrize("convert", [binding.to_structured_event, binding.to_binary_event])
async def test_the_sdk_publishes(client: httpx.AsyncClient, convert: Any, more: dict[str, Any]) -> None:
    message = convert(current("é 100%/1", **more))
    answer = await client.post(EVENTS, headers=message.headers, content=message.body)
    assert answer.status_code == 201, answer.text
    (event,) = await recorded(client)
    assert event["id"] == "é 100%/1"
    assert event["time"] == "2026-01-31T09:30:00Z"
    assert event["data"] == decision(title="Größe: 100 %")


@pytest.mark.parametrize("more", [{}, {"datacontenttype": "application/json", "correlationid": "c-1"}])
@pytest.mark.parametrize("convert", [to_structured, to_binary])
async def test_its_first_generation_publishes(
    client: httpx.AsyncClient, convert: Any, more: dict[str, Any]
) -> None:
    headers, body = convert(earlier("e-1", **more))
    answer = await client.post(EVENTS, headers=headers, content=body)
    assert answer.status_code == 201, answer.text
    (event,) = await recorded(client)
    assert event["data"] == decision(title="Größe: 100 %")
    assert event.get("correlationid") == more.get("correlationid")


async def test_events_that_the_sdk_writes_are_published_as_a_batch(client: httpx.AsyncClient) -> None:
    written = [JSONFormat().write(current(f"e-{number}")) for number in range(3)]
    headers = {"content-type": "application/cloudevents-batch+json"}
    answer = await client.post(EVENTS, headers=headers, content=b"[%b]" % b",".join(written))
    assert answer.status_code == 201, answer.text
    assert [receipt["id"] for receipt in answer.json()["receipts"]] == ["e-0", "e-1", "e-2"]
    assert [event["id"] for event in await recorded(client)] == ["e-0", "e-1", "e-2"]


async def test_one_event_in_both_modes_is_one_event(client: httpx.AsyncClient) -> None:
    event = current("e-1")
    for convert, duplicate in ((binding.to_binary_event, False), (binding.to_structured_event, True)):
        message = convert(event)
        answer = await client.post(EVENTS, headers=message.headers, content=message.body)
        assert json.loads(answer.content)["duplicate"] is duplicate
