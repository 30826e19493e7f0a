"""Names that would say more than a name, and paths that would lead elsewhere, byte for byte."""

import http.client
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from services.platform.note import Note
from tests.attacks.served import KEY, served
from tests.conftest import Database
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import LEDGER, bearer, made, token

LOG = f"/v1/ledgers/{LEDGER}/log"
ORIGINS = (
    "log.example/a\n7\nAAAA",  # which would bring lines of a checkpoint along
    "log.example/a\r",
    "log.example/a b",
    "log.example+a",
    "log.example/\u2028a",
    "log.example/é",
    "log.example/\x00",
    "\u2014 log.example",
    "",
    "x" * 201,
)
LEDGERS = (
    "acme\n",
    "acme\x00",
    "../acme",
    "acme/x",
    ".lock",
    "Acme",
    "a",
    "a" * 64,
    "acme ",
    "\u0430cme",  # a Cyrillic letter
    "-acme",
)
PATHS = (
    "tile/../../../other/log/tile/0/000",
    "tile/%2e%2e/%2e%2e/%2e%2e/other/log/tile/entries/000.p/1",
    "tile/0/..%2f..%2f..%2f..%2fother%2flog%2ftile%2f0%2f000.p%2f1",
    "tile//0/000.p/1",
    "tile/0//000.p/1",
    "tile/0/000.p/1/",
    "tile/0/000.p/1%00",
    "tile/0/000.p/1%0a",
    "tile/0/%30%30%30.p/01",
    "tile/0/000.p/0",
    "tile/0/000.p/-1",
    "tile/0/000.p/256",
    "tile/0/000.p/99999999999999999999",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
    "tile/0/x999/x999/x999/x999/x999/x999/x999/999.p/1",
    "tile/entries/x009/x223/x372/x036/x854/x775/807",
    "tile/63/000.p/1",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/٠٠٠.p/1".encode().decode("latin-1"),
    "tile/" + "x000/" * 2_000 + "000",
    "root/-1",
    "root/1e3",
    "root/99999999999999999999",
    "proof/0",
    "proof/2?from=-1",
    "proof/1?from=99999999999999999999",
    "proof/1?from=1&from=2",
    "proof/%31%30%30",
    "checkpoint/../../../other/log/checkpoint",
    "checkpoint;other",
)


@pytest.fixture
async def address(database: Database) -> AsyncIterator[tuple[str, str]]:
    """A process with two ledgers of an entry each, and a token for one of them."""
    async with serving(database) as url:
        everything = bearer(await token(database))
        async with httpx.AsyncClient(base_url=url, headers=everything) as client:
            for ledger in (LEDGER, "other"):
                assert (await client.post("/v1/ledgers", json={"ledger": ledger})).status_code == 201
                home = f"/v1/ledgers/{ledger}/events"
                assert (await client.post(home, json=made(f"decision/{ledger}"))).status_code == 201
        yield url, await token(database, ledgers=[LEDGER])


def raw(url: str, path: str, token: str) -> tuple[int, bytes]:
    """GET exactly this path, without a client that would tidy it up."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        connection.putrequest("GET", "/", skip_host=True, skip_accept_encoding=True)
        connection._buffer[0] = f"GET {path} HTTP/1.1".encode("latin-1")  # type: ignore[attr-defined]  # it would refuse some
        connection.putheader("host", "test")
        connection.putheader("authorization", f"Bearer {token}")
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


async def test_no_path_leads_to_another_ledger_or_to_trouble(address: tuple[str, str]) -> None:
    url, mine = address
    plain = raw(url, f"{LOG}/tile/0/000.p/1", mine)
    assert plain[0] == 200
    for path in PATHS:
        status, body = raw(url, f"{LOG}/{path}", mine)
        assert status in (400, 403, 404, 414, 431) or (status, body) == plain, (path, status, body)
        assert b"decision/other" not in body
        if body.startswith(b"{"):
            assert json.loads(body)["hint"], path


async def test_no_ledger_is_reached_by_another_spelling_of_its_name(address: tuple[str, str]) -> None:
    url, mine = address
    for ledger in (
        "acme%2f..%2fother",
        "acme%00",
        "acme%0a",
        "./other",
        "../ledgers/other",
        "%6fther",
        "OTHER",
    ):
        status, body = raw(url, f"/v1/ledgers/{ledger}/events", mine)
        assert status in (400, 403, 404), (ledger, status, body)
        assert b"decision/other" not in body


async def test_a_log_s_name_cannot_bring_lines_of_a_checkpoint_along(
    database: Database, tmp_path: object
) -> None:
    async with served(database, database.keys / "signed") as ledger:
        for origin in ORIGINS:
            answer = await ledger.client.post("/v1/ledgers", json={"ledger": "second", "origin": origin})
            assert (answer.status_code, answer.json()["where"]) == (400, "/origin"), (origin, answer.text)
        for name in LEDGERS:
            answer = await ledger.client.post("/v1/ledgers", json={"ledger": name})
            assert (answer.status_code, answer.json()["where"]) == (400, "/ledger"), (name, answer.text)
        taken = await ledger.client.post(
            "/v1/ledgers", json={"ledger": "second", "origin": "log.example/acme"}
        )
        assert taken.status_code == 409, "two logs of one name"
        listed = (await ledger.client.get("/v1/ledgers")).json()["ledgers"]
        assert [one["ledger"] for one in listed] == [LEDGER]
        note = Note.parse(await ledger.checkpoint(0))
        assert note.text.splitlines()[:2] == ["log.example/acme", "0"]
        assert [signature.name for signature in note.signatures] == ["log.example/acme"]
        assert KEY.named("log.example/acme").verifier.name == "log.example/acme"
