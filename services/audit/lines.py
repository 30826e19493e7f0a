"""One stored line as an auditor reads it, and what can be wrong with it by itself. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Annotated, Any

import msgspec
from msgspec.structs import astuple

from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import UnknownTypeError, take_data
from services.audit.faults import Faults

AHEAD = timedelta(minutes=5)  # how far after its recording an event may say that it occurred
FORMATS = (0, 1)
# A day from either end of all time: of what is said to be nearer nobody can tell the instant in UTC.
EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
MAX_POSITION = 10**16
SEALED = "sealed.v1."
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)  # what reading bytes as JSON raises
CORRECTED = "locus.event.corrected.v1"


class Said(msgspec.Struct, frozen=True, gc=False):
    """The event's members that are checked."""

    id: str
    source: str
    type: str
    subject: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    data: msgspec.Raw


class Line(msgspec.Struct, frozen=True, gc=False):
    """What a stored line says of itself."""

    format: int
    ledger: str
    position: Annotated[int, msgspec.Meta(ge=1, le=MAX_POSITION)]
    recorded: Annotated[datetime, msgspec.Meta(tz=True)]
    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    publisher: str
    event: Said


class _Correction(msgspec.Struct, frozen=True):
    data: msgspec.Raw = msgspec.Raw(b"null")  # absent is as good as null


read = msgspec.json.Decoder(Line).decode
_correction = msgspec.json.Decoder(_Correction).decode
_personal = {
    type: msgspec.json.Decoder(msgspec.defstruct("Personal", [(name, Any, None) for name in members])).decode
    for type, members in PERSONAL_MEMBERS.items()
}


def read_alone(raw: bytes) -> Line:
    """A line that may be of any kind. Raises one of UNREADABLE."""
    line = read(raw)
    if not EARLIEST <= line.recorded <= LATEST:
        raise msgspec.ValidationError(f"nothing was recorded at {line.recorded.isoformat()}")
    return line


def is_entry(raw: bytes) -> bool:
    """Whether it can be read as a stored line."""
    try:
        read(raw)
    except UNREADABLE:
        return False
    return True


def check(line: Line, ledger: str, faults: Faults, format: int | None = None) -> None:
    """The faults a line has whatever stands around it; `format` is that of the ledger, where it is known."""
    if line.ledger != ledger:
        faults.add(line.position, "ledger", f"it says it is of the ledger {line.ledger!r}, not {ledger!r}")
    if line.format not in FORMATS:
        faults.add(line.position, "format", f"its format is {line.format}, which nobody has defined")
    elif format is not None and line.format != format:
        # A line that says it is of the format before would not be asked whether what is personal is sealed.
        faults.add(line.position, "format", f"its format is {line.format}, the ledger's is {format}")
    if line.event.time - line.recorded > AHEAD:
        told = f"it occurred at {line.event.time.isoformat()}, more than 5 minutes after it was recorded"
        faults.add(line.position, "occurred", told)
    if line.format and (line.event.type in PERSONAL_MEMBERS or line.event.type == CORRECTED):
        for member in unsealed(line.event.type, line.event.data):
            faults.add(line.position, "unsealed", f"the personal member /data/{member} is not sealed")


def sealed(type: str, data: Sequence[msgspec.Raw]) -> bool:
    """Whether of all these no personal member can be told to stand there in clear."""
    if type == CORRECTED:
        return not any(unsealed(type, one) for one in data)
    try:
        return all(map(_is_sealed, chain.from_iterable(map(astuple, map(_personal[type], data)))))
    except UNREADABLE:
        return False


def unsealed(type: str, data: msgspec.Raw) -> list[str]:
    """The personal members, as paths, that stand there in clear."""
    try:
        if type == CORRECTED:
            return [f"data/{member}" for member in _in_correction(_correction(data).data)]
        members = _personal[type](data)
        return [name for name in PERSONAL_MEMBERS[type] if not _is_sealed(getattr(members, name))]
    except UNREADABLE:
        return ["?"]


def _in_correction(data: msgspec.Raw) -> list[str]:
    """The correction does not name the type it corrects: whichever type its data are of must be sealed."""
    fitting = [type for type in PERSONAL_MEMBERS if _fits(type, data)]
    return sorted({member for type in fitting for member in unsealed(type, data)})


def _fits(type: str, data: msgspec.Raw) -> bool:
    try:
        take_data(type, data)
    except (UnknownTypeError, ValueError, *UNREADABLE):
        return False
    return True


def _is_sealed(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.startswith(SEALED))
