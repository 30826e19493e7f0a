"""A stretch of a log by itself: what its entries say, and whatever is wrong that can be told from it alone.

A stretch in which nothing is wrong, as nearly all are, is compared column by column, all entries at once. If
something differs, it is read line by line, to say what and where.
"""

from array import array
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import chain, groupby, repeat
from operator import gt, sub
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import astuple

from schemas.personal import PERSONAL_MEMBERS
from services.audit import lines
from services.audit.chain import Commit
from services.audit.faults import Fault, Faults
from services.audit.lines import Line
from services.audit.tree import Grown, grown
from services.audit.uniques import Hashing, Keys

SLICE = 256  # entries read at once: few enough that what they become is still in the processor's cache
COLUMNS = ("position", "recorded", "occurred", "version", "subject", "type", "source", "id")
_MAYBE_UNSEALED = {*PERSONAL_MEMBERS, lines.CORRECTED}


class Page(msgspec.Struct, frozen=True):
    """Stored lines in order; of a database also their columns (COLUMNS) and the commits that end there."""

    lines: Sequence[bytes]
    columns: Sequence[Sequence[Any]] | None = None
    commits: Sequence[Commit] | None = None

    def slices(self) -> Iterator["Page"]:
        """A few entries at a time, without the commits."""
        for start in range(0, len(self.lines), SLICE):
            part = slice(start, start + SLICE)
            yield Page(self.lines[part], self.columns and [column[part] for column in self.columns])


class Known(msgspec.Struct, frozen=True):
    """What all entries of a log have to say of themselves, as far as it is known."""

    ledger: str | None
    format: int | None


class Stretch(msgspec.Struct, tag=True, array_like=True):
    """What parts of a log are put together from."""

    before: int  # the position that was taken to stand before it
    last: int  # its last position; without entries, that before it
    whole: bool  # no position is missing
    positions: bytes  # 8 bytes each
    recorded: list[
        tuple[datetime | None, int]
    ]  # when, and of how many entries in a row; None: cannot be read
    tree: Grown
    keys: Keys
    faults: list[Fault]
    faults_in_all: int
    commits: list[Commit] | None = None  # that end here; of a database only
    named: int = 0  # the sum of the rows of mentions that there have to be
    following: int | None = None  # without entries: the position where there are some again


class Events(NamedTuple):
    """The events that could be read, in columns, with their positions and versions."""

    positions: Sequence[int]
    versions: Sequence[int]
    ids: Sequence[str] = ()
    sources: Sequence[str] = ()
    types: Sequence[str] = ()
    subjects: Sequence[str] = ()
    times: Sequence[datetime] = ()
    data: Sequence[msgspec.Raw] = ()


class Read(NamedTuple):
    """A page read: where its entries are and when they were recorded, and what they say, slice by slice."""

    positions: Sequence[int]
    recorded: Sequence[datetime | None]
    whole: bool
    leaves: Sequence[bytes]
    events: Sequence[Events]


def examined(page: Page, before: int, known: Known, hashing: Hashing) -> tuple[Stretch, Sequence[Events]]:
    """All there is to say of a page, and its events; `before`: the position that stands before it."""
    faults = Faults()
    read = _at_once(page, before, known) or _one_by_one(page, before, known, faults)
    stretch = Stretch(
        before,
        read.positions[-1] if read.positions else before,
        read.whole,
        array("q", read.positions).tobytes(),
        [(at, len(list(run))) for at, run in groupby(read.recorded)],
        grown(read.leaves, [commit.last - before for commit in page.commits or ()]),
        _keys(read.events, hashing),
        faults.listed(),
        faults.count,
        None if page.commits is None else list(page.commits),
    )
    return stretch, read.events


def _keys(slices: Sequence[Events], hashing: Hashing) -> Keys:
    identities = chain.from_iterable(zip(part.sources, part.ids, strict=True) for part in slices)
    return hashing.keys(
        list(chain.from_iterable(part.positions for part in slices)),
        map("\0".join, identities),
        chain.from_iterable(part.subjects for part in slices),
        list(chain.from_iterable(part.versions for part in slices)),
    )


def _at_once(page: Page, before: int, known: Known) -> Read | None:
    """The page, if nothing at all is wrong with it."""
    recorded: list[datetime] = []
    leaves: list[bytes] = []
    events: list[Events] = []
    for part in page.slices():
        read = _slice_at_once(part, before + len(recorded), known)
        if read is None:
            return None
        recorded += read[0]
        leaves += _leaves(part)
        events.append(read[1])
    if any(map(gt, recorded, recorded[1:])):
        return None
    if recorded and not lines.EARLIEST <= recorded[0] <= recorded[-1] <= lines.LATEST:
        return None
    return Read(range(before + 1, before + 1 + len(recorded)), recorded, True, leaves, events)


def _leaves(page: Page) -> list[bytes]:
    return [sha256(b"\0" + raw).digest() for raw in page.lines]


