"""Reads what changed between two positions of the rows that are served."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeAlias

import asyncpg
import msgspec

from schemas.registry import type_of
from schemas.space import SessionHeld
from services.platform.database import sql
from services.projections.changed import ACTS, ANYTHING, STRUCTURE, Change, Scope, concerns, scope_of
from services.projections.connection import Connection
from services.projections.facts.registry import decode
from services.projections.feed import feed, read_line
from services.projections.structure import Structure
from services.projections.views.ground import Ground, Structures

_SQL: Final = "services.projections"
_MOST_ENTRIES: Final = 500  # beyond, it is quicker to ask for everything again
_MOST_ROWS: Final = 5_000
_PLACED: Final = (
    "decision.opened",
    "decision.made",
    "initiative.proposed",
    "consultation.requested",
    "space.opened",
    "experiment.started",
    "debrief.held",
    "lesson.recorded",
    "knot.raised",
)
_SESSION: Final = type_of(SessionHeld)
_ON: Final = ("decision", "initiative", "consultation", "experiment", "debrief", "lesson")
"""What is told of these is told of what they are about, too: a lesson of a debrief about a decision."""
_STEPS: Final = 4
Names: TypeAlias = dict[str, set[str]]
"""By subject, whatever its facts name."""


async def moved(connection: Connection, ground: Ground, structures: Structures, since: int) -> Change:
    """What changed after a position up to the ground's; whatever there is if that is too much to tell."""
    whole = Change(since, ground.position, None)
    if not 0 <= ground.position - since <= _MOST_ENTRIES:
        return whole
    entries = await feed(connection, ground.ledger, since, ground.position - since)
    lines = [read_line(one.entry) for one in entries]
    subjects = {line.subject for line in lines}
    of = await _named(connection, ground, since, subjects)
    acts = await connection.fetch(
        sql(_SQL, "moved_acts"), ground.ledger, ground.generation, since, ground.position, _MOST_ROWS
    )
    if of is None:
        return whole
    structure = await structures.of(connection, ground)
    by_kind = _by_kind(ground, structure, subjects, of, acts)
    if any(line.subject.startswith("space/") and line.type != _SESSION for line in lines):
        by_kind["space"] = ANYTHING  # what it is called shows wherever a session of it ever shared something
    return Change(since, ground.position, by_kind)


async def _named(
    connection: Connection, ground: Ground, since: int, subjects: Collection[str]
) -> Names | None:
    """What these subjects name, and what is about the same in turn; None if that is too much."""
    of: Names = {}
    new, read = set(subjects), 0
    for _ in range(_STEPS):
        asked = (ground.ledger, ground.generation, sorted(new), since, ground.position, _PLACED, _MOST_ROWS)
        rows = await connection.fetch(sql(_SQL, "moved_facts"), *asked)
        read += len(rows)
        if read >= _MOST_ROWS:
            return None
        of |= {name: {name} for name in new}
        for row in rows:
            of[row["subject"]].update(concerns(decode(row["kind"], row["body"])))
        await _decided(connection, ground, of, new)
        on = {name for names in of.values() for name in names if name.partition("/")[0] in _ON}
        new, since = on - of.keys(), ground.position  # of those that did not change, where they belong
        if not new:
            break
    return of


async def _decided(connection: Connection, ground: Ground, of: Names, subjects: Collection[str]) -> None:
    """To what initiatives concern, the decisions made in them."""
    initiatives = sorted(name for name in subjects if name.startswith("initiative/"))
    asked = (ground.ledger, ground.generation, initiatives, ground.position)
    for about, decision in await connection.fetch(sql(_SQL, "moved_decided"), *asked) if initiatives else ():
        of[about].add(decision)


def _by_kind(
    ground: Ground,
    structure: Structure,
    subjects: Collection[str],
    of: Names,
    acts: Sequence[asyncpg.Record],
) -> dict[str, Scope]:
    found: dict[str, Scope] = {}
    for subject in subjects:
        kind = subject.partition("/")[0]
        if kind in ("domain", "matrix"):
            named = msgspec.structs.replace(
                ANYTHING, domains=scope_of(_tree(structure, ground, of[subject])).domains
            )
        elif kind in STRUCTURE:  # who sits where and stands above whom shows wherever they decide
            named = ANYTHING
        else:
            named = scope_of(_widened(structure, ground, _reached(of, subject)))
        _add(found, kind, named)
    if len(acts) >= _MOST_ROWS:
        found[ACTS] = ANYTHING
    else:
        for act in acts:
            _add(found, ACTS, scope_of(_widened(structure, ground, list(_act(act)))))
    return found


def _reached(of: Names, subject: str) -> set[str]:
    """Whatever a subject names, and what it leads on to."""
    found, new = {subject}, {subject}
    while new:
        new = {name for one in new for name in of.get(one, ())} - found
        found |= new
    return found


def _add(found: dict[str, Scope], kind: str, scope: Scope) -> None:
    found[kind] = found[kind] | scope if kind in found else scope


def _widened(structure: Structure, ground: Ground, names: Collection[str]) -> Iterator[str]:
    """With the domains above, those that actors were merged into, and who has or had seats where."""
    for name in names:
        kind, _, id = name.partition("/")
        yield name
        if kind == "actor":
            holder = structure.actors.holder(name)
            yield holder
            yield from (f"body/{body}" for body in structure.bodies.sat_in(holder[6:]))
        elif kind == "body":
            seats = structure.bodies.seats(id)
            yield from (structure.actors.holder(f"actor/{seat.actor}") for seat in seats)
        elif kind == "domain":
            yield from (f"domain/{above}" for above in structure.matrix.chain(id, ground.as_of))


def _tree(structure: Structure, ground: Ground, names: Collection[str]) -> Iterator[str]:
    """Domains, with those above them and those below, which inherit."""
    for id in {name.partition("/")[2] for name in names if name.startswith(("domain/", "matrix/"))}:
        for other in (*structure.matrix.chain(id, ground.as_of), *structure.matrix.below(id, ground.as_of)):
            yield f"domain/{other}"


def _act(row: asyncpg.Record) -> Iterator[str]:
    yield f"decision/{row['decision']}"
    if row["initiative"] is not None:
        yield f"initiative/{row['initiative']}"
    yield from (f"domain/{scope}" for scope in row["scopes"][1:])
    for side in ("actual_node", "actual_seat", "stated_node", "stated_seat"):
        yield from row[side]
