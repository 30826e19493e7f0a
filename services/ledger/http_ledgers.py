"""Ledgers over HTTP (make one, see which there are), and the framework's side of publishing. No rules."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.types import ASGIApp, Receive, Scope, Send

from services.ledger.appender import Appender
from services.ledger.history import History
from services.ledger.http import Publishing
from services.ledger.http_answers import LEDGER_EXISTS
from services.ledger.http_openapi import PUBLISHED, Create, Publish
from services.ledger.intake_json import tree
from services.ledger.names import PATTERN
from services.platform.auth import ANY, Authenticator, Principal, allowed
from services.platform.openapi import Told, otherwise
from services.platform.problems import BAD_REQUEST, Problem
from services.platform.web import takes

_MOST = 1_000
Slug = Annotated[
    str,
    msgspec.Meta(pattern=PATTERN, description="Lower-case letters, digits and hyphens"),
]

Origin = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[!-*,-~]+\Z",
        description="The log's name in checkpoints; usually an address without its scheme",
        examples=["log.example.org/acme"],
    ),
]


class NewLedger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a ledger to make, and of its log: in checkpoints, for good, never its address."""

    ledger: Slug
    origin: Origin | None = None


class Ledger(msgspec.Struct, frozen=True):
    """A ledger and its last position."""

    ledger: str
    last: int


class Ledgers(msgspec.Struct, frozen=True):
    """The ledgers that the token may touch, by name; `next` goes into `after`, null at the end."""

    ledgers: list[Ledger]
    next: str | None


async def _known(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    known: Authenticator = connection.app.state.authenticator
    connection.state.principal = await known.principal(connection.headers.get("authorization"))


@post(
    "/",
    guards=[allowed("admin")],
    tags=["ledgers"],
    operation_class=Create,
    responses=otherwise({409: "There is a ledger or a log of that name", 413: "Too large"}),
)
async def create_ledger(request: Request[Any, Any, State], state: State) -> Ledger:
    """Make an empty ledger. 409: there is one of that name."""
    data = _new_ledger(await request.body())
    principal: Principal = request.state.principal
    principal.require("admin", data.ledger)
    appender: Appender = state.appender
    if not await appender.create_ledger(data.ledger, data.origin):
        raise Problem(
            LEDGER_EXISTS, f"{data.ledger!r} exists already", where="/ledger", hint="use it, or another name"
        )
    return Ledger(data.ledger, 0)


def _new_ledger(body: bytes) -> NewLedger:
    """Read as strictly as events are. Raises Unreadable, Problem."""
    try:
        return msgspec.convert(tree(body), NewLedger)
    except msgspec.ValidationError as error:
        if "`$.origin`" in str(error):
            told = "not 1 to 200 printable ASCII characters without spaces and `+`"
            raise Problem(BAD_REQUEST, told, where="/origin", hint="name it like an address") from None
        raise Problem(
            BAD_REQUEST,
            "not one name of 2 to 63 lower-case letters, digits and hyphens, a letter first",
            where="/ledger",
            hint='send {"ledger": "acme"}',
        ) from None


@get(
    "/",
    guards=[_known, takes("after", "limit")],
    tags=["ledgers"],
    operation_class=Told,
    responses=otherwise({}),
)
async def list_ledgers(
    request: Request[Any, Any, State],
    state: State,
    after: Annotated[str, QueryParameter(max_length=64, pattern=r"^[a-z0-9-]*$")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST)] = 100,
) -> Ledgers:
    """The ledgers this token may touch."""
    principal: Principal = request.state.principal
    history: History = state.history
    mine = None if ANY in principal.ledgers else principal.ledgers
    found = await history.ledgers(after, limit, mine)
    return Ledgers([Ledger(*one) for one in found], found[-1][0] if len(found) == limit else None)


@post(
    "/{ledger:str}/events",
    tags=["publishing"],
    operation_class=Publish,
    responses=PUBLISHED,
    request_max_body_size=None,
    status_code=200,
)
async def publish(ledger: FromPath[str], state: State) -> ASGIApp:
    """Record events: one, an atomic batch, or any number as NDJSON (each line for itself).

    The same `source` and `id` with the same content again gives the first receipt: retry blindly.
    """
    publishing: Publishing = state.publishing

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await publishing(ledger, scope, receive, send)

    return answer


LEDGERS: Sequence[Any] = (create_ledger, list_ledgers, publish)
