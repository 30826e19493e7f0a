"""Bad input over HTTP: a problem that names the place, nothing stored, no traceback logged."""

import json
import logging
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from tests.conftest import Database
from tests.integration.ledger_site import BATCH, EVENTS, NDJSON, STRUCTURED, decision, event, made, site

RAW = json.dumps(made("decision/d-7", id="e-7", data=decision(size={"amount": 1000, "unit": "EUR"})))
CORRECTED = {"type": "event.corrected", "subject": "decision/d-7", "source": "s", "id": "e", "reason": "r"}
HELD: dict[str, Any] = {
    "type": "debrief.held",
    "subject": "debrief/d-1",
    "about": "decision/d-7",
    "participants": [],
    "failed": [],
    "adjustments": [],
}
HOLDER = "/data/deciders/0/holder"
PARTS = "/data/deciders/0/parts"


def changed(old: str, new: str) -> bytes:
    assert old in RAW
    return RAW.replace(old, new).encode()


def saying(**changes: Any) -> bytes:
    return json.dumps(made(**changes)).encode()


def having(**changes: Any) -> bytes:
    return json.dumps(made(data=decision(**changes))).encode()


def ahead(**by: int) -> bytes:
    return saying(time=(datetime.now(UTC) + timedelta(**by)).isoformat())


def deep(levels: int) -> bytes:
    said = event(**CORRECTED, data={"x": "HERE"})
    return json.dumps(said).replace('"HERE"', "[" * levels + "]" * levels).encode()


CASES: dict[str, tuple[bytes, int, str]] = {
    "not JSON": (b"{", 400, ""),
    "nothing": (b" ", 400, ""),
    "cut off": (RAW[:-2].encode(), 400, "/data/size"),
    "a comma too many": (changed("}]", "},]"), 400, "/data/deciders/1"),
    "not an object": (b'"x"', 422, ""),
    "a wrong type": (changed('"parts": 2', '"parts": "2"'), 422, PARTS),
    "a wrong type of attribute": (saying(id=7), 422, "/id"),
    "data that is an array": (saying(data=[1]), 422, "/data"),
    "an unknown field": (having(outcomes="x"), 422, "/data/outcomes"),
    "an unknown field deep down": (changed('"parts": 2', '"part": 2'), 422, "/data/deciders/0/part"),
    "an unknown attribute": (saying(partitionkey="x"), 422, "/partitionkey"),
    "an unknown type": (saying(type="locus.decision.maid.v1"), 422, "/type"),
    "a missing field": (saying(data={}), 422, "/data/domains"),
    "a type of the ledger's own": (
        json.dumps(event("person.erased", "actor/a-1", basis="x")).encode(),
        422,
        "/type",
    ),
    "another kind's subject": (saying(subject="actor/a-1"), 422, "/subject"),
    "time without offset": (saying(time="2026-01-31T09:30:00"), 422, "/time"),
    "time too far ahead": (ahead(days=1), 422, "/time"),
    "a correction too far ahead": (
        json.dumps(event(**CORRECTED, time="9000-01-01T00:00:00Z")).encode(),
        422,
        "/data/time",
    ),
    "a text too long": (having(choice="x" * 20_001), 422, "/data/choice"),
    "an entry too large": (
        json.dumps(event(**HELD, worked=["x" * 5_000] * 14)).encode(),
        413,
        "",
    ),
    "a source too long": (saying(source="é" * 300), 422, "/source"),
    "an id too long": (saying(id="é" * 200), 422, "/id"),
    "too deep": (deep(33), 400, "/data/data/x" + "/0" * 29),
    "far too deep": (deep(20_000), 400, "/data/data/x" + "/0" * 29),
    "NUL": (changed("actor/a-1", "actor/\\u0000"), 400, HOLDER),
    "NUL unescaped": (changed("actor/a-1", "actor/\0"), 400, HOLDER),
    "a lone surrogate": (changed("actor/a-1", "actor/\\ud800"), 400, HOLDER),
    "invalid UTF-8": (RAW.encode().replace(b"actor/a-1", b"actor/\xff"), 400, HOLDER),
    "a duplicate key": (changed('"id": "e-7"', '"id": "e-7", "id": "e-8"'), 400, "/id"),
    "a duplicate key deep down": (changed('"parts": 2', '"parts": 2, "parts": 2'), 400, PARTS),
    "a number past 2^53": (changed("1000", "9007199254740993"), 400, "/data/size/amount"),
    "a number past every double": (changed("1000", "1e999"), 400, "/data/size/amount"),
    "not a number": (changed("1000", "NaN"), 400, "/data/size/amount"),
}  # fmt: skip


