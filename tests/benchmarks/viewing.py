"""How soon a view shows what was acknowledged, how fast all is rebuilt, how much memory that takes."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import psycopg
from psycopg import sql

from services.platform.merkle import leaf_hash
from tests.benchmarks import organisation
from tests.benchmarks.appending import mirror
from tests.benchmarks.asking import Asker, Grown
from tests.benchmarks.report import Line, percentile
from tests.benchmarks.system import System, event


def caught_up(system: System, ledger: str, timeout: float = 3_600, strands: bool = False) -> float:
    """Wait until the facts of a ledger and their aggregates stand at its head; seconds waited.

    `strands`: and until these do, which narrow what is read and nothing waits for.
    """
    started, head = time.perf_counter(), system.head(ledger)
    with system.sql("locus") as connection:
        while time.perf_counter() - started < timeout:
            row = connection.execute(
                "SELECT least(g.position, coalesce(f.position, 0), CASE WHEN %s THEN coalesce(f.strands, 0)"
                " END) FROM projections.generations g"
                " LEFT JOIN projections.folded f USING (ledger, generation) WHERE ledger = %s AND serving",
                [strands, ledger],
            ).fetchone()
            if row is not None and row[0] >= head:
                return time.perf_counter() - started
            time.sleep(0.05)
    raise TimeoutError(f"{ledger} did not catch up")


def by_hand(system: System, ledger: str) -> float:
    """Seconds to page, decode and hash the entries, and to copy as many rows into equal tables."""
    mirror(system)
    files = {}
    with system.sql("locus") as source:
        for table in projection_tables(source):
            files[table] = system.directory / f"projections-{table}.copy"
            wanted = sql.SQL("COPY (SELECT * FROM {} WHERE ledger = {}) TO STDOUT (FORMAT binary)").format(
                sql.Identifier("projections", table), sql.Literal(ledger)
            )
            with files[table].open("wb") as file, source.cursor().copy(wanted) as data:
                file.writelines(data)
    with system.sql("mirror") as target:
        names = sql.SQL(", ").join(sql.Identifier("projections", table) for table in files)
        target.execute(sql.SQL("TRUNCATE {}").format(names))
    started = time.perf_counter()
    paged(system, ledger, lambda entry: (msgspec.json.decode(entry), leaf_hash(entry)))
    with system.sql("mirror") as target:
        for table, path in files.items():
            into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier("projections", table))
            with target.cursor().copy(into) as data, path.open("rb") as file:
                while chunk := file.read(1 << 20):
                    data.write(chunk)
    return time.perf_counter() - started


def projection_tables(connection: psycopg.Connection) -> list[str]:
    """Every table of the projections that holds rows of ledgers."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'ledger'"
        " WHERE c.relnamespace = 'projections'::regnamespace AND c.relkind = 'r' ORDER BY 1"
    )
    return [row[0] for row in rows]


def paged(system: System, ledger: str, each: object = None) -> float:
    """Read the ledger by pages of a thousand, calling `each` with every entry; seconds."""
    started, after = time.perf_counter(), 0
    with system.sql("locus") as connection:
        while rows := connection.execute(
            "SELECT position, entry FROM ledger.entries WHERE ledger = %s AND position > %s"
            " ORDER BY position LIMIT 1000",
            [ledger, after],
            prepare=True,
            binary=True,
        ).fetchall():
            after = rows[-1][0]
            if callable(each):
                for _, entry in rows:
                    each(entry)
    return time.perf_counter() - started


def rebuild_bars(system: System, ledger: str) -> list[Line]:
    """Everything built from nothing, beside the same work by hand and beside the bare read."""
    entries = system.head(ledger)
    system.start("projections", "work")
    ours = caught_up(system, ledger)
    memory = system.peak_memory("projections", "work")
    system.stop("projections", "work")
    hand, bare = by_hand(system, ledger), paged(system, ledger)
    note = f"{entries:,} entries"
    return [
        Line(
            "rebuild, beside the same by hand", [entries / ours], [entries / hand], "entries/s", 1 / 3, 0.5,
            note=note,
        ),
        Line("rebuild, beside the bare paged read", [entries / ours], [entries / bare], "entries/s", 1 / 25),
        Line("peak memory of projections work", [memory], [], "MB", 250, lower_is_better=True, note=note),
    ]  # fmt: skip


