"""A child process that is tied to this one and writes to a log file."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.platform.tether import tethered

_LONGEST_LOG = 8_000_000


class ChildFailed(Exception):
    """A child process could not start; the message says which, why, and what mends it."""


class Process:
    """One tethered child. Start it from the main thread (see `tether`)."""

    name = "process"
    farewell = signal.SIGKILL  # what the child gets when we die
    goodbye = signal.SIGTERM  # what it gets when we stop it

    def __init__(self, log: Path) -> None:
        self.log = log
        self.child: subprocess.Popen[bytes] | None = None

    def launch(
        self,
        command: Sequence[str],
        *,
        user: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the program without waiting for it; its words are appended to the log."""
        if self.log.exists() and self.log.stat().st_size > _LONGEST_LOG:
            self.log.replace(self.log.with_name(f"{self.log.name}.1"))
        with self.log.open("ab") as words:
            self.child = subprocess.Popen(  # noqa: S603 — programs of our own environment
                tethered(command, farewell=self.farewell, user=user),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                env=None if environment is None else os.environ | environment,
                start_new_session=True,  # Ctrl-C is for us; we stop the children in order
                cwd="/",
            )

    def begin(self) -> None:
        """Start without waiting; each kind of child says how."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it does its work by now."""
        return self.alive()

    def start(self, timeout: float = 60.0) -> None:
        """Start, and wait until it is ready."""
        self.begin()
        self.until(self.ready, timeout)

    def alive(self) -> bool:
        """Whether the child runs."""
        return self.child is not None and self.child.poll() is None

    def ask_to_stop(self) -> None:
        """Tell the child to end, without waiting."""
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(self.goodbye)

    def stop(self, timeout: float = 20.0) -> None:
        """Ask the child to end, and end it if it does not."""
        if self.child is None:
            return
        self.ask_to_stop()
        try:
            self.child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.child = None

    def until(self, ready: Callable[[], bool], timeout: float) -> None:
        """Wait until `ready`; raises `ChildFailed` with the last words of the log."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.alive() or time.monotonic() > deadline:
                raise ChildFailed(f"{self.name} did not start: {self.last_words()}")
            time.sleep(0.02)

    def last_words(self) -> str:
        """Why it failed, as its log tells it."""
        lines = self.log.read_text(errors="replace").splitlines()[-20:] if self.log.exists() else []
        telling = [line for line in lines if re.search(r"FATAL|PANIC|HINT|\[FTL\]|\[ERR\]|rror", line)]
        said = " / ".join((telling or lines)[-3:]) or "it gave no reason"
        return f"{said} (log: {self.log})"
