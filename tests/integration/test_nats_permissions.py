"""On NATS each user can do its part and nothing else: tried for real, with the embedded server."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.platform import messaging, nats_users
from services.platform.embedded import Nats
from tests.conftest import scratch

ROOT = Path(__file__).parents[2]
STREAM = "locus-events-acme"
CONSUMER = "archive"


class Deployed(Nats):
    """A server with the configuration that operators are given, the example in its comments included."""

    def _configuration(self) -> str:
        text, _, example = (ROOT / "deploy" / "nats.conf").read_text().partition("    # {\n")
        text += "    {\n" + re.sub(r"^    # ", "    ", example, flags=re.MULTILINE)
        text = re.sub(r"\$LOCUS_NATS_(\w+)", self._password, text)
        text = text.replace("port: 4222", f"listen: 127.0.0.1:{self.port}")
        return text.replace("/var/lib/nats", str(self.home))

    def _password(self, found: re.Match[str]) -> str:
        return nats_users.password(self.home, found[1].lower())


@pytest.fixture(scope="module", params=[Nats, Deployed])
def server(request: pytest.FixtureRequest) -> Iterator[Nats]:
    with scratch() as directory:
        running: Nats = request.param(directory)
        running.start()
        try:
            yield running
        finally:
            running.stop()


class Users:
    """A connection for each user, and what the server refused them."""

    def __init__(self, server: Nats) -> None:
        self._server = server
        self._stack = AsyncExitStack()
        self.clients: dict[str, Client] = {}
        self.refused: dict[str, list[str]] = {}

    async def __aenter__(self) -> "Users":
        for user in nats_users.USERS:
            await self.add(user)
        return self

    async def add(self, user: str) -> None:
        client = await messaging.connect(self._server.url_of(user), user)
        self._stack.push_async_callback(client.close)
        self.clients[user] = client
        refused = self.refused[user] = []

        async def told(error: Exception) -> None:
            refused.append(str(error).lower())

        client._error_cb = told

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def publishing_is_refused(self, user: str, subject: str) -> bool:
        self.refused[user].clear()
        await self.clients[user].publish(subject, b"{}")
        await settled(self.clients[user])
        await asyncio.sleep(0.05)
        return any("permissions violation for publish" in said for said in self.refused[user])

    async def hearing_is_refused(self, user: str, subject: str) -> bool:
        self.refused[user].clear()
        heard = await self.clients[user].subscribe(subject)
        await settled(self.clients[user])
        await asyncio.sleep(0.05)
        refused = any("permissions violation for subscription" in said for said in self.refused[user])
        if not refused:
            await heard.unsubscribe()
        return refused


@pytest.fixture
async def users(server: Nats) -> AsyncIterator[Users]:
    async with Users(server) as connected:
        yield connected


@pytest.fixture
async def stream(users: Users) -> AsyncIterator[None]:
    """A ledger's stream with one entry, gone afterwards."""
    ledger = users.clients["ledger"]
    made = {"name": STREAM, "subjects": ["locus.events.acme.>"], "storage": "memory"}
    await ask(ledger, f"STREAM.CREATE.{STREAM}", made)
    await ledger.request("locus.events.acme.decision.made", b"the entry", timeout=2)
    yield
    await ask(ledger, f"STREAM.DELETE.{STREAM}", {})


async def settled(client: Client) -> None:
    """The server has heard all we said. The client sends the first ping before what waits to be sent."""
    await client.flush()
    await client.flush()


async def ask(client: Client, what: str, question: object) -> dict[str, object]:
    answer = await client.request(f"$JS.API.{what}", json.dumps(question).encode(), timeout=2)
    decoded: dict[str, object] = json.loads(answer.data)
    return decoded


NOT_THEIRS = [
    f"$JS.API.STREAM.DELETE.{STREAM}",
    f"$JS.API.STREAM.PURGE.{STREAM}",
    f"$JS.API.STREAM.INFO.{STREAM}",
    f"$JS.API.STREAM.MSG.GET.{STREAM}",
    f"$JS.API.CONSUMER.CREATE.{STREAM}",
    "$JS.API.STREAM.CREATE.mine",
    "$SYS.REQ.SERVER.PING",
    "locus.events.acme.decision.made",
    "_INBOX_ledger.x.y",
]


@pytest.mark.parametrize("user", ["publisher", "worker", "intake"])
async def test_only_the_ledger_publishes_events_or_touches_streams(
    users: Users, stream: None, user: str
) -> None:
    for subject in NOT_THEIRS:
        assert await users.publishing_is_refused(user, subject), subject
    state = (await ask(users.clients["ledger"], f"STREAM.INFO.{STREAM}", {}))["state"]
    assert isinstance(state, dict)
    assert (state["messages"], state["last_seq"]) == (1, 1)