def lag_bar(system: System, ledger_url: str, views_url: str, ledger: str, seconds: float = 20) -> Line:
    """Acknowledged to visible at 500 events a second, as a reader who asks again and again sees it."""
    seen: list[tuple[float, int]] = []
    acknowledged: list[tuple[float, int]] = []
    done = threading.Event()
    with system.sql("locus") as connection:
        (domain,) = connection.execute(
            "SELECT value FROM ledger.mentions WHERE ledger = %s AND kind = 'domain' LIMIT 1", [ledger]
        ).fetchone() or ("",)

    def watch() -> None:
        asker = Asker(views_url, system.token)
        while not done.is_set():
            _, body = asker.ask(f"/v1/ledgers/{ledger}/matrix?domain={domain}")
            seen.append((time.perf_counter(), json.loads(body)["rests_on"]["position"]))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with system.client(ledger_url) as client:
        start = time.perf_counter()
        for number in range(int(seconds * 100)):
            time.sleep(max(0.0, start + number / 100 - time.perf_counter()))
            moment = datetime.now(UTC).isoformat()
            batch = [event(number * 5 + n, "lag") | {"time": moment} for n in range(5)]
            answer = client.post(
                f"/v1/ledgers/{ledger}/events",
                content=json.dumps(batch),
                headers={"content-type": "application/cloudevents-batch+json"},
            )
            assert answer.status_code in (200, 201), answer.text
            acknowledged.append((time.perf_counter(), answer.json()["receipts"][-1]["position"]))
        elapsed = time.perf_counter() - start
        time.sleep(2)
    done.set()
    watcher.join()
    lags = []
    at = 0
    for moment_acknowledged, position in acknowledged:
        while at < len(seen) and (seen[at][1] < position or seen[at][0] < moment_acknowledged):
            at += 1
        assert at < len(seen), f"position {position} never became visible"
        lags.append(seen[at][0] - moment_acknowledged)
    rate = len(acknowledged) * 5 / elapsed
    return Line(
        "acknowledged to visible, p99", [percentile(lags, 0.99) * 1000], [], "ms", 100,
        lower_is_better=True, note=f"at {rate:.0f} events/s",
    )  # fmt: skip


def bars(system: System, sizes: tuple[int, ...]) -> Iterator[Line]:
    """Load the sizes, the last of them first, rebuild that, ask every view of each, and watch the lag."""
    ledger_url = system.start("ledger", "serve")
    *small, large = (f"org-{size}" for size in sizes)
    rate = organisation.load(system, ledger_url, large, sizes[-1])
    print(f"       bulk load over NDJSON: {rate:,.0f} events/s")
    with system.sql("locus") as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    yield from rebuild_bars(system, large)
    system.start("projections", "work")
    for ledger, size in zip(small, sizes, strict=False):
        organisation.load(system, ledger_url, ledger, size)
    for ledger in (*small, large):
        caught_up(system, ledger, strands=True)
    views_url = system.start("projections", "serve")
    with system.sql("locus") as connection:
        connection.execute("VACUUM ANALYZE")
    yield lag_bar(system, ledger_url, views_url, small[-1])
    grown = Grown(system, views_url, (*small, large))
    yield from grown.bars()
    print(grown.table())
    for verb in (("ledger", "serve"), ("projections", "serve"), ("projections", "work")):
        memory = system.peak_memory(*verb)
        yield Line(
            f"peak memory of {' '.join(verb)}, all of it", [memory], [], "MB", 250, lower_is_better=True
        )
    for verb in (("ledger", "serve"), ("projections", "serve"), ("projections", "work")):
        system.stop(*verb)
