"""Which actors and domains stored events name, by the thousand: only the members that name some are read.

It says what `schemas.mentions` says, in a fifth of the time, as rows of the mentions as COPY writes them.
"""

import types
import typing
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter

import msgspec

from schemas.mentions import named
from schemas.registry import TYPES, UPCASTERS, UnknownTypeError, read_data
from schemas.types import Data
from schemas.walk import metas
from services.audit.lines import UNREADABLE

_KINDS = {
    "actor": "actor",
    "domain": "domain",
    "matrix": "domain",
}  # of a subject; what history is filtered by
_SUBJECTS = tuple(f"{kind}/" for kind in _KINDS)
_ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
)

Placed = list[tuple[int, typing.Any]]  # positions, and what stands there
Visit = Callable[[Placed, list[str]], None]
Part = tuple[typing.Any, Visit]  # what reads the part of a type that names something, and what gathers it


def row(kind: str, value: str, position: int) -> str:
    """A row of the mentions as COPY writes it."""
    return f"{kind}\t{value.translate(_ESCAPES)}\t{position}"


def rows(
    positions: Iterable[int], kinds: Iterable[str], subjects: Iterable[str], data: Iterable[msgspec.Raw]
) -> list[str]:
    """The rows of events of these types, subjects and data; none of one that cannot be read."""
    batches: dict[str, list[tuple[int, str, msgspec.Raw]]] = {}
    for position, kind, subject, raw in zip(positions, kinds, subjects, data, strict=True):
        batches.setdefault(kind, []).append((position, subject, raw))
    found: list[str] = []
    for kind, batch in batches.items():
        if kind in TYPES and kind not in UPCASTERS:
            _add(kind, batch, found)
        else:
            found += [one for position, subject, raw in batch for one in _alone(kind, position, subject, raw)]
    return found


def _add(kind: str, batch: list[tuple[int, str, msgspec.Raw]], found: list[str]) -> None:
    decode, visit = _reader(kind)
    try:
        read = [(position, decode(raw)) for position, _, raw in batch]
    except UNREADABLE:
        found += [one for position, subject, raw in batch for one in _alone(kind, position, subject, raw)]
        return
    if visit is not None:
        visit(read, found)
    _subjects([(at, subject) for at, subject, _ in batch if subject.startswith(_SUBJECTS)], found)


def _alone(kind: str, position: int, subject: str, raw: msgspec.Raw) -> list[str]:
    """Those of one event, slowly."""
    try:
        return of_data(position, subject, read_data(kind, raw))
    except (UnknownTypeError, ValueError, *UNREADABLE):
        return []


def of_data(position: int, subject: str, data: Data) -> list[str]:
    """Those of one event whose data have been read."""
    return [row(kind, value, position) for kind, value in named(subject, data) if kind in _KINDS]


@cache
def _reader(kind: str) -> tuple[Callable[[msgspec.Raw], typing.Any], Visit | None]:
    part = _part(TYPES[kind])
    read, visit = part or (msgspec.defstruct("Nothing", []), None)
    return msgspec.json.Decoder(read).decode, visit


def _part(hint: typing.Any) -> Part | None:
    """What of a type names actors or domains; None: nothing."""
    for meta in metas(hint):
        kind = (meta.extra or {}).get("names")
        if kind is not None:
            return None if kind == "body" else (str, _subjects if kind == "subject" else _bare(kind))
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _members(hint)
    args = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Annotated:
            return _part(args[0])
        case types.UnionType | typing.Union:
            return _optional([arg for arg in args if arg is not types.NoneType])
        case origin if origin is tuple:
            return _items(args[0])
    return None


def _members(cls: type[msgspec.Struct]) -> Part | None:
    hints = typing.get_type_hints(cls, include_extras=True)
    parts = [(field, part) for field in msgspec.structs.fields(cls) if (part := _part(hints[field.name]))]
    if not parts:
        return None
    read = msgspec.defstruct(
        cls.__name__,
        [
            (field.name, part[0] | None, msgspec.field(name=field.encode_name, default=None))
            for field, part in parts
        ],
        gc=False,
    )
    found = [(attrgetter(field.name), part[1]) for field, part in parts]

    def visit_members(placed: Placed, into: list[str]) -> None:
        for get, visit in found:
            if members := [(at, member) for at, value in placed if (member := get(value)) is not None]:
                visit(members, into)

    return read, visit_members


def _items(hint: typing.Any) -> Part | None:
    part = _part(hint)
    if part is None:
        return None
    read, visit = part

    def visit_items(placed: Placed, into: list[str]) -> None:
        visit([(at, item) for at, items in placed for item in items], into)

    return tuple.__class_getitem__((read, ...)), visit_items


def _optional(hints: list[typing.Any]) -> Part | None:
    parts = [_part(hint) for hint in hints]
    if len(parts) == 1:
        return parts[0]
    if any(parts):
        raise TypeError("a union of structs that name something: read them by their tags")
    return None


def _bare(kind: str) -> Visit:
    def visit(placed: Placed, into: list[str]) -> None:
        known = {value: row(kind, value, 0)[:-1] for value in {value for _, value in placed}}
        into += [f"{known[value]}{at}" for at, value in placed]

    return visit


def _subjects(placed: Placed, into: list[str]) -> None:
    known = {value: _begun(value) for value in {value for _, value in placed}}
    into += [f"{begun}{at}" for at, value in placed if (begun := known[value])]


def _begun(subject: str) -> str:
    """The row of what a subject names, up to the position; empty: it names neither an actor nor a domain."""
    kind, _, id = subject.partition("/")
    return row(_KINDS[kind], id, 0)[:-1] if kind in _KINDS else ""
