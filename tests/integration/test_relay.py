"""The stream echoes the ledger, position for sequence, whatever happens to relays, database and stream."""

import asyncio
import base64
import json
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from structlog.testing import capture_logs

from services.ledger import relay as relay_module
from services.ledger.relay import Relay
from services.ledger.stream import Streams, stream_of
from services.platform import database as platform_database
from services.platform import messaging
from services.platform.embedded import Nats
from tests.conftest import Database, scratch
from tests.integration.nats_site import new_password
from tests.ledgers import appending, made, reviewed, until

PUBLISHER = "tests"


@pytest.fixture
def ledger() -> str:
    """A name of its own: the NATS server is shared."""
    return f"l-{secrets.token_hex(6)}"


@pytest.fixture
async def client(nats: str) -> AsyncIterator[Client]:
    client = await messaging.connect(nats, "tests")
    yield client
    await client.close()


@asynccontextmanager
async def relaying(database: Database, client: Client) -> AsyncIterator[Relay]:
    relay = Relay(lambda: platform_database.connect(database.url, "locus_relay"), client)
    running = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def ask(client: Client, what: str, **question: object) -> dict[str, object]:
    answer = await client.request(f"$JS.API.{what}", json.dumps(question).encode(), timeout=5)
    decoded: dict[str, object] = json.loads(answer.data)
    return decoded


async def last(client: Client, ledger: str) -> int:
    info = await ask(client, f"STREAM.INFO.{stream_of(ledger)}")
    state = info.get("state", {})
    assert isinstance(state, dict)
    return int(state.get("last_seq", 0))


async def at(client: Client, ledger: str, position: int) -> None:
    async with asyncio.timeout(15):
        while await last(client, ledger) < position:  # noqa: ASYNC110 — the stream tells nobody
            await asyncio.sleep(0.01)


async def check_stream(client: Client, database: Database, ledger: str, length: int) -> None:
    """The stream holds exactly the ledger's entries, each at the sequence of its position."""
    connection = await database.connect()
    rows = await connection.fetch(
        "SELECT entry, type FROM ledger.entries WHERE ledger = $1 ORDER BY position", ledger
    )
    await connection.close()
    assert len(rows) == await last(client, ledger) == length
    for sequence, row in enumerate(rows, start=1):
        found = await ask(client, f"STREAM.MSG.GET.{stream_of(ledger)}", seq=sequence)
        message = found["message"]
        assert isinstance(message, dict)
        assert base64.b64decode(message["data"]) == row["entry"]
        _, kind, what, _ = row["type"].split(".")
        assert message["subject"] == f"locus.events.{ledger}.{kind}.{what}"


async def test_every_entry_is_published_at_the_sequence_of_its_position(
    database: Database, client: Client, ledger: str
) -> None:
    async with appending(database.url, ledger) as appender, relaying(database, client):
        await appender.submit_each(ledger, [made(n) for n in range(600)], PUBLISHER)
        await at(client, ledger, 600)
        await appender.submit(ledger, [made("late")], PUBLISHER)
        await at(client, ledger, 601)
    await check_stream(client, database, ledger, 601)


async def test_a_relay_that_starts_again_goes_on_where_the_stream_ends(
    database: Database, client: Client, ledger: str
) -> None:
    async with appending(database.url, ledger) as appender:
        for round in range(3):
            async with relaying(database, client):
                await appender.submit_each(ledger, [made(f"{round}-{n}") for n in range(300)], PUBLISHER)
                await asyncio.sleep(0.02 * round)  # stopped somewhere on the way
        async with relaying(database, client):
            await at(client, ledger, 900)
    await check_stream(client, database, ledger, 900)


async def test_racing_relays_publish_nothing_twice_and_leave_no_gap(
    database: Database, nats: str, client: Client, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "PAGE", 16)
    others = [await messaging.connect(nats, "rival") for _ in range(2)]
    async with (
        appending(database.url, ledger) as appender,
        relaying(database, client),
        relaying(database, others[0]),
        relaying(database, others[1]),
    ):
        for n in range(400):
            await appender.submit(ledger, [reviewed(n, f"decision/d-{n % 5}")], PUBLISHER)
        await at(client, ledger, 400)
    for other in others:
        await other.close()
    await check_stream(client, database, ledger, 400)


async def test_every_ledger_has_its_stream(database: Database, client: Client, ledger: str) -> None:
    async with appending(database.url, ledger) as appender, relaying(database, client):
        for other in (f"{ledger}-a", f"{ledger}-b"):
            await appender.create_ledger(other)
            await appender.submit(other, [made(1)], PUBLISHER)
            await at(client, other, 1)
        assert await last(client, ledger) == 0


