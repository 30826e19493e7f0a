"""A whole Locus in a directory of its own: PostgreSQL (fsync on), NATS, every process, keys, logs."""

import asyncio
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import psycopg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.platform import auth, database, keys, messaging
from services.platform.embedded import Nats, Postgres
from tests.faults.system import VERBS, Node
from tests.integration.ledger_site import LEDGER, bearer

ROOT = Path(__file__).parents[2]
NODES = {"ledger-a": "intake", "relay": "ledger", "worker": "worker"}  # and as whom they reach NATS
WINDOW = 8  # bytes that pglz leaves together whatever it does to what is around them


class Place:
    """What `locus up` starts, each part to be stopped and started; everything it writes is below `home`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = Postgres(home)
        self.nats = Nats(home)
        self.nodes: dict[str, Node] = {}
        self.token = ""

    @property
    def superuser(self) -> str:
        return f"host={self.postgres.sockets} user=postgres dbname=locus"

    @property
    def database(self) -> str:
        return self.postgres.url("locus")

    @property
    def epochs(self) -> Path:
        return self.home / "keys" / "vault"

    async def begin(self) -> None:
        """Start everything for the first time, and make the ledger."""
        self.postgres.start()
        self.nats.start()
        keys.write(self.home / "keys" / "signing-key", [keys.new()])
        await database.ensure_locus(self.postgres.url("postgres"))
        await database.migrate(self.database)
        connection = await database.connect(self.database, "postgres")
        expires = datetime.now(UTC) + timedelta(days=1)
        self.token = await auth.create(connection, "attacks", scopes=auth.SCOPES, expires_at=expires)
        await connection.close()
        self.start_nodes(NODES)
        async with self.client() as client:
            assert (await client.post("/v1/ledgers", json={"ledger": LEDGER})).status_code == 201

    def start_nodes(self, names: Iterable[str]) -> None:
        """Start processes of ours, from the main thread."""
        for name in names:
            given = {
                "LOCUS_DATABASE_URL": self.database,
                "LOCUS_NATS_URL": self.nats.url_of(NODES[name]),
                "LOCUS_VAULT_KEYS": str(self.epochs),
                "LOCUS_SIGNING_KEY": str(self.home / "keys" / "signing-key"),
                "LOCUS_LOG_LEVEL": "debug",
                "LOCUS_PORT": "0",
                "PYTHONPATH": str(ROOT),
            }
            self.nodes[name] = Node(name, given, self.home / f"{name}.log")
            self.nodes[name].begin()
        for name in names:
            node = self.nodes[name]
            node.until(partial(_listens, node), 60)

    def client(self) -> httpx.AsyncClient:
        """A client of the ledger that may do everything."""
        return httpx.AsyncClient(base_url=self.nodes["ledger-a"].url, headers=bearer(self.token), timeout=30)

    async def echoed(self, last: int) -> None:
        """Wait until the stream of events holds as many entries."""
        client = await messaging.connect(self.nats.url, "who waits")
        try:
            async with asyncio.timeout(30):
                while await _last(client.jetstream()) < last:  # noqa: ASYNC110 — the relay does not tell
                    await asyncio.sleep(0.1)
        finally:
            await client.close()

    def settle(self) -> None:
        """Have everything in memory written to disk, and the write-ahead log go on in a new file."""
        with psycopg.connect(self.superuser, autocommit=True) as connection:
            for _ in range(2):
                connection.execute("CHECKPOINT")
                connection.execute("SELECT pg_switch_wal()")

    def stop(self, *, all: bool = True) -> None:
        """End our processes, and the servers too."""
        for process in [*self.nodes.values(), *([self.nats, self.postgres] if all else [])]:
            if process.alive():
                process.stop()

    def copy_database(self, to: Path) -> None:
        """A file copy of PostgreSQL, which is not running: what a backup holds. No key files."""
        shutil.copytree(self.postgres.cluster, to, symlinks=True)

    def put_back(self, backup: Path) -> None:
        """The copy in the place of what there is."""
        shutil.rmtree(self.postgres.cluster)
        shutil.copytree(backup, self.postgres.cluster, symlinks=True)


async def _last(stream: JetStreamContext) -> int:
    try:
        return (await stream.stream_info(f"locus-events-{LEDGER}")).state.last_seq
    except NotFoundError:
        return 0


def _listens(node: Node) -> bool:
    """Whether it serves, if it is there to serve: it may be halted, and so not ready."""
    if "serve" not in VERBS[node.name]:
        return True
    found = re.search(r"^listening (http://\S+)$", node.said(), re.MULTILINE)
    if found:
        node.url = found[1]
    return found is not None and httpx.get(f"{found[1]}/health/live", timeout=5).status_code == 200


def windows(secret: bytes) -> list[bytes]:
    """Every piece of it that a compressor would have left whole."""
    return [secret[at : at + WINDOW] for at in range(len(secret) - WINDOW + 1)]


def found(home: Path, *wanted: bytes) -> dict[str, list[bytes]]:
    """The files below a directory that hold any of these bytes, and which."""
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_socket()]
    read = ((str(path.relative_to(home)), path.read_bytes()) for path in files)
    return {name: hits for name, data in read if (hits := [one for one in wanted if one in data])}
