"""The seam of fault tests: code names its commit points, and a test may have the process die at one."""

import os
import signal
from collections.abc import Callable

CommitPoints = Callable[[str], None]


def nothing(_point: str) -> None:
    """The commit points of a process that nobody tests."""


def commit_points(fault: str | None) -> CommitPoints:
    """Die by SIGKILL when a point is passed for the n-th time: `append:before:3`; None or empty: never.

    ValueError if `fault` is not `point:count` with a count from 1.
    """
    if not fault:
        return nothing
    point, _, count = fault.rpartition(":")
    left = int(count)
    if not point or left < 1:
        raise ValueError(f"a fault is written point:count, such as append:before:3, not {fault!r}")

    def pass_by(passed: str) -> None:
        nonlocal left
        if passed == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return pass_by