@pytest.fixture
async def client(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """A service; afterwards its ledger has to be empty and its log without a traceback."""
    with capture_logs() as logs:
        async with site(database) as client:
            yield client
            assert (await client.get(EVENTS)).json() == {"entries": [], "next": None}
    assert [line for line in logs if "exc_info" in line or line["log_level"] in ("error", "critical")] == []


def checked(problem: dict[str, Any], status: int, where: str) -> None:
    assert (problem["status"], problem["where"]) == (status, where), problem
    assert problem["type"].startswith("urn:locus:problem:")
    assert problem["title"]
    assert problem["detail"]
    assert problem["hint"]


async def test_each_fault_of_one_event_has_its_problem(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    for body, status, where in CASES.values():
        answer = await client.post(EVENTS, headers=STRUCTURED, content=body)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        checked(answer.json(), status, where)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


async def test_each_fault_in_a_batch_names_the_index_and_nothing_of_the_batch_is_stored(
    client: httpx.AsyncClient,
) -> None:
    for name, (body, status, where) in CASES.items():
        if name in ("not JSON", "nothing", "cut off"):
            continue  # then it is the batch that is not JSON
        answer = await client.post(EVENTS, headers=BATCH, content=b"[%b,%b]" % (RAW.encode(), body))
        # The array is a level as well, where nesting is so deep that it cannot even be taken apart.
        cut = where.removesuffix("/0") if name == "far too deep" else where
        checked(answer.json(), status, f"/1{cut}")


async def test_each_faulty_line_has_its_answer_among_the_others(client: httpx.AsyncClient) -> None:
    bodies = [body for body, _, _ in CASES.values() if b"\n" not in body and body.strip()]
    answer = await client.post(EVENTS, headers=NDJSON, content=b"\n".join(bodies))
    problems = [json.loads(line) for line in answer.text.splitlines()]
    expected = [case[1:] for case in CASES.values() if case[0].strip()]
    assert len(problems) == len(expected)
    for problem, (status, where) in zip(problems, expected, strict=True):
        checked(problem, status, where)


async def test_a_clock_may_be_five_minutes_ahead_and_no_more(database: Database) -> None:
    async with site(database) as client:
        for minutes, status in ((4, 201), (6, 422)):
            answer = await client.post(EVENTS, headers=STRUCTURED, content=ahead(minutes=minutes))
            assert answer.status_code == status, answer.text


async def test_a_body_too_large_is_refused_however_it_is_announced(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncGenerator[bytes]:
        for _ in range(100):
            yield b" " * 65_536

    for headers in (STRUCTURED, BATCH, {"content-type": "application/json"}):
        for content in (b" " * 5_000_000, pieces()):
            answer = await client.post(EVENTS, headers=headers, content=content)
            checked(answer.json(), 413, "")


async def test_too_many_events_in_a_batch_are_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post(EVENTS, headers=BATCH, content=json.dumps([made() for _ in range(501)]))
    checked(answer.json(), 413, "")


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/cloudevents+avro"},
        {"content-type": "application/xml", "ce-id": "1"},
        {},
        STRUCTURED | {"content-encoding": "gzip"},
    ],
)
async def test_other_media_types_are_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post(EVENTS, headers=headers, content=RAW)
    where = "Content-Encoding" if "content-encoding" in headers else "Content-Type"
    checked(answer.json(), 415, where)


async def test_faults_in_binary_mode_are_named_alike(client: httpx.AsyncClient) -> None:
    said = made()
    good = {f"ce-{name}": str(value) for name, value in said.items() if name != "data"}
    good["content-type"] = "application/json"
    body = json.dumps(said["data"])
    for headers, content, status, where in (
        (good | {"ce-time": "2026-01-31T09:30:00"}, body, 422, "/time"),
        (good | {"ce-id": "%ff"}, body, 422, "/id"),
        (good | {"ce-partitionkey": "x"}, body, 422, "/partitionkey"),
        (good | {"content-type": "text/plain"}, body, 415, "Content-Type"),
        (good, body[:-1], 400, "/data/attested"),
        (good, body.replace('"parts": 2', '"parts": 2, "parts": 2'), 400, PARTS),
        (good, body.replace('"parts": 2', '"parts": "2"'), 422, PARTS),
        (good, " " * 300_000, 413, ""),
    ):
        answer = await client.post(EVENTS, headers=headers, content=content)
        checked(answer.json(), status, where)
