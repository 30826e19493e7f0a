"""Publishing over NATS: the same receipts and problems as over HTTP, and nothing stored unasked."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.platform.embedded import Nats
from tests.conftest import Database
from tests.integration.ledger_site import EVENTS, SOURCE, decision, made, token
from tests.integration.nats_site import BATCH, STRUCTURED, Site, new_password, publishing, running_nats, site
from tests.ledgers import check_log


@pytest.fixture(scope="module")
def server() -> Iterator[Nats]:
    with running_nats() as running:
        yield running


@pytest.fixture
async def ledger(database: Database, server: Nats, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(database, server, tmp_path) as running:
        yield running


async def test_the_receipt_is_the_one_that_http_gives(ledger: Site, database: Database) -> None:
    said = made()
    answer = await ledger.nats.send(said)
    assert answer.media_type == "application/json"
    assert (answer.json["position"], answer.json["version"], answer.json["duplicate"]) == (1, 1, False)
    again = await ledger.http.post(EVENTS, json=said, headers={"content-type": STRUCTURED})
    assert again.json() == answer.json | {"duplicate": True}
    assert (await ledger.nats.send(said)).json == again.json()
    (entry,) = await check_log(database.url)
    assert entry["event"]["id"] == said["id"]
    assert entry["publisher"] == "forge"


async def test_a_batch_is_recorded_whole_or_not_at_all(ledger: Site, database: Database) -> None:
    answer = await ledger.nats.send([made(), made()], BATCH)
    assert [receipt["position"] for receipt in answer.json["receipts"]] == [1, 2]
    answer = await ledger.nats.send([made(), made(type="locus.no.such.v1")], BATCH)
    assert (answer.json["status"], answer.json["where"]) == (422, "/1/type")
    assert len(await check_log(database.url)) == 2


async def test_binary_mode_takes_the_attributes_from_headers(ledger: Site, database: Database) -> None:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "b-1",
        "ce_source": SOURCE,
        "ce_type": "locus.decision.made.v1",
        "ce_subject": "decision/caf%C3%A9",
        "ce_time": "2026-01-31T09:30:00Z",
        "ce_datacontenttype": "application/json",
    }
    answer = await ledger.nats.send(decision(), None, **headers)
    assert answer.json["subject"] == "decision/café"
    headers["CE_Id"] = headers.pop("ce_id")  # names of headers are not case-sensitive
    assert (await ledger.nats.send(decision(), None, **headers)).json == answer.json | {"duplicate": True}


BAD: list[tuple[str, Any, str | None, dict[str, str], int, str]] = [
    ("not JSON", b"{", STRUCTURED, {}, 400, "not-json"),
    ("not UTF-8", b'"\xff"', STRUCTURED, {}, 400, "invalid-utf-8"),
    ("nothing at all", b"", STRUCTURED, {}, 400, "not-json"),
    ("an unknown type", made(type="locus.no.such.v1"), STRUCTURED, {}, 422, "unknown-type"),
    ("an unknown member", made(data=decision(colour="red")), STRUCTURED, {}, 422, "unknown-member"),
    ("no media type", made(), None, {}, 415, "unsupported-media-type"),
    ("a strange media type", made(), "text/plain", {}, 415, "unsupported-media-type"),
    ("lines", made(), "application/x-ndjson", {}, 415, "unsupported-media-type"),
    ("a compressed body", made(), STRUCTURED, {"Content_Encoding": "gzip"}, 415, "unsupported-media-type"),
    ("too large a body", b" " * 300_000, STRUCTURED, {}, 413, "body-too-large"),
    ("a batch that is none", made(), BATCH, {}, 422, "wrong-type"),
    ("no token", made(), STRUCTURED, {"authorization": ""}, 401, "unauthenticated"),
    ("a false token", made(), STRUCTURED, {"authorization": "Bearer nonsense"}, 401, "unauthenticated"),
    ("an unknown ledger", made(), STRUCTURED, {"ledger": "nobodys"}, 404, "unknown-ledger"),
    ("an impossible ledger", made(), STRUCTURED, {"ledger": "No_Such"}, 404, "unknown-ledger"),
    ("a header not encoded", b"{}", None, {"ce_id": "%ff", "ce_specversion": "1.0"}, 422, "bad-header"),
]


@pytest.mark.parametrize("case", BAD, ids=[case[0] for case in BAD])
async def test_bad_input_gets_the_problem_that_http_gives(
    ledger: Site, database: Database, case: tuple[str, Any, str | None, dict[str, str], int, str]
) -> None:
    _, body, media_type, more, status, slug = case
    answer = await ledger.nats.send(body, media_type, **more)
    assert answer.media_type == "application/problem+json"
    assert (answer.json["status"], answer.json["type"]) == (status, f"urn:locus:problem:{slug}")
    assert answer.json["hint"]
    assert await check_log(database.url) == []


async def test_tokens_are_held_to_their_scope_ledger_and_source(
    ledger: Site, database: Database, server: Nats
) -> None:
    async def answer(**allowed: Any) -> tuple[int, str]:
        async with publishing(server, await token(database, **allowed)) as publisher:
            said = (await publisher.send(made())).json
        return said["status"], said["type"].rpartition(":")[2]

    assert await answer(scopes=("history",)) == (403, "forbidden")
    assert await answer(ledgers=("other",)) == (403, "forbidden")
    assert await answer(sources=("https://elsewhere.example/",)) == (403, "foreign-source")
    assert await check_log(database.url) == []


async def test_nothing_is_recorded_without_an_inbox_to_answer(ledger: Site, database: Database) -> None:
    headers = {"Authorization": f"Bearer {ledger.nats.token}", "Content-Type": STRUCTURED}
    for reply in ("", "locus.events.acme.decision.made", "$JS.API.STREAM.DELETE.locus-events-acme"):
        await ledger.nats.client.publish("locus.intake.acme", json.dumps(made()).encode(), reply, headers)
    answer = await ledger.nats.send(made())
    assert answer.json["position"] == 1
    assert len(await check_log(database.url)) == 1


async def test_what_nobody_can_read_harms_nobody_else(ledger: Site, database: Database, server: Nats) -> None:
    """A subject that is not UTF-8, a reply address with white space in it, headers cut short."""
    await ledger.nats.send(made())
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    password = server.url_of("publisher").split(":")[2].split("@")[0]
    login = {"user": "publisher", "pass": password, "headers": True, "verbose": False}
    writer.write(b"CONNECT " + json.dumps(login).encode() + b"\r\n")
    writer.write(b"PUB locus.intake.\xff _INBOX_publisher.a 2\r\n{}\r\n")
    writer.write(b"PUB locus.intake.acme _INBOX_publisher.\x0ca 2\r\n{}\r\n")
    for rest in (b" \xff\xff\xff\r\n\r\n", b"\r\n\r\n", b"", b"\r\n\xff:\xff\r\n"):
        headers = b"NATS/1.0" + rest
        sizes = b"%d %d" % (len(headers), len(headers) + 2)
        writer.write(b"HPUB locus.intake.acme _INBOX_publisher.a " + sizes + b"\r\n" + headers + b"{}\r\n")
    writer.write(b"PING\r\n")
    async with asyncio.timeout(5):
        while await reader.readline() != b"PONG\r\n":
            pass
    for _ in range(3):
        assert (await ledger.nats.send(made(), within=2)).media_type == "application/json"
    writer.close()
    await writer.wait_closed()
    assert len(await check_log(database.url)) == 4


async def test_whether_the_intake_is_connected_is_in_the_metrics(database: Database, tmp_path: Path) -> None:
    with running_nats() as server:
        async with site(database, server, tmp_path) as ledger:
            assert (await ledger.nats.send(made())).media_type == "application/json"
            assert "locus_intake_connected 1.0" in (await ledger.http.get("/metrics")).text
            new_password(server, "intake")
            async with asyncio.timeout(5):
                while "locus_intake_connected 0.0" not in (await ledger.http.get("/metrics")).text:  # noqa: ASYNC110 — it tells nobody
                    await asyncio.sleep(0.02)
            assert (await ledger.http.get("/health/ready")).status_code == 200
