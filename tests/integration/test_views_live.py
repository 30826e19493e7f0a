"""Following which views change, as server-sent events: from one look at the rows for everybody."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from services.platform import auth
from services.platform.problems import Problem
from services.platform.serving import started
from services.platform.settings import Settings
from services.projections import live, live_http
from services.projections.changed import STRUCTURE, Change
from services.projections.connection import pool, tenant
from services.projections.main import app
from services.projections.views import ground
from services.projections.views.ground import Served, Structures
from services.projections.worker import Worker
from tests.conftest import Database
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import bearer, token
from tests.integration.test_api import EVENTS, SERVE, decided, said
from tests.integration.test_worker_histories import built
from tests.integration.views_site import LEDGER
from tests.recorded import Recorded, entries

LIVE = f"/v1/ledgers/{LEDGER}/live"
MORE = [
    decided(6, 26, "actor/ben", initiative="i-1"),
    said("decision.opened", "decision/q-7", 27, title="T", domains=["discounts"], electorate=[], by="cat"),
    said("decision.position_taken", "decision/q-7", 28, by="ben", value="approve"),
    said("domain.defined", "domain/hiring", 28, name="Hiring"),
    said("space.opened", "space/s-1", 28, name="S", kind="circle", domains=["hiring"]),
    said("space.session_held", "space/s-1", 29, attendees=["actor/ann"], decisions=["q-1"]),
]
NAMES = ("domains", "actors", "bodies", "decisions", "initiatives")
EVERYTHING = dict.fromkeys(NAMES)
HIRING = EVERYTHING | {"domains": ["hiring"]}


async def always() -> bool:
    """What a stream asks whether it may go on."""
    return True


class Following:
    """One client."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event: its name and data."""
        event: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line:
                    event[name] = value
                elif "data" in event:
                    told: dict[str, Any] = json.loads(event["data"])
                    assert event["id"] == str(told["position"])
                    return event["event"], told
                else:
                    event = {}
        raise EOFError

    async def until(self, position: int) -> list[dict[str, Any]]:
        """The changes up to a position."""
        found: list[dict[str, Any]] = []
        while True:
            name, told = await self.next()
            assert name == "changed"
            found += told["changes"]
            if told["position"] >= position:
                return found


class Place:
    """A ledger that grows, its worker, and a service of its views."""

    def __init__(self, record: Recorded, client: httpx.AsyncClient) -> None:
        self.record, self.client = record, client

    @asynccontextmanager
    async def follow(self, headers: dict[str, str] | None = None, **asked: Any) -> AsyncIterator[Following]:
        async with self.client.stream("GET", LIVE, params=asked, headers=headers) as response:
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield Following(response)


@pytest.fixture
async def place(database: Database) -> AsyncGenerator[Place]:
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, EVENTS + MORE))
    await record.create()
    await record.append(len(EVENTS))
    async with pool(database.url, 4) as connections:
        worker = asyncio.create_task(Worker(connections, "worker", poll=0.005).run())
        async with serving(database, kind="projections", LOCUS_TOKEN_CACHE_SECONDS="0.1") as address:
            headers = bearer(await token(database, scopes=["views"]))
            async with httpx.AsyncClient(base_url=address, headers=headers, timeout=20) as client:
                await read_up_to(client, len(EVENTS))
                yield Place(record, client)
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    await connection.close()


async def read_up_to(client: httpx.AsyncClient, position: int) -> None:
    async with asyncio.timeout(20):
        while True:
            answer = await client.get(f"/v1/ledgers/{LEDGER}/progress")
            if answer.status_code == 200 and answer.json()["position"] >= position:
                return
            await asyncio.sleep(0.02)


def of(changes: list[dict[str, Any]], view: str) -> dict[str, Any] | None:
    """What was told of one view, if anything."""
    found = [one for one in changes if view in one["views"]]
    return {k: v for k, v in found[0].items() if k != "views"} if found else None


