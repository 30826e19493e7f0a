"""Following a ledger over server-sent events, from a real server."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from tests.conftest import Database
from tests.integration.ledger_process import serving
from tests.integration.ledger_site import EVENTS, LEDGER, STRUCTURED, bearer, event, made, token

LIVE = {"accept": "text/event-stream"}


async def publish(client: httpx.AsyncClient, count: int = 1) -> None:
    for _ in range(count):
        answer = await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(made()))
        assert answer.status_code == 201


@asynccontextmanager
async def live(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    """A client of a real server; the ledger exists."""
    headers = bearer(await token(database))
    async with (
        serving(database, LOCUS_TOKEN_CACHE_SECONDS="0.1") as address,
        httpx.AsyncClient(base_url=address, headers=headers, timeout=20) as client,
    ):
        assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 201
        yield client


async def test_a_follower_sees_what_is_there_and_what_comes(database: Database) -> None:
    async with live(database) as client:
        await publish(client, 2)
        async with client.stream("GET", EVENTS, headers=LIVE) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            lines = answer.aiter_lines()
            first = await following(lines, 2)
            await publish(client, 3)
            rest = await following(lines, 3)
        assert [position for position, _ in first + rest] == [1, 2, 3, 4, 5]
        stored = (await client.get(EVENTS, headers={"accept": "application/x-ndjson"})).content.splitlines()
        assert [data for _, data in first + rest] == stored


async def following(lines: AsyncIterator[str], count: int) -> list[tuple[int, bytes]]:
    """The next events: their ids and data."""
    found: list[tuple[int, bytes]] = []
    position = 0
    async with asyncio.timeout(10):
        while len(found) < count:
            line = await anext(lines)
            if line.startswith("id: "):
                position = int(line[4:])
            elif line.startswith("data: "):
                found.append((position, line[6:].encode()))
    return found


async def test_a_follower_goes_on_where_it_was(database: Database) -> None:
    async with live(database) as client:
        await publish(client, 4)
        for headers, query in (({"last-event-id": "2"}, "?after=0"), ({}, "?after=2")):
            async with client.stream("GET", EVENTS + query, headers=LIVE | headers) as answer:
                assert [place for place, _ in await following(answer.aiter_lines(), 2)] == [3, 4]


async def test_a_follower_may_filter(database: Database) -> None:
    query = {"domain": "pricing"}
    async with (
        live(database) as client,
        client.stream("GET", EVENTS, headers=LIVE, params=query) as answer,
    ):
        other = event("domain.defined", "domain/hiring", name="Hiring")
        await client.post(EVENTS, headers=STRUCTURED, content=json.dumps(other))
        await publish(client)
        assert [place for place, _ in await following(answer.aiter_lines(), 1)] == [2]


async def test_many_followers_all_see_everything_in_order(database: Database) -> None:
    async with live(database) as client:

        async def follow() -> list[int]:
            async with client.stream("GET", EVENTS, headers=LIVE) as answer:
                return [place for place, _ in await following(answer.aiter_lines(), 40)]

        followers = [asyncio.create_task(follow()) for _ in range(8)]
        await publish(client, 40)
        assert await asyncio.gather(*followers) == [list(range(1, 41))] * 8


async def test_a_stream_ends_with_its_token(database: Database) -> None:
    async with live(database) as client:
        brief = bearer(await token(database, lives=timedelta(seconds=2)))
        async with client.stream("GET", EVENTS, headers=LIVE | brief) as answer:
            for _ in range(12):
                await publish(client)
                await asyncio.sleep(0.25)
            async with asyncio.timeout(10):
                data = [line async for line in answer.aiter_lines() if line.startswith("data: ")]
        assert 0 < len(data) < 12


async def test_a_stream_that_waited_delivers_nothing_once_its_token_has_ended(database: Database) -> None:
    async with live(database) as client:
        brief = bearer(await token(database, lives=timedelta(seconds=0.5)))
        async with client.stream("GET", EVENTS, headers=LIVE | brief) as answer:
            await asyncio.sleep(0.6)
            await publish(client)
            async with asyncio.timeout(10):
                assert [line async for line in answer.aiter_lines() if line.startswith("data: ")] == []


@pytest.mark.parametrize(
    "taken",
    [
        "UPDATE access.tokens SET expires_at = now() WHERE publisher = 'follower'",
        "UPDATE access.tokens SET scopes = '{publish}' WHERE publisher = 'follower'",
        "UPDATE access.tokens SET ledgers = '{other}' WHERE publisher = 'follower'",
    ],
)
async def test_a_stream_ends_before_it_delivers_what_is_no_longer_allowed(
    database: Database, taken: str
) -> None:
    connection = await database.connect()
    async with live(database) as client:
        follower = bearer(await token(database, "follower"))
        async with client.stream("GET", EVENTS, headers=LIVE | follower) as answer:
            await publish(client)
            lines = answer.aiter_lines()
            assert len(await following(lines, 1)) == 1
            await connection.execute(taken)
            await asyncio.sleep(0.2)
            await publish(client)
            async with asyncio.timeout(10):
                assert [line async for line in lines if line.startswith("data: ")] == []
    await connection.close()


async def test_head_is_answered_as_get_is_and_ends_a_stream_before_it_begins(database: Database) -> None:
    async with live(database) as client, asyncio.timeout(20):
        await publish(client, 2)
        for path in (EVENTS, f"{EVENTS}/1", "/v1/ledgers", "/health/ready", f"{EVENTS}/9"):
            head, whole = await client.head(path), await client.get(path)
            assert (head.status_code, head.content) == (whole.status_code, b"")
            assert head.headers["content-length"] == str(len(whole.content))
        for kind in ("text/event-stream", "application/x-ndjson"):
            head = await client.head(EVENTS, headers={"accept": kind})
            assert (head.status_code, head.headers["content-type"].split(";")[0]) == (200, kind)
        assert (await client.delete(EVENTS)).status_code == 405


async def test_an_id_that_is_no_position_is_a_problem(database: Database) -> None:
    async with live(database) as client:
        answer = await client.get(EVENTS, headers=LIVE | {"last-event-id": "x"})
        assert (answer.status_code, answer.json()["where"]) == (400, "Last-Event-ID")


async def test_the_service_stops_though_somebody_follows(database: Database) -> None:
    headers = bearer(await token(database)) | LIVE
    async with httpx.AsyncClient(headers=headers, timeout=20) as client:
        async with serving(database) as address:
            await client.post(f"{address}/v1/ledgers", json={"ledger": LEDGER})
            answer = await client.send(client.build_request("GET", address + EVENTS), stream=True)
            assert answer.status_code == 200
        with pytest.raises(httpx.HTTPError):
            await client.get(f"{address}/health/live")
