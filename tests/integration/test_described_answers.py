"""What the ledger answers is what its OpenAPI says: the statuses, the forms, the content."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tests.conftest import Database
from tests.described import check, document
from tests.integration.ledger_site import (
    BATCH,
    EVENTS,
    LEDGER,
    NDJSON,
    STRUCTURED,
    bearer,
    decision,
    event,
    made,
    token,
)
from tests.integration.test_log import checkpoint, signing

HOME = f"/v1/ledgers/{LEDGER}"
LEDGERS = "/v1/ledgers"
ADA = event("actor.registered", "actor/a-1", kind="person", profile={"name": "Ada"})
FIRST = made("decision/d-1")


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A ledger of three entries, all signed."""
    async with signing(database, tmp_path) as client:
        for said in (ADA, FIRST, made("decision/d-2")):
            await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said))
        await checkpoint(client, 3)
        yield client


GOOD = [
    LEDGERS,
    "/v1/accesses",
    "/health/live",
    "/health/ready",
    *(
        f"{HOME}/{rest}"
        for rest in (
            "events",
            "events/1",
            "subjects/decision/d-1",
            "directory",
            "people/a-1",
            "rejected",
            "log/root/2",
            "log/checkpoint",
            "log/policy",
            "log/tile/0/000.p/3",
            "log/tile/entries/000.p/3",
            "log/proof/2",
            "log/proof/3?from=2",
            "evidence",
        )
    ),
]
WRONG = [
    (400, f"{LEDGERS}?limit=0"),
    (400, "/v1/accesses?limit=0"),
    (404, f"{LEDGERS}/elsewhere/events"),
    *(
        (status, f"{HOME}/{rest}")
        for status, rest in (
            (400, "events?limit=x"),
            (400, "events/x"),
            (404, "events/4"),
            (400, "subjects/decision/d-1?limit=0"),
            (404, "subjects/decision/d-9"),
            (400, "directory?limit=0"),
            (400, "people/a-1?x=1"),
            (404, "people/a-9"),
            (400, "rejected?limit=0"),
            (404, "rejected/0f"),
            (400, "log/root/x"),
            (404, "log/root/4"),
            (400, "log/checkpoint?x=1"),
            (400, "log/policy?x=1"),
            (400, "log/tile/0/000.p/3?x=1"),
            (404, "log/tile/0/009"),
            (400, "log/proof/x"),
            (404, "log/proof/4"),
            (400, "evidence?limit=1"),
        )
    ),
]


async def test_what_is_read_is_as_described(client: httpx.AsyncClient) -> None:
    described = await document(client)
    for path in GOOD:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        check(described, answer)
    for accept in ("application/json", "text/plain"):
        check(described, await client.get(f"{HOME}/log/proof/2", headers={"accept": accept}))
    for accept in ("application/json", "application/x-ndjson", "text/event-stream"):
        check(described, await client.head(EVENTS, headers={"accept": accept}))
    check(described, await client.head(f"{HOME}/evidence"))


async def test_what_cannot_be_read_is_a_problem_as_described(
    client: httpx.AsyncClient, database: Database
) -> None:
    described = await document(client)
    for status, path in WRONG:
        answer = await client.get(path)
        assert answer.status_code == status, answer.text
        check(described, answer)
    for path in (EVENTS, f"{HOME}/log/proof/2"):
        check(described, refused := await client.get(path, headers={"accept": "image/png"}))
        assert refused.status_code == 406
    elsewhere = bearer(await token(database, scopes=["publish"], ledgers=["elsewhere"]))
    for path in (path for path in GOOD if path.startswith((HOME, "/v1/accesses"))):
        for headers, status in ((bearer("unknown"), 401), (elsewhere, 403)):
            check(described, refused := await client.get(path, headers=headers))
            assert refused.status_code == status


_ONE, _MANY, _LINES, _JSON = STRUCTURED, BATCH, NDJSON, {"content-type": "application/json"}
_NOBODY = {"authorization": ""}


def _attributes(event: dict[str, Any]) -> dict[str, str]:
    return {f"ce-{name}": value for name, value in event.items() if name != "data"}


