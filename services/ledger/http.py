"""Publishing over HTTP: the content mode, who may say it, the appender, the answer. No rules.

The single event is the busiest request there is, so this is plain ASGI, reached before the web framework.
"""

import asyncio
from collections.abc import Mapping

from litestar.types import Receive, ReceiveMessage, Scope, Send

from services.ledger import http_bulk
from services.ledger.appender import Appender
from services.ledger.http_answers import NDJSON, problem, send_problem, send_receipts
from services.ledger.http_patience import Patience
from services.ledger.names import known_form
from services.ledger.submission import (
    content_mode,
    events_in,
    is_batch,
    judge,
    judge_all,
    largest,
    not_let_in,
    text,
    too_large,
)
from services.platform.accesses import Accesses
from services.platform.auth import Authenticator
from services.platform.limits import Account, Bodies, Limiter
from services.platform.problems import BAD_REQUEST, Kind, Problem

_DRAINED = 64 * 1024 * 1024  # of a body too large, so that the answer is read; beyond, the connection suffers
_WITHIN = 60.0  # seconds for a body

TOO_SLOW = Kind("body-too-slow", 408, "The body took too long")


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
            principal = await self._authenticator.principal(text(fields.get(b"authorization")))
            principal.require("publish", ledger)
            known_form(ledger)
            mode = content_mode(fields)
            known = self._limiter.account(principal.publisher, principal.limits)
            known.enter()
            account = known
            permitted = judge(principal, ledger, self._accesses)
            if mode == NDJSON:
                bulk = http_bulk.Bulk(self._appender, ledger, principal.publisher, permitted, account.pace)
                with self._bodies.taken(http_bulk.MEMORY, account):
                    await bulk.run(receive, send)
                return
            body = await self._whole(receive, fields, account, min(largest(mode), account.body))
            in_batch = is_batch(mode, body)
            events = events_in(mode, scope["headers"], body)
            account.charge(len(events) - 1)
            judge_all(permitted, events)
            receipts = await self._patience.wait(self._appender.submit(ledger, events, principal.publisher))
            await send_receipts(send, receipts, lone=not in_batch)
        except Exception as error:  # noqa: BLE001 — every failure has an answer, and the unforeseen a log line
            not_let_in(self._accesses, ledger, principal, error)
            await send_problem(send, problem(error, in_batch=in_batch))
        finally:
            if account is not None:
                account.leave()

    async def _whole(
        self, receive: Receive, fields: Mapping[bytes, bytes], account: Account, most: int
    ) -> bytes:
        """The body, if it is not larger than `most` bytes and comes in time."""
        message = await receive()
        if message["type"] == "http.request" and not message["more_body"] and len(message["body"]) <= most:
            return message["body"]
        announced = fields.get(b"content-length", b"")
        size = min(most, int(announced)) if announced.isdigit() else most
        try:
            with self._bodies.taken(size, account):
                async with asyncio.timeout(_WITHIN):
                    return await _gathered(message, receive, most)
        except TimeoutError:
            detail = f"it was not there after {_WITHIN:g} seconds"
            raise Problem(TOO_SLOW, detail, where="", hint="retry, or send less at once") from None


async def _gathered(message: ReceiveMessage, receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while message["type"] == "http.request":
        size += len(message["body"])
        if size <= most:
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
    if size > most:
        raise too_large(size, most)
    return b"".join(parts)
