"""Which actors and domains stored events name, by the thousand: only the members that name some are read.

It says what `schemas.mentions` says, in a fifth of the time, as rows of the mentions as COPY writes them: a
place, which is a position, and what is named there.
"""

import types
import typing
from collections.abc import Callable, Sequence
from functools import cache, lru_cache, partial
from itertools import chain, compress, repeat
from operator import add, attrgetter

import msgspec

from schemas.mentions import named
from schemas.registry import TYPES, UPCASTERS, UnknownTypeError, read_data
from schemas.types import Data
from schemas.walk import hints_of, metas
from services.audit.lines import UNREADABLE
from services.audit.reading import Events

_KINDS = {
    "actor": "actor",
    "domain": "domain",
    "matrix": "domain",
}  # of a subject; what history is filtered by
_SUBJECTS = tuple(f"{kind}/" for kind in _KINDS)
_REMEMBERED = 1 << 15  # texts: actors and domains are named again and again
_ESCAPES = str.maketrans(
    {"\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\v": r"\v"}
)

Positions = Sequence[str]
Values = Sequence[typing.Any]  # of one position each
Visit = Callable[[Positions, Values, list[str]], None]
Part = tuple[typing.Any, Visit]  # what reads the part of a type that names something, and what gathers it


def place(position: int, salt: str = "") -> str:
    """What the rows of an entry begin with; a salt, if they are only to be hashed."""
    return f"{salt}{position}\t"


@lru_cache(_REMEMBERED)
def _told(kind: str, value: str) -> str:
    return f"{kind}\t{value.translate(_ESCAPES)}"


@lru_cache(_REMEMBERED)
def _of_subject(value: str) -> str | None:
    if not value.startswith(_SUBJECTS):
        return None
    kind, _, id = value.partition("/")
    return _told(_KINDS[kind], id)


def rows(events: Events, salt: str = "") -> list[str]:
    """The rows of events, some perhaps more than once; none of an event that cannot be read."""
    places, subjects = [place(position, salt) for position in events.positions], events.subjects
    found: list[str] = []
    apart = _in_data(places, events, found)
    for number in apart:
        found += _alone(events.types[number], places[number], subjects[number], events.data[number])
    about = {number for number, subject in enumerate(subjects) if subject.startswith(_SUBJECTS)}
    about.difference_update(apart)
    _subjects([places[number] for number in about], [subjects[number] for number in about], found)
    return found


def _in_data(places: Positions, events: Events, into: list[str]) -> list[int]:
    """What the data name, kind by kind; left apart, the numbers of those of kinds that this fails with."""
    batches: dict[str, list[int]] = {kind: [] for kind in set(events.types)}
    for number, kind in enumerate(events.types):
        batches[kind].append(number)
    apart: list[int] = []
    for kind, numbers in batches.items():
        try:
            decode, visit = _reader(kind)
            read = list(map(decode, map(events.data.__getitem__, numbers)))
        except (KeyError, *UNREADABLE):
            apart += numbers
            continue
        if visit is not None:
            visit(list(map(places.__getitem__, numbers)), read, into)
    return apart


def _alone(kind: str, place: str, subject: str, raw: msgspec.Raw) -> list[str]:
    """Those of one event, slowly."""
    try:
        return of_data(place, subject, read_data(kind, raw))
    except (UnknownTypeError, ValueError, *UNREADABLE):
        return []


def of_data(place: str, subject: str, data: Data) -> list[str]:
    """Those of one event whose data have been read."""
    return [place + _told(kind, value) for kind, value in named(subject, data) if kind != "body"]


@cache
def _reader(kind: str) -> tuple[Callable[[msgspec.Raw], typing.Any], Visit | None]:
    if kind in UPCASTERS:
        raise KeyError(kind)
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
    hints = hints_of(cls)
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
    visits = [(attrgetter(field.name), part[1]) for field, part in parts]

    def visit_members(places: Positions, values: Values, into: list[str]) -> None:
        for member, visit in visits:
            column = list(map(member, values))
            if all(column):
                visit(places, column, into)
            elif any(there := [value is not None for value in column]):
                visit(list(compress(places, there)), list(compress(column, there)), into)

    return read, visit_members


def _items(hint: typing.Any) -> Part | None:
    part = _part(hint)
    if part is None:
        return None
    read, visit = part

    def visit_items(places: Positions, values: Values, into: list[str]) -> None:
        lengths = list(map(len, values))
        alone = lengths.count(1) == len(lengths)
        repeated = places if alone else list(chain.from_iterable(map(repeat, places, lengths)))
        if repeated:
            visit(repeated, list(chain.from_iterable(values)), into)

    return tuple.__class_getitem__((read, ...)), visit_items


def _optional(hints: list[typing.Any]) -> Part | None:
    parts = [_part(hint) for hint in hints]
    if len(parts) == 1:
        return parts[0]
    if any(parts):
        raise TypeError("a union of structs that name something: read them by their tags")
    return None


def _bare(kind: str) -> Visit:
    told = partial(_told, kind)

    def visit(places: Positions, values: Values, into: list[str]) -> None:
        into += map(add, places, map(told, values))

    return visit


def _subjects(places: Positions, values: Values, into: list[str]) -> None:
    """What subjects name, if they name an actor or a domain."""
    told = list(map(_of_subject, values))
    into += map(add, compress(places, told), filter(None, told))
