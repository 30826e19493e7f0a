"""Starts a program that cannot outlive its starter, as another user if asked.

The kernel sends the signal when the *thread* that started the program ends, so start it from the main thread.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def tethered(command: Sequence[str], *, farewell: signal.Signals, user: int | None = None) -> list[str]:
    """The argument list that runs `command` tied to this process; `farewell` is what it gets when we die."""
    identity = "-" if user is None else str(user)
    here = str(Path(__file__).resolve())
    return [sys.executable, "-I", "-S", here, str(int(farewell)), str(os.getpid()), identity, *command]


def tie(parent: int, farewell: signal.Signals) -> None:
    """Ties this process to the one that started it; ends it if that one is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(farewell))
    if os.getppid() != parent:
        sys.exit("the process that started this one is gone")


def main(farewell: str, parent: str, identity: str, *command: str) -> None:
    """Drop to the identity, ask for the signal (changing identity would clear it), become the command."""
    if identity != "-":
        os.setgroups([])
        os.setgid(int(identity))
        os.setuid(int(identity))
    tie(int(parent), signal.Signals(int(farewell)))
    os.execvp(command[0], command)  # noqa: S606 — becoming the given program is the whole purpose


if __name__ == "__main__":
    main(*sys.argv[1:])
