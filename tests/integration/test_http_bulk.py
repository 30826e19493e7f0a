"""Bulk load through a real server: both ways at once, in bounded memory, past what is too long."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Database
from tests.integration.ledger_process import address, ended, started
from tests.integration.ledger_site import EVENTS, LEDGER, NDJSON, bearer, made, token


class Server:
    """A ledger process, and how much memory it ever took."""

    def __init__(self, address: str, token: str, process: asyncio.subprocess.Process) -> None:
        self.address = address
        self.token = token
        self._process = process

    def peak(self) -> int:
        """VmHWM in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


@pytest.fixture
async def server(database: Database) -> AsyncGenerator[Server]:
    """A real server; the ledger exists."""
    process = await started(
        "ledger",
        "serve",
        LOCUS_DATABASE_URL=database.url,
        LOCUS_VAULT_KEYS=str(database.keys),
        LOCUS_TOKEN_CACHE_SECONDS="0.1",
    )
    try:
        found = Server(await address(process), await token(database), process)
        async with httpx.AsyncClient(headers=bearer(found.token)) as client:
            answer = await client.post(f"{found.address}/v1/ledgers", json={"ledger": LEDGER})
            assert answer.status_code == 201
        yield found
    finally:
        await ended(process)


@asynccontextmanager
async def sending(server: Server) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bulk request whose body has only begun."""
    parts = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(
        f"POST {EVENTS} HTTP/1.1\r\nhost: {parts.netloc}\r\nauthorization: Bearer {server.token}\r\n"
        "content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n".encode()
    )
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


async def answered(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The next line of the answer that is JSON."""
    async with asyncio.timeout(10):
        while not (line := await reader.readline()).startswith(b"{"):
            assert line
    found: dict[str, Any] = json.loads(line)
    return found


async def test_a_line_is_answered_while_the_next_is_not_yet_written(server: Server) -> None:
    async with sending(server) as (reader, writer):
        for position in range(1, 4):
            line = json.dumps(made()).encode()
            writer.write(chunk(line[:100]))
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(chunk(line[100:] + b"\n"))
            assert (await answered(reader))["position"] == position
        writer.write(b"0\r\n\r\n")


async def test_a_line_that_is_too_long_is_answered_and_passed_over(server: Server) -> None:
    async with sending(server) as (reader, writer):
        writer.write(chunk(json.dumps(made()).encode() + b"\n"))
        for _ in range(40):
            writer.write(chunk(b" " * 65_536))
            await writer.drain()
        writer.write(chunk(b"{}\n" + json.dumps(made()).encode() + b"\n"))
        writer.write(b"0\r\n\r\n")
        told = [await answered(reader) for _ in range(3)]
        assert [one.get("status", one.get("position")) for one in told] == [1, 413, 2]


async def test_a_client_that_leaves_keeps_what_was_whole_and_loses_the_line_it_was_at(server: Server) -> None:
    async with sending(server) as (reader, writer):
        writer.write(chunk(json.dumps(made()).encode() + b"\n" + json.dumps(made()).encode()))
        assert (await answered(reader))["position"] == 1
        writer.transport.abort()
        async with httpx.AsyncClient(headers=bearer(server.token)) as client:
            await asyncio.sleep(0.2)
            entries = (await client.get(server.address + EVENTS)).json()["entries"]
        assert len(entries) == 1


async def changed(database: Database, statement: str) -> None:
    """Change what tokens allow, and wait until the service has forgotten what they did."""
    connection = await database.connect()
    await connection.execute(statement)
    await connection.close()
    await asyncio.sleep(0.2)


async def test_a_withdrawn_token_publishes_nothing_more_over_an_upload_that_is_open(
    database: Database, server: Server
) -> None:
    async with sending(server) as (reader, writer):
        writer.write(chunk(json.dumps(made()).encode() + b"\n"))
        assert (await answered(reader))["position"] == 1
        await changed(database, "UPDATE access.tokens SET expires_at = now()")
        writer.write(chunk(json.dumps(made()).encode() + b"\n"))
        last = await answered(reader)
        assert (last["status"], last["type"]) == (401, "urn:locus:problem:unauthenticated")
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"0\r\n\r\n")).strip() == b"0"
    connection = await database.connect()
    assert await connection.fetchval("SELECT count(*) FROM ledger.entries") == 1
    await asyncio.sleep(0.7)  # refusals are put on record every half second
    noted = "SELECT outcome FROM access.accesses WHERE action = 'publish' AND publisher = 'forge'"
    assert await connection.fetchval(noted) == "unauthenticated"
    await connection.close()


async def test_a_source_that_was_taken_away_is_refused_from_the_next_line_on(
    database: Database, server: Server
) -> None:
    async with sending(server) as (reader, writer):
        writer.write(chunk(json.dumps(made()).encode() + b"\n"))
        assert (await answered(reader))["position"] == 1
        await changed(database, "UPDATE access.tokens SET sources = '{urn:other}'")
        writer.write(chunk(json.dumps(made()).encode() + b"\n"))
        assert (await answered(reader))["type"] == "urn:locus:problem:foreign-source"


async def load(server: Server, count: int) -> tuple[int, int]:
    """Send `count` lines, reading nothing before all are sent; how many were answered, the last position."""

    async def lines() -> AsyncGenerator[bytes]:
        for _ in range(count // 100):
            yield b"".join([json.dumps(made()).encode() + b"\n" for _ in range(100)])

    answered = last = 0
    async with (
        httpx.AsyncClient(headers=bearer(server.token) | NDJSON, timeout=300) as client,
        client.stream("POST", server.address + EVENTS, content=lines()) as answer,
    ):
        async for line in answer.aiter_lines():
            answered += 1
            last = json.loads(line)["position"]
    return answered, last


async def test_a_bulk_load_is_answered_whole_and_takes_little_memory(server: Server) -> None:
    assert await load(server, 5_000) == (5_000, 5_000)
    assert server.peak() < 250


@pytest.mark.long
async def test_a_long_bulk_load_takes_no_more_memory(server: Server) -> None:
    for times in range(1, 11):
        assert await load(server, 20_000) == (20_000, times * 20_000)
    assert server.peak() < 250
