"""A real `locus up` in a process of its own, and the command line beside it."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCUS = [sys.executable, "-P", "-m", "services.cli"]
START = 180.0


def environment(home: Path) -> dict[str, str]:
    """An empty home, and nothing of ours from outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUS_", "XDG_"))}
    return kept | {"HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "150"}


class Up:
    """One running `locus up`."""

    def __init__(self, home: Path, *arguments: str, **more: str) -> None:
        self.home = home
        self.environment = environment(home) | more
        self.process = subprocess.Popen(
            [*LOCUS, "up", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env=self.environment,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.errors: list[str] = []
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self._readers = [
            threading.Thread(target=lambda: [self._lines.put(line) for line in self.process.stdout or ()]),
            threading.Thread(target=lambda: self.errors.extend(self.process.stderr or ())),
        ]
        for reader in self._readers:
            reader.start()

    def until(self, wanted: str, patience: float = START) -> list[str]:
        """The lines up to the first that contains `wanted`."""
        seen: list[str] = []
        deadline = time.monotonic() + patience
        while True:
            try:
                seen.append(self._lines.get(timeout=max(0.0, min(1.0, deadline - time.monotonic()))))
            except queue.Empty:
                gone = self.process.poll() is not None and self._lines.empty()
                if gone or time.monotonic() > deadline:
                    raise AssertionError(
                        f"no {wanted!r} in {''.join(seen)}\n{''.join(self.errors)}"
                    ) from None
                continue
            if wanted in seen[-1]:
                return seen

    def run(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Another command in the same home."""
        return subprocess.run(
            [*LOCUS, *arguments],
            input=given,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=self.environment,
            timeout=START,
        )

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Signal it, wait, and give the exit code."""
        self.process.send_signal(how)
        code = self.process.wait(60)
        for reader in self._readers:
            reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


@contextmanager
def running(home: Path, *arguments: str, **more: str) -> Iterator[Up]:
    """A `locus up` that has said `ready`; killed afterwards if the test did not end it."""
    up = Up(home, *arguments, **more)
    try:
        up.until("ready ")
        yield up
    finally:
        if up.process.returncode is None:
            up.end(signal.SIGKILL)
