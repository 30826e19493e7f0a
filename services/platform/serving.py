"""Serves an ASGI application on a port."""

import asyncio
import gc
import socket
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import structlog
import uvicorn
from litestar.types import ASGIApp

from services.platform.ports import PortTaken, reserved
from services.platform.protocol import Protocol

_log = structlog.get_logger(__name__)
_PATIENCE = 3  # seconds that open requests have to finish once we are asked to stop


async def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve HTTP/1.1 in this process until cancelled; the address is announced on stdout and in the log.

    One process and one event loop: nothing is left behind when it is killed, and state in memory is one.
    """
    # Requests make much that holds hardly any cycles: looking for them often stops every answer.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with reserved(host, port) as listener:
        server = _Server(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                lifespan="off",  # it is ours: it must end even while streams are open
                backlog=1024,
                access_log=False,
                proxy_headers=False,
                log_config=None,
                server_header=False,
            )
        )
        async with AsyncExitStack() as stack:
            stack.push_async_callback(server.end)
            await stack.enter_async_context(started(app))
            server.serving = asyncio.ensure_future(server.serve([listener]))
            try:
                await asyncio.shield(server.serving)
            finally:
                server.should_exit = True
                await asyncio.wait({server.serving}, timeout=_PATIENCE)


class _Server(uvicorn.Server):
    serving: asyncio.Task[None] | None = None

    async def end(self) -> None:
        """Once the application has answered all who waited: end what is still open, such as streams."""
        if self.serving is None or self.serving.done():
            return
        await asyncio.wait({self.serving}, timeout=0.2)
        left = [*self.server_state.tasks, self.serving]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """They are ours: `lifetime` turns them into a cancellation."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Say where we listen, once we do."""
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            try:
                await super().startup([listener])
            except OSError as error:  # somebody else bound the port as well, and listened first
                raise PortTaken(f"cannot listen on {host} port {port}: {error.strerror}") from error
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            _log.info("listening", address=address)
            print(f"listening {address}", file=sys.stdout, flush=True)  # noqa: T201 — for whoever started us


@asynccontextmanager
async def started(app: ASGIApp) -> AsyncGenerator[None]:
    """The application between its lifespan's start-up and its shutdown; a failing start-up raises."""
    to_app: asyncio.Queue[Any] = asyncio.Queue()
    from_app: asyncio.Queue[Any] = asyncio.Queue()
    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
    living = asyncio.ensure_future(app(scope, to_app.get, from_app.put))
    await to_app.put({"type": "lifespan.startup"})
    answer = await from_app.get()
    if answer["type"] != "lifespan.startup.complete":
        await living
        raise RuntimeError(answer.get("message", "the application did not start"))
    try:
        yield
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        await living
