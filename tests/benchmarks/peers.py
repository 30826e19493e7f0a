"""The same load on peers: 64 writers, one event each, acknowledged one by one, on the same machine.

`eventsourcing` runs with its defaults (a table lock a transaction) on the same PostgreSQL; UmaDB's server and
Python client come from its wheel. Both are driven at the level of their recorders: no aggregates, no mapping.
"""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import umadb
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment

from tests.benchmarks.appending import Appends
from tests.benchmarks.report import Line, alternating
from tests.benchmarks.system import TEMPLATE, System

WRITERS = 64
SERVER = "from umadb.umadb_server_cli import main; main()"
SECONDS = 6.0
ROUNDS = 5
BODY = TEMPLATE.encode()


def rate(write: Callable[[], object]) -> float:
    """Calls a second that 64 threads complete together."""
    counts = [0] * WRITERS
    stop = time.perf_counter() + SECONDS

    def work(index: int) -> None:
        while time.perf_counter() < stop:
            write()
            counts[index] += 1

    threads = [threading.Thread(target=work, args=(index,)) for index in range(WRITERS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


@contextmanager
def eventsourcing_recorder(system: System) -> Iterator[Callable[[], object]]:
    """Inserts one event of a new aggregate; the library's defaults throughout."""
    factory = PostgresFactory(
        Environment(
            "bench",
            {
                "POSTGRES_DBNAME": "reference",
                "POSTGRES_HOST": str(system.postgres.sockets),
                "POSTGRES_PORT": "5432",
                "POSTGRES_USER": "postgres",
                "POSTGRES_PASSWORD": "",
            },
        )
    )
    recorder = factory.application_recorder()
    try:
        yield lambda: recorder.insert_events([StoredEvent(uuid4(), 1, "bench:Made", BODY)])
    finally:
        factory.close()


@contextmanager
def umadb_client(system: System) -> Iterator[Callable[[], object]]:
    """Appends one event that must be the first of its subject."""
    address = "127.0.0.1:50951"
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, "--listen", address, "--db-path", system.directory / "uma.db"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    local = threading.local()

    def client() -> umadb.Client:
        if not hasattr(local, "client"):
            local.client = umadb.Client(f"http://{address}")
        return local.client

    def write() -> object:
        tag = f"decision/{uuid4()}"
        condition = umadb.AppendCondition(umadb.Query([umadb.QueryItem(types=[], tags=[tag])]))
        return client().append([umadb.Event("made", BODY, [tag])], condition)

    try:
        for _ in range(100):
            try:
                client().head()
                break
            except Exception:  # noqa: BLE001 — the client has its own errors for a server that is starting
                local.__dict__.clear()
                time.sleep(0.1)
        yield write
    finally:
        server.terminate()
        server.wait(10)


def bars(system: System) -> list[Line]:
    """Ours over HTTP beside the two peers, alternating."""
    url = system.start("ledger", "serve")
    system.create(url)
    appends = Appends(system, url)
    appends.rate(64, seconds=2)
    with eventsourcing_recorder(system) as theirs, umadb_client(system) as uma:
        ours, beside, umas = alternating(
            ROUNDS, lambda: appends.rate(WRITERS), lambda: rate(theirs), lambda: rate(uma)
        )
    system.stop("ledger", "serve")
    return [
        Line("64 writers, one event each, beside eventsourcing", ours, beside, "events/s", 3, 5),
        Line("64 writers, one event each, beside UmaDB", ours, umas, "events/s", 0, 1),
    ]
