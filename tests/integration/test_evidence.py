"""`GET …/evidence`: bundles that the ledger makes, checked as whoever is given one checks it."""

import asyncio
import tracemalloc
from base64 import b64encode
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZipFile

import asyncpg
import httpx
import msgspec
from msgspec.structs import replace

from services.audit import bundle_checking
from services.audit.claims import Trust
from services.audit.report import Report
from services.audit.verifying import Asked
from services.ledger import evidence
from services.ledger.history import EVERYTHING, History
from services.ledger.main import readers
from services.platform import bundle
from services.platform.policy import Policy
from services.platform.tiles import tiles_of
from tests.conftest import Database
from tests.integration.ledger_site import EVENTS, LEDGER, bearer, site, site_again, token
from tests.integration.test_log import LOG, checkpoint, fill, signing
from tests.ledgers import appending, made

EVIDENCE = f"/v1/ledgers/{LEDGER}/evidence"
NDJSON = {"accept": "application/x-ndjson"}


def kept(path: Path, answer: httpx.Response) -> Path:
    """The bundle, in a file."""
    assert answer.status_code == 200, answer.text
    path.write_bytes(answer.content)
    return path


async def checked(path: Path, policy: bytes = b"") -> Report:
    """As `locus verify` does, with a policy or with the bundle's own."""
    trust = Trust(Policy.parse(policy)) if policy else Trust()
    asked = Asked(target=str(path), trust=trust)
    return await bundle_checking.of_bundle(path, asked, lambda _done, _all: None)


def member(path: Path, name: str) -> bytes:
    with ZipFile(path) as archive:
        return archive.read(name)


async def test_a_bundle_holds_the_history_and_proves_it(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 600)
        note, head = await checkpoint(client, 600)
        answer = await client.get(EVIDENCE)
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"] == 'attachment; filename="acme-evidence.zip"'
        assert answer.headers["cache-control"] == "no-store"
        path = kept(tmp_path / "b.zip", answer)
        policy = (await client.get(f"{LOG}/policy")).content
        history = (await client.get(EVENTS, headers=NDJSON)).content

    for trusted in (b"", policy):
        report = await checked(path, trusted)
        assert (report.verdict, report.entries) == ("right", 600), report.told()
    assert report.checkpoints[0].signed_by
    assert sorted(ZipFile(path).namelist()) == sorted(bundle.MEMBERS)
    assert member(path, bundle.ENTRIES) == history
    assert member(path, bundle.CHECKPOINT) == str(note).encode()
    assert member(path, bundle.POLICY) == policy
    assert msgspec.json.decode(member(path, bundle.MANIFEST)) == {
        "bundle": 1,
        "ledger": LEDGER,
        "origin": "log.example/acme",
        "size": 600,
        "root": head.root.hex(),
        "entries": 600,
        "filters": {},
    }
    unpacked = tmp_path / "unpacked"
    with ZipFile(path) as archive:
        archive.extractall(unpacked)
    told = await asyncio.create_subprocess_exec("sha256sum", "-c", "--strict", bundle.SUMS, cwd=unpacked)
    assert await told.wait() == 0


async def test_a_bundle_holds_what_passes_the_filters_of_the_history(
    database: Database, tmp_path: Path
) -> None:
    async with signing(database, tmp_path) as client:
        async with appending(database.url) as appender:
            events = [
                made(number, f"decision/d-{number % 7}", day=number, outcome="provisional")
                for number in range(600)
            ]
            await appender.submit_each(LEDGER, events, "tests")
        await checkpoint(client, 600)
        for filters in (
            {"subject": "decision/d-3"},
            {"type": "locus.decision.made.v1", "occurred_from": "2024-12-01", "occurred_to": "2025-02-01"},
            {"actor": "actor/a-1", "recorded_to": "2024-01-01T00:00:00+01:00"},
            {"source": "urn:test:forge", "domain": "pricing", "recorded_from": "2024-01-01"},
        ):
            path = kept(tmp_path / "b.zip", await client.get(EVIDENCE, params=filters))
            report = await checked(path)
            assert report.verdict == "right", report.told()
            passed = (await client.get(EVENTS, params=filters, headers=NDJSON)).content
            assert member(path, bundle.ENTRIES) == passed
            assert msgspec.json.decode(member(path, bundle.MANIFEST))["filters"] == filters
        for wrong, where in (("limit=1", "limit"), ("after=1", "after"), ("type=x", "type")):
            refused = await client.get(f"{EVIDENCE}?{wrong}")
            assert (refused.status_code, refused.json()["where"]) == (400, where)


