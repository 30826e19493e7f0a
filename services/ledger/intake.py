"""From what a publisher sent to events: CloudEvents in structured, binary and batch mode. Pure.

There are two ways to read events, with one answer. The swift one decodes straight into the types' structs
and proves that nothing was lost on the way: writing the structs again gives as many members as the text had,
so no member was unknown, named twice or null. Whatever it cannot prove (an escape, a default spelt out, a
fault) the exact way reads through a tree, event by event, and that one says what is wrong and where.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from schemas import TYPES, Attributes, Data, Event, Structured, UnknownTypeError, class_of, strict
from schemas.personal import PERSONAL_MEMBERS
from services.ledger.errors import TooLarge
from services.ledger.intake_json import MAX_NUMBER, BadInput, Unreadable, pointer, tree
from services.ledger.intake_words import Unfit, unfit, unknown_type

_structured = msgspec.json.Decoder(Structured)
_several = msgspec.json.Decoder(list[Structured])
_elements = msgspec.json.Decoder(list[msgspec.Raw])
_encode = msgspec.json.Encoder().encode
# `event.*` data holds any JSON: nothing there bounds depth or numbers, so only the exact way reads it.
_data = {
    name: msgspec.json.Decoder(cls) for name, cls in TYPES.items() if not name.startswith("locus.event.")
}

# What is stored sealed is published in plain: these judge it, since the types themselves take both.
_plain = {name: msgspec.json.Decoder(strict(name)) for name in PERSONAL_MEMBERS}

_SPACE = b" \t\n\r"
_REQUIRED = 7  # specversion, id, source, type, subject, time and data
_OPTIONAL = 7
_EDGE = str(MAX_NUMBER).encode()  # the one double within bounds that a number past them is read as
_JSON = re.compile(r"\s*(?:application|text)/(?:[\w.-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{1,15}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def event(raw: bytes) -> Event:
    """One event in structured mode. Raises Unreadable, Unfit."""
    return _swiftly(raw) or _exactly(raw)


def batch(body: bytes, most: int) -> list[Event]:
    """A JSON array of at most `most` events. Raises TooLarge; Unreadable, Unfit with the event's `index`."""
    events = _all_swiftly(body, _several.decode)
    if events is not None and len(events) <= most:
        return events
    try:
        elements = _elements.decode(body)
    except (ValueError, RecursionError):
        if type(tree(body)) is not list:
            raise Unfit("wrong-type", "", "a batch is an array of events", "send [event, …]") from None
        raise
    if len(elements) > most:
        raise TooLarge(
            "batch-too-large",
            "The batch is too large to be recorded whole",
            f"{len(elements)} events; a batch has at most {most}",
            where="",
            hint="publish smaller batches, or, if it need not be recorded whole, as NDJSON",
        )
    return [_indexed(place, bytes(raw)) for place, raw in enumerate(elements)]


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON, in the words of the CloudEvents JSON format §3.1."""
    return _JSON.fullmatch(content_type) is not None


def _indexed(place: int, raw: bytes) -> Event:
    try:
        return event(raw)
    except BadInput as error:
        error.index = place
        raise


def binary(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Event:
    """One event in binary mode: attributes in `ce-` headers, data as the body. Raises Unreadable, Unfit."""
    attributes: dict[str, Any] = {}
    for name, value in headers:
        if name.startswith(b"ce-"):
            key = name[3:].decode("latin-1")
            if key in attributes:
                raise Unfit(
                    "duplicate-attribute",
                    pointer([key]),
                    "the header is given twice",
                    "send each attribute once",
                )
            attributes[key] = _header(key, value)
    version = attributes.get("expectedversion")
    if version is not None and _DIGITS.fullmatch(version):
        attributes["expectedversion"] = int(version)
    said = _attributes(attributes)
    if body.strip(_SPACE):
        data = _data_swiftly(said.type, body) or _data_exactly(said.type, _placed("/data", body))
    else:
        data = _data_exactly(said.type, {})
    return _event(said, data)


def _header(name: str, value: bytes) -> str:
    """An attribute's value as the HTTP binding §3.1.3.2 writes it: perhaps quoted, then percent-encoded."""
    text = value.decode("latin-1")
    if quoted := _QUOTED.fullmatch(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    try:
        return unquote_to_bytes(text.encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise Unfit(
            "bad-header", pointer([name]), "the header is not percent-encoded UTF-8", "percent-encode it"
        ) from None


def _placed(prefix: str, body: bytes) -> Any:
    try:
        return tree(body)
    except Unreadable as error:
        error.where = prefix + error.where
        raise


def _swiftly(raw: bytes) -> Event | None:
    events = _all_swiftly(raw, lambda raw: [_structured.decode(raw)])
    return events[0] if events else None


def _all_swiftly(raw: bytes, read: Callable[[bytes], list[Structured]]) -> list[Event] | None:
    """The events, if it can be shown that the structs hold all that was sent."""
    if b"\\" in raw:
        return None
    try:
        said = read(raw)
        data = [_decoded(one.type, one.data) for one in said]
    except (ValueError, RecursionError, KeyError):
        return None
    written = _encode(data)
    # None can have more members than it was sent with: if all of them together have as many, so has each.
    members = sum(map(_given, said)) + written.count(b'":')
    if _members(raw) != members or _EDGE in written:
        return None
    return list(map(_event, said, data))


def _given(said: Structured) -> int:
    """How many members it has."""
    optional = (
        said.datacontenttype,
        said.dataschema,
        said.expectedversion,
        said.correlationid,
        said.causationid,
        said.traceparent,
        said.tracestate,
    )
    return _REQUIRED + _OPTIONAL - optional.count(None)


def _data_swiftly(name: str, raw: bytes) -> Data | None:
    if b"\\" in raw or name not in _data:
        return None
    try:
        data = _decoded(name, raw)
    except (ValueError, RecursionError):
        return None
    written = _encode(data)
    return None if _members(raw) != written.count(b'":') or _EDGE in written else data


def _decoded(name: str, raw: bytes | msgspec.Raw) -> Data:
    if name in _plain:
        _plain[name].decode(raw)
    return _data[name].decode(raw)


def _members(raw: bytes) -> int:
    """How many members the text names: never too few; too many if a string begins with a colon."""
    return raw.translate(None, _SPACE).count(b'":')


def _exactly(raw: bytes) -> Event:
    value = tree(raw)
    if type(value) is not dict:
        raise Unfit(
            "wrong-type", "", "an event is an object", "send {…}; several events are a batch or NDJSON"
        )
    # An attribute that is null is one not set (JSON format §2.2).
    attributes = {name: said for name, said in value.items() if said is not None}
    data = attributes.pop("data", None)
    said = _attributes(attributes)
    return _event(said, _data_exactly(said.type, {} if data is None else data))


def _attributes(attributes: Mapping[str, Any]) -> Attributes:
    if "data_base64" in attributes:
        raise Unfit(
            "wrong-type", "/data_base64", "data in base64 is not taken", "send `data` as a JSON object"
        )
    try:
        return msgspec.convert(attributes, Attributes)
    except msgspec.ValidationError as error:
        raise unfit(error, "", None, attributes) from None


def _data_exactly(name: str, data: Any) -> Data:
    try:
        msgspec.convert(data, strict(name))
        known: Data = msgspec.convert(data, class_of(name))
    except UnknownTypeError:
        raise unknown_type(name) from None
    except msgspec.ValidationError as error:
        raise unfit(error, "/data", name, data) from None
    return known


def _utc(moment: datetime, where: str) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Unfit(
            "wrong-value", where, "in UTC this is outside the years 1 to 9999", "mend the time"
        ) from None


def _event(said: Attributes, data: Data) -> Event:
    content = said.datacontenttype
    if content not in (None, "application/json") and not is_json(content):
        raise Unfit("wrong-value", "/datacontenttype", "data that is not JSON", "send application/json")
    return Event(
        id=said.id,
        source=said.source,
        type=said.type,
        subject=said.subject,
        time=_utc(said.time, "/time"),
        data=data,
        expectedversion=said.expectedversion,
        correlationid=said.correlationid,
        causationid=said.causationid,
        traceparent=said.traceparent,
    )