@pytest.mark.parametrize(
    ("user", "others"),
    [
        ("publisher", ["locus.events.>", "locus.intake.>", "locus.>", ">", "_INBOX.>", "_INBOX_worker.>"]),
        ("publisher", ["_INBOX_ledger.>", "_INBOX_intake.>", "$JS.>", "$SYS.>", "*.*", "_INBOX_ledger.*"]),
        ("worker", ["locus.intake.>", ">", "_INBOX_publisher.>", "_INBOX_ledger.>", "$JS.>"]),
        ("intake", ["locus.events.>", ">", "_INBOX_publisher.>", "_INBOX_ledger.>"]),
        ("ledger", ["locus.intake.>", ">", "_INBOX_publisher.>"]),
    ],
)
async def test_nobody_hears_what_is_another_s(users: Users, user: str, others: list[str]) -> None:
    for subject in others:
        assert await users.hearing_is_refused(user, subject), subject


async def test_the_worker_hears_events_and_a_publisher_is_heard_by_the_intake_alone(users: Users) -> None:
    woken = asyncio.Event()

    async def wake(_: Msg) -> None:
        woken.set()

    await users.clients["worker"].subscribe("locus.events.>", cb=wake)
    await settled(users.clients["worker"])
    await users.clients["ledger"].publish("locus.events.other.decision.made", b"{}")
    async with asyncio.timeout(5):
        await woken.wait()

    async def answer(message: Msg) -> None:
        await message.respond(b"heard")

    heard = await users.clients["intake"].subscribe("locus.intake.*", cb=answer)
    await settled(users.clients["intake"])
    said = await users.clients["publisher"].request("locus.intake.acme", b"{}", timeout=2)
    assert said.data == b"heard"
    await heard.unsubscribe()


async def test_an_answer_asked_to_where_only_the_ledger_may_speak_goes_nowhere(
    users: Users, stream: None
) -> None:
    """The publisher names the address of the answer: were it a stream's, the intake would write to it."""

    async def answer(message: Msg) -> None:
        await message.respond(b"{}")

    heard = await users.clients["intake"].subscribe("locus.intake.*", cb=answer)
    await settled(users.clients["intake"])
    for reply in (f"$JS.API.STREAM.DELETE.{STREAM}", "locus.events.acme.decision.made", "_INBOX_ledger.x.y"):
        await users.clients["publisher"].publish("locus.intake.acme", b"{}", reply)
    async with asyncio.timeout(10):
        while len(users.refused["intake"]) < 3:  # noqa: ASYNC110 — the server's refusals come when they come
            await asyncio.sleep(0.02)
    info = await ask(users.clients["ledger"], f"STREAM.INFO.{STREAM}", {})
    assert isinstance(info["state"], dict)
    assert info["state"]["last_seq"] == 1
    await heard.unsubscribe()


async def test_a_consumer_takes_and_acknowledges_its_messages_and_nothing_else(
    users: Users, server: Nats, stream: None
) -> None:
    if not isinstance(server, Deployed):
        pytest.skip("only deploy/nats.conf has a consumer")
    config = {"durable_name": CONSUMER, "ack_policy": "explicit", "deliver_policy": "all"}
    question = {"stream_name": STREAM, "config": config}
    made = await ask(users.clients["ledger"], f"CONSUMER.DURABLE.CREATE.{STREAM}.{CONSUMER}", question)
    assert "error" not in made
    await users.add(CONSUMER)
    client = users.clients[CONSUMER]
    (pulled,) = await (await client.jetstream().pull_subscribe_bind(CONSUMER, STREAM)).fetch(1, timeout=5)
    assert pulled.data == b"the entry"
    await pulled.ack()
    await settled(client)
    await asyncio.sleep(0.1)
    info = await ask(users.clients["ledger"], f"CONSUMER.INFO.{STREAM}.{CONSUMER}", {})
    assert info["num_ack_pending"] == 0
    for subject in (*NOT_THEIRS, f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.other", "locus.intake.acme"):
        assert await users.publishing_is_refused(CONSUMER, subject), subject
    for subject in ("locus.events.>", "_INBOX_publisher.>", ">"):
        assert await users.hearing_is_refused(CONSUMER, subject), subject


async def test_a_directory_of_an_earlier_version_is_taken_over_with_its_streams() -> None:
    """Which let everybody in who had the one token there was."""

    class Earlier(Nats):
        def _configuration(self) -> str:
            now = super()._configuration()
            (self.home / "token").write_text("ab12")
            return re.sub(
                r"authorization: \{.*\}\n(?=max)", "authorization { token: ab12 }\n", now, flags=re.DOTALL
            )

    with scratch() as directory:
        earlier = Earlier(directory)
        earlier.start()
        client = await messaging.connect(f"nats://ab12@127.0.0.1:{earlier.port}", "earlier")
        await ask(client, f"STREAM.CREATE.{STREAM}", {"name": STREAM, "subjects": ["locus.events.acme.>"]})
        await client.request("locus.events.acme.decision.made", b"kept", timeout=2)
        await client.close()
        earlier.stop()
        server = Nats(directory)
        server.start()
        try:
            client = await messaging.connect(server.url, "now")
            info = await ask(client, f"STREAM.INFO.{STREAM}", {})
            assert isinstance(info["state"], dict)
            assert info["state"]["messages"] == 1
            await client.close()
            assert not (server.home / "token").exists()
            modes = {file.stat().st_mode & 0o777 for file in server.home.glob("*.password")}
            assert modes == {0o600}
            assert (server.home / "nats.conf").stat().st_mode & 0o777 == 0o600
        finally:
            server.stop()
