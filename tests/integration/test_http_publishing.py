"""Publishing over HTTP: what is answered, and what is recorded."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from schemas import Receipt
from tests.conftest import Database
from tests.integration.ledger_site import (
    BATCH,
    EVENTS,
    NDJSON,
    SOURCE,
    STRUCTURED,
    bearer,
    decision,
    event,
    made,
    site,
    token,
)

PROBLEM = "application/problem+json"


async def recorded(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get(EVENTS, headers={"accept": "application/x-ndjson"})
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_event_is_answered_with_its_receipt(database: Database) -> None:
    async with site(database) as client:
        said = made()
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said))
        assert answer.status_code == 201
        receipt = msgspec.json.decode(answer.content, type=Receipt)
        assert (receipt.position, receipt.version, receipt.duplicate) == (1, 1, False)
        (entry,) = await recorded(client)
        assert entry["event"]["data"] == said["data"]
        assert entry["publisher"] == "forge"


async def test_the_same_again_is_the_same_receipt_marked_duplicate(database: Database) -> None:
    async with site(database) as client:
        said = made()
        first = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said))
        again = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said, indent=2))
        assert again.status_code == 200
        assert again.json() == first.json() | {"duplicate": True}


async def test_the_same_id_with_other_content_is_a_conflict(database: Database) -> None:
    async with site(database) as client:
        said = made()
        await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said))
        other = said | {"data": decision(outcome="rejected")}
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(other))
        assert answer.status_code == 409
        assert answer.headers["content-type"] == PROBLEM
        assert answer.json()["type"] == "urn:locus:problem:identity-taken"


async def test_a_version_that_is_not_the_expected_one_is_a_conflict(database: Database) -> None:
    async with site(database) as client:
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(made(expectedversion=3)))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:version-mismatch")


async def test_what_is_impossible_is_refused(database: Database) -> None:
    async with site(database) as client:
        said = event("decision.reopened", "decision/d-0", by="a-1", reason="new facts")
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said))
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:locus:problem:impossible")


async def test_binary_mode_is_taken(database: Database) -> None:
    async with site(database) as client:
        said = made(id="caf\u00e9")
        headers = {f"ce-{name}": str(value) for name, value in said.items() if name != "data"}
        headers |= {"ce-id": "caf%C3%A9", "content-type": "application/json"}
        answer = await client.post(EVENTS, headers=headers, content=json.dumps(said["data"]))
        assert answer.status_code == 201
        assert answer.json()["id"] == "caf\u00e9"


@pytest.mark.parametrize("headers", [BATCH, {"content-type": "application/json"}])
async def test_a_batch_is_recorded_whole(database: Database, headers: dict[str, str]) -> None:
    async with site(database) as client:
        answer = await client.post(EVENTS, headers=headers, content=json.dumps([made(), made()]))
        assert answer.status_code == 201
        assert [receipt["position"] for receipt in answer.json()["receipts"]] == [1, 2]


async def test_a_batch_with_one_impossible_event_names_it_and_records_nothing(database: Database) -> None:
    async with site(database) as client:
        bad = event("decision.reopened", "decision/d-0", by="a-1", reason="new facts")
        answer = await client.post(EVENTS, headers=BATCH, content=json.dumps([made(), bad]))
        assert answer.status_code == 422
        assert answer.json()["where"].startswith("/1/")
        assert await recorded(client) == []


async def test_an_empty_batch_is_nothing_to_record(database: Database) -> None:
    async with site(database) as client:
        answer = await client.post(EVENTS, headers=BATCH, content="[]")
        assert (answer.status_code, answer.json()) == (200, {"receipts": []})


async def test_lines_are_recorded_each_for_itself_and_answered_in_order(database: Database) -> None:
    async with site(database) as client:
        first, second = made(), made()
        bad = event("decision.reopened", "decision/d-0", by="a-1", reason="new facts")
        lines = [json.dumps(first), "{", "", json.dumps(bad), json.dumps(second), json.dumps(first)]
        answer = await client.post(EVENTS, headers=NDJSON, content="\n".join(lines))
        said = [json.loads(line) for line in answer.text.splitlines()]
        assert answer.status_code == 200
        assert [one.get("status", one.get("position")) for one in said] == [1, 400, 422, 2, 1]
        assert said[4]["duplicate"]
        assert len(await recorded(client)) == 2


async def test_a_thousand_lines_are_answered_in_order(database: Database) -> None:
    async with site(database) as client:
        lines = [json.dumps(made()) for _ in range(1_300)]
        answer = await client.post(EVENTS, headers=NDJSON, content="\n".join(lines) + "\n")
        said = [json.loads(line) for line in answer.text.splitlines()]
        assert [one["id"] for one in said] == [json.loads(line)["id"] for line in lines]
        assert sorted(one["position"] for one in said) == list(range(1, 1_301))


@pytest.mark.parametrize("headers", [STRUCTURED, NDJSON])
async def test_a_ledger_that_is_not_there_is_named(database: Database, headers: dict[str, str]) -> None:
    async with site(database) as client:
        answer = await client.post("/v1/ledgers/none/events", headers=headers, content=json.dumps(made()))
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:locus:problem:unknown-ledger")


@pytest.mark.parametrize(("headers", "body"), [(BATCH, "[]"), (NDJSON, ""), (NDJSON, "no\n{}\n")])
async def test_with_nothing_to_record_a_ledger_that_is_not_there_is_named_too(
    database: Database, headers: dict[str, str], body: str
) -> None:
    async with site(database) as client:
        answer = await client.post("/v1/ledgers/none/events", headers=headers, content=body)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:locus:problem:unknown-ledger")


async def test_an_empty_bulk_load_is_nothing_to_record(database: Database) -> None:
    async with site(database) as client:
        answer = await client.post(EVENTS, headers=NDJSON, content="")
        assert (answer.status_code, answer.text) == (200, "")


async def test_without_a_token_nothing_is_taken(database: Database) -> None:
    async with site(database) as client:
        for header in ("", "Bearer x", "Basic x"):
            answer = await client.post(EVENTS, headers=STRUCTURED | {"authorization": header}, content="{}")
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_publishes_only_as_its_sources_in_its_ledgers(database: Database) -> None:
    async with site(database) as client:
        body = json.dumps(made())
        for headers, status in (
            (bearer(await token(database, sources=["urn:other"])), 403),
            (bearer(await token(database, ledgers=["other"])), 403),
            (bearer(await token(database, scopes=["history"])), 403),
            (bearer(await token(database, sources=[SOURCE], ledgers=["acme"], scopes=["publish"])), 201),
        ):
            answer = await client.post(EVENTS, headers=STRUCTURED | headers, content=body)
            assert answer.status_code == status, answer.text


async def test_a_foreign_source_in_a_batch_is_named(database: Database) -> None:
    async with site(database) as client:
        headers = bearer(await token(database, sources=[SOURCE]))
        content = json.dumps([made(), made(source="urn:other")])
        answer = await client.post(EVENTS, headers=BATCH | headers, content=content)
        assert (answer.status_code, answer.json()["where"]) == (403, "/1/source")


async def test_an_event_is_corrected_by_its_source_or_an_admin_alone(database: Database) -> None:
    async with site(database) as client:
        said = made()
        await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(said))
        named = {"source": SOURCE, "id": said["id"], "reason": "a slip"}
        foreign = event("event.retracted", said["subject"], **named) | {"source": "urn:other"}
        plain = bearer(await token(database, scopes=["publish"]))
        answer = await client.post(EVENTS, headers=STRUCTURED | plain, content=json.dumps(foreign))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:locus:problem:not-its-source")
        own = event("event.retracted", said["subject"], **named)
        answer = await client.post(EVENTS, headers=STRUCTURED | plain, content=json.dumps(own))
        assert answer.status_code == 201
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(foreign))
        assert answer.status_code == 201


async def test_the_framework_route_answers_as_the_shortcut_does(database: Database) -> None:
    async with site(database) as client:
        said = json.dumps(made())
        first = await client.post(EVENTS, headers=STRUCTURED, content=said)
        again = await client.post(EVENTS + "/", headers=STRUCTURED, content=said)
        assert again.json() == first.json() | {"duplicate": True}
