"""`locus verify` on a database, beside the paged read in SQL of the same entries."""

import json
import subprocess
import sys
import time

from tests.benchmarks.reading import paged
from tests.benchmarks.report import Line, alternating
from tests.benchmarks.system import LEDGER, System

ROUNDS = 3


def verified(system: System) -> float:
    """Entries a second, as its own program; the verdict must be right."""
    url = system.postgres.url("locus")
    command = [sys.executable, "-m", "services.cli", "verify", url, "--ledger", LEDGER, "--json"]
    started = time.perf_counter()
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    elapsed = time.perf_counter() - started
    assert ended.returncode == 0, ended.stderr + ended.stdout[-2000:]
    report = json.loads(ended.stdout)
    assert report["entries"] == system.head(), report
    return report["entries"] / elapsed


def bars(system: System) -> list[Line]:
    """The bar of `verify`; the ledger must hold something already."""
    with system.sql("locus") as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    ours, reference = alternating(ROUNDS, lambda: verified(system), lambda: paged(system))
    return [Line("verify of a database, beside the paged read", ours, reference, "entries/s", 0.25)]
