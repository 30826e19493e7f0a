"""32 publishers with retries and conflicts, two ledger processes, a relay, a follower: one order for all."""

import asyncio
import json
import random
import secrets
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import nats as nats_client
from nats.js import JetStreamContext

from services.platform.merkle import Frontier, leaf_hash
from tests.conftest import Database
from tests.integration.ledger_process import ended, serving, started
from tests.integration.ledger_site import STRUCTURED, bearer, event, made, token

PUBLISHERS = 32
EACH = 25
CONTESTED = [f"decision/hot-{number}" for number in range(6)]
LIMITS = httpx.Limits(max_connections=100)


@dataclass
class Scene:
    """Two addresses of one ledger, and what its publishers were told."""

    ledger: str
    clients: list[httpx.AsyncClient]
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    retried: int = 0
    conflicts: int = 0

    async def post(self, said: dict[str, Any], which: int) -> httpx.Response:
        """Publish through one of the processes; busy means again."""
        while True:
            path = f"/v1/ledgers/{self.ledger}/events"
            answer = await self.clients[which].post(path, headers=STRUCTURED, content=json.dumps(said))
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.1)

    def told(self, answer: httpx.Response) -> dict[str, Any]:
        """Keep the receipt; every receipt of one event has to be the same, and only one of them the first."""
        assert answer.status_code in (200, 201), answer.text
        receipt: dict[str, Any] = answer.json()
        assert receipt["duplicate"] is (answer.status_code == 200)
        known = self.receipts.setdefault(receipt["id"], receipt)
        assert known | {"duplicate": None} == receipt | {"duplicate": None}
        return receipt


async def publisher(scene: Scene, dice: random.Random) -> None:
    for _ in range(EACH):
        if dice.random() < 0.2:
            await contest(scene, dice)
            continue
        said = made()
        if dice.random() < 0.25:  # of the rest: 20 % of all
            scene.retried += 1
            answers = await asyncio.gather(scene.post(said, 0), scene.post(said, 1))
            firsts = [not scene.told(answer)["duplicate"] for answer in answers]
            assert sum(firsts) == 1
        else:
            scene.told(await scene.post(said, dice.randrange(2)))


async def contest(scene: Scene, dice: random.Random) -> None:
    """Add to a subject that others add to, on the condition that nobody has meanwhile."""
    subject = dice.choice(CONTESTED)
    said = event("decision.communicated", subject, to=["actor/a-1"])
    while True:
        which = dice.randrange(2)
        standing = await scene.clients[which].get(f"/v1/ledgers/{scene.ledger}/subjects/{subject}")
        version = standing.json()["version"] if standing.status_code == 200 else 0
        answer = await scene.post(said | {"expectedversion": version}, which)
        if answer.status_code == 409:
            assert answer.json()["type"] == "urn:locus:problem:version-mismatch"
            scene.conflicts += 1
            continue
        assert scene.told(answer)["version"] == version + 1
        return


async def follow(scene: Scene, done: asyncio.Event) -> list[bytes]:
    """Ask again and again for everything after the last position seen."""
    seen: list[bytes] = []
    while True:
        finished = done.is_set()
        answer = await scene.clients[len(seen) % 2].get(
            f"/v1/ledgers/{scene.ledger}/events",
            params={"after": str(len(seen))},
            headers={"accept": "application/x-ndjson"},
        )
        lines = answer.content.splitlines()
        for place, line in enumerate(lines, len(seen) + 1):
            assert json.loads(line)["position"] == place
        seen += lines
        if finished and not lines:
            return seen
        await asyncio.sleep(0.02)


async def relayed(jetstream: JetStreamContext, ledger: str) -> int:
    return (await jetstream.stream_info(f"locus-events-{ledger}")).state.last_seq


async def streamed(url: str, ledger: str, count: int) -> list[tuple[int, bytes]]:
    """What the JetStream stream holds, once it holds `count`: sequences and payloads."""
    client = await nats_client.connect(url, inbox_prefix="_INBOX_ledger")
    try:
        jetstream = client.jetstream()
        async with asyncio.timeout(15):
            while await relayed(jetstream, ledger) < count:  # noqa: ASYNC110 — nobody tells when it has come
                await asyncio.sleep(0.05)
        found: list[tuple[int, bytes]] = []
        subscription = await jetstream.subscribe(f"locus.events.{ledger}.>", ordered_consumer=True)
        async with asyncio.timeout(15):
            while len(found) < count:
                message = await subscription.next_msg()
                found.append((message.metadata.sequence.stream, message.data))
        return found
    finally:
        await client.close()


async def test_two_processes_record_what_32_publishers_say_once_and_in_one_order(
    database: Database, nats: str
) -> None:
    ledger = f"two-{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        headers = bearer(await token(database))
        addresses = [await stack.enter_async_context(serving(database)) for _ in range(2)]
        relay = await started("ledger", "relay", LOCUS_DATABASE_URL=database.url, LOCUS_NATS_URL=nats)
        stack.push_async_callback(ended, relay)
        clients = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=address, headers=headers, timeout=30, limits=LIMITS)
            )
            for address in addresses
        ]
        assert (await clients[0].post("/v1/ledgers", json={"ledger": ledger})).status_code == 201

        scene, done = Scene(ledger, clients), asyncio.Event()
        follower = asyncio.create_task(follow(scene, done))
        await asyncio.gather(*(publisher(scene, random.Random(seed)) for seed in range(PUBLISHERS)))
        done.set()
        entries = await follower
        assert scene.conflicts > 0
        assert scene.retried > PUBLISHERS * EACH * 0.15

        check(scene, entries)
        root = await clients[1].get(f"/v1/ledgers/{ledger}/log/root/{len(entries)}")
        assert root.json()["root"] == Frontier().extend(map(leaf_hash, entries)).root().hex()
        assert await streamed(nats, ledger, len(entries)) == list(enumerate(entries, 1))


def check(scene: Scene, lines: list[bytes]) -> None:
    """No gap, nothing twice, nothing lost, versions consecutive, every receipt true."""
    entries = [json.loads(line) for line in lines]
    assert [entry["position"] for entry in entries] == list(range(1, PUBLISHERS * EACH + 1))
    assert {entry["event"]["id"] for entry in entries} == set(scene.receipts)
    assert len(scene.receipts) == len(entries)
    versions: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        receipt = scene.receipts[entry["event"]["id"]]
        versions[entry["event"]["subject"]].append(entry["version"])
        assert (receipt["position"], receipt["version"]) == (entry["position"], entry["version"])
        assert receipt["recorded"] == entry["recorded"]
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    recorded = [datetime.fromisoformat(entry["recorded"]) for entry in entries]
    assert recorded == sorted(recorded)
