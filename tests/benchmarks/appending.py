"""Appends over HTTP beside pgbench and COPY of the same rows on the same server.

`wrk` sends the load: authentication, validation and row-level security on, every event new. After every run
the database is asked whether each acknowledged event is there, at a position of its own, under the last root.
"""

import asyncio
import re
import secrets
import subprocess
import tempfile
import time

from psycopg import sql

from services.platform import database
from services.platform.merkle import Frontier, leaf_hash
from tests.benchmarks.report import Line, alternating
from tests.benchmarks.system import LEDGER, TEMPLATE, System

SECONDS = 6.0
ROUNDS = 5

_LUA = """
local parts = {%(parts)s}
local count = 0
local function event()
  count = count + 1
  return table.concat(parts, tostring(count))
end
local headers = {["authorization"] = "Bearer %(token)s", ["content-type"] = "%(type)s"}
function request()
  local body
  if %(batch)d == 1 then body = event() else
    local events = {}
    for i = 1, %(batch)d do events[i] = event() end
    body = "[" .. table.concat(events, ",") .. "]"
  end
  return wrk.format("POST", "%(path)s", headers, body)
end
"""

_BARE = """
CREATE TABLE IF NOT EXISTS bare (
    ledger text, position bigint, source text, id text, subject text, version bigint, entry bytea,
    PRIMARY KEY (ledger, position), UNIQUE (ledger, source, id), UNIQUE (ledger, subject, version));
CREATE SEQUENCE IF NOT EXISTS bare_position;
"""
_INSERT = """
INSERT INTO bare SELECT 'bench', n, 'urn-bench-source', 'run-' || n, 'decision/run-' || n, 1::bigint,
    convert_to(repeat('x'::text, %d), 'UTF8') FROM nextval('bare_position') n;
"""


class Appends:
    """Load on one running ledger."""

    def __init__(self, system: System, url: str) -> None:
        self._system = system
        self._url = url
        self._runs = 0
        self._name = secrets.token_hex(4)  # two loads of one ledger must not repeat each other's events

    def rate(self, connections: int, batch: int = 1, seconds: float = SECONDS) -> float:
        """Acknowledged events a second, each of them checked to be stored."""
        self._runs += 1
        before = self._system.head()
        run = f"{self._name}-{self._runs}-{connections}-{batch}"
        kind = "application/cloudevents+json" if batch == 1 else "application/cloudevents-batch+json"
        script = _LUA % {
            "parts": ",".join(f"[==[{part}]==]" for part in TEMPLATE.replace("{run}", run).split("{n}")),
            "token": self._system.token,
            "type": kind,
            "path": f"/v1/ledgers/{LEDGER}/events",
            "batch": batch,
        }
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
            file.write(script)
            file.flush()
            said = subprocess.run(
                ["wrk", "-t1", f"-c{connections}", f"-d{int(seconds)}s", "-s", file.name, self._url],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        assert "Non-2xx" not in said, said
        assert "Socket errors" not in said, said
        requests, elapsed = re.findall(r"(\d+) requests in ([\d.]+)s", said)[0]
        time.sleep(0.3)  # what was in flight when wrk stopped is stored, though nobody waits for it
        stored = self._system.head() - before
        acknowledged = int(requests) * batch
        assert acknowledged <= stored <= acknowledged + connections * batch, (acknowledged, stored)
        return acknowledged / float(elapsed)


def check_log(system: System) -> int:
    """Positions without gaps, the last root recomputed; the number of entries."""
    with system.sql("locus") as connection:
        last, root = connection.execute(
            "SELECT last, root FROM ledger.commits WHERE ledger = %s ORDER BY last DESC LIMIT 1", [LEDGER]
        ).fetchone() or (0, b"")
        tree, expected = Frontier(), 1
        with connection.transaction(), connection.cursor("entries") as cursor:
            cursor.itersize = 5_000
            cursor.execute(
                "SELECT position, entry FROM ledger.entries WHERE ledger = %s ORDER BY position", [LEDGER]
            )
            for position, entry in cursor:
                assert position == expected, f"position {position} where {expected} should be"
                tree = tree.add(leaf_hash(entry))
                expected += 1
    assert (expected - 1, tree.root()) == (last, root)
    return last


def bars(system: System) -> list[Line]:
    """The four append bars that compare with PostgreSQL itself."""
    url = system.start("ledger", "serve")
    system.create(url)
    appends = Appends(system, url)
    with system.sql("reference") as connection:
        connection.execute(_BARE)
    insert = _INSERT % 620
    appends.rate(64, seconds=2)
    many = alternating(ROUNDS, lambda: appends.rate(64), lambda: system.pgbench(insert, 64, SECONDS))
    one = alternating(ROUNDS, lambda: appends.rate(1), lambda: system.pgbench(insert, 1, SECONDS))
    bulk = alternating(ROUNDS, lambda: appends.rate(4, batch=100), lambda: copied(system))
    entries = check_log(system)
    memory = system.peak_memory("ledger", "serve")
    system.stop("ledger", "serve")
    return [
        Line("append, 64 in flight, beside pgbench", many[0], many[1], "events/s", 0.5, 0.8),
        Line("append, one at a time, beside pgbench", one[0], one[1], "events/s", 0.25, 0.4),
        Line("append, 100 a request, beside COPY", bulk[0], bulk[1], "events/s", 0.6, 0.8),
        Line(
            "peak memory of ledger serve",
            [memory],
            [],
            "MB",
            250,
            lower_is_better=True,
            note=f"after {entries:,} entries",
        ),
    ]


def copied(system: System, rows: int = 60_000) -> float:
    """Entries a second when COPY writes the last `rows`, with mentions and commits, into equal tables."""
    after = max(0, system.head() - rows)
    files = {table: system.directory / f"{table}.copy" for table in ("commits", "entries", "mentions")}
    with system.sql("locus") as source:
        for table, path in files.items():
            column = "last" if table == "commits" else "position"
            wanted = sql.SQL("COPY (SELECT * FROM {} WHERE {} > {}) TO STDOUT (FORMAT binary)").format(
                sql.Identifier("ledger", table), sql.Identifier(column), sql.Literal(after)
            )
            with path.open("wb") as file, source.cursor().copy(wanted) as data:
                file.writelines(data)
    mirror(system)
    with system.sql("mirror") as target:
        target.execute("TRUNCATE ledger.commits, ledger.entries, ledger.mentions")
        target.execute("CHECKPOINT")
        started = time.perf_counter()
        for table, path in files.items():
            into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier("ledger", table))
            with target.cursor().copy(into) as data:
                data.write(path.read_bytes())
        elapsed = time.perf_counter() - started
        count = target.execute("SELECT count(*) FROM ledger.entries").fetchone()
    assert count
    return count[0] / elapsed


def mirror(system: System) -> None:
    """A database with the same tables and indexes, for COPY to fill."""
    with system.sql("postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'mirror'").fetchone()
        if known is None:
            connection.execute("CREATE DATABASE mirror TEMPLATE template0")
            asyncio.run(database.migrate(system.postgres.url("mirror")))
