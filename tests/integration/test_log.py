"""The log over HTTP: every hash computed anew, plainly, from the entries that were served."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.ledger.main import app
from services.platform import keys, merkle, serving, tiles
from services.platform.checkpoint import Checkpoint, LogProof
from services.platform.merkle import leaf_hash
from services.platform.note import Note, Verifier
from services.platform.policy import Policy
from services.platform.settings import Settings
from tests.conftest import Database
from tests.integration import ledger_site as site_of
from tests.ledgers import appending, made

LOG = f"/v1/ledgers/{site_of.LEDGER}/log"
SIZE = 600


@asynccontextmanager
async def signing(
    database: Database, directory: Path, ledger: str = site_of.LEDGER, **more: Any
) -> AsyncGenerator[httpx.AsyncClient]:
    """The service with a signing key, and a client that may do everything."""
    key = directory / "keys" / "signing-key"
    if not key.exists():
        keys.write(key, [keys.new()])
    more.setdefault("vault_keys", str(database.keys))
    service = app(Settings(database_url=database.url, signing_key=str(key), **more))
    async with serving.started(service):
        transport = httpx.ASGITransport(service)  # type: ignore[arg-type] — the same protocol, typed twice
        headers = site_of.bearer(await site_of.token(database))
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            answer = await client.post("/v1/ledgers", json={"ledger": ledger, "origin": "log.example/acme"})
            assert answer.status_code in (201, 409), answer.text
            yield client


async def fill(database: Database, count: int, first: int = 1) -> None:
    async with appending(database.url) as appender:
        events = [made(number) for number in range(first, first + count)]
        receipts = await appender.submit_each(site_of.LEDGER, events, "tests")
        assert len(receipts) == count


async def checkpoint(client: httpx.AsyncClient, size: int, patience: float = 10.0) -> tuple[Note, Checkpoint]:
    """The checkpoint, once it is of this size."""
    async with asyncio.timeout(patience):
        while True:
            answer = await client.get(f"{LOG}/checkpoint")
            if answer.status_code == 200:
                note = Note.parse(answer.content)
                head = Checkpoint.parse(note.text)
                if head.size == size:
                    return note, head
            await asyncio.sleep(0.05)


async def entries(client: httpx.AsyncClient) -> list[bytes]:
    answer = await client.get(site_of.EVENTS, headers={"accept": "application/x-ndjson"})
    return answer.content.splitlines()


def plain_root(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return merkle.node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


async def test_everything_the_log_shows_follows_from_its_entries(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, SIZE)
        lines = await entries(client)
        leaves = [leaf_hash(line) for line in lines]
        note, head = await checkpoint(client, SIZE)
        policy = Policy.parse((await client.get(f"{LOG}/policy")).content)
        assert policy.check(note) == (Checkpoint("log.example/acme", SIZE, plain_root(leaves)), {})

        for tile in tiles.tiles_of(SIZE):
            answer = await client.get(f"{LOG}/{tiles.path(tile)}")
            span = 256**tile.level
            first = tile.index * 256
            assert tiles.split(answer.content) == [
                plain_root(leaves[place * span : (place + 1) * span])
                for place in range(first, first + tile.width)
            ]
            assert answer.headers["content-type"] == "application/octet-stream"
            assert "immutable" in answer.headers["cache-control"]
        for index in range(3):
            width = tiles.width_at(0, index, SIZE)
            path = tiles.path(tiles.Tile(tiles.ENTRIES, index, width))
            answer = await client.get(f"{LOG}/{path}")
            chosen = lines[index * 256 :][:width]
            assert answer.content == b"".join(len(line).to_bytes(2, "big") + line for line in chosen)

        for position in (1, 2, 255, 256, 257, 511, 512, 513, SIZE):
            proof = LogProof.parse((await client.get(f"{LOG}/proof/{position}")).content)
            assert proof.note == note
            assert proof.index == position - 1
            proof.check(leaves[position - 1])
            asked = {"accept": "application/json"}
            answer = await client.get(f"{LOG}/proof/{position}", headers=asked)
            assert answer.json()["path"] == [one.hex() for one in proof.path]
            assert answer.headers["vary"] == "accept"
            old = await client.get(f"{LOG}/proof/{SIZE}?from={position}")
            path = [bytes.fromhex(one) for one in old.json()["path"]]
            merkle.check_consistency(position, SIZE, path, plain_root(leaves[:position]), head.root)


async def test_tiles_that_are_still_partial_are_served_at_any_width_they_had(
    database: Database, tmp_path: Path
) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 300)
        leaves = [leaf_hash(line) for line in await entries(client)]
        for path, expected in {
            "tile/0/000.p/1": leaves[:1],
            "tile/0/000.p/255": leaves[:255],
            "tile/0/001.p/43": leaves[256:299],
            "tile/1/000.p/1": [plain_root(leaves[:256])],
        }.items():
            assert tiles.split((await client.get(f"{LOG}/{path}")).content) == expected


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("tile/0/000", "tile/0/000.p/3"),
        ("tile/0/000.p/4", "tile/0/000.p/3"),
        ("tile/0/001", "wait for it"),
        ("tile/1/000.p/1", "wait for it"),
        ("tile/entries/000", "tile/entries/000.p/3"),
        ("tile/0/0", "C2SP tlog-tiles"),
        ("tile/0/000.p/256", "C2SP tlog-tiles"),
        ("tile/0/x000/000", "C2SP tlog-tiles"),
        ("tile/64/000", "C2SP tlog-tiles"),
        ("tile/nothing", "C2SP tlog-tiles"),
    ],
)
async def test_a_tile_that_is_not_there_is_a_problem_that_says_what_is(
    database: Database, tmp_path: Path, path: str, hint: str
) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 3)
        answer = await client.get(f"{LOG}/{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:locus:problem:no-tile")
        assert hint in answer.json()["hint"]


async def test_a_proof_of_what_is_not_there_is_refused(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 3)
        await checkpoint(client, 3)
        for path in ("proof/0", "proof/4", "proof/4?from=1", "proof/2?from=3"):
            answer = await client.get(f"{LOG}/{path}")
            assert answer.status_code == 404, path
            assert "3 entries" in answer.json()["detail"]
            assert "within seconds" not in answer.json()["hint"]


async def test_a_proof_from_what_is_no_size_names_the_parameter_as_it_was_written(
    database: Database, tmp_path: Path
) -> None:
    async with signing(database, tmp_path) as client:
        for size in ("x", "-1", "", "99999999999999999"):
            answer = await client.get(f"{LOG}/proof/1", params={"from": size})
            assert (answer.status_code, answer.json()["where"]) == (400, "from"), size
            assert "a whole number" in answer.json()["detail"]


async def test_an_empty_ledger_has_a_checkpoint_and_its_name(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        _, head = await checkpoint(client, 0)
        assert head == Checkpoint("log.example/acme", 0, merkle.EMPTY_ROOT)
        answer = await client.get(f"{LOG}/checkpoint")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_receipt_holds_what_its_place_is_proven_of_later(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        event = site_of.made("decision/of-ours")
        first = await client.post(site_of.EVENTS, json=event, headers=site_of.STRUCTURED)
        again = await client.post(site_of.EVENTS, json=event, headers=site_of.STRUCTURED)
        assert first.json()["leaf"] == again.json()["leaf"]
        await fill(database, 5)
        await checkpoint(client, 6)
        proof = LogProof.parse((await client.get(f"{LOG}/proof/{first.json()['position']}")).content)
        proof.check(bytes.fromhex(first.json()["leaf"]))


async def test_without_a_signing_key_there_is_no_checkpoint_and_this_is_said(
    database: Database,
) -> None:
    async with site_of.site(database) as client:
        await client.post(site_of.EVENTS, json=site_of.made(), headers=site_of.STRUCTURED)
        for path in ("checkpoint", "proof/1"):
            answer = await client.get(f"{LOG}/{path}")
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:locus:problem:no-checkpoint")
            assert "LOCUS_SIGNING_KEY" in answer.json()["hint"]
        assert (await client.get(f"{LOG}/tile/0/000.p/1")).status_code == 200


async def test_a_new_key_signs_beside_the_old_one_at_once(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "keys" / "signing-key"
    async with signing(database, tmp_path) as client:
        await fill(database, 3)
        note, _ = await checkpoint(client, 3)
        assert len(note.signatures) == 1
    old = keys.read(str(path))
    keys.write(path, [keys.new(), *old])
    async with signing(database, tmp_path) as client:
        await asyncio.sleep(0.5)
        note, _ = await checkpoint(client, 3)
        new, kept = (one.named("log.example/acme").verifier for one in keys.read(str(path)))
        assert [key for key, _ in note.signed_by([kept, new])] == [new, kept]
        lines = (await client.get(f"{LOG}/policy")).text.splitlines()
        assert [Verifier.parse(line.split()[1]) for line in lines[:2]] == [new, kept]


async def test_a_ledger_of_the_old_form_is_read_but_takes_nothing_and_proves_nothing(
    database: Database, tmp_path: Path
) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 2)
        connection = await database.connect()
        await connection.execute("UPDATE ledger.ledgers SET format = 0")
        await connection.close()
        posted = await client.post(site_of.EVENTS, json=site_of.made(), headers=site_of.STRUCTURED)
        asked = [await client.get(f"{LOG}/{path}") for path in ("checkpoint", "tile/0/000.p/1", "proof/1")]
        for answer in (posted, *asked):
            assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:ledger-format-0")
            assert "locus history --json" in answer.json()["hint"]
        assert len(await entries(client)) == 2
        assert (await client.get(f"{LOG}/root/2")).status_code == 200


async def test_two_logs_cannot_have_one_name(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        answer = await client.post("/v1/ledgers", json={"ledger": "other", "origin": "log.example/acme"})
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:locus:problem:origin-taken")
        for origin in ("", "a b", "a+b", "ä", "x" * 201):
            answer = await client.post("/v1/ledgers", json={"ledger": "other", "origin": origin})
            assert (answer.status_code, answer.json()["where"]) == (400, "/origin")
