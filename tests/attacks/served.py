"""The ledger's service at work, which signs; its database; and `locus verify` as an auditor runs it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from click.testing import CliRunner

from services.cli import main
from services.ledger.main import app
from services.platform import serving
from services.platform.merkle import Frontier, leaf_hash
from services.platform.note import Signer, Verifier
from services.platform.settings import Settings
from tests.conftest import Database
from tests.integration.ledger_site import BATCH, EVENTS, LEDGER, bearer, made, token

KEY = Signer("the-key", b"\7" * 32)
ORIGIN = "log.example/acme"
VKEY: Verifier = KEY.named(ORIGIN).verifier
Edit = Callable[[bytes], bytes]


class Served:
    """The service, and what it keeps outside the database."""

    def __init__(self, client: httpx.AsyncClient, database: Database, signed: Path, token: str) -> None:
        self.client = client
        self.database = database
        self.signed = signed / LEDGER
        self._told = {"LOCUS_TOKEN": token, "LOCUS_LEDGER": LEDGER}

    async def publish(self, *sizes: int) -> None:
        """A commit of each of these sizes."""
        for size in sizes:
            batch = json.dumps([made() for _ in range(size)])
            answer = await self.client.post(EVENTS, headers=BATCH, content=batch)
            assert answer.status_code == 201, answer.text

    async def checkpoint(self, size: int) -> str:
        """The signed checkpoint that the service shows, once it is of this size."""
        async with asyncio.timeout(20):
            while True:
                shown = (await self.client.get(f"/v1/ledgers/{LEDGER}/log/checkpoint")).text
                if f"\n{size}\n" in shown:
                    return shown
                await asyncio.sleep(0.05)

    async def verified(self, target: str = "", *more: str) -> tuple[int, dict[str, Any]]:
        """`locus verify`: the exit code and the report; the database, unless another target is named."""
        arguments = ["verify", target or self.database.url, "--json", *more]
        ended = await asyncio.to_thread(CliRunner().invoke, main, arguments, env=self._told)
        assert ended.stdout, ended.output
        return ended.exit_code, json.loads(ended.stdout)

    async def health(self, status: int) -> dict[str, Any]:
        """The answer of the readiness check, once it has this status."""
        async with asyncio.timeout(20):
            while True:
                answer = await self.client.get("/health/ready")
                if answer.status_code == status:
                    told: dict[str, Any] = answer.json()
                    return told
                await asyncio.sleep(0.05)

    async def publishing(self) -> tuple[int, dict[str, Any]]:
        """What a publisher is answered who publishes one event more."""
        answer = await self.client.post(EVENTS, headers=BATCH, content=json.dumps([made()]))
        return answer.status_code, answer.json()


@asynccontextmanager
async def served(
    database: Database, signed: Path, *, ledgers: tuple[str, ...] = (LEDGER,), **settings: Any
) -> AsyncGenerator[Served]:
    """In this process; its ledgers exist. What it signed last is kept in `signed`."""
    given = await token(database)
    usual = {"vault_keys": str(database.keys), "signing_key": KEY.secret(), "signed": str(signed)}
    service = app(Settings(database_url=database.url, **usual | settings))
    async with serving.started(service):
        transport = httpx.ASGITransport(service)  # type: ignore[arg-type] — the same protocol, typed twice
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", headers=bearer(given)
        ) as client:
            for ledger in ledgers:
                body = {"ledger": ledger} | ({"origin": ORIGIN} if ledger == LEDGER else {})
                assert (await client.post("/v1/ledgers", json=body)).status_code in (201, 409)
            yield Served(client, database, signed, given)


def first(report: Mapping[str, Any]) -> tuple[int, int | None, str]:
    """Where the first thing is that is wrong, up to where, and of which kind it is."""
    fault = report["faults"][0]
    return fault["position"], fault.get("until"), fault["kind"]


async def rewrite(database: Database, edits: Mapping[int, Edit], *more: str) -> None:
    """Change entries, and make everything in the database fit them: commits, roots, instants, tiles."""
    connection = await database.connect()
    try:
        lines = [
            row[0] for row in await connection.fetch("SELECT entry FROM ledger.entries ORDER BY position")
        ]
        for position, edit in edits.items():
            lines[position - 1] = edit(lines[position - 1])
            await _write(connection, position, lines[position - 1])
        for row in await connection.fetch("SELECT last FROM ledger.commits"):
            tree = Frontier().extend(map(leaf_hash, lines[: row["last"]]))
            root = "UPDATE ledger.commits SET root = $1, frontier = $2 WHERE last = $3"
            await connection.execute(root, tree.root(), tree.to_bytes(), row["last"])
        for statement in more:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _write(connection: asyncpg.Connection, position: int, line: bytes) -> None:
    said = json.loads(line)
    await connection.execute(
        "UPDATE ledger.entries SET entry = $2, subject = $3, recorded = $4::text::timestamptz,"
        " source = $5, id = $6 WHERE position = $1",
        position,
        line,
        said["event"]["subject"],
        said["recorded"],
        said["event"]["source"],
        said["event"]["id"],
    )


def replacing(old: bytes, new: bytes) -> Edit:
    """Other bytes in the place of some that are there once."""

    def edit(line: bytes) -> bytes:
        assert line.count(old) == 1, line
        return line.replace(old, new)

    return edit
