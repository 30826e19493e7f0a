"""Reads events from a file or a pipe, a line of JSON each, never all of them in memory."""

import codecs
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec

from services.failures import FAILED, CommandFailed

_BLOCK = 65_536
_LONGEST = 4 * 1024 * 1024  # of one event, far beyond what a ledger takes
_BLANK = " \t\r\n"
_OUTSIDE, _BEGUN, _AFTER_ONE, _NEXT = "outside", "begun", "after one", "next"  # of an array
_MARKS = {  # what may stand in each place but for a value, and where one is then
    _OUTSIDE: {"[": _BEGUN},
    _BEGUN: {"]": _OUTSIDE},
    _AFTER_ONE: {",": _NEXT, "]": _OUTSIDE},
    _NEXT: {},
}


def read_events(file: BinaryIO) -> Iterator[bytes]:
    """The events of NDJSON, of JSON arrays, or of objects that span lines."""
    head = file.read(_BLOCK).removeprefix(codecs.BOM_UTF8).lstrip()
    if head.startswith(b"["):
        return _values(head, file)
    first, *others = head.split(b"\n", 1)
    if others and first.startswith(b"{") and not _begins_with_json(first):
        head += file.read(_LONGEST)
        if _begins_with_json(head):
            return _values(head, file)
    return _lines(head, file)


def _begins_with_json(text: bytes) -> bool:
    try:
        json.JSONDecoder().raw_decode(text.decode(errors="surrogateescape"))
    except RecursionError:
        return True
    except ValueError:
        return False
    return True


def _lines(head: bytes, file: BinaryIO) -> Iterator[bytes]:
    """Malformed lines too: the ledger says what is wrong with them."""
    *whole, rest = head.split(b"\n")
    for line in (*whole, rest + file.readline()):
        if line.strip():
            yield line.strip()
    for line in file:
        if line.strip():
            yield line.strip()


def _values(head: bytes, file: BinaryIO) -> Iterator[bytes]:
    """Objects, and the elements of arrays, one after the other, cut out as they were written."""
    decoder = json.JSONDecoder()
    incoming = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text, at, place = incoming.decode(head), 0, _OUTSIDE
    while True:
        at = _after_blanks(text, at)
        mark = text[at : at + 1]
        if mark in _MARKS[place]:
            at, place = at + 1, _MARKS[place][mark]
            continue
        takes = place in (_BEGUN, _NEXT) or (place == _OUTSIDE and mark in ("", "{"))
        if takes:
            with suppress(ValueError):  # it goes on in the next block
                _, end = _decoded(decoder, text, at)
                yield _one_line(text[at:end])
                at, place = end, _OUTSIDE if place == _OUTSIDE else _AFTER_ONE
                continue
        block = file.read(_BLOCK)
        if not block and not mark and place == _OUTSIDE:
            return
        if not block or len(text) - at > _LONGEST or (mark and not takes):
            raise CommandFailed(f"the JSON is malformed near: {text[at : at + 60]!r}", FAILED)
        text, at = text[at:] + incoming.decode(block), 0


def _decoded(decoder: json.JSONDecoder, text: str, at: int) -> tuple[object, int]:
    try:
        return decoder.raw_decode(text, at)
    except RecursionError:
        raise CommandFailed("the JSON is nested too deep to be read", FAILED) from None


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _one_line(text: str) -> bytes:
    """JSON has line breaks between tokens only, where a blank means the same."""
    return text.strip().replace("\r", " ").replace("\n", " ").encode(errors="surrogateescape")


def encoded(events: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """A connector's events as lines."""
    return (msgspec.json.encode(event) for event in events)
