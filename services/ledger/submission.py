"""What a publisher sent, whichever way it came: its form, its events, and whether they may be said."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from schemas import Event
from schemas.event import Corrected, Retracted
from services.ledger import intake
from services.ledger.http_answers import NDJSON, UNSUPPORTED, NotAllowed, foreign_source, not_its_source
from services.ledger.intake_json import BadInput
from services.ledger.queues import MOST_ENTRIES
from services.platform.accesses import REFUSALS, Accesses
from services.platform.auth import Principal
from services.platform.problems import BODY_TOO_LARGE, Problem

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LARGEST_EVENT = 256 * 1024  # of a body: an entry of 64 KiB, its text escaped
LARGEST_BATCH = 4 * 1024 * 1024

Headers = Iterable[tuple[bytes, bytes]]
_AMENDS = (Corrected, Retracted)

Judge = Callable[[Event], None]  # raises what an event may not be published for


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


def largest(mode: str) -> int:
    """How many bytes a body in this mode may have."""
    return LARGEST_EVENT if mode in (STRUCTURED, "binary") else LARGEST_BATCH


def too_large(size: int, most: int) -> Problem:
    """The refusal of a body."""
    return Problem(
        BODY_TOO_LARGE,
        f"{size} bytes or more; at most {most} are taken",
        where="",
        hint="send less at once; NDJSON has no limit but that of each line",
    )


def is_batch(mode: str, body: bytes) -> bool:
    """Whether these are several events, to be recorded all or none."""
    return mode == BATCH or (mode == "json" and body.lstrip()[:1] == b"[")


def events_in(mode: str, headers: Headers, body: bytes) -> list[Event]:
    """The events of a body. `headers` have names in lower case. Raises BadInput, TooLarge."""
    if is_batch(mode, body):
        return intake.batch(body, MOST_ENTRIES)
    return [intake.binary(headers, body) if mode == "binary" else intake.event(body)]


def not_let_in(accesses: Accesses, ledger: str, principal: Principal | None, error: Exception) -> None:
    """Put on record that somebody was refused who is nobody here, or may not publish."""
    if isinstance(error, Problem) and error.kind.status in REFUSALS:
        name = principal.publisher if principal else None
        accesses.refused(publisher=name, action="publish", ledger=ledger, outcome=error.kind.slug)


def judge(principal: Principal, ledger: str, accesses: Accesses) -> Judge:
    """What this caller may not say: raises NotAllowed, which is put on record."""

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
        if isinstance(said, _AMENDS) and said.source != event.source and "admin" not in principal.scopes:
            raise refused(event, not_its_source(event))

    return permitted


def judge_all(permitted: Judge, events: Sequence[Event]) -> None:
    """Raises the first that is not permitted, with its place."""
    for index, event in enumerate(events):
        try:
            permitted(event)
        except BadInput as error:
            error.index = index
            raise


def text(value: bytes | None) -> str | None:
    """A header's value as text."""
    return None if value is None else value.decode("latin-1")
