"""Entries read in order over HTTP as NDJSON, beside the paged read in SQL."""

import time

from tests.benchmarks.report import Line, alternating
from tests.benchmarks.system import LEDGER, System

ROUNDS = 5
PAGE = 1_000


def over_http(system: System, url: str) -> float:
    """Entries a second, the whole ledger in one stream; every line counted."""
    lines, last = 0, b"\n"
    started = time.perf_counter()
    with (
        system.client(url) as client,
        client.stream(
            "GET", f"/v1/ledgers/{LEDGER}/events", headers={"accept": "application/x-ndjson"}
        ) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        for chunk in answer.iter_raw(1 << 20):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    elapsed = time.perf_counter() - started
    assert last == b"\n", "the stream ended in the middle of a line"
    assert lines == system.head(), (lines, system.head())
    return lines / elapsed


def paged(system: System) -> float:
    """Entries a second by pages of a thousand in SQL, the bytes fetched and dropped."""
    started, after = time.perf_counter(), 0
    with system.sql("locus") as connection:
        while rows := connection.execute(
            "SELECT position, entry FROM ledger.entries WHERE ledger = %s AND position > %s"
            " ORDER BY position LIMIT %s",
            [LEDGER, after, PAGE],
            prepare=True,
            binary=True,
        ).fetchall():
            after = rows[-1][0]
    assert after == system.head()
    return after / (time.perf_counter() - started)


def bars(system: System) -> list[Line]:
    """The history bar; the ledger must hold something already."""
    url = system.start("ledger", "serve")
    ours, reference = alternating(ROUNDS, lambda: over_http(system, url), lambda: paged(system))
    system.stop("ledger", "serve")
    return [Line("entries in order, NDJSON, beside the paged read", ours, reference, "entries/s", 0.25)]
