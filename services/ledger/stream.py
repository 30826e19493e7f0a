"""A ledger's JetStream stream, in which an entry's sequence is its position. Raw requests: the client's own
`publish` of JetStream cannot send many at once."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Any, Self

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from services.platform.lifetime import heed_cancellation

ANSWER_WITHIN = 5.0  # seconds

_NO_STREAM = 10059
_NO_MESSAGE = 10037


class _Type(msgspec.Struct):
    type: str


class _Typed(msgspec.Struct):
    event: _Type


class _Trouble(msgspec.Struct):
    description: str = ""


class _Ack(msgspec.Struct):
    error: _Trouble | None = None


_typed = msgspec.json.Decoder(_Typed)
_ack = msgspec.json.Decoder(_Ack)


class StreamError(Error):
    """JetStream answered, but not as asked: look at the stream again before going on."""


def stream_of(ledger: str) -> str:
    """The name of a ledger's stream."""
    return f"locus-events-{ledger}"


def subject_of(ledger: str, entry: bytes) -> str:
    """Where an entry is published: `locus.events.<ledger>.<kind>.<what>`."""
    _, kind, what, _ = _typed.decode(entry).event.type.split(".")
    return f"locus.events.{ledger}.{kind}.{what}"


class Streams:
    """The streams of all ledgers, over one connection. `open` it before use."""

    def __init__(self, client: Client, inbox: str) -> None:
        self._client = client
        self._inbox = inbox
        self._answers: Subscription | None = None
        self._pages = 0
        self._page = _Page(0)

    @classmethod
    async def open(cls, client: Client) -> Self:
        """Ready to hear what becomes of published entries."""
        streams = cls(client, client.new_inbox())
        streams._answers = await client.subscribe(f"{streams._inbox}.*", cb=streams._hear)
        return streams

    async def close(self) -> None:
        """Stop listening; the connection stays its owner's."""
        if self._answers is not None and not self._client.is_closed:
            await self._answers.unsubscribe()

    async def last(self, ledger: str) -> tuple[int, bytes]:
        """The stream's last sequence and the message there; (0, b"") if it is empty. Makes it if need be."""
        name = stream_of(ledger)
        info = await self._ask(f"STREAM.INFO.{name}", {})
        if info.get("error", {}).get("err_code") == _NO_STREAM:
            info = await self._ask(f"STREAM.CREATE.{name}", _configuration(ledger))
        sequence: int = _checked(info)["state"]["last_seq"]
        if not sequence:
            return 0, b""
        found = await self._ask(f"STREAM.MSG.GET.{name}", {"seq": sequence})
        if found.get("error", {}).get("err_code") == _NO_MESSAGE:
            return sequence, b""  # somebody deleted it
        return sequence, base64.b64decode(_checked(found)["message"].get("data", ""))

    async def publish(self, ledger: str, first: int, entries: Sequence[bytes]) -> None:
        """Add entries at positions `first` and following, each only if it is the next; all at once, in order.

        Raises StreamError if one was not, another `Error` or TimeoutError if nobody knows.
        """
        self._pages += 1
        page = self._page = _Page(len(entries))
        reply = f"{self._inbox}.{self._pages}"
        for position, entry in enumerate(entries, start=first):
            headers = {"Nats-Expected-Last-Sequence": str(position - 1)}
            await self._client.publish(subject_of(ledger, entry), entry, reply=reply, headers=headers)
        async with asyncio.timeout(ANSWER_WITHIN):
            await page.answered

    async def _hear(self, message: Msg) -> None:
        if message.subject.endswith(f".{self._pages}"):  # an answer to an earlier page comes too late
            self._page.hear(message.data)

    async def _ask(self, what: str, question: dict[str, Any]) -> dict[str, Any]:
        answer = await self._client.request(
            f"$JS.API.{what}", msgspec.json.encode(question), timeout=ANSWER_WITHIN
        )
        heed_cancellation()
        decoded: dict[str, Any] = msgspec.json.decode(answer.data)
        return decoded


class _Page:
    """What is heard of entries sent together: done with the last answer, failed with the first bad one."""

    def __init__(self, entries: int) -> None:
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = entries

    def hear(self, answer: bytes) -> None:
        trouble = _trouble(answer)
        self._left -= 1
        if self.answered.done():
            return
        if trouble is not None:
            self.answered.set_exception(StreamError(trouble))
        elif self._left == 0:
            self.answered.set_result(None)


def _trouble(answer: bytes) -> str | None:
    if not answer:
        return "no stream takes this subject"
    error = _ack.decode(answer).error
    return None if error is None else error.description


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise StreamError(answer["error"].get("description", "unknown"))
    return answer


def _configuration(ledger: str) -> dict[str, Any]:
    """Nothing is ever dropped; PostgreSQL is the truth, so that what a crash takes is published again."""
    return {
        "name": stream_of(ledger),
        "subjects": [f"locus.events.{ledger}.>"],
        "retention": "limits",
        "storage": "file",
        "discard": "new",
        "max_msgs": -1,
        "max_bytes": -1,
        "max_age": 0,
        "num_replicas": 1,
        "allow_direct": True,
        "deny_delete": True,
    }
