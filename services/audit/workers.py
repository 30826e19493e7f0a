"""Processes beside this one that examine stretches of a log, as many as there are processors.

They are forked, since Python takes as long to start anew as they take for fifty thousand entries; so it is
done before there is what a fork breaks: threads, an event loop. They keep nothing, so they may be killed at
any time, and the kernel kills them when this process dies. Elsewhere than on Linux there are none, and this
process does it all.
"""

import asyncio
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from multiprocessing import get_context

import asyncpg
import msgspec
import uvloop

from services.audit.places import begun
from services.audit.reading import Stretch
from services.audit.uniques import Hashing
from services.audit.work import Examine, Place, Task
from services.failures import UNREACHABLE, CommandFailed
from services.platform.tether import tie

_MOST = 8
_AHEAD = 1 << 24  # bytes read before they are asked for
_SIZE = 8  # bytes that tell the length of what follows
_RARELY = 1_000_000  # objects more, before the collector looks for cycles; pages have none


class _Failed(msgspec.Struct, tag=True, array_like=True):
    """It could not be examined."""

    why: str


_encode = msgspec.msgpack.Encoder().encode
_place = msgspec.msgpack.Decoder(Place).decode
_task = msgspec.msgpack.Decoder(Task).decode
_answer: Callable[[bytes], Stretch | _Failed] = msgspec.msgpack.Decoder(Stretch | _Failed).decode


class Workers:
    """Whoever is there to examine stretches."""

    def __init__(self, ends: Sequence[socket.socket] = (), hashing: Hashing | None = None) -> None:
        self._ends = ends
        self.hashing = hashing or Hashing()

    @asynccontextmanager
    async def at(self, place: Place) -> AsyncIterator[list[Examine]]:
        """Those who examine what is there; without workers, this process does."""
        async with AsyncExitStack() as stack:
            if not self._ends:
                yield [await stack.enter_async_context(begun(place, self.hashing))]
                return
            found = [_Worker(*await asyncio.open_connection(sock=end, limit=_AHEAD)) for end in self._ends]
            for worker in found:
                stack.push_async_callback(worker.close)
                worker.send(place)
            yield [worker.examine for worker in found]


@contextmanager
def forked() -> Iterator[Workers]:
    """A worker for each processor; none where forking could break something or would help nothing."""
    processors = min(len(os.sched_getaffinity(0)), _MOST) if sys.platform == "linux" else 1
    if processors == 1 or threading.active_count() > 1:
        yield Workers()
        return
    hashing, pairs = Hashing(), [socket.socketpair() for _ in range(processors)]
    told = [(theirs, os.getpid(), hashing) for _, theirs in pairs]
    processes = [get_context("fork").Process(target=_work, args=one, daemon=True) for one in told]
    try:
        for process, (_, theirs) in zip(processes, pairs, strict=True):
            process.start()
            theirs.close()
        yield Workers([ours for ours, _ in pairs], hashing)
    finally:
        for process in processes:
            process.kill()
            process.join()


class _Worker:
    """One of them, as this process sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()  # fair, so that each asker gets the answer to its own question

    async def examine(self, task: Task) -> Stretch:
        """Ask. Raises CommandFailed."""
        try:
            self.send(task)
            async with self._turn:
                answer = _answer(await _received(self._reader))
        except (asyncio.IncompleteReadError, ConnectionError):
            told = "a process that was to check a part of it has ended"
            raise CommandFailed(told, UNREACHABLE) from None
        if isinstance(answer, _Failed):
            raise CommandFailed(answer.why, UNREACHABLE)
        return answer

    def send(self, message: Place | Task) -> None:
        """Give it something. Raises ConnectionError: it has ended."""
        if self._writer.is_closing():
            raise BrokenPipeError
        _send(self._writer, message)

    async def close(self) -> None:
        """Hang up, whether or not it was reading."""
        self._writer.transport.abort()
        with suppress(OSError):  # it had ended before
            await self._writer.wait_closed()


def _work(end: socket.socket, parent: int, hashing: Hashing) -> None:
    """What a worker does with its life."""
    tie(parent, signal.SIGKILL)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # whoever types Ctrl-C means the process that will end this one
    gc.set_threshold(_RARELY)
    uvloop.run(_serve(end, hashing))


async def _serve(end: socket.socket, hashing: Hashing) -> None:
    reader, writer = await asyncio.open_connection(sock=end, limit=_AHEAD)
    try:
        async with begun(_place(await _received(reader)), hashing) as examine:
            while True:
                _send(writer, await examine(_task(await _received(reader))))
                await writer.drain()
    except asyncio.IncompleteReadError:
        return
    except (CommandFailed, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _send(writer, _Failed(str(error)))
        await writer.drain()


def _send(writer: asyncio.StreamWriter, message: msgspec.Struct) -> None:
    content = _encode(message)
    writer.write(len(content).to_bytes(_SIZE, "big"))
    writer.write(content)


async def _received(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(_SIZE), "big"))
