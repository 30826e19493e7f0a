"""Publishing over NATS: core request–reply on `locus.intake.<ledger>`, in a queue group. No rules.

What is said, by whom and in which form is read as over HTTP, and the receipt or the problem is the reply.
Nothing is stored by NATS: a publisher has published when it holds the receipt, and retries until then.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Self

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error
from prometheus_client import Counter, Gauge

from services.ledger.early import Early
from services.ledger.http_answers import JSON, NDJSON, UNSUPPORTED, count, problem, recorded
from services.ledger.names import known_form
from services.ledger.rejected import Refusal, RejectedMessages
from services.ledger.submission import (
    BATCH,
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
from services.platform import messaging
from services.platform.accesses import Accesses
from services.platform.auth import Authenticator, Principal
from services.platform.limits import Limiter
from services.platform.problems import MEDIA_TYPE, Problem, unavailable

SUBJECTS = "locus.intake."
GROUP = "locus-ledger"
_MOST_IN_FLIGHT = 1_000
_MOST_BYTES = 16 * 1024 * 1024  # held by requests in flight
_GOODBYE = 2.0  # seconds for what is in flight when the process ends
# Whoever publishes names the address of the reply; named so, it is somebody's inbox and nothing of ours.
_INBOXES = ("_INBOX.", "_INBOX_")

_UNANSWERABLE = Counter("locus_intake_unanswerable", "Messages without an inbox to reply to, not recorded")
_CONNECTED = Gauge("locus_intake_connected", "Whether the intake is connected to NATS: 1, or 0")
_log = structlog.get_logger(__name__)


class Intake:
    """Answers every request of one connection, at most so many at a time. A context manager."""

    def __init__(
        self,
        client: Client,
        authenticator: Authenticator,
        early: Early,
        keeping: RejectedMessages,
        accesses: Accesses,
        limiter: Limiter,
    ) -> None:
        self._client = client
        self._authenticator = authenticator
        self._early = early
        self._keeping = keeping
        self._accesses = accesses
        self._limiter = limiter
        self._bytes = 0
        self._answering: set[asyncio.Task[None]] = set()
        self._requests: Subscription | None = None

    async def __aenter__(self) -> Self:
        # Each message is handed over at once, so what waits inside the client is little; were it more, the
        # client would drop it, and its publisher retry.
        self._requests = await self._client.subscribe(
            f"{SUBJECTS}*",
            queue=GROUP,
            cb=self._take,
            pending_msgs_limit=2 * _MOST_IN_FLIGHT,
            pending_bytes_limit=2 * _MOST_BYTES,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take no more, answer what can be answered soon, drop the rest: its publishers retry."""
        if self._requests is not None and self._client.is_connected:
            with suppress(Error, TimeoutError):
                await self._requests.unsubscribe()
        if self._answering:
            _, late = await asyncio.wait(self._answering, timeout=_GOODBYE)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._client.is_connected:
            with suppress(Error, TimeoutError):
                await self._client.flush(timeout=2)

    async def _take(self, message: Msg) -> None:
        if not message.reply.startswith(_INBOXES):
            _UNANSWERABLE.inc()
            _log.debug(
                "a message without an inbox to reply to is not recorded", subject=message.subject[:100]
            )
            return
        size = len(message.data)
        if len(self._answering) >= _MOST_IN_FLIGHT or (self._bytes and self._bytes + size > _MOST_BYTES):
            count(refused=1)
            await self._refuse(message, unavailable("too many requests are being answered"))
            return
        self._bytes += size
        task = asyncio.create_task(self._answer(message, size))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, message: Msg, size: int) -> None:
        try:
            await self._reply(message, JSON, await self._recorded(message))
        except Problem as refusal:
            count(refused=1)
            await self._refuse(message, refusal)
        finally:
            self._bytes -= size

    async def _recorded(self, message: Msg) -> bytes:
        """The receipts, once all is stored. Raises Problem."""
        ledger, headers, body = message.subject.removeprefix(SUBJECTS), _headers(message), message.data
        principal = await self._let_in(ledger, dict(headers))
        account = self._limiter.account(principal.publisher, principal.limits)
        account.enter()
        in_batch = False
        try:
            mode = _mode(dict(headers), len(body), account.body)
            in_batch = is_batch(mode, body)
            events = events_in(mode, headers, body)
            account.charge(len(events) - 1)
            judge_all(judge(principal, ledger, self._accesses), events)
            receipts = await self._early.submit(ledger, events, principal.publisher, len(body))
        except Exception as error:  # noqa: BLE001 — every failure has an answer, and the unforeseen a log line
            refusal = problem(error, in_batch=in_batch)
            await self._keeping.keep(Refusal(ledger, principal.publisher, headers, body, refusal))
            raise refusal from None
        finally:
            account.leave()
        return recorded(receipts, lone=not in_batch).body

    async def _let_in(self, ledger: str, fields: Mapping[bytes, bytes]) -> Principal:
        principal = None
        try:
            principal = await self._authenticator.principal(text(fields.get(b"authorization")))
            principal.require("publish", ledger)
            known_form(ledger)
        except Exception as error:  # noqa: BLE001 — as above
            not_let_in(self._accesses, ledger, principal, error)
            raise problem(error) from None
        return principal

    async def _refuse(self, message: Msg, refusal: Problem) -> None:
        await self._reply(message, MEDIA_TYPE, refusal.encoded(), refusal.headers)

    async def _reply(
        self, message: Msg, media_type: str, body: bytes, more: dict[str, str] | None = None
    ) -> None:
        """If we crash here, what is recorded stays so and nobody was told: a retry finds it by identity."""
        headers = {"Content-Type": media_type} | {name.title(): said for name, said in (more or {}).items()}
        try:
            await self._client.publish(message.reply, body, headers=headers)
        except (Error, ValueError) as error:
            _log.debug("a reply was not sent; its publisher retries", reason=repr(error))


async def taking(url: str, intake: Callable[[Client], Intake]) -> None:
    """Take what is published until cancelled, however long NATS is away."""
    while True:
        try:
            client = await messaging.connect(url, "locus intake")
        except (Error, OSError, TimeoutError) as error:
            _log.warning("the intake waits for NATS", reason=type(error).__name__)
            await asyncio.sleep(1)
            continue
        try:
            async with intake(client):
                _CONNECTED.set_function(partial(_connected, client))
                while not client.is_closed:  # noqa: ASYNC110 — for good, when it is not let in any more
                    await asyncio.sleep(1)
        except Error as error:
            _log.warning("the intake is interrupted", reason=type(error).__name__)
        finally:
            await client.close()


def _connected(client: Client) -> bool:
    return client.is_connected


def _mode(fields: Mapping[bytes, bytes], size: int, most: int) -> str:
    mode = content_mode(fields)
    if mode == NDJSON:
        hint = f"send a batch ({BATCH}), or the lines over HTTP"
        raise Problem(UNSUPPORTED, "lines are taken over HTTP only", where="Content-Type", hint=hint)
    if size > min(largest(mode), most):
        raise too_large(size, min(largest(mode), most))
    return mode


def _headers(message: Msg) -> list[tuple[bytes, bytes]]:
    """With names in lower case, as over HTTP."""
    return [
        (name.lower().encode(), value.encode())
        for name, value in (message.headers or {}).items()
        if isinstance(value, str)
    ]
