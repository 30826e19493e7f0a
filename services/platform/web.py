"""What every HTTP service of ours has: problems for errors, health, metrics, OpenAPI."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import unquote_to_bytes

import structlog
from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, ControllerRouterHandler, Guard, Message, Receive, Scope, Send
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

from services.platform.openapi import Told, problem
from services.platform.problems import BAD_PARAMETER, BAD_REQUEST, HANDLERS, Problem, unavailable
from services.platform.schema_page import SchemaPage

Check = Callable[[], Awaitable[None]]  # raises when what it checks is not there
Report = Callable[[], Mapping[str, float]]  # figures for whoever asks whether the service is ready
Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]]

_LARGEST_BODY = 8 * 1024 * 1024
_log = structlog.get_logger(__name__)


def application(
    title: str,
    handlers: Sequence[ControllerRouterHandler],
    *,
    lifespan: Lifespan,
    checks: Mapping[str, Check],
    report: Report = dict,
    **more: Any,
) -> Litestar:
    """A Litestar application; `checks` answer /health/ready, to which `report` adds figures.

    `lifespan` opens pools and sets `app.state`.
    """
    return Litestar(
        [*handlers, live, readiness(checks, report), metrics],
        lifespan=[lifespan],
        before_request=_beforehand,
        exception_handlers=HANDLERS,
        openapi_config=OpenAPIConfig(
            title=title,
            version="1",
            openapi_router=Router(
                "/schema", route_handlers=[], before_request=_no_page, include_in_schema=False
            ),
            render_plugins=[SchemaPage()],
            use_handler_docstrings=True,
            components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
            security=[{"token": []}],
        ),
        request_max_body_size=_LARGEST_BODY,
        logging_config=None,
        **more,
    )


def accounted(site: ASGIApp) -> ASGIApp:
    """The application; a request that `auth.allowed` counts as in flight no longer is once it ends."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await site(scope, receive, send)
        finally:
            account = scope.get("state", {}).get("account")
            if account is not None:
                account.leave()

    return counting


def headed(site: ASGIApp) -> ASGIApp:
    """The application; `HEAD` is answered as `GET` is, up to the body, with which a stream would not end.

    `Allow` names it.
    """

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    (name, value + b", HEAD" if name == b"allow" and b"GET" in value else value)
                    for name, value in message["headers"]
                ]
            await send(message)

        if scope.get("method") != "HEAD":
            await site(scope, receive, named)
            return

        async def head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        asked: Any = {**scope, "method": "GET"}
        await site(asked, receive, head)

    return answering


def no_others(given: Iterable[str], known: frozenset[str], many: frozenset[str] = frozenset()) -> None:
    """Raise a problem for a parameter that nobody would read, or one given twice that is not of `many`."""
    seen: set[str] = set()
    for name in given:
        if name not in known:
            there = f"there are: {', '.join(sorted(known))}" if known else "there is none"
            raise Problem(BAD_PARAMETER, "there is no such parameter", where=name[:100], hint=there)
        if name in seen - many:
            raise Problem(BAD_PARAMETER, "it is given twice", where=name[:100], hint="give it once")
        seen.add(name)


def names(connection: ASGIConnection[Any, Any, Any, Any]) -> list[str]:
    """The names of the query's parameters, as often as they are given."""
    return [name for name, _ in connection.query_params.multi_items()]


def takes(*known: str, many: str = "") -> Guard:
    """A guard: the address takes these query parameters, each once but for `many`."""
    often = frozenset({many} - {""})
    every = often.union(known)

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        no_others(names(connection), every, often)

    return guard


async def _beforehand(request: Request[Any, Any, Any]) -> Response[None] | None:
    """Refuse what is not UTF-8; answer `OPTIONS`: the framework forgets all but one of several handlers."""
    _only_text(request.scope)
    if request.method != "OPTIONS":
        return None
    address = request.scope["path_template"]
    (methods,) = [route.methods for route in request.app.routes if route.path_format == address]
    return Response(None, status_code=204, headers={"allow": ", ".join(sorted(methods))})


async def _no_page(request: Request[Any, Any, Any]) -> None:
    """Of what is not there, the framework has a page for people."""
    if request.path_params:
        raise NotFoundException


def _only_text(scope: Scope) -> None:
    """Refuse what is not UTF-8; read leniently, it would ask for something nobody meant."""
    if not _is_text(scope.get("raw_path", b"")):
        raise _no_text("path")
    for given in scope["query_string"].split(b"&"):
        if not _is_text(given):
            raise _no_text(unquote_to_bytes(given.partition(b"=")[0]).decode(errors="replace"))


def _is_text(given: bytes) -> bool:
    try:
        unquote_to_bytes(given).decode()
    except UnicodeDecodeError:
        return False
    return True


def _no_text(where: str) -> Problem:
    return Problem(BAD_REQUEST, "not UTF-8", where=where[:100], hint="percent-encode the text as UTF-8")


@get("/health/live", sync_to_thread=False, security=[], tags=["health"])
def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "live"}


def readiness(checks: Mapping[str, Check], report: Report = dict) -> ControllerRouterHandler:
    """A handler that answers 200 and the report when every check passes, else 503 naming what failed."""

    @get(
        "/health/ready",
        security=[],
        tags=["health"],
        operation_class=Told,
        responses={503: problem("Something is not there")},
    )
    async def ready() -> dict[str, str | float]:
        """Whether everything this service stands on answers."""
        failed = [name for name, check in checks.items() if not await _passes(name, check)]
        if failed:
            raise unavailable(f"not ready: {', '.join(failed)}")
        return {"status": "ready", **report()}

    return ready


async def _passes(name: str, check: Check) -> bool:
    try:
        await check()
    except Exception as error:  # noqa: BLE001 — whatever it is, the answer is "not ready", and the log says why
        _log.warning("not ready", check=name, reason=repr(error))
        return False
    return True


@get("/metrics", media_type=MediaType.TEXT, sync_to_thread=False, include_in_schema=False)
def metrics() -> Response[bytes]:
    """Everything registered with prometheus_client's default registry."""
    return Response(generate_latest(REGISTRY), headers={"content-type": CONTENT_TYPE_LATEST})
