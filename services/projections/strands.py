"""Strands: pieces of work that belong together, so that a question reads only those it may be about.

An initiative, its decisions, and what was asked, tried, looked back on and learnt about them are one strand,
by all that was ever known. A strand says too much rather than too little: whoever is given one looks again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
import msgspec

from services.platform.database import sql
from services.projections import generations
from services.projections.connection import Connection, tenant
from services.projections.coordination.sharing import same
from services.projections.facts.fact import BEGINNING, FOREVER

_SQL: Final = "services.projections"
STEP: Final = 16_384  # positions taken at once
_SETTLES: Final = (
    *("decision.made", "decision.overridden", "decision.superseded"),
    *("initiative.completed", "initiative.withdrawn"),
)
_OVER: Final = (
    *("decision.made", "decision.overridden", "initiative.completed", "initiative.withdrawn"),
    *("consultation.closed", "experiment.concluded"),
)
_ASKS: Final = (
    *("decision.opened", "decision.amended", "decision.escalated", "decision.reopened"),
    *("initiative.paused", "initiative.resumed", "consultation.requested", "experiment.started"),
)
WORK: Final = frozenset({"decision", "initiative", "consultation"})
_TIED: Final = WORK | {"debrief", "experiment", "lesson"}


class Told(NamedTuple):
    """What there is to know of one subject: see `strands_read.sql`."""

    subject: str
    opens: datetime
    closes: datetime
    known_from: int
    changed: int
    about: Sequence[str]
    domains: Sequence[str]
    """Each list of domains it ever named, as JSON."""
    proposed: Sequence[str]
    """Domains whose row a lesson would change."""
    titles: Sequence[str]
    filed: str | None
    last: str | None
    settled: datetime | None
    asked: datetime | None


class Strand(NamedTuple):
    """One strand: see the columns of `projections.strands`."""

    strand: str
    subjects: Sequence[str]
    domains: Sequence[str] | None
    titles: Sequence[str]
    opens: datetime
    closes: datetime
    known_from: int
    changed: int


def woven(told: Iterable[Told]) -> list[Strand]:
    """The strands of subjects of which all that belong together are here."""
    of = {one.subject: one for one in told}
    ends = _ends(of.values())
    return [_strand([of[subject] for subject in sorted(tied)], ends) for tied in _tied(of)]


def _ends(told: Iterable[Told]) -> Mapping[str, datetime]:
    """When each piece of work was last decided or ended, an initiative also by those filed under it."""
    found: dict[str, datetime] = {}
    for one in told:
        if one.settled is not None:
            for subject in {one.subject, one.filed or one.subject}:
                found[subject] = max(found.get(subject, one.settled), one.settled)
    return found


def _tied(of: Mapping[str, Told]) -> Iterator[set[str]]:
    beside: dict[str, set[str]] = defaultdict(set)
    for one in of.values():
        for about in one.about:  # what nobody has heard of ties as well
            if _kind(about) in _TIED:
                beside[one.subject].add(about)
                beside[about].add(one.subject)
    seen: set[str] = set()
    for subject in of:
        if subject in seen:
            continue
        found, next_ = {subject}, [subject]
        while next_:
            new = beside[next_.pop()] - found
            found |= new
            next_.extend(new)
        seen |= found
        yield found & of.keys()


def _strand(members: Sequence[Told], ends: Mapping[str, datetime]) -> Strand:
    open_ = any(_is_open(one, ends) for one in members)
    return Strand(
        strand=members[0].subject,
        subjects=[one.subject for one in members if _kind(one.subject) in WORK],
        domains=_domains(members),
        titles=sorted({same(title) for one in members for title in one.titles}),
        opens=min(one.opens for one in members),
        closes=FOREVER if open_ else max(one.closes for one in members),
        known_from=min(one.known_from for one in members),
        changed=max(one.changed for one in members),
    )


def _is_open(one: Told, ends: Mapping[str, datetime]) -> bool:
    """Whether anything of it may last beyond what last occurred: it is not decided, or somebody is waited on.

    An initiative that has been decided about is open where its decisions are, or while it is paused. What was
    decided at the instant it was asked may have come before, and what superseded it decided nothing.
    """
    match _kind(one.subject):
        case "decision" | "experiment":
            return one.last not in _OVER
        case "initiative":
            ended, asked = ends.get(one.subject, BEGINNING), one.asked or BEGINNING
            return one.last == "initiative.paused" or ended < asked
        case "consultation":
            asked = one.asked or FOREVER
            answered = one.about and all(ends.get(about, BEGINNING) > asked for about in one.about)
            return one.last != "consultation.closed" and not answered
        case _:
            return False


def _domains(members: Iterable[Told]) -> list[str] | None:
    """The domains any of them named; None where one is about what has domains of its own."""
    found: set[str] = set()
    for one in members:
        for listed in one.domains:
            found.update(msgspec.json.decode(listed, type=list[str]))
        found.update(one.proposed)
        for about in one.about:
            if _kind(about) in ("domain", "matrix"):
                found.add(about.partition("/")[2])
            elif _kind(about) not in _TIED:
                return None
    return sorted(found)


def _kind(subject: str) -> str:
    return subject.partition("/")[0]


async def step(pool: asyncpg.Pool, ledger: str, generation: int) -> tuple[int, int]:
    """Bring strands on by one step; gives the position they came to and the checkpoint's.

    What is read is worked out outside any transaction, so that none is idle for long; then written, if
    strands are still where they were. If we crash before that commits, they are.
    """
    async with tenant(pool, ledger) as connection:
        await connection.execute(sql(_SQL, "cells_begin"), ledger, generation)
        checkpoint = (await generations.checkpoint(connection, ledger, generation)).position
        before = await connection.fetchval(sql(_SQL, "strands_hold"), ledger, generation)
        if checkpoint == before:
            return before, checkpoint
        upto = min(before + STEP, checkpoint)
        rows = await connection.fetch(sql(_SQL, "strands_moved"), ledger, generation, before, upto)
        subjects = await tied(connection, ledger, generation, [row["subject"] for row in rows])
        asked = ledger, generation, subjects, [*_ASKS, *_OVER], _SETTLES
        told = await connection.fetch(sql(_SQL, "strands_read"), *asked)
    found = woven(map(_of_row, told))
    async with tenant(pool, ledger) as connection:
        held = await connection.fetchval(sql(_SQL, "strands_hold"), ledger, generation)
        rows_at = (await generations.checkpoint(connection, ledger, generation)).position
        # Another process was quicker; or rows are gone again, as commits do not wait for the disk.
        if held != before or rows_at < upto:
            return held or 0, rows_at
        await connection.execute(sql(_SQL, "strands_clear"), ledger, generation, subjects)
        strands = [(ledger, generation, *strand) for strand in found]
        await connection.execute(sql(_SQL, "strands_write"), strands)
        await connection.execute(sql(_SQL, "strands_folded"), ledger, generation, upto)
    return upto, checkpoint


async def tied(connection: Connection, ledger: str, generation: int, subjects: Iterable[str]) -> list[str]:
    """These subjects and all that belong together with them."""
    found = next_ = {subject for subject in subjects if _kind(subject) in _TIED}
    while next_:
        rows = await connection.fetch(sql(_SQL, "strands_beside"), ledger, generation, sorted(next_))
        next_ = {row["subject"] for row in rows if _kind(row["subject"]) in _TIED} - found
        found = found | next_
    return sorted(found)


def _of_row(row: asyncpg.Record) -> Told:
    told = Told(**dict(row))
    titles, proposed = ([one for one in many or () if one] for many in (told.titles, told.proposed))
    return told._replace(about=told.about or (), domains=told.domains or (), titles=titles, proposed=proposed)
