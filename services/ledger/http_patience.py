"""How long a publisher waits for a receipt: one timer for all; one for each would cost as much as parsing."""

import asyncio
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Self, TypeVar

_T = TypeVar("_T")


class Patience:
    """Ends waits that take longer than `seconds`, at most `seconds` / 10 late. A context manager."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[asyncio.Future[Any], float] = {}  # the oldest first
        self._ended: set[asyncio.Future[Any]] = set()

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._look())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.cancel()

    async def wait(self, answer: Awaitable[_T]) -> _T:
        """The answer; TimeoutError if it takes too long. One wait at a time in a task."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 — coroutines run in tasks
        self._since[task] = asyncio.get_running_loop().time()
        try:
            return await answer
        except asyncio.CancelledError:
            if task not in self._ended:
                raise
            task.uncancel()
            raise TimeoutError("nobody answered in time") from None
        finally:
            self.heard(task)

    def until(self, answer: "asyncio.Future[Any]") -> None:
        """Cancel the answer if it takes too long; `heard` once it is there."""
        self._since[answer] = asyncio.get_running_loop().time()

    def heard(self, answer: "asyncio.Future[Any]") -> None:
        """The answer is there, or cancelled."""
        self._since.pop(answer, None)
        self._ended.discard(answer)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._seconds / 10)
            oldest = asyncio.get_running_loop().time() - self._seconds
            for waiting in [waiting for waiting, since in self._since.items() if since < oldest]:
                del self._since[waiting]
                self._ended.add(waiting)
                waiting.cancel()
