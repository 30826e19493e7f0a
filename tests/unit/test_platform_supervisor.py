"""Children are kept running, and end when their keeper does."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from services.platform.process import ChildFailed
from services.platform.supervisor import Service, Supervisor


def service(tmp_path: Path, program: str) -> Service:
    return Service("sleeper", [sys.executable, "-c", program], {"WORD": "hello"}, tmp_path / "sleeper.log")


async def test_a_child_that_dies_is_started_again_and_the_death_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor(told.append)
    child = service(tmp_path, "import time; time.sleep(60)")
    await supervisor.keep(child)
    assert child.child is not None
    first = child.child.pid
    child.child.send_signal(signal.SIGKILL)
    async with asyncio.timeout(10):
        while not (child.alive() and child.child.pid != first):  # noqa: ASYNC110 — only the kernel knows
            await asyncio.sleep(0.05)
    assert told[0].startswith("sleeper ended and is started again")
    await supervisor.stop()
    assert not child.alive()


async def test_a_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor(told.append)
    await supervisor.keep(service(tmp_path, "print('Error: no luck')"))
    await asyncio.sleep(2.5)
    await supervisor.stop()
    assert 2 <= len(told) <= 6
    assert "no luck" in told[0]


async def test_a_child_gets_its_environment(tmp_path: Path) -> None:
    supervisor = Supervisor(print)
    child = service(tmp_path, "import os, time; print(os.environ['WORD'], flush=True); time.sleep(60)")
    await supervisor.keep(child)
    async with asyncio.timeout(10):
        while "hello" not in child.log.read_text():  # noqa: ASYNC110 — a file tells nobody
            await asyncio.sleep(0.05)
    await supervisor.stop()
    assert child.log.read_text() == "hello\n"


async def test_a_first_start_that_fails_is_the_callers_to_handle(tmp_path: Path) -> None:
    class Never(Service):
        def ready(self) -> bool:
            return False

    child = Never("never", [sys.executable, "-c", "print('Error: refused')"], {}, tmp_path / "never.log")
    with pytest.raises(ChildFailed, match="refused"):
        await Supervisor(print).keep(child)
    assert not child.alive()
