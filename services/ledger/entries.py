"""The stored line of an entry: written once, hashed as it is, served as it is. Pure.

    {"format":1,"ledger":…,"position":…,"recorded":…,"version":…,"publisher":…,"event":{…}}

What comes before `event` is known only when the entry gets its place, so an event is encoded, checked and
sized at intake, and the line is put together from bytes.
"""

from datetime import datetime, timedelta

import msgspec

from schemas.checks import Malformed, check
from schemas.envelope import Event
from schemas.event import Corrected
from schemas.mentions import Mention, mentions
from schemas.registry import LEDGER_ONLY
from schemas.types import Data
from services.ledger.errors import Refused, TooLarge
from services.ledger.sealing import NUL, SEALED_TYPES, Keys, seal

FORMAT = 1  # of entries and of the ledgers that hold them: personal members are sealed, tiles complete
MAX_LINE = 65_535  # what C2SP tlog-tiles can carry in an entry bundle
AHEAD = timedelta(minutes=5)  # how far a publisher's clock may be ahead of ours
OWN_SOURCE = "urn:locus:ledger:"  # what the ledger itself says is from here, and nobody else's is
FILTERED = ("actor", "domain")  # the mentions history is filtered by

_FRAME = len('{"format":1,"ledger":"","position":,"recorded":"","version":,"publisher":,"event":}')
_NUMBERS = 19 + len("2026-01-01T00:00:00.000001Z") + 19  # position, recorded and version at their longest
_NO_KEYS: Keys = {}
_MEND = "Mend the event and publish it again; nothing was stored."


class Prepared(msgspec.Struct, frozen=True, gc=False):
    """An event ready for its place: `body` is its JSON as stored, `publisher` a JSON string.

    `gone`: the JSON pointers of what nothing can seal any more, so that only a repetition can be answered.
    """

    event: Event
    body: bytes
    publisher: bytes
    mentions: tuple[Mention, ...]
    size: int  # of the line, at most
    gone: tuple[str, ...] = ()


class _Stored(msgspec.Struct, omit_defaults=True, gc=False):
    """The event's members in the order stored; `expectedversion` is a condition, no part of the fact."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: Data
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None


_encode = msgspec.json.Encoder().encode


def prepare(
    event: Event, ledger: str, publisher: str, now: datetime, keys: Keys = _NO_KEYS, *, own: bool = False
) -> Prepared:
    """Everything that can be judged of an event alone, what is personal sealed. Raises Refused, TooLarge.

    `keys` are those of every holder that `sealing.holders` names; `own`: the ledger itself says it.
    """
    if not own:
        _not_ours(event)
    try:
        check(event)
    except Malformed as error:
        raise _refused("malformed", error.where, error.detail) from None
    _not_ahead("/time", event.time, now)
    if isinstance(event.data, Corrected) and event.data.time is not None:
        _not_ahead("/data/time", event.data.time, now)
    gone: tuple[str, ...] = ()
    if event.type in SEALED_TYPES:
        event, gone = seal(event, ledger, keys)
    body = _body(event)
    name = _encode(publisher)
    size = _FRAME + _NUMBERS + len(ledger) + len(name) + len(body)
    if size > MAX_LINE:
        raise TooLarge(
            "entry-too-large",
            "The event is too large",
            f"its entry would take {size} bytes; at most {MAX_LINE} are kept",
            where="",
            hint="Shorten its texts, or publish a reference (`ref`) to where they can be read.",
        )
    return Prepared(event, body, name, filtered(mentions(event)), size, gone)


def _not_ours(event: Event) -> None:
    if event.type in LEDGER_ONLY:
        raise _refused("reserved-type", "/type", f"{event.type} is written by the ledger itself")
    if event.source[: len(OWN_SOURCE)].lower() == OWN_SOURCE:  # a URN means the same in capitals
        raise _refused("reserved-source", "/source", f"{OWN_SOURCE}… is what the ledger itself speaks as")


def filtered(found: frozenset[Mention]) -> tuple[Mention, ...]:
    """Those mentions that history can be filtered by."""
    return tuple([mention for mention in found if mention[0] in FILTERED])


def frame(ledger: str, recorded: datetime) -> tuple[bytes, bytes]:
    """The parts of a line that all entries of one commit share: before the position, and after it."""
    instant = recorded.isoformat().replace("+00:00", "Z")
    return (
        f'{{"format":1,"ledger":"{ledger}","position":'.encode(),
        f',"recorded":"{instant}","version":'.encode(),
    )


def line(shared: tuple[bytes, bytes], position: int, version: int, prepared: Prepared) -> bytes:
    """The entry's stored bytes, without a newline."""
    return b'%b%d%b%d,"publisher":%b,"event":%b}' % (
        shared[0],
        position,
        shared[1],
        version,
        prepared.publisher,
        prepared.body,
    )


def _body(event: Event) -> bytes:
    stored = _Stored(
        "1.0",
        event.id,
        event.source,
        event.type,
        event.subject,
        event.time,
        event.data,
        event.correlationid,
        event.causationid,
        event.traceparent,
    )
    try:
        body = _encode(stored)
    except (UnicodeEncodeError, OverflowError, RecursionError) as error:
        raise _refused("malformed", "", f"it cannot be written as JSON: {error}") from None
    if b"\\u0000" in body and NUL.search(body):
        raise _refused("malformed", "", "it contains the character NUL")
    return body


def _not_ahead(where: str, moment: datetime, now: datetime) -> None:
    if moment > now + AHEAD:
        raise Refused(
            "too-far-ahead",
            "The event lies in the future",
            f"{moment.isoformat()} is more than 5 minutes after now, {now.isoformat()}",
            where=where,
            hint="Publish it once it has occurred, or set the publisher's clock.",
        )


def _refused(slug: str, where: str, detail: str) -> Refused:
    return Refused(slug, "The event cannot be recorded", detail, where=where, hint=_MEND)
