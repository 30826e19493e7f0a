"""Real servers for tests: one PostgreSQL and one NATS a run, a fresh migrated database a test."""

import asyncio
import gc
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest

from services.platform import database as platform_database
from services.platform.embedded import Nats, Postgres

TEMPLATE = "locus_template"
# Only for tests: nothing here has to outlive the machine.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "300"}


@dataclass(frozen=True, slots=True)
class Server:
    """The run's PostgreSQL; `url(name)` is the address of one of its databases."""

    sockets: str

    def url(self, name: str) -> str:
        return f"postgresql:///{name}?host={self.sockets}"

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside any transaction."""
        address = f"host={self.sockets} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement.encode())


@dataclass(frozen=True, slots=True)
class Database:
    """A database of its own for one test, with every migration applied."""

    url: str
    name: str
    keys: Path  # directory of the vault's key-encryption keys

    async def connect(self, role: str = "postgres") -> asyncpg.Connection:
        """Speak as one of our roles or (set-up and checks only) postgres."""
        return await platform_database.connect(self.url, role)


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory in shared memory (or where temporary files go, if that is small), gone afterwards."""
    memory = Path("/dev/shm")  # noqa: S108 — mkdtemp makes a private folder in it
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_500_000_000
    directory = Path(tempfile.mkdtemp(prefix="locus-test-", dir=memory if roomy else None))
    directory.chmod(0o755)  # PostgreSQL may have to run as another user; what is inside has its own modes
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[Server]:
    with scratch() as directory:
        postgres = Postgres(directory, FAST)
        postgres.start()
        try:
            server = Server(str(postgres.sockets))
            server.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            run(platform_database.migrate(server.url(TEMPLATE)))
            yield server
        finally:
            postgres.stop()


@contextmanager
def running_nats() -> Iterator[str]:
    with scratch() as directory:
        nats = Nats(directory)
        nats.start()
        try:
            yield nats.url
        finally:
            nats.stop()


def run(coroutine: Any) -> Any:
    """Run to the end on a loop of its own, leaving pytest-asyncio's alone."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(coroutine)
    finally:
        loop.close()


class Shared:
    """In a parallel run the controller owns the servers, since workers end at different moments."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.sockets: str | None = None
        self.nats: str | None = None

    def pytest_configure_node(self, node: Any) -> None:
        if self.sockets is None:
            self.sockets = self.stack.enter_context(running_postgres()).sockets
            self.nats = self.stack.enter_context(running_nats())
        node.workerinput["locus_postgres"] = self.sockets
        node.workerinput["locus_nats"] = self.nats

    def pytest_unconfigure(self) -> None:
        self.stack.close()


def pytest_configure(config: pytest.Config) -> None:
    os.environ.setdefault("LOCUS_SEED", str(secrets.randbelow(10**6)))  # parallel workers inherit it
    if config.pluginmanager.hasplugin("dsession"):
        config.pluginmanager.register(Shared(), "locus-shared-servers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes may take many."""
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.timeout(3_600))


def pytest_collection_finish() -> None:
    # Thousands of tests are a heap that took half of the time to look through, again and again.
    gc.collect()
    gc.freeze()


def pytest_report_header() -> str:
    """What random choices follow from, so that a run can be repeated."""
    return f"LOCUS_SEED={os.environ['LOCUS_SEED']}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures that tests recorded, in whichever process they ran."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {name} {value}")


@pytest.fixture(scope="session", autouse=True)
def _logs_go_where_they_went() -> Iterator[None]:
    """A command run in this process sets up its logs for good, where later tests would not find theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("services.platform.telemetry.log_to_stderr", lambda _level, _service: None)
        yield


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The run's PostgreSQL: fsync off, data in shared memory, one for all parallel workers."""
    given = getattr(request.config, "workerinput", {}).get("locus_postgres")
    if given:
        yield Server(given)
        return
    with running_postgres() as server:
        yield server


@contextmanager
def fresh(postgres: Server, keys: Path, template: str = TEMPLATE) -> Iterator[Database]:
    """A new database like another, and a place for its vault's keys."""
    name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield Database(postgres.url(name), name, keys)
    postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(postgres: Server, tmp_path: Path) -> Iterator[Database]:
    """A fresh database with every migration applied."""
    with fresh(postgres, tmp_path / "vault-keys") as database:
        yield database


@pytest.fixture(scope="session")
def nats(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the run's NATS server, with JetStream."""
    given = getattr(request.config, "workerinput", {}).get("locus_nats")
    if given:
        yield given
        return
    with running_nats() as url:
        yield url
