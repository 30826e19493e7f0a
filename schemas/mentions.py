"""Which actors, domains and bodies an event names anywhere: what history can be filtered by."""

import typing

from schemas.envelope import Event
from schemas.registry import TYPES
from schemas.types import Data
from schemas.walk import Visit, metas, visitor

Mention = tuple[str, str]

_KINDS = {"actor": "actor", "domain": "domain", "body": "body", "matrix": "domain"}


def mentions(event: Event) -> frozenset[Mention]:
    """Every ('actor' | 'domain' | 'body', bare id) that the event's subject or data names."""
    return named(event.subject, event.data)


def named(subject: str, data: Data) -> frozenset[Mention]:
    """The same of a subject and data: a correction's data, read by the type it corrects, names others too."""
    found: set[Mention] = set()
    _subject(subject, found)
    visit = _VISITS[data.__class__]
    if visit is not None:
        visit(data, found)
    return frozenset(found)


def _subject(value: str, into: set[Mention]) -> None:
    kind, _, id = value.partition("/")
    if kind in _KINDS:
        into.add((_KINDS[kind], id))


def _bare(kind: str) -> Visit:
    def visit(value: str, into: set[Mention]) -> None:
        into.add((kind, value))

    return visit


def _leaf(hint: typing.Any, _where: str) -> Visit | None:
    for meta in metas(hint):
        kind = (meta.extra or {}).get("names")
        if kind is not None:
            return _subject if kind == "subject" else _bare(kind)
    return None


_VISITS = {cls: visitor(cls, _leaf, "") for cls in TYPES.values()}