async def test_two_clients_hear_which_views_changed_where(place: Place) -> None:
    async with place.follow() as one, place.follow() as other:
        for client in (one, other):
            assert await client.next() == (
                "position",
                {"ledger": LEDGER, "position": len(EVENTS), "changes": []},
            )
        await place.record.append(1)
        heard = [await client.until(len(EVENTS) + 1) for client in (one, other)]
    assert heard[0] == heard[1]
    assert of(heard[0], "authority") == {
        "domains": ["discounts", "pricing"],
        "actors": ["ben"],
        "bodies": ["board"],
        "decisions": ["q-6"],
        "initiatives": ["i-1"],
    }
    assert of(heard[0], "matrix") is None


async def test_only_views_that_read_it_are_named(place: Place) -> None:
    async with place.follow() as client:
        await client.next()
        await place.record.append(3)
        await client.until(len(EVENTS) + 3)
        await place.record.append(1)
        changes = await client.until(len(EVENTS) + 4)
        assert of(changes, "matrix") == HIRING
        await place.record.append(2)
        changes = await client.until(len(EVENTS) + 6)
    assert of(changes, "authority") is None
    assert of(changes, "matrix") is None


async def test_a_client_goes_on_where_it_was(place: Place) -> None:
    await place.record.append(6)
    end = len(EVENTS) + 6
    await read_up_to(place.client, end)
    resumed: list[tuple[dict[str, str], dict[str, Any]]] = [
        ({"last-event-id": str(end - 3)}, {"after": 0}),
        ({}, {"after": end - 3}),
    ]
    for headers, asked in resumed:
        async with place.follow(headers, **asked) as client:
            await client.next()
            changes = await client.until(end)
            assert of(changes, "matrix") == HIRING
            assert "q-6" not in {d for one in changes for d in one["decisions"] or ()}
    async with place.follow({"last-event-id": str(end + 5_000)}) as client:
        await client.next()
        assert of(await client.until(end), "authority") == EVERYTHING


async def test_a_client_that_is_cut_off_at_once_misses_nothing_when_it_comes_back(place: Place) -> None:
    await place.record.append(6)
    end = len(EVENTS) + 6
    await read_up_to(place.client, end)
    async with place.follow({"last-event-id": str(len(EVENTS))}) as client:
        name, told = await client.next()
        assert (name, told["position"]) == ("position", len(EVENTS))
    async with place.follow({"last-event-id": str(told["position"])}) as client:
        await client.next()
        assert of(await client.until(end), "authority") is not None


async def test_many_changes_are_told_together_and_a_client_that_reads_late_misses_none(place: Place) -> None:
    async with place.follow() as client:
        for _ in MORE:
            await place.record.append(1)
            await asyncio.sleep(0.03)
        await asyncio.sleep(1)
        await client.next()
        heard = [await client.next()]
        while heard[-1][1]["position"] < len(EVENTS) + len(MORE):
            heard.append(await client.next())
    assert len(heard) <= 4
    decisions = [one["decisions"] for _, told in heard for one in told["changes"]]
    assert None in decisions, "a domain and a space were new: that may mean any"
    assert {decision for named in decisions for decision in named or ()} <= {"q-1", "q-6", "q-7"}
    assert heard[-1][1]["position"] == len(EVENTS) + len(MORE)


async def test_a_client_that_takes_nothing_is_let_go(
    database: Database, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_http, "PATIENCE", 0.2)
    service = app(Settings(database_url=database.url))
    headers = [(b"authorization", place.client.headers["authorization"].encode())]
    scope = {"type": "http", "method": "GET", "path": LIVE, "raw_path": LIVE.encode(), "headers": headers}
    begun, stuck = asyncio.Event(), asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        begun.set()
        if message["type"] == "http.response.body":
            await stuck.wait()

    async with started(service):
        called = service({**scope, "query_string": b"", "http_version": "1.1"}, stuck.wait, send)  # type: ignore[arg-type]  # reads no body
        async with asyncio.timeout(5):
            await called
    assert begun.is_set()


