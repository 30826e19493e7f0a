"""Bulk load: events as lines in, receipts or problems as lines out, in their order and at the same time.

    reader → windows of lines being recorded → collector → lines of answers → sender

Each arrow is a queue with few places, so memory is bounded and whoever is slow slows down the rest, in the
end the client. Answers are kept for a client that reads none before it has sent all, but not without limit:
beyond that (tens of thousands of lines) it has to read as it sends. One that does nothing at all is let go.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec
from litestar.types import Receive, ReceiveMessage, Send

from schemas import Event, Receipt
from services.ledger import intake
from services.ledger.appender import Appender
from services.ledger.errors import Overloaded, Rejected, TooLarge
from services.ledger.http_answers import NDJSON, TOO_SLOW, count, problem, refused, send_whole
from services.ledger.http_lines import LONGEST_LINE, windows
from services.ledger.intake_json import BadInput
from services.ledger.submission import Judge
from services.platform.problems import Problem

Permitted = Callable[[], Awaitable[Judge]]  # asked for each window; raises Problem: no more is taken
Pace = Callable[[int], Awaitable[None]]  # waits if so many events come too soon
Outcome = Receipt | Exception

MEMORY = 4 * 1024 * 1024  # bytes a load may hold, or thereabouts: windows and answers

_RECORDING = 4  # windows
_ANSWERED = 64  # windows whose answers wait to be read
_PAUSE = 1.0  # seconds before a window is tried again when the appender is overloaded
_TRIES = 30
_SILENCE = 60.0  # seconds in which a client has to send or to take something, unless it may wait for us
_FAREWELL = 1.0  # seconds to tell one that did not

_encode = msgspec.json.Encoder().encode


class Bulk:
    """One bulk load of one publisher into one ledger."""

    def __init__(
        self, appender: Appender, ledger: str, publisher: str, permitted: Permitted, pace: Pace
    ) -> None:
        self._appender = appender
        self._ledger = ledger
        self._publisher = publisher
        self._permitted = permitted
        self._pace = pace
        self._recording: asyncio.Queue[asyncio.Task[list[Outcome] | Exception] | Problem | None] = (
            asyncio.Queue(_RECORDING)
        )
        self._answered: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(_ANSWERED)
        self._silence = asyncio.timeout(_SILENCE)
        self._at_work = 0
        self._begun = False  # to answer

    async def run(self, receive: Receive, send: Send) -> None:
        """Take lines until the client has no more. Where we stop before, the last line says why.

        If we crash here, what was answered is recorded, and of the rest some may be: sending all of it again
        is harmless.
        """
        try:
            async with self._silence, asyncio.TaskGroup() as tasks:
                reader = tasks.create_task(self._read(receive, tasks))
                tasks.create_task(self._collect())
                await self._answer(send)
                reader.cancel()
        except TimeoutError:
            if not self._begun:
                raise _silent() from None
            with suppress(TimeoutError):  # it may take nothing either
                async with asyncio.timeout(_FAREWELL):
                    await send({"type": "http.response.body", "body": _line(_silent()), "more_body": False})

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Meanwhile the client may wait for us."""
        self._at_work += 1
        self._heard()
        try:
            yield
        finally:
            self._at_work -= 1
            self._heard()

    def _heard(self) -> None:
        """The client's time begins anew, once we are not at work."""
        if not self._silence.expired():
            now = asyncio.get_running_loop().time()
            self._silence.reschedule(None if self._at_work else now + _SILENCE)

    async def _read(self, receive: Receive, tasks: asyncio.TaskGroup) -> None:
        async def heard() -> ReceiveMessage:
            message = await receive()
            self._heard()
            return message

        empty, last = True, None
        try:
            async for lines in windows(heard):
                empty = False
                with self._working():
                    await self._pace(len(lines))  # meanwhile the client waits, since nothing more is read
                    permitted = await self._permitted()
                parsed = [self._parse(line, permitted) for line in lines]
                await self._recording.put(tasks.create_task(self._record(parsed)))
            if empty:  # the ledger may be unknown all the same
                await self._recording.put(tasks.create_task(self._record([])))
        except Problem as problem:
            last = problem
        await self._recording.put(last)

    def _parse(self, line: bytes, permitted: Judge) -> Event | Exception:
        try:
            if len(line) > LONGEST_LINE:
                raise _too_long()
            event = intake.event(line)
            permitted(event)
        except (BadInput, TooLarge) as error:
            return error
        return event

    async def _record(self, parsed: Sequence[Event | Exception]) -> list[Outcome] | Exception:
        """What became of each line; an error if that is not known, and no line after it should be taken."""
        try:
            with self._working():
                outcomes = iter(await self._patiently([one for one in parsed if isinstance(one, Event)]))
        except Exception as error:  # noqa: BLE001 — the answer to all these lines
            return error
        return [next(outcomes) if isinstance(one, Event) else one for one in parsed]

    async def _patiently(self, events: Sequence[Event]) -> list[Receipt | Rejected]:
        for _ in range(_TRIES):
            try:
                return await self._appender.submit_each(self._ledger, events, self._publisher)
            except Overloaded:
                await asyncio.sleep(_PAUSE)  # meanwhile the client waits, since nothing more is read
        return await self._appender.submit_each(self._ledger, events, self._publisher)

    async def _collect(self) -> None:
        while (window := await self._recording.get()) is not None:
            outcomes = window if isinstance(window, Problem) else await window
            if isinstance(outcomes, Exception):
                await self._answered.put(outcomes)
                return
            receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
            new = sum([not receipt.duplicate for receipt in receipts])
            count(recorded=new, duplicate=len(receipts) - new, refused=len(outcomes) - len(receipts))
            await self._answered.put(b"".join([_line(outcome) for outcome in outcomes]))
        await self._answered.put(None)

    async def _answer(self, send: Send) -> None:
        """The status is that of the first window: a ledger that is not there is told as such."""
        lines = await self._answered.get()
        if isinstance(lines, Exception):
            await send_whole(send, refused(problem(lines)))
            return
        fields = [(b"content-type", NDJSON.encode())]
        self._begun = True
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        while isinstance(lines, bytes):
            await send({"type": "http.response.body", "body": lines, "more_body": True})
            self._heard()
            lines = await self._answered.get()
        last = b"" if lines is None else _line(lines)
        await send({"type": "http.response.body", "body": last, "more_body": False})


def _line(outcome: Outcome) -> bytes:
    return (problem(outcome).encoded() if isinstance(outcome, Exception) else _encode(outcome)) + b"\n"


def _silent() -> Problem:
    detail = f"nothing was sent, and no answer taken, for {_SILENCE:g} seconds"
    return Problem(TOO_SLOW, detail, where="", hint="send the rest again, as it comes; read the answers")


def _too_long() -> TooLarge:
    return TooLarge(
        "entry-too-large",
        "The line is too long",
        f"it is longer than {LONGEST_LINE} bytes",
        where="",
        hint="Shorten the event's texts.",
    )
