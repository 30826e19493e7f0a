"""Entries as an object-centric event log, OCEL 2.0 JSON (ocel-standard.org). Pure.

Subjects and whatever else an event names are objects; the qualifier of a relationship says what part the
object has in the event. Actors are of the type they were last registered as (person, agent, system), else
`actor`; a seat's role is an object of type `role`. Members of data that are single values become attributes
of the event, all but personal ones. Objects are kept in memory until the end, since each is listed once.
"""

import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from schemas.body import SeatTaken, SeatVacated
from schemas.envelope import Entry
from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import TYPES, decode_entry
from schemas.types import Data
from schemas.walk import Visit, metas, visitor

_OF_TYPE = {
    "body.seat_taken/actor": "holds seat in",
    "body.seat_vacated/actor": "gives up seat in",
    "consultation.advice_given/by": "advises",
    "consultation.requested/by": "asks for advice",
    "decision.position_taken/by": "takes position",
    "initiative.joined/actor": "joins",
    "mandate.delegated/from": "delegates",
    "mandate.delegated/to": "receives mandate",
}
_OF_MEMBER = {
    "/about": "is what it is about",
    "/accountable": "is accountable",
    "/amends/holder": "may amend",
    "/asked": "is asked",
    "/attendees": "attends",
    "/by": "acts",
    "/by_decision": "takes its place",
    "/contributes/holder": "advises",
    "/decides/holder": "decides",
    "/deciders/holder": "decides",
    "/deciders/under": "is decided for",
    "/decisions": "is recorded",
    "/domains": "is its domain",
    "/electorate/holder": "may decide",
    "/escalates_to": "is escalated to",
    "/facilitator": "facilitates",
    "/for": "is spoken for",
    "/informs": "is informed",
    "/initiative": "is its initiative",
    "/into": "goes on",
    "/members": "is a member",
    "/parent": "is its parent",
    "/participants": "takes part",
    "/proposers": "proposes",
    "/reports_to": "is reported to",
    "/scope": "is its scope",
}
_BARE = {"/initiative": "initiative", "/by_decision": "decision", "/decisions": "decision"}
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "float"}
Found = dict[tuple[str, str], None]  # (object, qualifier), each once, in order


class _Named(msgspec.Struct, frozen=True):
    name: str
    type: str


class _Type(msgspec.Struct, frozen=True):
    name: str
    attributes: list[_Named] = []


class _Value(msgspec.Struct, frozen=True):
    name: str
    value: str


class _Link(msgspec.Struct, frozen=True):
    objectId: str  # noqa: N815 — the standard's own spelling
    qualifier: str


class _Object(msgspec.Struct, frozen=True):
    id: str
    type: str


class _Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    time: datetime
    attributes: list[_Value]
    relationships: list[_Link]


class _Log:
    """What has been met so far: objects with their types, attributes of each type of event."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str]] = {}

    def event(self, entry: Entry) -> _Event:
        said = entry.event
        found: Found = {(said.subject, "subject"): None}
        if (visit := _VISITS[said.data.__class__]) is not None:
            visit(said.data, found)
        if isinstance(said.data, SeatTaken | SeatVacated) and said.data.role:
            found[f"role/{said.data.role}", "is the seat's role"] = None
        for id, _ in found:
            self.objects.setdefault(id, id.partition("/")[0])
        self._actor(said.type, said.subject, said.data)
        values = [*_envelope(entry), *_values(said.type, said.data)]
        self.attributes.setdefault(said.type, {}).update((name, type) for name, type, _ in values)
        return _Event(
            str(entry.position),
            said.type,
            said.time,
            [_Value(name, value) for name, _, value in values],
            [_Link(id, qualifier) for id, qualifier in found],
        )

    def _actor(self, type: str, subject: str, data: Data) -> None:
        if type in ("locus.actor.registered.v1", "locus.actor.updated.v1"):
            self.objects[subject] = getattr(data, "kind", "actor")


def log(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The document in parts. Raises msgspec.DecodeError, UnknownTypeError."""
    met = _Log()
    encode = msgspec.json.encode
    yield b'{"events":['
    for number, line in enumerate(lines):
        yield (b",\n" if number else b"\n") + encode(met.event(decode_entry(line)))
    yield b'\n],"objects":['
    for number, (id, type) in enumerate(met.objects.items()):
        yield (b",\n" if number else b"\n") + encode(_Object(id, type))
    types = [_Type(name) for name in sorted(set(met.objects.values()))]
    yield b'\n],"objectTypes":' + encode(types)
    kinds = [
        _Type(name, [_Named(*one) for one in attributes.items()])
        for name, attributes in sorted(met.attributes.items())
    ]
    yield b',"eventTypes":' + encode(kinds) + b"}\n"


def _envelope(entry: Entry) -> list[tuple[str, str, str]]:
    return [
        ("position", "integer", str(entry.position)),
        ("recorded", "time", _moment(entry.recorded)),
        ("version", "integer", str(entry.version)),
        ("publisher", "string", entry.publisher),
        ("event source", "string", entry.event.source),
        ("event id", "string", entry.event.id),
    ]


def _values(type: str, data: Data) -> Iterator[tuple[str, str, str]]:
    """Name, type and value of what is a single value; all as texts, as the standard's schema wants."""
    personal = PERSONAL_MEMBERS.get(type, ())
    for field in msgspec.structs.fields(data):
        value = getattr(data, field.name)
        if field.encode_name in personal or value is None:
            continue
        if isinstance(value, datetime):
            yield field.encode_name, "time", _moment(value)
        elif value.__class__ in _TYPES:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield field.encode_name, _TYPES[value.__class__], text


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _visit(qualifier: str, kind: str) -> Visit:
    def visit(value: str, into: Found) -> None:
        into[value if kind == "subject" else f"{kind}/{value}", qualifier] = None

    return visit


def _leaf_of(type: str) -> typing.Callable[[typing.Any, str], Visit | None]:
    what = type.removeprefix("locus.").removesuffix(".v1")

    def leaf(hint: typing.Any, where: str) -> Visit | None:
        names = [meta.extra["names"] for meta in metas(hint) if meta.extra and "names" in meta.extra]
        if not names and where in _BARE and typing.get_args(hint)[:1] == (str,):
            names = [_BARE[where]]
        if not names:
            return None
        plain = where.rpartition("/")[2].replace("_", " ")
        return _visit(_OF_TYPE.get(what + where) or _OF_MEMBER.get(where) or plain, names[0])

    return leaf


_VISITS: Mapping[type[Data], Visit | None] = {
    cls: visitor(cls, _leaf_of(name), "") for name, cls in TYPES.items()
}
