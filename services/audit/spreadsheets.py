"""Entries as CSV (RFC 4180): one row an entry, whatever a cell holds stays text to a spreadsheet. Pure."""

from collections.abc import Iterable, Iterator

import msgspec

from services.audit.lines import Line, read
from services.platform.spreadsheet import harmless, writer

COLUMNS = ("position", "recorded", "time", "version", "publisher", "type", "subject", "source", "id", "data")


def rows(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The header, then a row for each stored line. Raises msgspec.DecodeError."""
    write = writer()
    yield write(COLUMNS).encode()
    for line in lines:
        yield write([harmless(cell) for cell in _cells(read(line))]).encode()


def _cells(line: Line) -> tuple[str, ...]:
    event = line.event
    return (
        str(line.position),
        _moment(line.recorded),
        _moment(event.time),
        str(line.version),
        line.publisher,
        event.type,
        event.subject,
        event.source,
        event.id,
        msgspec.json.format(event.data, indent=-1).decode(),
    )


def _moment(moment: object) -> str:
    return msgspec.json.encode(moment).decode().strip('"')
