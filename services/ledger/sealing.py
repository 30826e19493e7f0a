"""Sealing: what is personal in an event, whose key it is sealed under, and how it reads when stored. Pure.

AES-SIV (RFC 5297) with the ledger, the key's holder, the event and the member as associated data:
deterministic, so that a retry seals to the same bytes; bound, so that what is moved elsewhere does not open.
A correction's data is sealed as if it stood in the event that it names.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from schemas.envelope import Event
from schemas.event import Corrected
from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import SUBJECTS, convert_data
from schemas.types import Data
from services.ledger.errors import Refused

PREFIX = "sealed.v1."
ERASED = PREFIX  # stands where nothing can be sealed any more; it opens for nobody
CORRECTED = "locus.event.corrected.v1"
SEALED_TYPES = frozenset(PERSONAL_MEMBERS) | {CORRECTED}

Keys = Mapping[str, bytes | None]  # by holder; None: erased

NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it
_encode = msgspec.json.Encoder().encode
_MEND = "Mend the event and publish it again; nothing was stored."


class Part(msgspec.Struct, frozen=True):
    """Data with personal members, of an event or within a correction, and where it stands."""

    type: str
    holder: str
    source: str
    id: str
    data: Data
    where: str  # JSON pointer


def holders(events: Sequence[Event]) -> set[str]:
    """Whose keys it takes to seal these; what cannot be read is passed over, `seal` says why."""
    found: set[str] = set()
    for event in events:
        if event.type in SEALED_TYPES:
            found.update(_holder(event))
    return found


def _holder(event: Event) -> Iterator[str]:
    try:
        part = personal(event)
    except Refused:
        return
    if part is not None and any(present(part)):
        yield part.holder


def holder_of(type: str, subject: str, data: Data) -> str:
    """Whose key personal members are sealed under: the actor's own, else its author's or consultation's."""
    if type.startswith("locus.actor."):
        return subject
    by: str | None = getattr(data, "by", None)
    return subject if by is None else f"actor/{by}"


def personal(event: Event) -> Part | None:
    """The event's data, or its correction's, if its type has personal members."""
    data = event.data
    if not isinstance(data, Corrected):
        if event.type not in PERSONAL_MEMBERS:
            return None
        holder = holder_of(event.type, event.subject, data)
        return Part(event.type, holder, event.source, event.id, data, "/data")
    if data.data is None:
        return None
    for name in _of_subject(event.subject):
        read = _read(name, data.data)
        if read is not None:
            holder = holder_of(name, event.subject, read)
            return Part(name, holder, data.source, data.id, read, "/data/data")
    return None


def _of_subject(subject: str) -> Iterator[str]:
    """The types with personal members that such a subject's events can have."""
    for name in PERSONAL_MEMBERS:
        if subject.startswith(SUBJECTS[name] or ""):
            yield name


def _read(name: str, tree: dict[str, Any]) -> Data | None:
    """Corrected data in the form of a type, if it has that form; judged as strictly as if published alone.

    Whoever judges the correction by the named event's type takes no data that has another form, and no two
    types of one kind share the form of one with personal members: so nothing personal passes unsealed.
    """
    try:
        convert_data(name, tree, sealed=True)
    except msgspec.ValidationError:
        return None
    try:
        return convert_data(name, tree)
    except msgspec.ValidationError as error:
        raise _malformed("/data/data", str(error)) from None


def present(part: Part) -> Iterator[str]:
    """The personal members that are given."""
    for member in PERSONAL_MEMBERS[part.type]:
        if getattr(part.data, member) is not None:
            yield member


def seal(event: Event, ledger: str, keys: Keys) -> tuple[Event, tuple[str, ...]]:
    """The event as stored, and the JSON pointers of what cannot be sealed, since its person is erased."""
    part = personal(event)
    members = [] if part is None else list(present(part))
    if part is None or not members:
        return event, ()
    key = keys[part.holder]
    sealed = {member: ERASED if key is None else _sealed(part, member, ledger, key) for member in members}
    gone = tuple([f"{part.where}/{member}" for member in members]) if key is None else ()
    return msgspec.structs.replace(event, data=_with(event.data, sealed)), gone


def _sealed(part: Part, member: str, ledger: str, key: bytes) -> str:
    plain = _written(getattr(part.data, member), f"{part.where}/{member}")
    place = Place(ledger, part.holder, part.source, part.id, member)
    return PREFIX + urlsafe_b64encode(AESSIV(key).encrypt(plain, place.bound())).rstrip(b"=").decode()


def _written(value: Any, where: str) -> bytes:
    try:
        plain = _encode(value)
    except UnicodeEncodeError as error:
        raise _malformed(where, f"it cannot be written as JSON: {error.reason}") from None
    if NUL.search(plain):
        raise _malformed(where, "it contains the character NUL")
    return plain


def _with(data: Data, members: Mapping[str, Any]) -> Data:
    """The data with these members in the place of its own, a correction's within."""
    if isinstance(data, Corrected):
        return msgspec.structs.replace(data, data={**(data.data or {}), **members})
    return msgspec.structs.replace(data, **members)


def alike(stored: Event, event: Event, gone: Sequence[str]) -> bool:
    """Whether two events are the same fact, but for the members at these pointers."""
    return _without(stored.data, gone) == _without(event.data, gone)


def _without(data: Data, gone: Sequence[str]) -> Data:
    return _with(data, dict.fromkeys([where.rpartition("/")[2] for where in gone]))


class Place(msgspec.Struct, frozen=True):
    """Where a sealed value stands, and whose it is: it opens nowhere else."""

    ledger: str
    holder: str
    source: str
    id: str
    member: str

    def bound(self) -> list[bytes]:
        """The associated data."""
        return [text.encode() for text in msgspec.structs.astuple(self)]


def opened(value: str, key: bytes, place: Place) -> bytes | None:
    """The JSON of what was sealed; None: not with this key, or not in this place."""
    try:
        sealed = urlsafe_b64decode(value.removeprefix(PREFIX) + "==")
        return AESSIV(key).decrypt(sealed, place.bound())
    except (InvalidTag, ValueError):  # altered, moved, or never sealed
        return None


def _malformed(where: str, detail: str) -> Refused:
    return Refused("malformed", "The event cannot be recorded", detail, where=where, hint=_MEND)
