"""CloudEvents however they come, and stored lines: an event in one meaning, or a refusal that says why."""

import json
from typing import Any
from unittest.mock import Mock

import msgspec
from hypothesis import strategies as st
from nats.aio.client import Client

from schemas import Event
from services.audit import lines
from services.audit.faults import Faults
from services.ledger import intake, nats, submission
from services.ledger.errors import TooLarge
from services.ledger.intake_json import BadInput, tree
from services.platform.problems import Problem
from tests import audits, strategies
from tests.fuzz.hunting import Property, in_words, inputs
from tests.unit.test_intake import EVENTS

Carried = tuple[list[tuple[bytes, bytes]], bytes]  # headers and body

_RAW = [json.dumps(said).encode() for said in EVENTS]
_BATCHES = [b"[]", *[b"[" + b",".join(_RAW[at : at + 3]) + b"]" for at in range(0, len(_RAW), 3)]]
_DATA = [json.dumps(said["data"]).encode() for said in EVENTS]
_NAMES = [
    b'"%s":' % name.encode() for name in sorted({name for said in EVENTS for name in (*said, *said["data"])})
]
_VALUES = [
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'""',
    b"1",
    b"-0",
    b"1e999",
    b"1.0",
    b"9007199254740992",
    b"9007199254740993",
]
_ODD = [
    b"\\u0000",
    b"\\ud800",
    b"\\ud83d\\ude00",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"NaN",
    b"[" * 40,
    b'{"a":' * 40,
    b'":',
]
_WORDS = [
    *_NAMES,
    *_VALUES,
    *_ODD,
    b",",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b'"',
    b"\\",
    b"\n",
    b'"data":{',
    b'"x"',
]
_MEDIA = [
    b"application/json",
    b"application/cloudevents+json",
    b"application/cloudevents-batch+json; charset=utf-8",
    b"application/x-ndjson",
    b"text/plain",
    b"",
    b"application/cloudevents+avro",
    b"\xff/json",
    b"APPLICATION/JSON ;",
]


def structured(raw: bytes) -> None:
    """Read one way or refused; the event means the same once written our way, and when in a batch."""
    try:
        event = intake.event(raw)
    except BadInput as error:
        _told(error)
        return
    _same(event)
    assert intake.batch(b"[" + raw + b"]", 1) == [event]


def batch(raw: bytes) -> None:
    """The same of several."""
    try:
        events = intake.batch(raw, 4)
    except BadInput as error:
        _told(error)
        return
    except TooLarge as error:
        in_words(error)
        return
    for event in events:
        _same(event)


def carried(sent: Carried) -> None:
    """The same of whatever comes with headers."""
    headers, body = sent
    try:
        mode = submission.content_mode(dict(headers))
        events = submission.events_in(mode, headers, body)
    except BadInput as error:
        _told(error)
        return
    except (Problem, TooLarge) as error:
        in_words(error)
        return
    for event in events:
        _same(event)


def over_nats(sent: tuple[bytes, bytes]) -> None:
    """The same of a message of NATS, its headers as they were on the wire."""
    message = Mock(headers=Client._parse_header_lines(sent[0]))
    carried((nats._headers(message), sent[1]))


def json_tree(raw: bytes) -> None:
    """One meaning: written again it is read as the same."""
    try:
        value = tree(raw)
    except BadInput as error:
        _told(error)
        return
    assert tree(json.dumps(value).encode()) == value


def stored_line(raw: bytes) -> None:
    """What an auditor reads is a line with faults, or none."""
    try:
        line = lines.read(raw)
    except lines.UNREADABLE:
        return
    faults = Faults()
    lines.check(line, "acme", faults)
    in_words(ValueError(faults.listed()))
    assert faults.count or (line.ledger, line.format in lines.FORMATS) == ("acme", True)


def _same(event: Event) -> None:
    written = msgspec.json.encode(strategies.tree(event))
    assert intake.event(written) == event
    assert intake._exactly(written) == event


def _told(error: BadInput) -> None:
    assert error.slug
    assert error.detail
    assert error.hint
    assert error.where == "" or error.where.startswith("/")
    json.dumps([error.detail, error.where, error.hint]).encode()
    f"{error.detail}{error.where}{error.hint}".encode()


def _headers() -> st.SearchStrategy[list[tuple[bytes, bytes]]]:
    """Attributes of an event, some missing, twice, damaged or unknown."""
    values = st.sampled_from(
        [b"1.0", b"", b'"a"', b"%", b"%41", b"%ff", b"\xff", b"\xc3\xa9", b"0", b"99999999999999999"]
    )
    names = st.sampled_from(
        [*sorted({b"ce-" + name.encode() for said in EVENTS for name in said}), b"ce-", b"ce-\xff"]
    )
    names |= st.sampled_from(
        [b"ce-expectedversion", b"ce-traceparent", b"content-encoding", b"ce-datacontenttype"]
    )
    extra = st.lists(st.tuples(names, values | st.binary(max_size=8)), max_size=3)
    kinds = st.sampled_from(_MEDIA).map(lambda media: [(b"content-type", media)])
    kinds |= st.just([(b"content-type", b"application/json")])
    return st.builds(
        lambda said, kind, more: [*kind, *_attributes(said), *more], st.sampled_from(EVENTS), kinds, extra
    )


def _attributes(said: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [(b"ce-" + name.encode(), str(value).encode()) for name, value in said.items() if name != "data"]


def _block(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join([name + b": " + value + b"\r\n" for name, value in headers])


_PERSON = {"type": "locus.actor.registered.v1", "data": {"kind": "person", "profile": "sealed.v1.AA"}}
_SLIP = {"source": "urn:test", "id": "e-3", "reason": "a slip", "data": _PERSON["data"]}
LINES = [
    audits.line(1),
    audits.line(2, format=0),
    audits.line(3, event=_PERSON),
    audits.line(4, event={"type": "locus.event.corrected.v1", "data": _SLIP}),
]
_BODIES = inputs([*_RAW, *_BATCHES, *_DATA, *_DATA], _WORDS)
_VALID = strategies.events().map(lambda event: msgspec.json.encode(strategies.tree(event)))

_AGES = [b"0001-01-01T00:00:00", b"9999-12-31T23:59:59", b"Z", b"-23:59", b"+23:59"]
_HALVES = _BODIES | st.sampled_from(_DATA)

PROPERTIES = {
    "event": Property(inputs(_RAW, _WORDS) | _VALID, structured),
    "batch": Property(inputs(_BATCHES, _WORDS), batch),
    "event with headers": Property(st.tuples(_headers(), _HALVES), carried),
    "event over NATS": Property(st.tuples(_headers().map(_block), _HALVES), over_nats),
    "json": Property(inputs(_RAW, _WORDS), json_tree),
    "stored line": Property(inputs(LINES, [*_WORDS, *_AGES, b'"format":', b'"sealed.v1.a"']), stored_line),
}
