"""`locus history`: entries as a table or as they are stored, once or for as long as they come."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from services.cli_words import for_programs, printable
from services.client import NDJSON, TROUBLE, Api, Busy

_SHOWN = 100  # rows, unless a limit or --follow says otherwise
_COLUMNS = (("position", 9), ("occurred", 20), ("what", 28), ("subject", 28), ("publisher", 16))


class _Event(msgspec.Struct, frozen=True):
    type: str
    subject: str
    time: str


class _Entry(msgspec.Struct, frozen=True):
    position: int
    publisher: str
    event: _Event


def show(api: Api, ledger: str, *, form: str | None, limit: int | None, follow: bool, **filters: Any) -> None:
    """Print entries in order, as a table for people or in a form for programs."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    path = f"/v1/ledgers/{ledger}/events"
    wanted = limit or (None if form or follow else _SHOWN)
    entries = followed(api, path, filters) if follow else _once(api, path, limit=wanted, **filters)
    with suppress(KeyboardInterrupt), api.understood():  # an interrupt is the way to end following
        if form is not None:
            _write(_formed(islice(entries, wanted), form), at_once=follow)
            return
        lines = islice(entries, wanted)
        first = [] if follow else list(islice(lines, 1))  # a refusal is told without a head above it
        console.print(_row([name for name, _ in _COLUMNS], "bold"))
        shown = 0
        for shown, line in enumerate(chain(first, lines), start=1):  # noqa: B007 — told below
            console.print(_told(line))
        if limit is None and shown == wanted:
            console.print(f"… the first {_SHOWN}; see --after, --limit, --json", style="dim")


def _formed(lines: Iterable[bytes], form: str) -> Iterable[bytes]:
    from services.audit import ocel, spreadsheets

    match form:
        case "csv":
            return spreadsheets.rows(lines)
        case "ocel":
            return ocel.log(lines)
        case _:
            return (line + b"\n" for line in lines)


def _write(parts: Iterable[bytes], *, at_once: bool) -> None:
    out = sys.stdout.buffer
    for part in parts:
        out.write(for_programs(part))
        if at_once:
            out.flush()
    out.flush()


def _once(api: Api, path: str, **query: Any) -> Iterator[bytes]:
    try:
        yield from api.lines(path, NDJSON, **query)
    except (Busy, *TROUBLE) as error:
        raise api.unreachable(error) from error


def _told(line: bytes) -> Text:
    entry = msgspec.json.decode(line, type=_Entry)
    what = entry.event.type.removeprefix("locus.").removesuffix(".v1")
    return _row(
        [str(entry.position), f"{entry.event.time[:19]}Z", what, entry.event.subject, entry.publisher], ""
    )


def _row(cells: list[str], style: str) -> Text:
    widths = (width for _, width in _COLUMNS)
    shown = (f"{printable(cell):{width}}" for cell, width in zip(cells, widths, strict=True))
    return Text(" ".join(shown).rstrip(), style)


def followed(api: Api, path: str, filters: dict[str, Any]) -> Iterator[bytes]:
    """Entries as they come, going on behind the last one seen whenever the connection is lost."""
    seen = str(filters["after"]) if filters.get("after") is not None else None
    while True:
        try:
            for number, data in _server_sent(api.lines(path, "text/event-stream", seen, **filters)):
                seen = number or seen
                yield data
        except (Busy, *TROUBLE):
            time.sleep(1)


def _server_sent(lines: Iterator[bytes]) -> Iterator[tuple[str | None, bytes]]:
    """The id and data of each server-sent event."""
    number, data = None, b""
    for line in lines:
        if line.startswith(b"id:"):
            number = line[3:].strip().decode()
        elif line.startswith(b"data:"):
            data = line[5:].strip()
        elif not line and data:
            yield number, data
            number, data = None, b""
