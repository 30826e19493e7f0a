"""Entries as CSV (RFC 4180): one row an entry, whatever a cell holds stays text to a spreadsheet. Pure."""

import csv
from collections.abc import Iterable, Iterator

import msgspec

from services.audit.lines import Line, read

COLUMNS = ("position", "recorded", "time", "version", "publisher", "type", "subject", "source", "id", "data")
# What makes a spreadsheet take a cell for a formula, also in full-width forms; and our own mark, so that
# taking one apostrophe away gives back what was there.
_ACTIVE = tuple("=+-@\t\r\n'＝＋－＠")


class _Row:
    """Takes what the csv module writes, a row at a time."""

    def write(self, text: str) -> str:
        return text


def rows(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The header, then a row for each stored line. Raises msgspec.DecodeError."""
    write = csv.writer(_Row(), lineterminator="\r\n").writerow
    yield str(write(COLUMNS)).encode()
    for line in lines:
        yield str(write([harmless(cell) for cell in _cells(read(line))])).encode()


def harmless(cell: str) -> str:
    """The cell, with an apostrophe before it if a spreadsheet would calculate it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_ACTIVE) else cell


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
