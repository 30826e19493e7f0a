"""What happened, as HTTP says it: the only place of the ledger that knows status codes."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.types import ExceptionHandlersMap, Send
from prometheus_client import Counter

from schemas import Event, Receipt
from services.ledger.errors import (
    Conflict,
    LedgerHalted,
    LedgerOutdated,
    LedgerUnknown,
    OriginTaken,
    Overloaded,
    Refused,
    Rejected,
    TooEarly,
    TooLarge,
)
from services.ledger.intake_json import BadInput, Unreadable
from services.ledger.intake_words import Unfit
from services.ledger.trouble import cure, passes, unmigrated
from services.platform import migrated
from services.platform.problems import (
    INTERNAL,
    MEDIA_TYPE,
    UNKNOWN_LEDGER,
    Kind,
    Problem,
    response,
    unavailable,
)
from services.platform.prompt import Answer

JSON = "application/json"
NDJSON = "application/x-ndjson"
EVENT_STREAM = "text/event-stream"
TEXT = "text/plain"  # the framework adds the charset
ZIP = "application/zip"
FORMS = (JSON, NDJSON, EVENT_STREAM)  # of history; the first where a client does not mind

LEDGER_EXISTS = Kind("ledger-exists", 409, "There is a ledger of that name")
LEDGER_FORMAT_0 = Kind("ledger-format-0", 409, "This ledger is of an older format, and only read")
LEDGER_HALTED = Kind("ledger-halted", 503, "Nothing is recorded: this is not the log that was signed")
ORIGIN_TAKEN = Kind("origin-taken", 409, "There is a log of that name")
TOO_SLOW = Kind("body-too-slow", 408, "The body took too long")
TOO_EARLY = Kind("too-early", 503, "What this event follows is not recorded yet")
UNSUPPORTED = Kind("unsupported-media-type", 415, "Events are not taken in that form")


class NotAllowed(BadInput):
    """An event that this caller may not publish."""


_STATUS: Mapping[type[Exception], int] = {
    Unreadable: 400,
    NotAllowed: 403,
    Conflict: 409,
    TooLarge: 413,
    Unfit: 422,
    Refused: 422,
}
_TITLES: Mapping[type[Exception], str] = {
    Unreadable: "This is not JSON that means one thing",
    NotAllowed: "This token does not allow that event",
    Unfit: "This is not an event known here",
}

_ANSWERS = Counter("locus_ledger_events", "Events answered, by what became of them", ["outcome"])
_RECORDED, _DUPLICATE, _REFUSED = (
    _ANSWERS.labels(outcome) for outcome in ("recorded", "duplicate", "refused")
)

_log = structlog.get_logger(__name__)
_encode = msgspec.json.Encoder().encode


def problem(error: Exception, *, in_batch: bool = False) -> Problem:
    """The problem to answer with; of a batch, its place begins with the event's index."""
    match error:
        case Problem():
            return error
        case BadInput() | Rejected():
            return _about_the_event(error, in_batch)
        case TooEarly():
            return _too_early(error.rejected, in_batch)
        case LedgerUnknown():
            return Problem(
                UNKNOWN_LEDGER,
                str(error),
                where="ledger",
                hint="mend its name, or create it: POST /v1/ledgers, or locus ledger create",
            )
        case LedgerOutdated():
            hint = "publish its events into a new ledger: `locus history --json | jq -c .event` gives them"
            return Problem(LEDGER_FORMAT_0, str(error), where="ledger", hint=hint)
        case LedgerHalted():
            hint = "ask its operator, whose log says what was found; retry the same later"
            headers = {"retry-after": "30"}
            return Problem(LEDGER_HALTED, str(error), where="ledger", hint=hint, headers=headers)
        case OriginTaken():
            return Problem(ORIGIN_TAKEN, str(error), where="/origin", hint="name another, or none")
        case Overloaded():
            return unavailable(str(error), retry_after=error.retry_after)
        case _:
            return _of_the_server(error)


def _of_the_server(error: Exception) -> Problem:
    if passes(error):
        return unavailable("the database does not answer; whether the request took effect is not known")
    if unmigrated(error):
        _log.error("request failed", error=repr(error), cure=cure(error))
        return migrated.problem()
    _log.error("request failed", exc_info=error)
    return Problem(INTERNAL, hint="retry; if it goes on, the server's log says why")


def _about_the_event(error: BadInput | Rejected, in_batch: bool) -> Problem:
    cls = type(error)
    title = error.title if isinstance(error, Rejected) else _TITLES[cls]
    kind = Kind(error.slug, _STATUS[cls], title)
    return Problem(kind, error.detail, where=_place(error, in_batch), hint=error.hint)


def _place(error: BadInput | Rejected, in_batch: bool) -> str:
    of_one = in_batch and error.index is not None and error.slug != "batch-too-large"
    return f"/{error.index}{error.where}" if of_one else error.where


def _too_early(rejected: Rejected, in_batch: bool) -> Problem:
    return Problem(
        TOO_EARLY,
        rejected.detail,
        where=_place(rejected, in_batch),
        hint=f"retry the same in a few seconds; if what it follows never comes: {rejected.hint}",
        headers={"retry-after": "5"},
    )


def foreign_source(event: Event) -> NotAllowed:
    """Somebody else's `source`."""
    return NotAllowed(
        "foreign-source",
        "/source",
        f"this token may not publish as {event.source[:100]!r}",
        "publish as your own source, or ask for a token that names this one",
    )


def not_its_source(event: Event) -> NotAllowed:
    """A correction of somebody else's event."""
    return NotAllowed(
        "not-its-source",
        "/data/source",
        f"{event.source[:100]!r} did not publish the event it names",
        "let its source correct it, or use a token with the scope admin",
    )


def count(*, recorded: int = 0, duplicate: int = 0, refused: int = 0) -> None:
    """Tell the metrics what became of some events."""
    for counter, number in ((_RECORDED, recorded), (_DUPLICATE, duplicate), (_REFUSED, refused)):
        if number:
            counter.inc(number)


def recorded(receipts: Sequence[Receipt], *, lone: bool) -> Answer:
    """201 with what is now recorded, one receipt or several as an object; 200 if all of it had been before.

    The metrics are told.
    """
    new = sum([not receipt.duplicate for receipt in receipts])
    count(recorded=new, duplicate=len(receipts) - new)
    body = _encode(receipts[0]) if lone else b'{"receipts":%b}' % _encode(receipts)
    return _whole(HTTPStatus.CREATED if new else HTTPStatus.OK, JSON, body)


def refused(problem: Problem) -> Answer:
    """The problem; the metrics are told."""
    count(refused=1)
    answer = _whole(problem.kind.status, MEDIA_TYPE, problem.encoded())
    answer.fields.extend([(name.encode(), value.encode()) for name, value in problem.headers.items()])
    return answer


def _whole(status: int, media_type: str, body: bytes) -> Answer:
    fields = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(body))]
    return Answer(status, fields, body)


async def send_whole(send: Send, answer: Answer) -> None:
    """Send it all."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.fields})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _answer(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return response(problem(error))


# What the platform's own handlers do not know; HTTPException and Problem stay theirs.
HANDLERS: ExceptionHandlersMap = {Exception: _answer}
