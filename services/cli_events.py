"""Reads events from a file or a pipe, a line of JSON each, never all of them in memory."""

import codecs
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from services.failures import FAILED, CommandFailed

_BLOCK = 65_536
_LONGEST = 4 * 1024 * 1024  # of one event, far beyond what a ledger takes
_BLANK = " \t\r\n"


def read_events(file: BinaryIO) -> Iterator[bytes]:
    """The events of NDJSON, of a JSON array, or of a single object that may span lines."""
    head = file.read(_BLOCK).removeprefix(codecs.BOM_UTF8)
    if head.lstrip().startswith(b"["):
        return _elements(head, file)
    first, *others = head.lstrip().split(b"\n", 1)
    if others and not _is_json(first):
        return iter([_one_line((head + file.read(_LONGEST)).decode(errors="surrogateescape"))])
    return _lines(head, file)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
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


def _elements(head: bytes, file: BinaryIO) -> Iterator[bytes]:
    """The elements of an array, cut out as they were written."""
    decoder = json.JSONDecoder()
    incoming = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text, at = incoming.decode(head.lstrip()), 1
    while True:
        while (at := _after_blanks(text, at)) < len(text) and text[at] != "]":
            try:
                _, end = decoder.raw_decode(text, at)
            except ValueError:
                break  # it goes on in the next block
            except RecursionError:
                raise CommandFailed("the JSON array is nested too deep to be read", FAILED) from None
            yield _one_line(text[at:end])
            at = end
        block = file.read(_BLOCK)
        if text[at : at + 1] == "]":
            return
        if not block or len(text) - at > _LONGEST:
            raise CommandFailed(f"the JSON array is malformed near: {text[at : at + 60]!r}", FAILED)
        text, at = text[at:] + incoming.decode(block), 0


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK + ",":
        at += 1
    return at


def _one_line(text: str) -> bytes:
    """JSON has line breaks between tokens only, where a blank means the same."""
    return text.strip().replace("\r", " ").replace("\n", " ").encode(errors="surrogateescape")


def encoded(events: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    """A connector's events as lines."""
    return (msgspec.json.encode(event) for event in events)
