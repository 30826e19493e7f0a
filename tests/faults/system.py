"""The real system, as an operator would run it, in processes that tests may kill, freeze and start again."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from services.platform import auth, database, keys
from services.platform.embedded import Nats, Postgres
from services.platform.process import ChildFailed, Process
from services.platform.supervisor import Service

VERBS = {
    "ledger-a": ("ledger", "serve"),
    "ledger-b": ("ledger", "serve"),
    "relay": ("ledger", "relay"),
    "worker": ("projections", "work"),
    "spare-worker": ("projections", "work"),  # started by the tests that need a second one
}
USUAL = ("ledger-a", "ledger-b", "relay", "worker")
LEDGERS = ("ledger-a", "ledger-b")
START = 60.0


class Node(Service):
    """One of our processes. `url` is where it listens, once it has said so."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self._given = dict(environment)
        self._read_from = 0
        self.url = ""
        super().__init__(name, [sys.executable, "-m", "services.cli", *VERBS[name]], self._given, log)

    def begin(self, fault: str = "") -> None:
        """Start it, to die at a commit point if a fault is given."""
        self._given["LOCUS_FAULT"] = fault
        self._read_from = self.log.stat().st_size if self.log.exists() else 0
        super().begin()

    def ready(self) -> bool:
        """Whether it serves, if it is there to serve."""
        if "serve" not in VERBS[self.name]:
            return self.alive()
        found = re.search(r"^listening (http://\S+)$", self.said(), re.MULTILINE)
        if found:
            self.url = found[1]
        return found is not None and _ready(found[1])

    def said(self) -> str:
        """Its log since it was last started."""
        with self.log.open() as log:
            log.seek(self._read_from)
            return log.read()

    def waits_for_lease(self, ledger: str) -> bool:
        """Whether it stands by, as a worker, to take over the ledger's views."""
        return any(ledger in line and "waiting for the lease" in line for line in self.said().splitlines())


class System:
    """PostgreSQL (fsync on), NATS, two ledger processes, a relay and a worker on one machine."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.postgres = Postgres(directory)
        self.nats = Nats(directory)
        self.token = ""
        self.nodes: dict[str, Node] = {}

    @property
    def database(self) -> str:
        return self.postgres.url("locus")

    @property
    def signing_key(self) -> Path:
        """The file of the key that signs checkpoints; what was signed is kept in `signed` beside it."""
        return self.directory / "keys" / "signing-key"

    @property
    def superuser(self) -> str:
        """The address for whoever checks from outside."""
        return f"host={self.postgres.sockets} user=postgres dbname=locus"

    def start(self) -> None:
        """Start everything, from the main thread."""
        self.postgres.start()
        self.nats.start()
        keys.write(self.signing_key, [keys.new()])
        asyncio.run(self._prepare())
        environment = {
            "LOCUS_DATABASE_URL": self.database,
            "LOCUS_VAULT_KEYS": str(self.directory / "vault-keys"),
            "LOCUS_SIGNING_KEY": str(self.signing_key),
            "LOCUS_PORT": "0",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        for name in VERBS:
            nats = {"LOCUS_NATS_URL": self.nats.url_of(_user(name))}
            self.nodes[name] = Node(name, environment | nats, self.directory / f"{name}.log")
        for name in USUAL:
            self.nodes[name].begin()
        for name in USUAL:
            self.nodes[name].until(self.nodes[name].ready, START)

    def stop(self) -> None:
        """End everything that still runs."""
        for process in [*self.nodes.values(), self.nats, self.postgres]:
            if process.alive():
                _signal(process, signal.SIGCONT)
            process.stop()

    def ledgers(self, *names: str) -> Callable[[], dict[str, str]]:
        """Where these ledger processes listen, asked anew each time, since a restart changes it."""
        return lambda: {name: self.nodes[name].url for name in names or LEDGERS}

    async def create(self, ledger: str) -> None:
        """Make a ledger."""
        headers = {"authorization": f"Bearer {self.token}"}
        async with httpx.AsyncClient(headers=headers) as client:
            address = f"{self.nodes['ledger-b'].url}/v1/ledgers"
            answer = await client.post(address, json={"ledger": ledger})
        assert answer.status_code == httpx.codes.CREATED, answer.text

    def process(self, name: str) -> Process:
        """Ours by its name, or `postgres`, or `nats`."""
        return {"postgres": self.postgres, "nats": self.nats}.get(name) or self.nodes[name]

    def kill(self, name: str) -> None:
        """kill -9; of PostgreSQL the postmaster and every backend."""
        process = self.process(name)
        assert process.child is not None
        family = _family(process.child.pid)
        _signal(process, signal.SIGKILL)
        for child in family:
            with _perhaps_gone():
                os.kill(child, signal.SIGKILL)
        process.child.wait()

    async def mend(self) -> None:
        """Start again whatever is not running and should, and end what should not."""
        await asyncio.to_thread(self.nodes["spare-worker"].stop)
        for name in ("postgres", "nats", *USUAL):
            if self.process(name).alive():
                self.thaw(name)
            else:
                await self.restart(name)

    def check_alive(self) -> None:
        """Nothing has died but what was killed and started again."""
        for name in USUAL:
            assert self.nodes[name].alive(), self.nodes[name].last_words()

    def freeze(self, name: str) -> None:
        _signal(self.process(name), signal.SIGSTOP)

    def frozen(self, name: str) -> bool:
        child = self.process(name).child
        assert child is not None
        return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def thaw(self, name: str) -> None:
        _signal(self.process(name), signal.SIGCONT)

    async def restart(self, name: str, fault: str = "") -> None:
        """Start it again, and wait until it is ready; load goes on meanwhile."""
        process = self.process(name)
        if process.alive():
            await asyncio.to_thread(process.stop)
        if isinstance(process, Node):
            process.begin(fault)
        else:
            process.begin()
        await until(process.ready, f"{name} is ready")

    async def dies(self, name: str, patience: float = 30.0) -> None:
        """Wait until it has killed itself at its commit point."""
        child = self.process(name).child
        assert child is not None
        await until(lambda: child.poll() is not None, f"{name} is dead", patience)
        assert child.returncode == -signal.SIGKILL, self.process(name).last_words()

    async def _prepare(self) -> None:
        await database.ensure_locus(self.postgres.url("postgres"))
        await database.migrate(self.database)
        connection = await database.connect(self.database, "postgres")
        try:
            expires = datetime.now(UTC) + timedelta(days=1)
            self.token = await auth.create(connection, "faults", scopes=auth.SCOPES, expires_at=expires)
        finally:
            await connection.close()


def _user(name: str) -> str:
    """As whom a process reaches NATS."""
    return "ledger" if name == "relay" else "intake" if name in LEDGERS else "worker"


async def until(done: Callable[[], bool], what: str, patience: float = START) -> None:
    """Wait for something outside to come true."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise ChildFailed(f"after {patience:.0f} seconds it is still not so: {what}")
        await asyncio.sleep(0.05)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=1).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _family(pid: int) -> list[int]:
    """The processes that this one has started."""
    family = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == pid:
            family.append(int(status.parent.name))
    return family


def _signal(process: Process, number: signal.Signals) -> None:
    assert process.child is not None
    process.child.send_signal(number)


@contextmanager
def _perhaps_gone() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return
