"""Runs things until a signal: an ASGI application on a port, or a coroutine."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvloop
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from litestar.types import ASGIApp

from services.platform import lifetime
from services.platform.ports import reserved

_log = structlog.get_logger(__name__)
_PATIENCE = 3.0  # seconds that open requests have to finish once we are asked to stop
_LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"propagate": True}},  # to our own log
}


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run to the end or to SIGTERM or SIGINT, which cancel it, on the quick event loop."""
    lifetime.run(main, uvloop.new_event_loop)


async def serve(app: ASGIApp, host: str, port: int) -> None:
    """Serve HTTP/1.1 in this process until cancelled; the address is announced on stdout and in the log.

    One process and one event loop: nothing is left behind when it is killed, and state in memory is one.
    """
    with reserved(host, port) as holder:
        async with started(app):
            await _serve(app, host, holder.getsockname()[1])


async def _serve(app: ASGIApp, host: str, port: int) -> None:
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,  # the lifespan is ours: it must end even while streams are open
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        log_level=LogLevels.error,
        log_dictconfig=_LOGGING,
    )
    serving = asyncio.ensure_future(server.serve())
    announcing = asyncio.ensure_future(_announce(host, port))
    try:
        await asyncio.shield(serving)
    finally:
        announcing.cancel()
        server.interrupt_signal = True
        server.main_loop_interrupt.set()
        await asyncio.wait({serving}, timeout=_PATIENCE)


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


async def _announce(host: str, port: int) -> None:
    """Say where we listen, once we do."""
    while not await _answers(host, port):  # noqa: ASYNC110 — nobody tells when the server listens
        await asyncio.sleep(0.02)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    _log.info("listening", address=address)
    print(f"listening {address}", file=sys.stdout, flush=True)  # noqa: T201 — for whoever started us


async def _answers(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True
