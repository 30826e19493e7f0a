"""Everything that can be told of a log from its entries: page by page, in bounded memory."""

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from hashlib import sha256
from types import TracebackType
from typing import Any, Self

import msgspec

from services.audit import lines
from services.audit.chain import Chain, Commit
from services.audit.faults import Faults
from services.audit.lines import Line
from services.audit.spool import Spool
from services.audit.tree import Tree

COLUMNS = ("position", "recorded", "occurred", "version", "subject", "type", "source", "id")


class Page(msgspec.Struct, frozen=True):
    """Stored lines in order; of a database also their columns (COLUMNS) and the commits that end there."""

    lines: Sequence[bytes]
    rows: Sequence[Sequence[Any]] | None = None
    commits: Sequence[Commit] = ()


class Checker:
    """Reads pages; what it finds wrong is in `faults`."""

    def __init__(self, ledger: str | None, tree: Tree, faults: Faults) -> None:
        self.ledger = ledger
        self.tree = tree
        self.format: int | None = None  # of the first entry
        self.last = 0  # position
        self.whole = True  # no position was missing, so that the tree is the log's
        self._faults = faults
        self._chain = Chain(faults)
        self._before: datetime | None = None
        self._stack = ExitStack()
        self._identities = self._stack.enter_context(Spool(secrets.token_bytes(32)))
        self._subjects = self._stack.enter_context(Spool(secrets.token_bytes(32)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._stack.close()

    def page(self, page: Page) -> None:
        """The next entries."""
        leaves = [sha256(b"\0" + raw).digest() for raw in page.lines]
        positions: list[int] = []
        recorded: list[datetime] = []
        for number, raw in enumerate(page.lines):
            row = None if page.rows is None else page.rows[number]
            line = self._line(raw, row)
            positions.append(self.last)
            if line is not None:
                self._before = line.recorded
            recorded.append(self._before or _EPOCH)
        passed = self.tree.grow(leaves, [commit.last for commit in page.commits])
        if page.rows is not None:
            self._chain.grow(positions, leaves, recorded)
            self._chain.check(page.commits, passed)

    def _line(self, raw: bytes, row: Sequence[Any] | None) -> Line | None:
        expected = self.last + 1
        try:
            line = lines.read(raw)
        except lines.UNREADABLE as error:
            self._placed(expected if row is None else row[0], expected)
            self._faults.add(self.last, "unreadable", f"it is not an entry: {error}")
            return None
        position = line.position if row is None else row[0]
        if position != expected:
            self._placed(position, expected)
        self.last = position
        self._judge(line)
        if row is not None and row != _columns(line):
            self._differ(position, row, _columns(line))
        return line

    def _judge(self, line: Line) -> None:
        """What a line says by itself and beside the one before it."""
        event = line.event
        if self.ledger is None:
            self.ledger = line.ledger
        if self.format is None:
            self.format = line.format
        lines.check(line, self.ledger, self._faults, self.format)
        if self._before is not None and line.recorded < self._before:
            told = (
                f"it was recorded at {line.recorded}, before the entry that stands before it, {self._before}"
            )
            self._faults.add(self.last, "recorded", told)
        self._identities.add(f"{event.source}\0{event.id}".encode(), self.last, 0)
        self._subjects.add(event.subject.encode(), self.last, line.version)

    def _placed(self, position: int, expected: int) -> None:
        self.last = position
        if position == expected:
            return
        self.whole = False
        if position > expected:
            gap = f"{expected} is" if position == expected + 1 else f"{expected} to {position - 1} are"
            self._faults.add(expected, "order", f"position {gap} missing: position {position} stands here")
        else:
            self._faults.add(expected, "order", f"position {position} stands here")

    def _differ(self, position: int, row: Sequence[Any], said: Sequence[Any]) -> None:
        for name, stored, own in zip(COLUMNS, row, said, strict=True):
            if stored != own:
                told = f"the column {name} holds {stored!s:.100}, the entry says {own!s:.100}"
                self._faults.add(position, "column", told)

    def end(self, told: int = 0) -> None:
        """No more entries; the last commit, or whoever counts them, tells of `told`."""
        self._chain.end()
        if told > self.last:
            ends = f"the entries end at position {self.last}, but there were {told}"
            self._faults.add(self.last + 1, "order", ends)
        repeated(self._identities, self._faults)
        for met in self._subjects.met():
            due = met.number_before + 1 if met.again else 1
            if met.number != due:
                wrong = f"it is version {met.number} of its subject, where version {due} is due"
                self._faults.add(met.position, "version", wrong)


def repeated(identities: Spool, faults: Faults) -> None:
    """Identities that are there more than once."""
    for met in identities.met():
        if met.again:
            told = f"its source and id are those of position {met.before}"
            faults.add(met.position, "identity", told)


def _columns(line: Line) -> tuple[Any, ...]:
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


_EPOCH = datetime.min
