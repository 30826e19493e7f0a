"""HTTP/1.1 as uvicorn speaks it, with the bounds it leaves to a proxy."""

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from services.platform.prompt import Answer

HEAD = 320 * 1024  # bytes read before a request's head has ended; one read may bring 256 KiB of its body too
WITHIN = 30.0  # seconds a head may take, and a new connection until its first
QUEUED = 16  # requests sent ahead of their answers


class Protocol(HttpToolsProtocol):
    """Closes connections that send no head, an endless one, or too many ahead.

    A `Prompt` application is asked first: a task, an event, a chain of coroutines and two packets for each
    request take longer than all we do with an event. It leans on uvicorn's `pipeline`, `_start_asgi_task` and
    cycles, which are not promised.
    """

    _in_head = True
    _head = 0
    _due: asyncio.TimerHandle | None = None
    _running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expected()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True  # uvicorn tells only the last of several requests
            self._running.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head += len(data)
            if self._head > HEAD:
                self.send_400_response("The request's head is too large.")
                return
        super().data_received(data)
        if self._in_head:  # a timer for every request would cost as much as reading it
            self._expect()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._expected()
        self._in_head, self._head = False, 0
        if len(self.pipeline) >= QUEUED:
            self.transport.close()
            return
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        if cycle.scope["method"] == "POST" and hasattr(app, "promptly"):
            self.loop.call_soon(self._begin, cycle, app)  # by then the body is here, if it came with the head
        else:
            super()._start_asgi_task(cycle, app)

    def _begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        whole = not (cycle.more_body or cycle.disconnected or self.flow.write_paused)
        if not (whole and app.promptly(cycle.scope, bytes(cycle.body), partial(_answer, cycle))):
            super()._start_asgi_task(cycle, app)

    def _expect(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(WITHIN, self.transport.close)

    def _expected(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


def _answer(cycle: RequestResponseCycle, answer: Answer) -> None:
    """What the cycle's `send` does with a whole answer, in one packet."""
    if cycle.disconnected or cycle.transport.is_closing():
        return
    lines = [b"%b: %b\r\n" % field for field in (*cycle.default_headers, *answer.fields)]
    if not cycle.keep_alive:
        lines.append(b"connection: close\r\n")
    cycle.response_started = cycle.response_complete = True
    cycle.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[answer.status], b"".join(lines), answer.body))
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
