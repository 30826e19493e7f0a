"""The seam of fault tests: code names its commit points, where a test may have it die or freeze."""

import os
import signal
from collections.abc import Callable

CommitPoints = Callable[[str], None]

_STOP = ":STOP"


def nothing(_point: str) -> None:
    """The commit points of a process that nobody tests."""


def commit_points(fault: str | None) -> CommitPoints:
    """Die by SIGKILL when a point is passed for the n-th time: `append:before:3`; None or empty: never.

    With `:STOP` at the end freeze instead, until somebody sends SIGCONT. ValueError if `fault` is written
    otherwise, or the count is below 1.
    """
    if not fault:
        return nothing
    number = signal.SIGSTOP if fault.endswith(_STOP) else signal.SIGKILL
    point, _, count = fault.removesuffix(_STOP).rpartition(":")
    if not point or not count.isdecimal() or int(count) < 1:
        raise ValueError(f"a fault is written point:count or point:count:STOP, not {fault!r}")
    left = int(count)

    def pass_by(passed: str) -> None:
        nonlocal left
        if passed == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), number)

    return pass_by
