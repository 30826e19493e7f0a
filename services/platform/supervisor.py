"""Keeps a set of child processes running, in order, until told to stop."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.platform.process import ChildFailed, Process

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 10.0
_START = 60.0  # seconds a child has to become ready; PostgreSQL may have to recover first
_STEADY = 30.0  # seconds after which a child counts as well, and its next death as the first


class Service(Process):
    """A program of ours, run with settings in its environment."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        super().__init__(log)
        self.name = name
        self._command = command
        self._environment = environment

    def begin(self) -> None:
        """Start the program."""
        self.launch(self._command, environment=self._environment)


class Supervisor:
    """Starts children and starts them again when they die; `tell` hears of every death."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.deaths = 0  # so far; whoever waits for the first start can see that it is hopeless
        self._tell = tell
        self._kept: list[tuple[Process, asyncio.Task[None]]] = []

    async def keep(self, process: Process) -> None:
        """Start it and wait until it is ready; from then on it is restarted whenever it dies.

        Raises `ChildFailed` if the first start fails.
        """
        try:
            await _started(process)
        except BaseException:
            process.stop(timeout=2)
            raise
        self._kept.append((process, asyncio.create_task(self._watch(process))))

    async def _watch(self, process: Process) -> None:
        pause = _FIRST_PAUSE
        clock = asyncio.get_running_loop().time
        while True:
            since = clock()
            while process.alive():  # noqa: ASYNC110 — the kernel tells only whoever asks
                await asyncio.sleep(0.1)
            pause = _FIRST_PAUSE if clock() - since > _STEADY else min(pause * 2, _LONGEST_PAUSE)
            self.deaths += 1
            self._tell(f"{process.name} ended and is started again: {process.last_words()}")
            await asyncio.sleep(pause)
            try:
                await _started(process)
            except (ChildFailed, OSError) as error:
                self._tell(str(error))
                process.stop(timeout=2)

    async def stop(self) -> None:
        """End everything, the last started first: services together, then what they stand on."""
        for _, watch in self._kept:
            watch.cancel()
        processes = [process for process, _ in reversed(self._kept)]
        for process in processes:
            if isinstance(process, Service):
                process.ask_to_stop()
        for process in processes:
            await asyncio.to_thread(process.stop)
        self._kept.clear()


async def _started(process: Process) -> None:
    """Start from this thread, the main one: the tie to our life follows the thread that starts a child."""
    process.begin()
    deadline = asyncio.get_running_loop().time() + _START
    while not process.ready():
        if not process.alive() or asyncio.get_running_loop().time() > deadline:
            raise ChildFailed(f"{process.name} did not start: {process.last_words()}")
        await asyncio.sleep(0.05)
