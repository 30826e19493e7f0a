"""Measure the bars and print a line each: `python -m tests.benchmarks [append] [read] [verify] …`."""

import argparse
import sys
from collections.abc import Callable, Iterable

from tests.benchmarks import appending, peers, reading, verifying, viewing
from tests.benchmarks.report import Line
from tests.benchmarks.system import System, system

SMALLEST = 10_000
"""Events: in fewer, an organisation has hardly decided anything."""


def main() -> int:
    """Run what is named, or everything; exit code 1 if a bar does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--events", type=int, default=1_000_000, help="the large organisation's size")
    asked = parser.parse_args()
    if asked.events < 10 * SMALLEST:
        parser.error(f"--events: at least {10 * SMALLEST:,}, to be compared with one of a tenth")
    sizes = {max(SMALLEST, asked.events // part) for part in (100, 10, 1)}
    parts: dict[str, Callable[[System], Iterable[Line]]] = {
        "append": appending.bars,
        "read": reading.bars,
        "verify": verifying.bars,
        "peers": peers.bars,
        "views": lambda measured: viewing.bars(measured, tuple(sorted(sizes))),
    }
    failed = 0
    with system() as measured:
        for name in asked.parts or parts:
            for line in parts[name](measured):
                print(line, flush=True)
                failed += not line.holds
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
