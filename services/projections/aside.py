"""Long answers, worked out beside the process that serves: who asks for a short one does not wait for them.

A view that reads a whole history keeps a processor busy for as long as that takes. A few processes do that,
each one answer at a time; more who ask wait their turn, and beyond that are told to come back.
"""

import asyncio
import gc
import os
import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import Final

import asyncpg
import msgspec

from services.platform.memory import memory
from services.platform.problems import Kind, Problem, unavailable
from services.platform.tether import tie
from services.projections import negotiating
from services.projections.connection import LOST, pool
from services.projections.knots.settings import Settings
from services.projections.negotiating import CSV, Form
from services.projections.views.ground import Ground, Structures, generation_is_there, snapshot
from services.projections.views.view import View, found

TOO_LONG: Final = Kind("answer-too-long", 503, "The answer takes too long to work out")
_PROCESSES: Final = 2
_WAITING: Final = 32  # answers that may wait for a turn
_OF_ONE: Final = 16  # of these, those of one ledger
PATIENCE: Final = 60.0  # seconds an answer may take
_GRACE: Final = 15.0  # and so many more until we end a process that does not end by itself, or does not begin
_ROOM: Final = 4 * 2**30  # bytes of addresses a process may use
_STEP: Final = 1_700  # bytes for a step of a ledger that is followed, with what is worked out of it
_MUCH: Final = 2_000_000  # objects more than when garbage was last looked for, with all that is kept
_encode = msgspec.json.Encoder(order="deterministic").encode


class TooLateError(Exception):
    """The answer took too long."""


class GroundGoneError(Exception):
    """The rows were replaced by others since the question was asked: ask again."""


class Aside:
    """The processes, started when they are first needed and again if one dies."""

    def __init__(self, url: str, knots: Settings | None) -> None:
        self._told = url, knots
        self._patience, self._grace = PATIENCE, _GRACE
        self._processes: ProcessPoolExecutor | None = None
        self._waiting = Counter[str]()  # by ledger
        self._turns = asyncio.Semaphore(_PROCESSES)
        self._asked: dict[object, asyncio.Task[bytes]] = {}

    async def answer(self, view: View, asked: object, ground: Ground, form: Form, table: str | None) -> bytes:
        """The body; a problem if it takes too long, or too many ask. Many who ask the same are one."""
        key = view.name, asked, ground, form, table
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._one(view, asked, ground, form, table))
            task.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(task)

    async def _one(self, view: View, asked: object, ground: Ground, form: Form, table: str | None) -> bytes:
        if self._waiting.total() >= _WAITING or self._waiting[ground.ledger] >= _OF_ONE:
            raise unavailable(f"{self._waiting.total()} long answers are being waited for")
        self._waiting[ground.ledger] += 1
        try:
            async with self._turns:
                return await self._worked_out(_answer, self._patience, view.name, asked, ground, form, table)
        except GroundGoneError:
            raise unavailable("the rows have just been replaced by others") from None
        except BrokenProcessPool:
            raise unavailable("the process that worked the answer out has ended") from None
        except TimeoutError:
            raise unavailable("the process that worked the answer out does not answer") from None
        except (TooLateError, MemoryError):
            detail = (
                f"{view.name} of this ledger takes more than {self._patience:.0f} seconds, or too much memory"
            )
            hint = (
                "ask as of an earlier `at`, or, but for knots and overview, "
                "about a domain or a shorter window"
            )
            raise Problem(TOO_LONG, detail, where="ledger", hint=hint) from None
        finally:
            self._waiting[ground.ledger] -= 1

    async def _worked_out(self, work: Callable[..., bytes], *asked: object) -> bytes:
        """In one of the processes; all are ended if it does not answer at all, dies, or has no room left.

        What filled one is not given back to the system: it would refuse whoever asks next.
        """
        processes = self._started()
        try:
            async with asyncio.timeout(self._patience + self._grace):
                return await asyncio.get_running_loop().run_in_executor(processes, work, *asked)
        except (BrokenProcessPool, TimeoutError, MemoryError):
            if self._processes is processes:  # else somebody has started others already
                self.close()
            raise

    def close(self) -> None:
        """End the processes, whatever they are doing: they only read."""
        if self._processes is not None:
            for process in list((self._processes._processes or {}).values()):
                process.kill()
            self._processes.shutdown(wait=False, cancel_futures=True)
            self._processes = None

    def _started(self) -> ProcessPoolExecutor:
        if self._processes is None:
            self._processes = ProcessPoolExecutor(
                _PROCESSES, get_context("spawn"), initializer=_begin, initargs=(*self._told, os.getpid())
            )
        return self._processes


@asynccontextmanager
async def aside(url: str, knots: Settings | None) -> AsyncIterator[Aside]:
    """The processes, for as long as the context lasts."""
    beside = Aside(url, knots)
    try:
        yield beside
    finally:
        beside.close()


# What follows runs in the processes.


class _Place:
    """What a process keeps between answers."""

    late: bool
    loop: asyncio.AbstractEventLoop
    pool: asyncpg.Pool
    structures: Structures
    views: dict[str, View]


_place = _Place()


def _begin(url: str, knots: Settings | None, parent: int) -> None:
    tie(parent, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's is for whoever serves
    signal.signal(signal.SIGALRM, _too_late)
    resource.setrlimit(resource.RLIMIT_AS, (_ROOM, _ROOM))
    # It would go through the whole history again and again while that is put together; what is let go of one
    # leaves hardly any cycles.
    gc.disable()
    _place.loop = asyncio.new_event_loop()
    _place.pool = _place.loop.run_until_complete(_opened(url))
    mine = min(memory() // (2 * _PROCESSES), _ROOM // 2)  # far less than makes it full
    _place.structures = Structures(knots=knots, followed=mine // _STEP)
    _place.views = {view.name: view for view in found()}


async def _opened(url: str) -> asyncpg.Pool:
    return await pool(url, 1)


def _too_late(_signal: int, _frame: FrameType | None) -> None:
    _place.late = True
    raise TooLateError


def _answer(
    patience: float, name: str, asked: object, ground: Ground, form: Form, table: str | None
) -> bytes:
    _place.late = False
    if gc.get_count()[0] > _MUCH:
        gc.collect()
    signal.setitimer(signal.ITIMER_REAL, patience, 1.0)  # and again: the loop swallows what a callback raises
    try:
        return _place.loop.run_until_complete(_worked_out(_place.views[name], asked, ground, form, table))
    except Exception as error:
        if _is_full():  # then nothing that was raised says what was wrong, be it of the interpreter's own
            raise MemoryError from None
        if _place.late:
            raise TooLateError from None
        if isinstance(error, LOST):
            raise ConnectionError(repr(error)) from None  # of a kind that can be told to another process
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _place.structures.histories.answered()
        _place.loop.run_until_complete(_left_nothing())


def _is_full() -> bool:
    """Whether little is left of the addresses there are."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    return used > resource.getrlimit(resource.RLIMIT_AS)[0] * 3 // 4


async def _left_nothing() -> None:
    """What was broken off ends, and gives its connection back."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=5)


async def _worked_out(view: View, asked: object, ground: Ground, form: Form, table: str | None) -> bytes:
    async with snapshot(_place.pool, ground.ledger) as connection:
        if not await generation_is_there(connection, ground):
            raise GroundGoneError
        answer = await view.ask(asked, connection, ground, _place.structures)
    return negotiating.csv(answer, table) if form == CSV else _encode(answer)