async def test_no_more_may_follow_than_there_is_room_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = live.Lives(None, Structures(), {})  # type: ignore[arg-type] — refused before
    monkeypatch.setattr(live, "MOST", 0)
    with pytest.raises(Problem) as refused:
        async with lives.following(LEDGER):
            pass
    assert (refused.value.kind.status, refused.value.headers) == (503, {"retry-after": "5"})


async def test_a_stream_ends_whole_when_the_service_stops(database: Database) -> None:
    connection = await database.connect()
    record = Recorded(connection, LEDGER, entries(LEDGER, EVENTS))
    await record.create()
    await record.append(1)
    async with pool(database.url, 4) as connections:
        await built(connections, LEDGER, 50, 1)
        async with tenant(connections, LEDGER) as tenants:
            await tenants.execute(SERVE)
    headers = bearer(await token(database, scopes=["views"]))
    async with httpx.AsyncClient(headers=headers, timeout=20) as client:
        async with serving(database, kind="projections") as address:
            request = client.build_request("GET", address + LIVE)
            answer = await client.send(request, stream=True)
            following = Following(answer)
            await following.next()
        with pytest.raises(EOFError):
            await following.next()
    await connection.close()


async def test_a_stream_ends_before_it_tells_a_withdrawn_token_anything(
    database: Database, place: Place
) -> None:
    withdrawn = bearer(await token(database, "withdrawn", scopes=["views"]))
    connection = await database.connect()
    async with place.follow(withdrawn) as client, place.follow() as other:
        await client.next()
        await other.next()
        await place.record.append(1)
        await client.until(len(EVENTS) + 1)
        await auth.revoke(connection, "withdrawn")
        await asyncio.sleep(0.2)
        await place.record.append(1)
        await other.until(len(EVENTS) + 2)
        with pytest.raises(EOFError):
            await client.next()
    await connection.close()


async def test_what_cannot_be_followed_is_a_problem(place: Place) -> None:
    for path, asked, status, where in (
        (LIVE, {"after": "x"}, 400, "after"),
        (LIVE, {"since": "1"}, 400, "since"),
        ("/v1/ledgers/other/live", {}, 404, "ledger"),
    ):
        answer = await place.client.get(path, params=asked)
        assert (answer.status_code, answer.json()["where"]) == (status, where)
    answer = await place.client.get(LIVE, headers={"authorization": "Bearer nobody"})
    assert answer.status_code == 401
    answer = await place.client.get(LIVE, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["hint"]) == (406, "ask for text/event-stream")


async def test_where_nobody_can_tell_what_changed_everything_is_named(
    database: Database, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Change:
        raise ValueError("an entry of tomorrow")

    monkeypatch.setattr(live, "moved", broken)
    async with pool(database.url, 2) as connections:
        lives = live.Lives(connections, Structures(), {"knots": None, "matrix": STRUCTURE})
        async with lives.following(LEDGER) as (watch, follower):
            events = lives.events(LEDGER, watch, follower, None, always)
            await anext(events)
            await place.record.append(1)
            async with asyncio.timeout(10):
                told = json.loads((await anext(events)).decode().partition("data: ")[2])
            await events.aclose()  # type: ignore[attr-defined] — a generator
    assert told["changes"] == [{"views": ["knots", "matrix"], **EVERYTHING}]


async def test_a_look_that_fails_in_a_way_nobody_thought_of_leaves_nobody_waiting(
    database: Database, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def served(*asked: Any) -> Served:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise ValueError("nobody thought of it")
        return await ground.served(*asked)

    monkeypatch.setattr(live, "served", served)
    async with pool(database.url, 2) as connections:
        lives = live.Lives(connections, Structures(), {"matrix": STRUCTURE})
        async with lives.following(LEDGER) as (_, follower):
            await place.record.append(1)
            assert await follower.next(10) is not None
    assert looks > 2
