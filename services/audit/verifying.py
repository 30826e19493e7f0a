"""A whole log checked: its entries read once, then whatever was claimed of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from services.audit import database, files
from services.audit.checker import Checker, Page
from services.audit.claims import Claim, Trust, compare, heard
from services.audit.faults import Faults
from services.audit.report import Report, Signed
from services.audit.tree import Tree
from services.audit.website import Website
from services.failures import UNREACHABLE, CommandFailed

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

    def hear(self, data: bytes, who: str) -> None:
        """Take a checkpoint among what is compared."""
        found = heard(data, who, self.asked.trust, self.faults, self._origin)
        if found is not None:
            self.signed.append(found[0])
            self.claims.append(found[1])

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


async def of_files(target: Path, asked: Asked, step: Step) -> Report:
    """Entries in a file or directory. Raises CommandFailed: there is no file of entries."""
    if not files.paths(target):
        raise CommandFailed(f"there are no entries to check: {target} holds no *.ndjson file", UNREACHABLE)
    findings = Findings(asked)
    return await _checked(files.pages(target), None, findings, 0, step)


async def of_website(site: Website, asked: Asked, step: Step) -> Report:
    """A ledger behind its service: the checkpoint first, so that the entries reach at least as far."""
    findings = Findings(asked)
    note = site.checkpoint()
    if note is None:
        findings.notes.append("the service gives no signed checkpoint")
    else:
        findings.hear(note, "the checkpoint served")
    head = site.head()
    findings.claims.append(head)
    return await _checked(site.pages(head.size), site.ledger, findings, head.size, step, site.check_tiles)


async def of_database(url: str, ledger: str, asked: Asked, step: Step) -> Report:
    """A ledger in the tables."""
    async with database.opened(url, ledger) as log:
        findings = Findings(asked, log.origin)
        note = await log.checkpoint()
        if note is not None:
            findings.hear(note, "the checkpoint in the database")
        return await _checked(
            log.pages(), ledger, findings, log.told, step, log.check_tiles, log.check_mentions
        )


async def _checked(
    pages: AsyncIterator[Page],
    ledger: str | None,
    findings: Findings,
    told: int,
    step: Step,
    check_tiles: Callable[[Tree, Faults], Awaitable[None]] | None = None,
    check_mentions: Callable[[Faults], Awaitable[None]] | None = None,
) -> Report:
    with ExitStack() as stack:
        tree = stack.enter_context(closing(Tree(claim.size for claim in findings.claims)))
        checker = stack.enter_context(Checker(ledger, tree, findings.faults))
        async for page in pages:
            checker.page(page)
            step(tree.size, told or None)
        checker.end(told)
        if check_tiles is not None and checker.whole:
            await check_tiles(tree, findings.faults)
        if check_mentions is not None:
            await check_mentions(findings.faults)
        roots = tree.roots if checker.whole else {}
        compare(findings.claims, roots, tree.size, findings.faults, checker.ledger)
        return findings.report(checker.ledger, tree.size, tree.frontier.root() if checker.whole else None)