SENT: list[tuple[int, str, str, dict[str, str], Any]] = [
    (201, "POST", LEDGERS, _JSON, {"ledger": "another", "origin": "log.example/another"}),
    (400, "POST", LEDGERS, _JSON, {"ledger": "A"}),
    (401, "POST", LEDGERS, _JSON | _NOBODY, {"ledger": "another"}),
    (409, "POST", LEDGERS, _JSON, {"ledger": LEDGER}),
    (201, "POST", EVENTS, _ONE, made("decision/d-3")),
    (201, "POST", EVENTS, _MANY, [made("decision/d-4")]),
    (200, "POST", EVENTS, _ONE, FIRST),
    (200, "POST", EVENTS, _MANY, [FIRST]),
    (200, "POST", EVENTS, _LINES, json.dumps(FIRST)),
    (201, "POST", EVENTS, _JSON, made("decision/d-5")),
    (201, "POST", EVENTS, _JSON, [made("decision/d-6")]),
    (201, "POST", EVENTS, _JSON | _attributes(made("decision/d-7")), decision()),
    (400, "POST", EVENTS, _ONE, "{"),
    (401, "POST", EVENTS, _ONE | _NOBODY, FIRST),
    (409, "POST", EVENTS, _ONE, FIRST | {"time": "2026-01-30T09:30:00Z"}),
    (413, "POST", EVENTS, _ONE, "x" * 2_000_000),
    (415, "POST", EVENTS, {"content-type": "text/plain"}, "x"),
    (422, "POST", EVENTS, _ONE, FIRST | {"type": "locus.decision.mad.v1"}),
    (404, "POST", f"{LEDGERS}/elsewhere/events", _ONE, FIRST),
    (200, "PUT", f"{HOME}/people/a-1/hold", _JSON, {"reason": "A court asked"}),
    (400, "PUT", f"{HOME}/people/a-1/hold", _JSON, {}),
    (404, "PUT", f"{HOME}/people/a-9/hold", _JSON, {"reason": "A court asked"}),
    (200, "DELETE", f"{HOME}/people/a-1/hold", _JSON, None),
    (200, "DELETE", f"{HOME}/people/a-1?basis=She+asked", _JSON, None),
    (400, "DELETE", f"{HOME}/people/a-1", _JSON, {}),
    (404, "DELETE", f"{HOME}/people/a-9?basis=She+asked", _JSON, None),
    (404, "POST", f"{HOME}/rejected/0f/retry", _JSON, None),
]


async def test_what_is_sent_is_answered_as_described(client: httpx.AsyncClient) -> None:
    described = await document(client)
    for status, method, path, headers, said in SENT:
        content = said if isinstance(said, str) else json.dumps(said)
        answer = await client.request(method, path, content=content, headers=headers)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        check(described, answer)


async def test_whoever_is_held_or_erased_is_told_of_as_described(client: httpx.AsyncClient) -> None:
    described = await document(client)
    why, basis = {"reason": "A court asked"}, {"basis": "She asked"}
    person = f"{HOME}/people/a-1"
    await client.put(f"{person}/hold", json=why)
    check(described, await client.get(person))
    check(described, held := await client.delete(person, params=basis))
    await client.delete(f"{person}/hold")
    await client.delete(person, params=basis)
    check(described, await client.get(person))
    check(described, await client.get(f"{HOME}/directory"))
    check(described, erased := await client.put(f"{person}/hold", json=why))
    assert (held.status_code, erased.status_code) == (409, 409)


async def test_whoever_is_too_fast_is_answered_as_described(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path, limit_rate=0.01, limit_burst=1) as client:
        await client.get(f"{HOME}/directory")
        described = await document(client)
        check(described, late := await client.get(f"{HOME}/directory"))
        check(described, refused := await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(FIRST)))
    assert (late.status_code, refused.status_code) == (503, 503)


async def test_bodies_are_described(client: httpx.AsyncClient) -> None:
    paths = (await document(client))["paths"]
    hold = paths["/v1/ledgers/{ledger}/people/{actor}/hold"]["put"]["requestBody"]
    assert hold["content"]["application/json"]["schema"]["required"] == ["reason"]
    events = paths["/v1/ledgers/{ledger}/events"]["post"]["requestBody"]["content"]
    plain = jsonschema.Draft202012Validator(events["application/json"]["schema"])
    assert all(plain.is_valid(one) for one in (FIRST, [FIRST], FIRST["data"]))
    assert not plain.is_valid("decision")


async def test_every_error_is_described_as_a_problem(client: httpx.AsyncClient) -> None:
    for path, item in (await document(client))["paths"].items():
        for method, operation in item.items():
            for status, answer in operation["responses"].items():
                assert ("Retry-After" in answer.get("headers", {})) == (status == "503")
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], (method, path, status)
