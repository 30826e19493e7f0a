"""A whole log checked: its entries read once, then whatever was claimed of it."""

from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from services.audit import database, files, lines
from services.audit.claims import Claim, Trust, compare, heard
from services.audit.faults import Faults
from services.audit.log import Log
from services.audit.report import Report, Signed
from services.audit.work import STRETCH
from services.audit.workers import Workers
from services.failures import UNREACHABLE, CommandFailed

if TYPE_CHECKING:
    from services.audit.website import Website  # whose libraries a database needs not wait for

_ENOUGH = 4 * 1024 * 1024  # bytes without an entry, to know that a file is something else

Step = Callable[[int, int | None], None]  # entries read so far, and in all, where that is known


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to hold a log against."""

    target: str
    trust: Trust = Trust()
    checkpoints: Sequence[tuple[str, bytes]] = ()  # kept ones: where they come from, and their bytes
    claims: Sequence[Claim] = ()  # of view answers


class Findings:
    """What is gathered while a log is checked."""

    def __init__(self, asked: Asked, origin: str | None = None, faults: Faults | None = None) -> None:
        self.asked = asked
        self.faults = faults or Faults()
        self.claims = list(asked.claims)
        self.signed: list[Signed] = []
        self.notes: list[str] = []
        self._origin = origin
        for who, data in asked.checkpoints:
            self.hear(data, who)

    def hear(self, data: bytes, who: str, size: int | None = None) -> None:
        """Take a checkpoint among what is compared; `size` is what stands beside it, if something does."""
        found = heard(data, who, self.asked.trust, self.faults, self._origin)
        if found is not None:
            self.signed.append(found[0])
            self.claims.append(found[1])
            if size not in (None, found[1].size):
                told = f"the column size of {who} is {size}, the checkpoint itself says {found[1].size}"
                self.faults.add(0, "column", told)

    def report(self, ledger: str | None, entries: int, root: bytes | None) -> Report:
        """Sum up. Raises CommandFailed if keys were given and there was nothing to check them on."""
        if self.asked.trust.anybody and not self.signed and not self.faults.count:
            told = (
                "keys were given, but there is no checkpoint whose signature they could check: --checkpoint"
            )
            raise CommandFailed(told, UNREACHABLE)
        times = [seen.at for signed in self.signed for seen in signed.witnesses]
        if self.signed and not self.asked.trust.anybody:
            self.notes.append("no key was given (--key, --policy), so no signature was checked")
        if not self.signed:
            self.notes.append("no checkpoint was compared: who rewrote everything would not be noticed")
        if self.asked.claims:
            self.notes.append("answers rest on these entries; their figures were not worked out anew")
        return Report(
            "wrong" if self.faults.count else "right",
            self.asked.target,
            ledger,
            entries,
            None if root is None else root.hex(),
            self.signed,
            max(times, default=None),
            self.notes,
            self.faults.listed(),
            self.faults.count,
        )


async def of_files(target: Path, asked: Asked, step: Step, workers: Workers | None = None) -> Report:
    """Entries in a file or directory. Raises CommandFailed: there is none to be found."""
    if not files.paths(target):
        raise CommandFailed(f"there are no entries to check: {target} holds no *.ndjson file", UNREACHABLE)
    entries = files.lines(target)
    first: list[bytes] = []
    size = 0
    for line in entries:
        first.append(line)
        size += len(line)
        if size > _ENOUGH or lines.is_entry(line):
            break
    if not first or not lines.is_entry(first[-1]):
        raise CommandFailed(files.no_entries(target, first), UNREACHABLE)
    findings = Findings(asked)
    with Log(findings.faults, findings.claims, step, workers) as log:
        await log.read_lines(chain(first, entries), None)
        return _reported(log, findings)


async def of_website(site: "Website", asked: Asked, step: Step, workers: Workers | None = None) -> Report:
    """A ledger behind its service: the checkpoint first, so that the entries reach at least as far."""
    findings = Findings(asked)
    note = site.checkpoint()
    if note is None:
        findings.notes.append("the service gives no signed checkpoint")
    else:
        findings.hear(note, "the checkpoint served")
    head = site.head()
    findings.claims.append(head)
    with Log(findings.faults, findings.claims, step, workers, head.size) as log:
        await log.read_lines(site.entries(head.size), site.ledger)
        if log.checker.whole:
            site.check_tiles(log.tree, findings.faults)
        return _reported(log, findings)


async def of_database(
    url: str, ledger: str, asked: Asked, step: Step, workers: Workers | None = None
) -> Report:
    """A ledger in the tables."""
    async with database.opened(url, ledger) as tables:
        findings = Findings(asked, tables.origin)
        stored = await tables.checkpoint()
        if stored is not None:
            note, size = stored
            findings.hear(note, "the checkpoint in the database", size)
        with Log(findings.faults, findings.claims, step, workers, tables.told) as log:
            await log.read_tables(tables, STRETCH)
            await tables.find_strays(findings.faults)
            if log.checker.whole:
                await tables.check_tiles(log.tree, findings.faults)
            return _reported(log, findings)


def _reported(log: Log, findings: Findings) -> Report:
    """With whatever was claimed of the log."""
    if log.format == 0 and findings.signed:
        # Of a log passed off as one of format 0, nobody would ask whether what is personal is sealed.
        told = "the log is of format 0, for which there are no checkpoints, but there is one"
        findings.faults.add(1, "format", told)
    roots = log.tree.roots if log.checker.whole else {}
    compare(findings.claims, roots, log.tree.size, findings.faults, log.ledger)
    return findings.report(log.ledger, log.tree.size, log.tree.frontier.root() if log.checker.whole else None)