async def test_what_is_not_signed_yet_is_left_out(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        await fill(database, 3)
        await checkpoint(client, 3)
        policy = (await client.get(f"{LOG}/policy")).content
    async with site_again(database) as client:  # without the key
        await fill(database, 300, first=4)
        report = await checked(kept(tmp_path / "b.zip", await client.get(EVIDENCE)), policy)
    assert (report.verdict, report.entries) == ("right", 3), report.told()


async def test_who_may_not_read_the_history_is_given_no_evidence(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        await checkpoint(client, 0)
        elsewhere = await token(database, "reader", ["history"], ["elsewhere"])
        writer = await token(database, "writer", ["publish"])
        for given, status in ((elsewhere, 403), (writer, 403), ("unknown", 401)):
            answer = await client.get(EVIDENCE, headers=bearer(given))
            assert (answer.status_code, answer.headers["content-type"]) == (
                status,
                "application/problem+json",
            )
        reader = await token(database, "reader", ["history"], [LEDGER])
        assert (await client.get(EVIDENCE, headers=bearer(reader))).status_code == 200


async def test_what_was_acknowledged_is_waited_for(database: Database, tmp_path: Path) -> None:
    async with signing(database, tmp_path) as client:
        for round in range(3):
            await fill(database, 2, first=1 + 2 * round)
            path = kept(tmp_path / "b.zip", await client.get(EVIDENCE))
            assert (await checked(path)).entries == 2 * round + 2


async def test_without_a_checkpoint_that_holds_there_is_no_evidence(
    database: Database, tmp_path: Path
) -> None:
    async with site(database) as client:
        await fill(database, 1)
        await fill(database, 1, first=2)
        for address, kind in ((EVIDENCE, "no-checkpoint"), ("/v1/ledgers/none/evidence", "unknown-ledger")):
            answer = await client.get(address)
            assert (answer.status_code, answer.json()["type"]) == (404, f"urn:locus:problem:{kind}")
    connection = await database.connect()
    async with signing(database, tmp_path) as client:
        await checkpoint(client, 2)
    async with site_again(database) as client:
        for change, status, kind in (
            ("DELETE FROM ledger.commits WHERE last = 2", 404, "no-checkpoint"),
            ("UPDATE ledger.ledgers SET format = 0", 409, "ledger-format-0"),
        ):
            await connection.execute(change)
            answer = await client.get(EVIDENCE)
            assert (answer.status_code, answer.json()["type"]) == (status, f"urn:locus:problem:{kind}")
    await connection.close()


async def test_a_bundle_is_made_in_bounded_memory_and_few_questions(
    database: Database, tmp_path: Path
) -> None:
    random = Random(5)
    long = [b64encode(random.randbytes(6_000)).decode() for _ in range(3_000)]
    short = [made(number) for number in range(3_000)]
    events = [
        replace(one, data=replace(one.data, choice=choice)) for one, choice in zip(short, long, strict=True)
    ]
    async with signing(database, tmp_path) as client, appending(database.url) as appender:
        await appender.submit_each(LEDGER, events, "tests")
        note, head = await checkpoint(client, len(events))
    asked = evidence.Asked(LEDGER, note, head, "quorum none\n", EVERYTHING, {})
    async with readers(database.url) as pool:
        reader = Counting(pool)
        size, largest = 0, 0
        tracemalloc.start()
        async for piece in evidence.streamed(History(pool), reader, asked):
            size, largest = size + len(piece), max(largest, len(piece))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert size > 18_000_000
    assert (largest < 1 << 17, peak < 6_000_000) == (True, True), (largest, peak)
    assert reader.asked <= len(list(tiles_of(len(events))))


class Counting:
    """Reads as a pool does, and counts how often."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self.asked = 0

    async def fetch(self, query: str, /, *args: Any) -> list[asyncpg.Record]:
        self.asked += 1
        return await self._pool.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: Any) -> asyncpg.Record | None:
        raise AssertionError("one row is never asked for")
