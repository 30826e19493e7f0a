"""The seam of fault tests: silent by default, exact when asked."""

import os
import signal

import pytest

from services.platform.faults import commit_points, nothing


def sent(fault: str, passed: list[str], monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """After how many points this process would have been sent which signals."""
    signals: list[tuple[int, int]] = []
    pass_by = commit_points(fault)
    for number, point in enumerate(passed, 1):
        monkeypatch.setattr(os, "kill", lambda _, which, number=number: signals.append((number, which)))
        pass_by(point)
    return signals


def test_without_a_fault_every_point_is_passed() -> None:
    assert commit_points(None) is nothing
    assert commit_points("") is nothing


def test_a_process_dies_at_the_named_passing_of_its_point(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = ["append:before", "append:after", "append:before", "append:before"]
    assert sent("append:before:2", passed, monkeypatch) == [(3, signal.SIGKILL)]


def test_a_process_freezes_where_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent("locked:held:1:STOP", ["locked:held"], monkeypatch) == [(1, signal.SIGSTOP)]


@pytest.mark.parametrize("fault", ["append", ":1", "append:before:0", "append:before:x", "append:STOP"])
def test_a_fault_written_otherwise_is_refused(fault: str) -> None:
    with pytest.raises(ValueError, match="point:count"):
        commit_points(fault)
