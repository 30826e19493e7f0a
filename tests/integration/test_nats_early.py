"""Events that are early for their subject wait for what they follow, neither for ever nor without bound."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from services.ledger import early, nats
from services.platform.embedded import Nats
from tests.conftest import Database
from tests.integration.ledger_process import address, ended, serving, started
from tests.integration.ledger_site import EVENTS, LEDGER, SOURCE, bearer, event, made, token
from tests.integration.nats_site import BATCH, STRUCTURED, Site, publishing, running_nats, site
from tests.ledgers import check_log


@pytest.fixture(scope="module")
def server() -> Iterator[Nats]:
    with running_nats() as running:
        yield running


@pytest.fixture
async def ledger(database: Database, server: Nats, tmp_path: Path) -> AsyncIterator[Site]:
    async with site(database, server, tmp_path) as running:
        yield running


async def kept(database: Database) -> int:
    """How many refused messages there are."""
    connection = await database.connect()
    number: int = await connection.fetchval("SELECT count(*) FROM ledger.rejected")
    await connection.close()
    return number


def ended_mandate(number: int = 1) -> dict[str, object]:
    return event("mandate.ended", f"mandate/m-{number}", by="a-1")


def lent(number: int = 1) -> dict[str, object]:
    data = {"scope": "domain/pricing", "from": "actor/a-1", "to": ["actor/a-2"]}
    return made(f"mandate/m-{number}", type="locus.mandate.delegated.v1", data=data)


async def test_an_early_event_is_recorded_as_soon_as_its_beginning_is(
    ledger: Site, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "_FIRST_PAUSE", 60.0)  # so that only the recording itself can wake it
    waiting = asyncio.create_task(ledger.nats.send(ended_mandate()))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    said = await ledger.http.post(EVENTS, json=lent(), headers={"content-type": STRUCTURED})
    assert said.json()["version"] == 1
    assert (await waiting).json["version"] == 2
    assert len(await check_log(database.url)) == 2


async def test_an_event_on_a_version_to_come_waits_for_it(ledger: Site) -> None:
    waiting = asyncio.create_task(ledger.nats.send(made("decision/d-v", expectedversion=1)))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    first = event("decision.opened", "decision/d-v", title="t", domains=["x"], electorate=[], by="a-1")
    assert (await ledger.nats.send(first)).json["version"] == 1
    assert (await waiting).json["version"] == 2


async def test_a_version_that_has_passed_is_a_conflict_at_once(ledger: Site) -> None:
    await ledger.nats.send(made("decision/d-v"))
    answer = await ledger.nats.send(made("decision/d-v", expectedversion=0))
    assert (answer.json["status"], answer.json["type"]) == (409, "urn:locus:problem:version-mismatch")


async def test_a_correction_waits_for_the_event_that_it_names(ledger: Site) -> None:
    fact = made("decision/d-c")
    said = event("event.retracted", "decision/d-c", source=SOURCE, id=fact["id"], reason="mistaken")
    waiting = asyncio.create_task(ledger.nats.send([said], BATCH))
    await asyncio.sleep(0.2)
    await ledger.nats.send(fact)
    assert [receipt["version"] for receipt in (await waiting).json["receipts"]] == [2]


async def test_what_never_becomes_possible_is_refused_as_retryable(ledger: Site, database: Database) -> None:
    answer = await ledger.nats.send([lent(7), ended_mandate()], BATCH)
    assert (answer.json["status"], answer.json["type"]) == (503, "urn:locus:problem:too-early")
    assert answer.json["where"] == "/1/type"
    assert "mandate.delegated" in answer.json["hint"]
    assert int(answer.headers["Retry-After"]) > 0
    assert await check_log(database.url) == []
    assert await kept(database) == 0


async def test_what_is_impossible_for_good_does_not_wait(ledger: Site) -> None:
    await ledger.nats.send(lent())
    answer = await ledger.nats.send(lent(), within=1)
    assert (answer.json["status"], answer.json["type"]) == (422, "urn:locus:problem:impossible")


@pytest.mark.parametrize(("bound", "room"), [("_MOST_WAITING", 3), ("_MOST_BYTES", 700)])
async def test_only_so_many_wait(
    database: Database, server: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, room: int
) -> None:
    monkeypatch.setattr(early, bound, room)
    async with site(database, server, tmp_path) as ledger:
        waiting = [asyncio.create_task(ledger.nats.send(ended_mandate(n))) for n in range(3)]
        await asyncio.sleep(0.3)
        answer = await ledger.nats.send(ended_mandate(4), within=1)
        assert answer.json["type"] == "urn:locus:problem:too-early"
        for number in range(3):
            await ledger.nats.send(lent(number))
        assert [(await one).json["version"] for one in waiting] == [2, 2, 2]


async def test_the_beginning_may_be_recorded_by_another_process(database: Database, server: Nats) -> None:
    async with AsyncExitStack() as stack:
        nats = {"LOCUS_NATS_URL": server.url_of("intake")}
        await stack.enter_async_context(serving(database, **nats))
        other = await stack.enter_async_context(serving(database))  # takes HTTP alone
        secret = await token(database)
        publisher = await stack.enter_async_context(publishing(server, secret))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=other, headers=bearer(secret)))
        await http.post("/v1/ledgers", json={"ledger": LEDGER})
        waiting = asyncio.create_task(publisher.send(ended_mandate()))
        await asyncio.sleep(0.3)
        await http.post(EVENTS, json=lent(), headers={"content-type": STRUCTURED})
        assert (await waiting).json["version"] == 2
    assert len(await check_log(database.url)) == 2


async def test_a_process_killed_amid_requests_loses_nothing_acknowledged(
    database: Database, server: Nats
) -> None:
    """It dies once before a group is stored and once after: publishers retry until they have a receipt."""
    secret = await token(database)
    addresses = {"LOCUS_DATABASE_URL": database.url, "LOCUS_NATS_URL": server.url_of("intake")}
    addresses["LOCUS_VAULT_KEYS"] = str(database.keys)
    faults: list[dict[str, str]] = [{}, {"LOCUS_FAULT": "append:before:4"}, {"LOCUS_FAULT": "append:after:6"}]
    processes = [await started("ledger", "serve", **addresses, **fault) for fault in faults]
    try:
        sound, *_ = [await address(process) for process in processes]
        async with httpx.AsyncClient(base_url=sound, headers=bearer(secret)) as http:
            await http.post("/v1/ledgers", json={"ledger": LEDGER})
        async with publishing(server, secret) as publisher:
            receipts = []
            for _ in range(12):
                events = [made() for _ in range(10)]
                receipts += await asyncio.gather(*[publisher.until_receipt(event) for event in events])
        assert [process.returncode for process in processes[1:]] == [-9, -9]
    finally:
        for process in processes:
            await ended(process)
    entries = await check_log(database.url)
    told = {receipt.json["id"]: receipt.json["position"] for receipt in receipts}
    assert told == {entry["event"]["id"]: entry["position"] for entry in entries}
    assert len(told) == 120


@pytest.mark.parametrize(("bound", "room"), [("_MOST_IN_FLIGHT", 2), ("_MOST_BYTES", 600)])
async def test_more_than_can_be_answered_at_once_is_refused_at_once(
    database: Database, server: Nats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, room: int
) -> None:
    monkeypatch.setattr(nats, bound, room)
    async with site(database, server, tmp_path) as ledger:
        waiting = [asyncio.create_task(ledger.nats.send(ended_mandate(n))) for n in range(2)]
        await asyncio.sleep(0.3)
        answer = await ledger.nats.send(made(), within=1)
        assert (answer.json["status"], answer.json["type"]) == (503, "urn:locus:problem:unavailable")
        assert answer.headers["Retry-After"] == "1"
        assert {(await one).json["type"] for one in waiting} == {"urn:locus:problem:too-early"}
        assert (await ledger.nats.send(made())).json["position"] == 1


async def test_without_a_ledger_process_the_publisher_hears_so_at_once(
    database: Database, server: Nats
) -> None:
    async with publishing(server, await token(database)) as publisher:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(
                0.3
            ):  # the client is told that there are no responders, and asks again
                await publisher.send(made())
