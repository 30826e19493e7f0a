"""The simulated organisation as a ledger of a given size, loaded through the public interface."""

import json
import time
from collections.abc import Iterator
from itertools import islice

from services.connectors import demo
from tests.benchmarks.system import System

SEED = 11
AT_ONCE = 20_000  # lines a request: this client reads no answer before it has sent all


def lines(events: int) -> Iterator[bytes]:
    """The first `events` events of the large organisation (500 actors, 250 domains), as NDJSON."""
    simulated = demo.events(SEED, people=500, bodies=60, domains=250, decisions=events // 10)
    for event in islice(simulated, events):
        yield json.dumps(event, separators=(",", ":")).encode() + b"\n"


def load(system: System, url: str, ledger: str, events: int) -> float:
    """Publish them as NDJSON; events a second. Every receipt is looked at."""
    system.create(url, ledger)
    stored, source = 0, lines(events)
    started = time.perf_counter()
    with system.client(url) as client:
        while body := b"".join(islice(source, AT_ONCE)):
            answer = client.post(
                f"/v1/ledgers/{ledger}/events",
                headers={"content-type": "application/x-ndjson"},
                content=body,
            )
            assert answer.status_code == 200, answer.text
            for line in answer.text.splitlines():
                assert '"position"' in line, line
                stored += 1
    assert stored == system.head(ledger), (stored, system.head(ledger))
    return stored / (time.perf_counter() - started)
