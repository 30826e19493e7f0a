"""Messages refused over NATS, for whoever looks after a ledger: list, show, publish again. No rules."""

import base64
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath, QueryParameter

from schemas import Receipt
from services.ledger.appender import Appender
from services.ledger.http_answers import problem
from services.ledger.http_openapi import REFUSED
from services.ledger.http_patience import Patience
from services.ledger.names import known_form
from services.ledger.rejected import Kept, RejectedMessages, Unopenable
from services.ledger.rejected_notes import Message
from services.ledger.submission import content_mode, events_in, is_batch, judge, judge_all
from services.platform.accesses import Accesses
from services.platform.auth import Principal, allowed
from services.platform.openapi import Told, otherwise
from services.platform.problems import NOT_FOUND, Kind, Problem
from services.platform.web import takes

_MOST = 1_000
_NONE = {404: "No such ledger or message"}
_ID = r"^[0-9a-f]{1,40}$"
UNOPENABLE = Kind("unopenable", 409, "The message cannot be opened")

Asking = Request[Any, Any, State]


class Page(msgspec.Struct, frozen=True):
    """Refused messages, the newest first; `next` goes into `before`, null at the end."""

    rejected: list[Kept]
    next: str | None


class Opened(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as it was sent, and the problem that was the answer; `body_base64` if it is no text."""

    kept: Kept
    problem: dict[str, Any]
    headers: dict[str, str]
    body: str | None = None
    body_base64: str | None = None


class Published(msgspec.Struct, frozen=True):
    """What publishing again gave: a receipt for each event. The message is not kept any more."""

    receipts: Sequence[Receipt]


@get(
    "/{ledger:str}/rejected",
    guards=[allowed("admin"), takes("before", "limit")],
    tags=["rejected"],
    operation_class=Told,
    responses=otherwise({404: "No such ledger"}),
)
async def list_rejected(
    ledger: FromPath[str],
    state: State,
    before: Annotated[str | None, QueryParameter(pattern=_ID)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST)] = 100,
) -> Page:
    """What was refused over NATS within 30 days: when, whose, and why, without what it says."""
    known_form(ledger)
    kept: RejectedMessages = state.rejected
    found = await kept.page(ledger, before, limit)
    return Page(found, found[-1].id if len(found) == limit else None)


@get(
    "/{ledger:str}/rejected/{id:str}",
    guards=[allowed("admin"), takes()],
    tags=["rejected"],
    operation_class=Told,
    responses=otherwise(_NONE | {409: "It cannot be opened"}),
)
async def show_rejected(
    ledger: FromPath[str], id: FromPath[str], request: Asking, state: State
) -> Response[Opened]:
    """One message, opened; that it was read is put on record."""
    known, message = await _opened(state.rejected, ledger, id)
    await _noted(request, state, "show_rejected", ledger, id, "opened")
    body, encoded = _readable(message.body)
    reason = msgspec.json.decode(message.problem)
    opened = Opened(known, reason, dict(message.headers), body, encoded)
    return Response(opened, headers={"cache-control": "no-store"})


@post(
    "/{ledger:str}/rejected/{id:str}/retry",
    guards=[allowed("admin"), takes()],
    tags=["rejected"],
    status_code=200,
    operation_class=Told,
    responses=otherwise(_NONE | REFUSED),
)
async def retry_rejected(
    ledger: FromPath[str], id: FromPath[str], request: Asking, state: State
) -> Published:
    """Publish a message again, as the caller: it takes the scope publish, and leave to speak as its source.

    If it is refused again, it stays.
    """
    principal: Principal = request.state.principal
    principal.require("publish", ledger)
    _, message = await _opened(state.rejected, ledger, id)
    receipts = await _published(state, principal, ledger, message)
    kept: RejectedMessages = state.rejected
    # If we crash here, what is recorded stays so: a retry finds it by identity and gives the same receipts.
    await _noted(request, state, "retry_rejected", ledger, id, "published")
    await kept.drop(ledger, [id])
    return Published(receipts)


async def _published(state: State, principal: Principal, ledger: str, message: Message) -> Sequence[Receipt]:
    in_batch = False
    try:
        headers = message.fields()
        mode = content_mode(dict(headers))
        in_batch = is_batch(mode, message.body)
        events = events_in(mode, headers, message.body)
        judge_all(judge(principal, ledger, state.accesses), events)
        appender: Appender = state.appender
        patience: Patience = state.patience
        return await patience.wait(appender.submit(ledger, events, principal.publisher))
    except Exception as error:  # noqa: BLE001 — every failure has an answer, and the unforeseen a log line
        raise problem(error, in_batch=in_batch) from None


async def _opened(kept: RejectedMessages, ledger: str, id: str) -> tuple[Kept, Message]:
    known_form(ledger)
    try:
        found = await kept.one(ledger, id[:100].replace("\0", ""))
    except Unopenable as error:
        hint = "publish the event anew from where it came; this message expires by itself"
        raise Problem(UNOPENABLE, str(error), where="id", hint=hint) from None
    if found is None:
        hint = "list what there is: locus rejected list"
        raise Problem(NOT_FOUND, f"no message {id[:100]!r} is kept", where="id", hint=hint)
    return found


async def _noted(request: Asking, state: State, action: str, ledger: str, id: str, outcome: str) -> None:
    principal: Principal = request.state.principal
    accesses: Accesses = state.accesses
    await accesses.record(
        publisher=principal.publisher, action=action, ledger=ledger, object=f"rejected/{id}", outcome=outcome
    )


def _readable(body: bytes) -> tuple[str | None, str | None]:
    try:
        return body.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(body).decode()


REJECTED: Sequence[Any] = (list_rejected, show_rejected, retry_rejected)
