"""How long a view takes to answer, how soon it shows what was acknowledged, how fast all is rebuilt."""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import msgspec
import psycopg
from psycopg import sql

from services.platform.merkle import leaf_hash
from tests.benchmarks import organisation
from tests.benchmarks.appending import mirror
from tests.benchmarks.report import Line, percentile
from tests.benchmarks.system import System, event

CLIENTS = 4
QUESTIONS = 1_000
VIEWS = ("matrix", "remit", "authority", "drift")


class Asker:
    """Asks over one kept connection and tells how long each answer took."""

    def __init__(self, url: str, token: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        self._headers = {"authorization": f"Bearer {token}"}
        self.unknown = 0

    def ask(self, path: str) -> tuple[float, bytes]:
        """Seconds and body."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        elapsed = time.perf_counter() - started
        self.unknown += answer.status == 404  # a domain of which nothing was known then
        assert answer.status in (200, 404), (path, body[:500])
        return elapsed, body


def questions(system: System, ledger: str, view: str, seed: int, *, earlier: bool) -> Iterator[str]:
    """Paths with a random window, scope, lens, tense and `at`, none twice; `earlier`: as known before now."""
    chance = random.Random(f"{seed}-{view}-{earlier}")
    with system.sql("locus") as connection:
        first, last, head = connection.execute(
            "SELECT min(occurred), max(occurred), max(position) FROM ledger.entries WHERE ledger = %s",
            [ledger],
        ).fetchone() or (None, None, 0)
        named = connection.execute(
            "SELECT kind, array_agg(DISTINCT value) FROM ledger.mentions WHERE ledger = %s GROUP BY kind",
            [ledger],
        ).fetchall()
    ids = {kind: sorted(values) for kind, values in named}
    span = (last - first).total_seconds()
    asked: set[str] = set()
    while True:
        moments = sorted(first + timedelta(seconds=chance.uniform(0, span)) for _ in range(3))
        question = {"at": moments[2].isoformat()} if chance.random() < 0.5 else {}
        if earlier:
            question["known_at"] = str(chance.randint(head // 10, head - 1))
        path = f"/v1/ledgers/{ledger}/{view}"
        if view == "remit":
            path = f"/v1/ledgers/{ledger}/actors/{chance.choice(ids['actor'])}/remit"
        elif view == "matrix":
            question |= {"domain": chance.choice(ids["domain"])} if chance.random() < 0.8 else {}
        else:
            question |= {"from": moments[0].isoformat(), "to": moments[1].isoformat()}
            question |= {
                "lens": chance.choice(("node", "seat")),
                "tense": chance.choice(("made", "standing")),
            }
            question |= {"domain": chance.choice(ids["domain"])} if chance.random() < 0.7 else {}
        path = f"{path}?{urlencode(question)}"
        if path not in asked:
            asked.add(path)
            yield path


def answer_times(system: System, url: str, paths: list[str]) -> list[float]:
    """Seconds each question took, asked by four clients at once."""
    todo = iter(paths)
    times: list[float] = []
    askers = [Asker(url, system.token) for _ in range(CLIENTS)]
    lock = threading.Lock()

    def work(asker: Asker) -> None:
        while True:
            with lock:
                path = next(todo, None)
            if path is None:
                return
            elapsed, _ = asker.ask(path)
            times.append(elapsed)

    threads = [threading.Thread(target=work, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == len(paths), "some questions were not answered"
    assert sum(asker.unknown for asker in askers) <= len(paths) / 10, "too few questions had an answer"
    return times


def query_bars(system: System, url: str, small: str, large: str) -> Iterator[Line]:
    """p99 of every view, known now and known earlier, and its growth from the small to the large ledger."""
    for view in VIEWS:
        for earlier, most in ((False, 0.050), (True, 1.0)):
            p99 = {}
            for ledger in (small, large):
                paths = questions(system, ledger, view, 3, earlier=earlier)
                answer_times(system, url, [next(paths) for _ in range(50)])
                p99[ledger] = percentile(
                    answer_times(system, url, [next(paths) for _ in range(QUESTIONS)]), 0.99
                )
            when = "known earlier" if earlier else "known now"
            yield Line(
                f"{view}, {when}, p99", [p99[large] * 1000], [], "ms", most * 1000, lower_is_better=True
            )
            if not earlier:
                growth = [p99[large] / p99[small]]
                note = f"{p99[small] * 1000:.1f} ms on the small ledger"
                yield Line(f"{view}, growth of p99", growth, [], "x", 1.5, lower_is_better=True, note=note)


def caught_up(system: System, ledger: str, timeout: float = 3_600) -> float:
    """Wait until the facts of a ledger and their aggregates stand at its head; seconds waited."""
    started, head = time.perf_counter(), system.head(ledger)
    with system.sql("locus") as connection:
        while time.perf_counter() - started < timeout:
            row = connection.execute(
                "SELECT least(g.position, coalesce(f.position, 0)) FROM projections.generations g"
                " LEFT JOIN projections.folded f USING (ledger, generation) WHERE ledger = %s AND serving",
                [ledger],
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


def bars(system: System, sizes: tuple[int, int]) -> Iterator[Line]:
    """Load two sizes, rebuild, ask, and watch the lag."""
    ledger_url = system.start("ledger", "serve")
    small, large = (f"org-{size}" for size in sizes)
    rate = organisation.load(system, ledger_url, large, sizes[1])
    print(f"       bulk load over NDJSON: {rate:,.0f} events/s")
    with system.sql("locus") as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    yield from rebuild_bars(system, large)
    organisation.load(system, ledger_url, small, sizes[0])
    system.start("projections", "work")
    caught_up(system, small)
    views_url = system.start("projections", "serve")
    with system.sql("locus") as connection:
        connection.execute("VACUUM ANALYZE")
    yield lag_bar(system, ledger_url, views_url, small)
    yield from query_bars(system, views_url, small, large)
    for verb in (("ledger", "serve"), ("projections", "serve"), ("projections", "work")):
        memory = system.peak_memory(*verb)
        yield Line(
            f"peak memory of {' '.join(verb)}, all of it", [memory], [], "MB", 250, lower_is_better=True
        )
    for verb in (("ledger", "serve"), ("projections", "serve"), ("projections", "work")):
        system.stop(*verb)