async def test_a_stream_that_differs_stops_its_ledger_alone_until_it_is_deleted(
    database: Database, client: Client, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "RECHECK", 0.05)
    async with appending(database.url, ledger) as appender:
        await ask(
            client,
            f"STREAM.CREATE.{stream_of(ledger)}",
            name=stream_of(ledger),
            subjects=[f"locus.events.{ledger}.>"],
        )
        await client.request(f"locus.events.{ledger}.decision.made", b"from before the restore", timeout=5)
        await appender.submit(ledger, [made(1)], PUBLISHER)
        await appender.create_ledger(f"{ledger}-sound")
        await appender.submit(f"{ledger}-sound", [made(1)], PUBLISHER)
        async with relaying(database, client) as relay:
            await at(client, f"{ledger}-sound", 1)
            await until(lambda: ledger in relay.alarms)
            assert "delete the stream" in relay.alarms[ledger]
            assert await last(client, ledger) == 1
            await ask(client, f"STREAM.DELETE.{stream_of(ledger)}")
            await until(lambda: ledger not in relay.alarms)
            await at(client, ledger, 1)
    await check_stream(client, database, ledger, 1)


async def test_a_stream_ahead_of_its_ledger_is_an_alarm(
    database: Database, client: Client, ledger: str
) -> None:
    """As after restoring the database alone, to an earlier moment."""
    async with appending(database.url, ledger) as appender, relaying(database, client):
        await appender.submit_each(ledger, [made(n) for n in range(3)], PUBLISHER)
        await at(client, ledger, 3)
    admin = await database.connect()
    await admin.execute("DELETE FROM ledger.entries WHERE position = 3; DELETE FROM ledger.commits")
    await admin.close()
    async with relaying(database, client) as relay:
        await until(lambda: ledger in relay.alarms)
    assert await last(client, ledger) == 3


async def test_a_lost_database_connection_is_opened_again(
    database: Database, client: Client, ledger: str
) -> None:
    async with appending(database.url, ledger) as appender, relaying(database, client):
        await appender.submit(ledger, [made(1)], PUBLISHER)
        await at(client, ledger, 1)
        admin = await database.connect()
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'locus_relay' AND datname = current_database()"
        )
        await admin.close()
        await appender.submit(ledger, [made(2)], PUBLISHER)
        await at(client, ledger, 2)
    await check_stream(client, database, ledger, 2)


async def test_a_stream_deleted_meanwhile_is_published_from_one(
    database: Database, client: Client, ledger: str
) -> None:
    async with appending(database.url, ledger) as appender, relaying(database, client):
        await appender.submit_each(ledger, [made(n) for n in range(5)], PUBLISHER)
        await at(client, ledger, 5)
        await ask(client, f"STREAM.DELETE.{stream_of(ledger)}")
        await appender.submit(ledger, [made("after")], PUBLISHER)
        await at(client, ledger, 6)
    await check_stream(client, database, ledger, 6)


async def test_a_nats_server_that_lost_everything_is_filled_again(database: Database, ledger: str) -> None:
    """No new entry is needed for that: the relay looks at the streams again whenever it reconnects."""
    with scratch() as directory:
        server = Nats(directory)
        server.start()
        client = await messaging.connect(server.url, "tests")
        try:
            async with appending(database.url, ledger) as appender, relaying(database, client):
                await appender.submit_each(ledger, [made(n) for n in range(20)], PUBLISHER)
                await at(client, ledger, 20)
                server.stop()
                shutil.rmtree(server.home / "jetstream")
                server.start()
                await until(lambda: client.stats["reconnects"] == 1)
                await at(client, ledger, 20)
            await check_stream(client, database, ledger, 20)
        finally:
            await client.close()
            server.stop()


async def test_a_relay_that_is_let_in_no_more_ends_and_says_so(database: Database) -> None:
    """Whoever keeps it starts it again; it went on for ever, publishing nothing."""
    with scratch() as directory:
        server = Nats(directory)
        server.start()
        client = await messaging.connect(server.url, "tests")
        relay = Relay(lambda: platform_database.connect(database.url, "locus_relay"), client)
        running = asyncio.create_task(relay.run())
        try:
            new_password(server, "ledger")
            with capture_logs() as logs, pytest.raises(ConnectionClosedError):
                async with asyncio.timeout(10):
                    await running
            assert "NATS lets the relay in no more" in [line["event"] for line in logs]
        finally:
            running.cancel()
            await client.close()
            server.stop()


async def test_a_relay_waits_for_a_database_that_is_not_migrated_yet(
    database: Database, client: Client, ledger: str
) -> None:
    heads = "ALTER FUNCTION ledger.{} RENAME TO {}".format
    owner = await database.connect()
    async with appending(database.url, ledger) as appender:
        await appender.submit_each(ledger, [made(n) for n in range(3)], PUBLISHER)
        await owner.execute(heads("heads", "heads_later"))
        with capture_logs() as logs:
            async with relaying(database, client):
                await until(lambda: bool(logs))
                await owner.execute(heads("heads_later", "heads"))
                await at(client, ledger, 3)
    await owner.close()
    assert "run locus migrate" in logs[0]["cure"]


async def test_a_cancellation_that_comes_with_the_answer_is_not_forgotten() -> None:
    """As the client's own requests do before Python 3.12."""
    asked = asyncio.Event()

    class Answering:
        async def request(self, *_: object, **__: object) -> Msg:
            asked.set()
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(10)
            return Msg(_client=None, data=b'{"state":{"last_seq":0}}')

    async def for_ever() -> None:
        while True:
            await Streams(Answering(), "inbox").last("a-ledger")

    running = asyncio.create_task(for_ever())
    await asked.wait()
    running.cancel()
    done, _ = await asyncio.wait({running}, timeout=5)
    assert done
    assert running.cancelled()
