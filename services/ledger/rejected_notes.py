"""What is kept of a refused message: names that have the form of names in the clear, the rest to be sealed.

Pure.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from schemas.types import SUBJECT, EventId, Source
from services.ledger.intake_json import Unreadable, tree

MOST_ACTORS = 500
_KEPT_HEADERS = ("content-type", "content-encoding")
# Members whose value is the bare id of an actor, in whatever type of event.
_BARE = frozenset({"actor", "by", "reports_to", "into"})
# Narrower than an id may be, so that it is hardly somebody's name or words.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~-]{0,199}")
_SUBJECT = re.compile(SUBJECT)


class Message(msgspec.Struct, frozen=True):
    """What was sent and why it was refused: this is what is sealed. The token is not in it."""

    headers: list[tuple[str, str]]
    body: bytes
    problem: msgspec.Raw

    def fields(self) -> list[tuple[bytes, bytes]]:
        """The headers as they are read."""
        return [(name.encode(), value.encode()) for name, value in self.headers]


class Notes(msgspec.Struct, frozen=True):
    """What is kept in the clear of one message. `actors` None: nobody can tell whom it names."""

    source: str | None = None
    event_id: str | None = None
    subject: str | None = None
    actors: list[str] | None = None


def message(headers: Iterable[tuple[bytes, bytes]], body: bytes, problem: bytes) -> Message:
    """The message without what has no place in it: the token."""
    kept = [
        (name.decode(errors="replace"), value.decode(errors="replace"))
        for name, value in headers
        if name.startswith(b"ce-") or name.decode(errors="replace") in _KEPT_HEADERS
    ]
    return Message(kept, body, msgspec.Raw(problem))


def notes(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Notes:
    """What can be told of a message that could not be taken."""
    attributes = {
        name[3:].decode(errors="replace"): value.decode(errors="replace")
        for name, value in headers
        if name.startswith(b"ce-")
    }
    try:
        value = tree(body) if body.strip() else {}
    except Unreadable:
        return _notes(attributes, None)
    if attributes:
        return _notes(attributes, [attributes, value])
    first = value[0] if isinstance(value, list) and value else value
    return _notes(first if isinstance(first, dict) else {}, value)


def _notes(attributes: dict[str, Any], value: Any) -> Notes:
    subject = attributes.get("subject")
    return Notes(
        _as(Source, attributes.get("source")),
        _as(EventId, attributes.get("id")),
        subject if isinstance(subject, str) and _SUBJECT.match(subject) else None,
        None if value is None else _named(value),
    )


def _as(form: Any, value: Any) -> str | None:
    try:
        found: str = msgspec.convert(value, form)
    except msgspec.ValidationError:
        return None
    return found


def _named(value: Any) -> list[str] | None:
    """The ids of actors, by where they stand or by how they are written; None: some cannot be told."""
    found: set[str] = set()
    left: list[tuple[str, Any]] = [("", value)]
    while left:
        name, one = left.pop()
        if isinstance(one, dict):
            left += one.items()
        elif isinstance(one, list):
            left += [(name, each) for each in one]
        elif isinstance(one, str) and (name in _BARE or one.startswith("actor/")):
            found.add(one.removeprefix("actor/"))
    told = len(found) <= MOST_ACTORS and all(_ID.fullmatch(id) for id in found)
    return sorted(found) if told else None
