"""Runs a coroutine until it ends or a signal ends it."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvloop


def run(
    main: Coroutine[Any, Any, None],
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
) -> None:
    """Run to the end or to SIGTERM or SIGINT, which cancel it."""
    with asyncio.Runner(loop_factory=loop_factory) as runner, suppress(asyncio.CancelledError):
        runner.run(_until_signal(main))


@asynccontextmanager
async def background(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Something that goes on beside, and ends with the block."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def heed_cancellation() -> None:
    """Raise CancelledError if this task was cancelled, but what it awaited ended in another way.

    Before Python 3.12 `asyncio.wait_for`, which libraries await, forgets a cancellation that comes with the
    result; and cleaning up can fail with an error of its own. A task that loops would go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _until_signal(main: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(main)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    await task
