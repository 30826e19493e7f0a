"""Publishing over HTTP: the content mode, who may say it, the appender, the answer. No rules.

The single event is the busiest request there is, so this is plain ASGI, reached before the web framework.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from litestar.types import Receive, ReceiveMessage, Scope, Send

from schemas import Event
from schemas.event import Corrected, Retracted
from services.ledger import http_bulk, intake
from services.ledger.appender import Appender
from services.ledger.http_answers import (
    NDJSON,
    UNSUPPORTED,
    NotAllowed,
    foreign_source,
    not_its_source,
    problem,
    send_problem,
    send_receipts,
)
from services.ledger.http_patience import Patience
from services.ledger.intake_json import BadInput
from services.ledger.names import known_form
from services.ledger.queues import MOST_ENTRIES
from services.platform.accesses import REFUSALS, Accesses
from services.platform.auth import Authenticator, Principal
from services.platform.limits import Bodies, Limiter
from services.platform.problems import BAD_REQUEST, BODY_TOO_LARGE, Kind, Problem

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LARGEST_EVENT = 256 * 1024  # of a body: an entry of 64 KiB, its text escaped
LARGEST_BATCH = 4 * 1024 * 1024
_DRAINED = 64 * 1024 * 1024  # of a body too large, so that the answer is read; beyond, the connection suffers

_WITHIN = 60.0  # seconds for a body

TOO_SLOW = Kind("body-too-slow", 408, "The body took too long")

Headers = Iterable[tuple[bytes, bytes]]


class Publishing:
    """Takes `POST /v1/ledgers/{ledger}/events` in every content mode."""

    def __init__(
        self,
        appender: Appender,
        authenticator: Authenticator,
        patience: Patience,
        accesses: Accesses,
        limiter: Limiter,
        bodies: Bodies,
    ) -> None:
        self._appender = appender
        self._authenticator = authenticator
        self._patience = patience
        self._accesses = accesses
        self._limiter = limiter
        self._bodies = bodies

    async def __call__(self, ledger: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, record, answer."""
        in_batch, principal, account = False, None, None
        try:
            fields = dict(scope["headers"])
            principal = await self._authenticator.principal(_text(fields.get(b"authorization")))
            principal.require("publish", ledger)
            known_form(ledger)
            mode = content_mode(fields)
            known = self._limiter.account(principal.publisher, principal.limits)
            known.enter()
            account = known
            permitted = judge(principal, ledger, self._accesses)
            if mode == NDJSON:
                bulk = http_bulk.Bulk(self._appender, ledger, principal.publisher, permitted, account.pace)
                with self._bodies.taken(http_bulk.MEMORY):
                    await bulk.run(receive, send)
                return
            largest = LARGEST_EVENT if mode in (STRUCTURED, "binary") else LARGEST_BATCH
            body = await self._whole(receive, fields, min(largest, account.body))
            in_batch = mode == BATCH or (mode == "json" and body.lstrip()[:1] == b"[")
            events = _events(mode, in_batch, scope["headers"], body)
            account.charge(len(events) - 1)
            _judge_all(permitted, events)
            receipts = await self._patience.wait(self._appender.submit(ledger, events, principal.publisher))
            await send_receipts(send, receipts, lone=not in_batch)
        except Exception as error:  # noqa: BLE001 — every failure has an answer, and the unforeseen a log line
            if isinstance(error, Problem) and error.kind.status in REFUSALS:
                name = principal.publisher if principal else None
                self._accesses.refused(
                    publisher=name, action="publish", ledger=ledger, outcome=error.kind.slug
                )
            await send_problem(send, problem(error, in_batch=in_batch))
        finally:
            if account is not None:
                account.leave()

    async def _whole(self, receive: Receive, fields: Mapping[bytes, bytes], largest: int) -> bytes:
        """The body, if it is not larger than `largest` bytes and comes in time."""
        message = await receive()
        if message["type"] == "http.request" and not message["more_body"] and len(message["body"]) <= largest:
            return message["body"]
        announced = fields.get(b"content-length", b"")
        size = min(largest, int(announced)) if announced.isdigit() else largest
        try:
            with self._bodies.taken(size):
                async with asyncio.timeout(_WITHIN):
                    return await _gathered(message, receive, largest)
        except TimeoutError:
            detail = f"it was not there after {_WITHIN:g} seconds"
            raise Problem(TOO_SLOW, detail, where="", hint="retry, or send less at once") from None


def content_mode(fields: Mapping[bytes, bytes]) -> str:
    """STRUCTURED, BATCH, NDJSON, "binary", or "json" for plain JSON that may be one event or an array."""
    encoding = fields.get(b"content-encoding", b"identity").lower()
    if encoding != b"identity":
        raise Problem(
            UNSUPPORTED, "the body is compressed", where="Content-Encoding", hint="send it as it is"
        )
    given = fields.get(b"content-type", b"").decode("latin-1")
    media = given.partition(";")[0].strip().lower()
    if media in (STRUCTURED, BATCH):
        return media
    if media in (NDJSON, "application/ndjson", "application/jsonl"):
        return NDJSON
    if not media.startswith("application/cloudevents") and (not media or intake.is_json(given)):
        if b"ce-specversion" in fields or b"ce-id" in fields or b"ce-type" in fields:
            return "binary"
        if media:
            return "json"
    raise Problem(
        UNSUPPORTED,
        f"the media type is {given[:100]!r}" if given else "the body has no media type",
        where="Content-Type",
        hint=f"send {STRUCTURED}, {BATCH}, {NDJSON}, or JSON data with ce- headers",
    )


async def _gathered(message: ReceiveMessage, receive: Receive, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        size += len(message["body"])
        if size <= largest:
            parts.append(message["body"])
        elif size > _DRAINED:
            break
        else:
            parts.clear()
        if not message["more_body"]:
            break
        message = await receive()
    else:
        raise Problem(
            BAD_REQUEST,
            "the connection ended before the body did",
            where="",
            hint="send the whole body, its length or its chunks as announced",
        )
    if size > largest:
        raise Problem(
            BODY_TOO_LARGE,
            f"{size} bytes or more; at most {largest} are taken",
            where="",
            hint="send less at once; NDJSON has no limit but that of each line",
        )
    return b"".join(parts)


def judge(principal: Principal, ledger: str, accesses: Accesses) -> http_bulk.Judge:
    """What this caller may not say: raises a problem, which is put on record."""

    def refused(event: Event, error: NotAllowed) -> NotAllowed:
        accesses.refused(
            publisher=principal.publisher,
            action="publish",
            ledger=ledger,
            object=event.source,
            outcome=error.slug,
        )
        return error

    def permitted(event: Event) -> None:
        if not principal.speaks_as(event.source):
            raise refused(event, foreign_source(event))
        said = event.data
        others = isinstance(said, Corrected | Retracted) and said.source != event.source
        if others and "admin" not in principal.scopes:
            raise refused(event, not_its_source(event))

    return permitted


def _events(mode: str, in_batch: bool, headers: Headers, body: bytes) -> list[Event]:
    if in_batch:
        return intake.batch(body, MOST_ENTRIES)
    return [intake.binary(headers, body) if mode == "binary" else intake.event(body)]


def _judge_all(permitted: http_bulk.Judge, events: Sequence[Event]) -> None:
    for index, event in enumerate(events):
        try:
            permitted(event)
        except BadInput as error:
            error.index = index
            raise


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
