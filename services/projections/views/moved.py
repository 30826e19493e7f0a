"""Reads what changed between two positions of the rows that are served."""

from collections.abc import Collection, Iterator
from typing import Final

import asyncpg

from services.platform.database import sql
from services.projections.changed import ACTS, ANYTHING, Change, Scope, concerns, scope_of
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
)


async def moved(connection: Connection, ground: Ground, structures: Structures, since: int) -> Change:
    """What changed after a position up to the ground's; whatever there is if that is too much to tell."""
    whole = Change(since, ground.position, None)
    if not 0 <= ground.position - since <= _MOST_ENTRIES:
        return whole
    entries = await feed(connection, ground.ledger, since, ground.position - since)
    subjects = {read_line(one.entry).subject for one in entries}
    rows = await _facts(connection, ground, since, subjects)
    about = {name for row in rows for name in _names(row) if name.startswith(("decision/", "initiative/"))}
    rows += await _facts(connection, ground, ground.position, about - subjects)
    acts = await connection.fetch(
        sql(_SQL, "moved_acts"), ground.ledger, ground.generation, since, ground.position, _MOST_ROWS
    )
    if len(rows) >= _MOST_ROWS:
        return whole
    structure = await structures.of(connection, ground)
    return Change(since, ground.position, _by_kind(ground, structure, subjects, rows, acts))


async def _facts(
    connection: Connection, ground: Ground, since: int, subjects: Collection[str]
) -> list[asyncpg.Record]:
    asked = (ground.ledger, ground.generation, sorted(subjects), since, ground.position, _PLACED, _MOST_ROWS)
    return list(await connection.fetch(sql(_SQL, "moved_facts"), *asked)) if subjects else []


def _by_kind(
    ground: Ground,
    structure: Structure,
    subjects: Collection[str],
    rows: list[asyncpg.Record],
    acts: list[asyncpg.Record],
) -> dict[str, Scope]:
    of: dict[str, set[str]] = {subject: {subject} for subject in subjects}
    for row in rows:
        of.setdefault(row["subject"], set()).update(_names(row))
    found: dict[str, Scope] = {}
    for subject in subjects:
        names = set(of[subject]).union(*(of.get(name, ()) for name in of[subject]))
        _add(found, subject.partition("/")[0], scope_of(_widened(structure, ground, names)))
    if len(acts) >= _MOST_ROWS:
        found[ACTS] = ANYTHING
    else:
        for act in acts:
            _add(found, ACTS, scope_of(_act(act)))
    return found


def _add(found: dict[str, Scope], kind: str, scope: Scope) -> None:
    found[kind] = found[kind] | scope if kind in found else scope


def _names(row: asyncpg.Record) -> Iterator[str]:
    return concerns(decode(row["kind"], row["body"]))


def _widened(structure: Structure, ground: Ground, names: Collection[str]) -> Iterator[str]:
    """With the domains above, and those that actors were merged into."""
    for name in names:
        kind, _, id = name.partition("/")
        yield name
        if kind == "actor":
            yield structure.actors.holder(name)
        elif kind in ("domain", "matrix"):
            yield from (f"domain/{above}" for above in structure.matrix.chain(id, ground.as_of))


def _act(row: asyncpg.Record) -> Iterator[str]:
    yield f"decision/{row['decision']}"
    if row["initiative"] is not None:
        yield f"initiative/{row['initiative']}"
    yield from (f"domain/{scope}" for scope in row["scopes"][1:])
    for side in ("actual_node", "actual_seat", "stated_node", "stated_seat"):
        yield from row[side]