def _slice_at_once(page: Page, before: int, known: Known) -> tuple[Sequence[datetime], Events] | None:
    """When each was recorded and what they say, but for the order of their instants."""
    try:
        said = list(map(lines.read, page.lines))
    except lines.UNREADABLE:
        return None
    formats, ledgers, positions, recorded, versions, _, told = zip(*map(astuple, said), strict=True)
    events = Events(positions, versions, *zip(*map(astuple, told), strict=True))
    occurred = tuple(map(min, events.times, recorded))
    texts = (events.subjects, events.types, events.sources, events.ids)
    right = (
        positions == tuple(range(before + 1, before + 1 + len(said)))
        and ledgers.count(known.ledger) == len(said)
        and formats.count(known.format) == len(said)
        and known.format in lines.FORMATS
        and (occurred == events.times or max(map(sub, events.times, recorded)) <= lines.AHEAD)
        and (page.columns is None or tuple(page.columns) == (positions, recorded, occurred, versions, *texts))
        and not (known.format and _unsealed(events))
    )
    return (recorded, events) if right else None


def _unsealed(events: Events) -> bool:
    personal: dict[str, list[msgspec.Raw]] = {type: [] for type in _MAYBE_UNSEALED.intersection(events.types)}
    for type, data in zip(events.types, events.data, strict=True):
        if type in personal:
            personal[type].append(data)
    return not all(lines.sealed(type, data) for type, data in personal.items())


def _one_by_one(page: Page, before: int, known: Known, faults: Faults) -> Read:
    reader = _Reader(before, known, faults)
    rows = repeat(None) if page.columns is None else zip(*page.columns, strict=True)
    for raw, row in zip(page.lines, rows, strict=False):
        reader.line(raw, row)
    positions, recorded = [at for at, _ in reader.placed], [at for _, at in reader.placed]
    read = reader.read
    if not read:
        return Read(positions, recorded, reader.whole, _leaves(page), ())
    at, said = zip(*read, strict=True)
    told = zip(*(astuple(line.event) for line in said), strict=True)
    events = Events(at, [line.version for line in said], *told)
    return Read(positions, recorded, reader.whole, _leaves(page), [events])


class _Reader:
    """Line by line: says what is wrong."""

    def __init__(self, before: int, known: Known, faults: Faults) -> None:
        self.placed: list[tuple[int, datetime | None]] = []
        self.read: list[tuple[int, Line]] = []  # those that can be read
        self.whole = True
        self._last = before
        self._known = known
        self._recorded: datetime | None = None
        self._faults = faults

    def line(self, raw: bytes, row: Sequence[Any] | None) -> None:
        """The next one."""
        line: Line | None = None
        try:
            line = lines.read_alone(raw)
        except lines.UNREADABLE as error:
            self._place(self._last + 1 if row is None else row[0])
            self._faults.add(self._last, "unreadable", f"it is not an entry: {error}")
        else:
            self._place(line.position if row is None else row[0])
            self._judge(line)
            if row is not None:
                self._compare(row, columns(line))
            self._recorded = line.recorded
            self.read.append((self._last, line))
        self.placed.append((self._last, line.recorded if line else None))

    def _place(self, position: int) -> None:
        expected, self._last = self._last + 1, position
        if position == expected:
            return
        self.whole = False
        if position > expected:
            gap = f"{expected} is" if position == expected + 1 else f"{expected} to {position - 1} are"
            self._faults.add(expected, "order", f"position {gap} missing: position {position} stands here")
        else:
            self._faults.add(expected, "order", f"position {position} stands here")

    def _judge(self, line: Line) -> None:
        known = self._known
        if known.ledger is None or known.format is None:
            known = self._known = Known(known.ledger or line.ledger, line.format)
        lines.check(line, known.ledger or line.ledger, self._faults, known.format)
        if self._recorded is not None:
            check_order(self._last, line.recorded, self._recorded, self._faults)

    def _compare(self, row: Sequence[Any], said: Sequence[Any]) -> None:
        for name, stored, own in zip(COLUMNS, row, said, strict=True):
            if stored != own:
                told = f"the column {name} holds {stored!s:.100}, the entry says {own!s:.100}"
                self._faults.add(self._last, "column", told)


def check_order(position: int, recorded: datetime, before: datetime, faults: Faults) -> None:
    """The entry at a position was recorded no earlier than the one that stands before it."""
    if recorded < before:
        told = f"it was recorded at {recorded}, before the entry that stands before it, {before}"
        faults.add(position, "recorded", told)


def columns(line: Line) -> tuple[Any, ...]:
    """What a line's columns have to hold."""
    event, recorded = line.event, line.recorded
    occurred = min(event.time, recorded)
    return (
        line.position,
        recorded,
        occurred,
        line.version,
        event.subject,
        event.type,
        event.source,
        event.id,
    )
