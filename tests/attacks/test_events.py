"""Forged and replayed events: in every way there is to publish one, over HTTP and NATS alike.

Corrections of another's event over HTTP are in tests/integration/test_http_publishing.py.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from services.platform.embedded import Nats
from tests.conftest import Database
from tests.integration.ledger_site import EVENTS, LEDGER, NDJSON, SOURCE, bearer, event, made, token
from tests.integration.nats_site import BATCH, STRUCTURED, Site, publishing, running_nats, site
from tests.ledgers import check_log

EARLIER = "2026-01-01T00:00:00Z"
FOREIGN = "https://forge.example/other"
Told = dict[str, Any]
Send = Callable[[Told], Awaitable[Told]]
WAYS = ("structured", "batch", "binary", "lines", "nats", "nats-batch", "nats-binary")


@pytest.fixture(scope="module")
def server() -> Iterator[Nats]:
    with running_nats() as running:
        yield running


@pytest.fixture
async def ledger(database: Database, server: Nats, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(database, server, tmp_path) as running:
        yield running


@pytest.fixture
async def senders(ledger: Site, database: Database, server: Nats) -> AsyncIterator[dict[str, Send]]:
    """Every way to publish, as somebody who may speak as SOURCE alone; each gives a receipt or a problem."""
    mine = await token(database, "mallory", scopes=["publish"], ledgers=[LEDGER], sources=[SOURCE])
    async with publishing(server, mine) as nats:

        async def post(headers: dict[str, str], body: bytes) -> Told:
            answer = await ledger.http.post(EVENTS, content=body, headers=headers | bearer(mine))
            told: Told = answer.json()
            return told

        async def structured(said: Told) -> Told:
            return await post({"content-type": STRUCTURED}, json.dumps(said).encode())

        async def batch(said: Told) -> Told:
            own = made()
            return _last(await post({"content-type": BATCH}, json.dumps([own, said]).encode()))

        async def binary(said: Told) -> Told:
            return await post(_attributes(said), json.dumps(said["data"]).encode())

        async def lines(said: Told) -> Told:
            return await post(NDJSON, json.dumps(said).encode())

        async def over_nats(said: Told) -> Told:
            told: Told = (await nats.send(said)).json
            return told

        async def batch_over_nats(said: Told) -> Told:
            return _last((await nats.send([made(), said], BATCH)).json)

        async def binary_over_nats(said: Told) -> Told:
            headers: dict[str, Any] = _attributes(said)
            told: Told = (await nats.send(said["data"], headers.pop("content-type"), **headers)).json
            return told

        ways = (structured, batch, binary, lines, over_nats, batch_over_nats, binary_over_nats)
        yield dict(zip(WAYS, ways, strict=True))


def _attributes(said: Told) -> dict[str, str]:
    told = {name: quote(str(value), safe=":/+") for name, value in said.items() if name != "data"}
    return {"content-type": "application/json"} | {f"ce-{name}": value for name, value in told.items()}


def _last(told: Told) -> Told:
    found: Told = told["receipts"][-1] if "receipts" in told else told
    return found


async def recorded(database: Database) -> list[Told]:
    return [entry for entry in await check_log(database.url) if entry["publisher"] == "mallory"]


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_not_a_publishers_to_say_is_refused_in_every_way_of_saying_it(
    ledger: Site, senders: dict[str, Send], database: Database, way: str
) -> None:
    captured = made(source=FOREIGN)
    assert (await ledger.nats.send(captured)).json["position"] == 1
    their_own = {"source": FOREIGN, "id": captured["id"], "reason": "because"}
    forged: list[tuple[Told, int, str]] = [
        (captured, 403, "foreign-source"),  # as it was captured
        (captured | {"id": "another"}, 403, "foreign-source"),
        (made(source=SOURCE + "/"), 403, "foreign-source"),
        (made(source=SOURCE.upper()), 403, "foreign-source"),
        (made(source=f"urn:locus:ledger:{LEDGER}"), 403, "foreign-source"),
        (event("event.retracted", captured["subject"], **their_own), 403, "not-its-source"),
        (event("event.corrected", captured["subject"], **their_own, time=EARLIER), 403, "not-its-source"),
        (event("person.erased", "actor/a-1", basis="gone"), 422, "reserved-type"),
    ]
    for said, status, slug in forged:
        told = await senders[way](said)
        assert (told["status"], told["type"]) == (status, f"urn:locus:problem:{slug}"), (said, told)
    assert await recorded(database) == []


@pytest.mark.parametrize("way", WAYS)
async def test_a_replay_is_the_first_receipt_again_and_other_words_under_its_id_a_conflict(
    senders: dict[str, Send], database: Database, way: str
) -> None:
    said = made()
    first = await senders["structured"](said)
    again = await senders[way](said)
    assert again == first | {"duplicate": True}
    for other in (
        said | {"data": said["data"] | {"outcome": "accepted"}},
        said | {"time": "2026-01-30T00:00:00Z"},
        said | {"subject": "decision/another"},
    ):
        told = await senders[way](other)
        assert (told["status"], told["type"]) == (409, "urn:locus:problem:identity-taken"), told
    assert sum(entry["event"]["id"] == said["id"] for entry in await recorded(database)) == 1


@pytest.mark.parametrize(
    "source", [f"urn:locus:ledger:{LEDGER}", "URN:Locus:LEDGER:other", "urn:locus:ledger:"]
)
async def test_nobody_speaks_as_the_ledger_itself_whatever_their_token_says(
    ledger: Site, database: Database, source: str
) -> None:
    """A URN means the same in capitals."""
    told = (await ledger.nats.send(made(source=source))).json
    assert (told["status"], told["type"]) == (422, "urn:locus:problem:reserved-source"), told
    assert await check_log(database.url) == []


async def test_an_attribute_that_is_given_twice_is_taken_neither_way(
    ledger: Site, database: Database, senders: dict[str, Send]
) -> None:
    mine = bearer(await token(database, "mallory", scopes=["publish"], sources=[SOURCE]))
    said = made()
    twice = json.dumps(said)[:-1] + f',"source":"{FOREIGN}"}}'
    for body in (twice, json.dumps({"source": FOREIGN})[:-1] + "," + json.dumps(said)[1:]):
        answer = await ledger.http.post(EVENTS, content=body, headers={"content-type": STRUCTURED} | mine)
        assert (answer.status_code, answer.json()["status"]) == (400, 400), answer.text
    headers = [*_attributes(said).items(), ("ce-source", FOREIGN), *mine.items()]
    for order in (headers, headers[::-1]):
        answer = await ledger.http.post(EVENTS, content=json.dumps(said["data"]), headers=order)
        assert answer.status_code in (400, 422), answer.text
    assert await recorded(database) == []


async def test_what_the_ledger_adds_cannot_be_brought_along(
    database: Database, senders: dict[str, Send]
) -> None:
    brought: Told = {
        "publisher": "somebody",
        "position": 7,
        "recorded": EARLIER,
        "ledger": "other",
        "version": 9,
    }
    for name, value in brought.items():
        told = await senders["structured"](made(**{name: value}))
        assert (told["status"], told["type"]) == (422, "urn:locus:problem:unknown-attribute"), told
        assert f"`{name}`" in told["detail"]
    assert await recorded(database) == []


async def test_the_words_of_somebody_erased_are_not_kept_with_what_is_refused(
    ledger: Site, database: Database
) -> None:
    """Refused for another reason than the erasure, so that it would be kept for 30 days."""
    for one in ("a-1", "a-2"):
        await ledger.nats.send(
            event("actor.registered", f"actor/{one}", kind="person", profile={"name": one})
        )
    erased = await ledger.http.request("DELETE", f"/v1/ledgers/{LEDGER}/people/a-1", json={"basis": "asked"})
    assert erased.status_code == 200
    for one in ("a-1", "a-2"):
        misfit = event("decision.position_taken", "decision/d", by=one, reason="own words")
        assert (await ledger.nats.send(misfit)).json["status"] == 422
    connection = await database.connect()
    kept = await connection.fetch("SELECT actors FROM ledger.rejected")
    await connection.close()
    assert [row["actors"] for row in kept] == [["a-2"]]


async def test_an_erasure_is_not_taken_back_by_an_administrator(ledger: Site, database: Database) -> None:
    profile = {"kind": "person", "profile": {"name": "Ada"}}
    assert (await ledger.nats.send(event("actor.registered", "actor/a-1", **profile))).json["position"] == 1
    erased = await ledger.http.request("DELETE", f"/v1/ledgers/{LEDGER}/people/a-1", json={"basis": "asked"})
    assert erased.status_code == 200
    named = {"source": f"urn:locus:ledger:{LEDGER}", "id": "erase/a-1", "reason": "a slip"}
    for taken_back in (
        event("event.retracted", "actor/a-1", **named),
        event("event.corrected", "actor/a-1", **named, data={"basis": "none"}),
    ):
        told = (await ledger.nats.send(taken_back)).json
        people = (await ledger.http.get(f"/v1/ledgers/{LEDGER}/directory")).json()["people"]
        assert people == [{"actor": "a-1", "kind": "person", "erased": True}]
        assert told.get("status") == 422, told
