"""The system under measurement: PostgreSQL with fsync on, and our processes as their own programs."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg

from services import cli_keys
from services.platform import auth, database
from services.platform.embedded import Nats, Postgres, postgres_home

LEDGER = "bench"
PGBENCH = postgres_home() / "bin" / "pgbench"


_USERS = {("ledger", "serve"): "intake", ("ledger", "relay"): "ledger"}


class System:
    """Servers and processes, all on this machine, all ended with it."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self.directory = directory
        self._stack = stack
        self.postgres = Postgres(directory)
        self.postgres.start()
        stack.callback(self.postgres.stop)
        self.nats = Nats(directory)
        self.nats.start()
        stack.callback(self.nats.stop)
        self.signing_key = self.directory / "signing" / "key"
        cli_keys.ensure(self.signing_key)
        self.processes: dict[str, subprocess.Popen[str]] = {}
        self.superuser = f"host={self.postgres.sockets} user=postgres"
        with psycopg.connect(f"{self.superuser} dbname=postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE locus TEMPLATE template0")
            connection.execute("CREATE DATABASE reference TEMPLATE template0")
        asyncio.run(database.migrate(self.postgres.url("locus")))
        self.token = asyncio.run(self._token())

    async def _token(self) -> str:
        connection = await database.connect(self.postgres.url("locus"), "postgres")
        try:
            expires = datetime.now(UTC) + timedelta(days=1)
            return await auth.create(connection, "bench", scopes=auth.SCOPES, expires_at=expires)
        finally:
            await connection.close()

    def sql(self, name: str) -> psycopg.Connection:
        """A superuser's connection, for references and for checks from outside."""
        return psycopg.connect(f"{self.superuser} dbname={name}", autocommit=True)

    def pgbench(self, script: str, clients: int, seconds: float) -> float:
        """Transactions a second of one script in the reference database."""
        path = self.directory / "script.sql"
        path.write_text(script)
        load = f"-n -M prepared -c {clients} -j {min(2, clients)} -T {int(seconds)} -U postgres"
        said = subprocess.run(
            [PGBENCH, *load.split(), "-h", self.postgres.sockets, "-f", path, "reference"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        return float(re.findall(r"tps = ([\d.]+)", said)[0])

    def start(self, *verb: str) -> str:
        """Start one of our processes; the address it announces, or an empty text if it serves none."""
        environment = os.environ | {
            "LOCUS_DATABASE_URL": self.postgres.url("locus"),
            "LOCUS_NATS_URL": self.nats.url_of(_USERS.get(verb, "worker")),
            "LOCUS_VAULT_KEYS": str(self.directory / "vault-keys"),
            "LOCUS_SIGNING_KEY": str(self.signing_key),
            "LOCUS_PORT": "0",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "services.cli", *verb], env=environment, stdout=subprocess.PIPE, text=True
        )
        self.processes[" ".join(verb)] = process
        self._stack.callback(self._end, process)
        if verb[-1] != "serve":
            return ""
        assert process.stdout is not None
        found = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert found, f"{verb} announced no address"
        self._until_ready(found[0])
        return found[0]

    @staticmethod
    def _until_ready(url: str) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{url}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError(f"{url} is not ready")

    @staticmethod
    def _end(process: subprocess.Popen[str]) -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self, *verb: str) -> None:
        """End one of our processes."""
        self._end(self.processes.pop(" ".join(verb)))

    def peak_memory(self, *verb: str) -> float:
        """The most memory (VmHWM) the process, or one it has started, has held, in MB."""
        pid = self.processes[" ".join(verb)].pid
        started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return max(_high_water(process) for process in (str(pid), *started)) / 1024

    def client(self, url: str) -> httpx.Client:
        """An HTTP client with the token."""
        return httpx.Client(base_url=url, headers={"authorization": f"Bearer {self.token}"}, timeout=600)

    def create(self, url: str, ledger: str = LEDGER) -> None:
        """Make the ledger."""
        with self.client(url) as client:
            answer = client.post("/v1/ledgers", json={"ledger": ledger})
            assert answer.status_code in (201, 409), answer.text

    def head(self, ledger: str = LEDGER) -> int:
        """The ledger's last position, told by the database itself."""
        with self.sql("locus") as connection:
            row = connection.execute(
                "SELECT max(last) FROM ledger.commits WHERE ledger = %s", [ledger]
            ).fetchone()
        return (row and row[0]) or 0


def _high_water(pid: str) -> int:
    """In kilobytes; 0 of a process that has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return max(map(int, re.findall(r"VmHWM:\s+(\d+)", status)), default=0)


@contextmanager
def system() -> Iterator[System]:
    """Start PostgreSQL (fsync on) and NATS in a directory on disk that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="locus-bench-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        with ExitStack() as stack:
            yield System(Path(directory), stack)


def event(n: int, run: str) -> dict[str, object]:
    """A decision of ordinary size (about half a kilobyte), new for every (n, run)."""
    return json.loads(TEMPLATE.replace("{n}", str(n)).replace("{run}", run))


TEMPLATE = (
    '{"specversion":"1.0","id":"{run}-{n}","source":"urn:bench:source","type":"locus.decision.made.v1",'
    '"subject":"decision/{run}-{n}","time":"2026-01-05T09:30:00Z","datacontenttype":"application/json",'
    '"data":{"title":"Which supplier delivers the paper","domains":["purchasing"],"outcome":"accepted",'
    '"choice":"The one next door","deciders":[{"holder":"actor/a-17","parts":2},{"holder":"actor/a-23"}],'
    '"attested":"recorded","formality":"formal","stakes":"low","size":{"amount":1200,"unit":"EUR"},'
    '"ref":"urn:bench:minutes"}}'
)
