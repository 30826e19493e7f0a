"""Publishing over HTTP: the content mode, who may say it, the appender, the answer. No rules.

The single event is the busiest request there is, so this is plain ASGI, reached before the web framework.
"""

import asyncio
from collections.abc import Mapping
from functools import partial

from litestar.types import Receive, ReceiveMessage, Scope, Send

from schemas import Event
from services.ledger import http_bulk
from services.ledger.appender import Appender
from services.ledger.http_answers import NDJSON, TOO_SLOW, problem, recorded, refused, send_whole
from services.ledger.http_patience import Patience
from services.ledger.names import known_form
from services.ledger.queues import Answer
from services.ledger.submission import (
    Judge,
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
from services.platform.auth import Authenticator, Principal
from services.platform.limits import Account, Bodies, Limiter
from services.platform.problems import BAD_REQUEST, Problem, unavailable
from services.platform.prompt import Reply

_DRAINED = 64 * 1024 * 1024  # of a body too large, so that the answer is read; beyond, the connection suffers
_WITHIN = 60.0  # seconds for a body
_TELLING = 10.0  # seconds in which it has to be known what a token allows by now


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
            mode = _mode(principal, ledger, fields)
            known = self._limiter.account(principal.publisher, principal.limits)
            known.enter()
            account = known
            if mode == NDJSON:
                permitted = partial(self._permitted, fields, principal, ledger)
                bulk = http_bulk.Bulk(self._appender, ledger, principal.publisher, permitted, account.pace)
                with self._bodies.taken(http_bulk.MEMORY, account, lasting=True):
                    await bulk.run(receive, send)
                return
            body = await self._whole(receive, fields, account, min(largest(mode), account.body))
            in_batch = is_batch(mode, body)
            events = self._events(mode, ledger, scope, body, principal, account)
            receipts = await self._patience.wait(self._appender.submit(ledger, events, principal.publisher))
            await send_whole(send, recorded(receipts, lone=not in_batch))
        except Exception as error:  # noqa: BLE001 — every failure has an answer, and the unforeseen a log line
            not_let_in(self._accesses, ledger, principal, error)
            await send_whole(send, refused(problem(error, in_batch=in_batch)))
        finally:
            if account is not None:
                account.leave()

    def promptly(self, ledger: str, scope: Scope, body: bytes, reply: Reply) -> bool:
        """The same of a request that is here whole, from somebody known; False: that takes a task."""
        fields = dict(scope["headers"])
        principal = self._authenticator.remembered(text(fields.get(b"authorization")))
        if principal is None:
            return False
        in_batch, account = False, None
        try:
            mode = _mode(principal, ledger, fields)
            if mode == NDJSON:
                return False
            known = self._limiter.account(principal.publisher, principal.limits)
            known.enter()
            account = known
            if len(body) > (most := min(largest(mode), account.body)):
                raise too_large(len(body), most)
            in_batch = is_batch(mode, body)
            events = self._events(mode, ledger, scope, body, principal, account)
            waiting = self._appender.publish(ledger, events, principal.publisher)
        except Exception as error:  # noqa: BLE001 — as above
            not_let_in(self._accesses, ledger, principal, error)
            if account is not None:
                account.leave()
            reply(refused(problem(error, in_batch=in_batch)))
        else:
            self._patience.until(waiting)
            waiting.add_done_callback(partial(self._answered, account, in_batch, reply))
        return True

    def _answered(
        self, account: Account, in_batch: bool, reply: Reply, waiting: "asyncio.Future[list[Answer]]"
    ) -> None:
        self._patience.heard(waiting)
        account.leave()
        try:
            if waiting.cancelled():
                raise TimeoutError("nobody answered in time")
            (answer,) = waiting.result()
            if isinstance(answer, Exception):
                raise answer
            reply(recorded(answer, lone=not in_batch))
        except Exception as error:  # noqa: BLE001 — as above
            reply(refused(problem(error, in_batch=in_batch)))

    async def _permitted(self, fields: Mapping[bytes, bytes], principal: Principal, ledger: str) -> Judge:
        """What somebody who was let in may say by now. Raises Problem, put on record, if that is nothing."""
        try:
            authorization = text(fields.get(b"authorization"))
            async with asyncio.timeout(_TELLING):  # the client may be gone, which nobody notices meanwhile
                now = await self._authenticator.still(authorization, "publish", ledger)
        except TimeoutError:
            raise unavailable("nobody can tell whether the token still allows it") from None
        except Problem as error:
            not_let_in(self._accesses, ledger, principal, error)
            raise
        return judge(now, ledger, self._accesses)

    def _events(
        self, mode: str, ledger: str, scope: Scope, body: bytes, principal: Principal, account: Account
    ) -> list[Event]:
        """What the body says, counted, if this caller may say it."""
        events = events_in(mode, scope["headers"], body)
        account.charge(len(events) - 1)
        judge_all(judge(principal, ledger, self._accesses), events)
        return events

    async def _whole(
        self, receive: Receive, fields: Mapping[bytes, bytes], account: Account, most: int
    ) -> bytes:
        """The body, if it is not larger than `most` bytes and comes in time."""
        announced = fields.get(b"content-length", b"")
        size = min(most, int(announced)) if announced.isdigit() else most
        try:
            async with asyncio.timeout(_WITHIN):
                message = await receive()
                if (
                    message["type"] == "http.request"
                    and not message["more_body"]
                    and len(message["body"]) <= most
                ):
                    return message["body"]
                with self._bodies.taken(size, account):
                    return await _gathered(message, receive, most)
        except TimeoutError:
            detail = f"it was not there after {_WITHIN:g} seconds"
            raise Problem(TOO_SLOW, detail, where="", hint="retry, or send less at once") from None


def _mode(principal: Principal, ledger: str, fields: Mapping[bytes, bytes]) -> str:
    """The content mode of what this caller may publish here. Raises Problem, LedgerUnknown."""
    principal.require("publish", ledger)
    known_form(ledger)
    return content_mode(fields)


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
