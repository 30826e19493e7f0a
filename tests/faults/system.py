"""The real system, as an operator would run it, in processes that tests may kill, freeze and start again."""

import asyncio
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.platform import auth, database, keys
from services.platform.embedded import Nats, Postgres
from services.platform.process import ChildFailed, Process
from services.platform.supervisor import Service

VERBS = {
    "witness": ("witness",),
    "ledger-a": ("ledger", "serve"),
    "ledger-b": ("ledger", "serve"),
    "relay": ("ledger", "relay"),
    "worker": ("projections", "work"),
    "spare-worker": ("projections", "work"),  # started by the tests that need a second one
}
USUAL = ("witness", "ledger-a", "ledger-b", "relay", "worker")
LEDGERS = ("ledger-a", "ledger-b")
LISTENING = (*LEDGERS, "witness")
MOST_LEDGERS = 200  # whose names the witness is told in advance
START = 60.0


class Node(Service):
    """One of our processes. `url` is where it listens, once it has said so."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path, *arguments: str) -> None:
        self._given = dict(environment)
        self._read_from = 0
        self.url = ""
        super().__init__(
            name, [sys.executable, "-m", "services.cli", *VERBS[name], *arguments], self._given, log
        )

    def begin(self, fault: str = "") -> None:
        """Start it, to die at a commit point if a fault is given."""
        self._given["LOCUS_FAULT"] = fault
        self._read_from = self.log.stat().st_size if self.log.exists() else 0
        super().begin()

    def ready(self) -> bool:
        """Whether it serves, if it is there to serve."""
        if self.name not in LISTENING:
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
    """PostgreSQL (fsync on), NATS, a witness, two ledger processes, a relay and a worker on one machine.

    Checkpoints are signed and cosigned, and what is personal is sealed.
    """

    WITNESS = "witness.faults"

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.postgres = Postgres(directory)
        self.nats = Nats(directory)
        self.token = ""
        self.nodes: dict[str, Node] = {}
        self._signer = keys.new()
        self._cosigner = keys.new(self.WITNESS, witness=True)
        self._origins = iter([f"faults.example/{number}" for number in range(MOST_LEDGERS)])

    @property
    def database(self) -> str:
        return self.postgres.url("locus")

    @property
    def superuser(self) -> str:
        """The address for whoever checks from outside."""
        return f"host={self.postgres.sockets} user=postgres dbname=locus"

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The log's, for whoever checks from outside."""
        return Ed25519PublicKey.from_public_bytes(self._signer.verifier.public)

    @property
    def witness_key(self) -> Ed25519PublicKey:
        """The witness's."""
        return Ed25519PublicKey.from_public_bytes(self._cosigner.verifier.public)

    def start(self) -> None:
        """Start everything, from the main thread."""
        self.postgres.start()
        self.nats.start()
        asyncio.run(self._prepare())
        port = _free_port()
        environment = {
            "LOCUS_DATABASE_URL": self.database,
            "LOCUS_PORT": "0",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        signing = {
            "LOCUS_VAULT_KEYS": str(self.directory / "vault-keys"),
            "LOCUS_SIGNING_KEY": str(self.directory / "keys" / "signing-key"),
            "LOCUS_WITNESSES": f"{self._cosigner.verifier} http://127.0.0.1:{port}",
        }
        for name in VERBS:
            given = environment | {"LOCUS_NATS_URL": self.nats.url_of(_user(name))}
            given |= signing if name in LEDGERS else {}
            more = self._watching(port) if name == "witness" else ()
            self.nodes[name] = Node(name, given, self.directory / f"{name}.log", *more)
        for name in USUAL:
            self.nodes[name].begin()
        for name in USUAL:
            self.nodes[name].until(self.nodes[name].ready, START)

    def _watching(self, port: int) -> list[str]:
        """What the witness is told: its key, where it listens, and every log there will be."""
        key, signing = self.directory / "keys" / "witness-key", self.directory / "keys" / "signing-key"
        keys.write(key, [self._cosigner])
        keys.write(signing, [self._signer])
        origins = [f"faults.example/{number}" for number in range(MOST_LEDGERS)]
        logs = [part for name in origins for part in ("--log", str(self._signer.named(name).verifier))]
        state = self.directory / "witness"
        return ["--key", str(key), "--state", str(state), "--port", str(port), *logs]

    def vkeys(self, origin: str) -> tuple[str, str]:
        """What an auditor was given: the log's key and the witness's."""
        return str(self._signer.named(origin).verifier), str(self._cosigner.verifier)

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
            answer = await client.post(address, json={"ledger": ledger, "origin": next(self._origins)})
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

    async def restart_ledgers(self, fault: str = "") -> None:
        """Both at once."""
        await asyncio.gather(*[self.restart(name, fault) for name in LEDGERS])

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


async def until(done: Callable[[], bool], what: str, patience: float = START) -> None:
    """Wait for something outside to come true."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise ChildFailed(f"after {patience:.0f} seconds it is still not so: {what}")
        await asyncio.sleep(0.05)


def _user(name: str) -> str:
    """As whom a process reaches NATS."""
    return "ledger" if name == "relay" else "intake" if name in LEDGERS else "worker"


def _free_port() -> int:
    """One that is free now; whoever is told it in advance has to find the same after a restart."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


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
