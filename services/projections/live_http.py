"""Which views change, over HTTP as it happens: server-sent events. No rules."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Final

import asyncpg
import structlog
from litestar import Request, get
from litestar.datastructures import State
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from services.platform import negotiating
from services.platform.auth import still_allowed
from services.platform.openapi import described, problem
from services.projections.changed import ACTS, STRUCTURE, Reads
from services.projections.live import PATIENCE, Live, Lives
from services.projections.parameters import ledger_name
from services.projections.views.ground import Structures
from services.projections.views.question import BadParameterError
from services.projections.views.view import found

EVENT_STREAM: Final = "text/event-stream"
LIVE: Final = {
    200: described(Live, "Server-sent events", EVENT_STREAM),
    406: problem("Answers are server-sent events"),
}
_HINT: Final = "send the position of the last event received, or of an answer's `rests_on`"
_HEADERS: Final = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that gathers an answer before it passes it on would tell nothing
)
_log = structlog.get_logger(__name__)


def _reads() -> Mapping[str, Reads]:
    """What each view reads."""
    ours = {
        "authority": Reads(STRUCTURE | {ACTS}),
        "drift": Reads(STRUCTURE | {ACTS}),
        "matrix": Reads(STRUCTURE),
        "remit": Reads(STRUCTURE),
        "dossier": Reads(None),
    }
    for view in found():
        told = view.reads
        kinds = told | {ACTS} if told is not None and "decision" in told else told
        ours[view.name] = Reads(kinds, view.beyond)
    return MappingProxyType(ours)


@asynccontextmanager
async def lives(pool: asyncpg.Pool, structures: Structures) -> AsyncIterator[Lives]:
    """What tells followers, until the service ends, which ends their streams."""
    telling = Lives(pool, structures, _reads())
    try:
        yield telling
    finally:
        await telling.end()


async def read_live(
    request: Request[Any, Any, State],
    ledger: FromPath[str],
    state: State,
    after: Annotated[
        str | None,
        QueryParameter(description="A position: tell what changed since; that of an answer's `rests_on`."),
    ] = None,
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="Goes before `after`.")
    ] = None,
) -> ASGIApp:
    """Which views changed, and where: an event at once with the position, then one a change, as they come.

    Each names the views to ask again, and of which domains, actors, bodies, decisions and initiatives (null:
    whichever). Changes that come close together are told together, at most four times a second.
    """
    negotiating.form(request.headers.getall("accept", []), (EVENT_STREAM,))
    since = _position("Last-Event-ID", last_event_id) if last_event_id else _position("after", after)
    return partial(_streamed, state.lives, ledger_name(ledger), since, still_allowed(request, "views"))


def _position(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 17):
        raise BadParameterError(name, f"`{text[:80]}` is no position", _HINT)
    return int(text)


async def _streamed(
    lives: Lives,
    ledger: str,
    since: int | None,
    allowed: Callable[[], Awaitable[bool]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Send what there is to tell until the client is gone, or does not take it."""
    async with lives.following(ledger) as (watch, follower):
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        events = lives.events(ledger, watch, follower, since, allowed)
        sending = asyncio.ensure_future(_send(events, send))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            sending.cancel()
            await asyncio.gather(sending, gone, return_exceptions=True)
    if sending.done() and not sending.cancelled() and sending.exception() is not None:
        _log.info("a follower is let go", ledger=ledger, reason=repr(sending.exception()))


async def _send(events: AsyncIterator[bytes], send: Send) -> None:
    async with aclosing(events):  # type: ignore[type-var]  # a generator
        async for event in events:
            async with asyncio.timeout(PATIENCE):
                await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def route(**shared: Any) -> Any:
    """The handler; `shared` is what all views have: guards, tags, documented problems."""
    return get("/{ledger:str}/live", **shared | {"responses": shared["responses"] | LIVE})(read_live)
