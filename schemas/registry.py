"""Every event type by its published name, and how data is read: strictly when published, then leniently."""

import typing
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from types import MappingProxyType, ModuleType

import msgspec

from schemas import (
    actor,
    body,
    consultation,
    debrief,
    decision,
    domain,
    event,
    experiment,
    initiative,
    knot,
    lesson,
    mandate,
    matrix,
    person,
    pulse,
    space,
)
from schemas.envelope import Entry, Event
from schemas.twins import twin
from schemas.types import Data

_MODULES = (
    actor,
    body,
    domain,
    matrix,
    mandate,
    initiative,
    consultation,
    decision,
    space,
    experiment,
    debrief,
    lesson,
    pulse,
    knot,
    event,
    person,
)


def _types_of(module: ModuleType) -> tuple[type[Data], ...]:
    """The module's data classes in order, but for those that others build on."""
    own = [one for one in vars(module).values() if getattr(one, "__module__", "") == module.__name__]
    data = [one for one in own if isinstance(one, type) and issubclass(one, Data)]
    return tuple(cls for cls in data if not cls.__subclasses__())


KINDS: Mapping[str, tuple[type[Data], ...]] = MappingProxyType(
    {module.__name__.rpartition(".")[2]: _types_of(module) for module in _MODULES}
)


def _what(cls: type[Data]) -> str:
    """The class's name as published: SeatTaken → seat_taken."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")


def _subjects_of(name: str) -> str | None:
    kind = name.split(".")[1]
    return {"event": None, "person": "actor/"}.get(kind, f"{kind}/")


TYPES: Mapping[str, type[Data]] = MappingProxyType(
    {f"locus.{kind}.{_what(cls)}.v1": cls for kind, classes in KINDS.items() for cls in classes}
)
SUBJECTS: Mapping[str, str | None] = MappingProxyType(
    {name: _subjects_of(name) for name in TYPES}  # what a subject begins with; None: any
)
LEDGER_ONLY = frozenset({"locus.person.erased.v1"})  # what publishers may not send
_NAMES: Mapping[type[Data], str] = {cls: name for name, cls in TYPES.items()}

# The seat of upcasters: an old type's name → the type it is read as, and how its stored data becomes the new.
UPCASTERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {}


class UnknownTypeError(ValueError):
    """No such event type in this version of the language."""


def type_of(data: Data | type[Data]) -> str:
    """The published type of data or of its class: `locus.decision.made.v1`."""
    return _NAMES[data if isinstance(data, type) else data.__class__]


def class_of(name: str) -> type[Data]:
    """The data's class by the type's full name. Raises UnknownTypeError."""
    try:
        return TYPES[name]
    except KeyError:
        raise UnknownTypeError(f"unknown event type {name!r}") from None


@cache
def strict(name: str) -> type[Data]:
    """The publisher-side twin of a type: personal members in plain, unknown ones refused at every depth."""
    return typing.cast("type[Data]", twin(class_of(name)))


# Made when first asked for, since many a process reads few types or none, and is to start soon.
@cache
def _lenient(name: str) -> msgspec.json.Decoder[Data]:
    return msgspec.json.Decoder(class_of(name))


@cache
def _names_only(name: str) -> msgspec.json.Decoder[msgspec.Struct]:
    return msgspec.json.Decoder(twin(class_of(name), outline=True))


def read_data(name: str, raw: bytes | msgspec.Raw) -> Data:
    """Stored data as its struct, unknown members ignored. Raises UnknownTypeError, DecodeError."""
    if name in UPCASTERS:
        name, upcast = UPCASTERS[name]
        return read_data(name, upcast(bytes(raw)))
    return _lenient(name).decode(raw)


def take_data(name: str, raw: bytes | msgspec.Raw) -> Data:
    """A publisher's data as its struct, unknown members refused. Raises UnknownTypeError, DecodeError.

    The class judges the values, an outline the names: nobody downstream needs to know that twins exist.
    """
    data = _lenient(name).decode(raw)
    _names_only(name).decode(raw)
    return data


def convert_data(name: str, tree: typing.Any, *, sealed: bool = False) -> Data:
    """The same from decoded JSON, its personal members perhaps `sealed` already.

    Raises UnknownTypeError, msgspec.ValidationError.
    """
    data = msgspec.convert(tree, class_of(name))
    msgspec.convert(tree, twin(class_of(name), outline=True, sealed=sealed))
    return data


class _StoredEvent(msgspec.Struct, frozen=True):
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    data: msgspec.Raw
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None


class _StoredEntry(msgspec.Struct, frozen=True):
    format: int
    ledger: str
    position: int
    recorded: datetime
    version: int
    publisher: str
    event: _StoredEvent


_entries = msgspec.json.Decoder(_StoredEntry)


def decode_entry(raw: bytes) -> Entry:
    """One stored entry's bytes, read leniently. Raises UnknownTypeError, msgspec.DecodeError."""
    stored = _entries.decode(raw)
    said = stored.event
    return Entry(
        format=stored.format,
        ledger=stored.ledger,
        position=stored.position,
        recorded=stored.recorded,
        version=stored.version,
        publisher=stored.publisher,
        event=Event(
            id=said.id,
            source=said.source,
            type=said.type,
            subject=said.subject,
            time=said.time.astimezone(UTC),
            data=read_data(said.type, said.data),
            correlationid=said.correlationid,
            causationid=said.causationid,
            traceparent=said.traceparent,
        ),
    )
