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
from services.projections.strands import TIED, kind
from services.projections.structure import Structure
from services.projections.views.ground import Ground, Structures
from services.projections.weaving import TooManyError, tied

_SQL: Final = "services.projections"
_MOST_ENTRIES: Final = 500  # beyond, it is quicker to ask for everything again
_MOST_ROWS: Final = 5_000
_SESSION: Final = type_of(SessionHeld)
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
    by_kind = _by_kind(structure, subjects, of, acts)
    if any(line.subject.startswith("space/") and line.type != _SESSION for line in lines):
        by_kind["space"] = ANYTHING  # what it is called shows wherever a session of it ever shared something
    return Change(since, ground.position, by_kind)


async def _named(
    connection: Connection, ground: Ground, since: int, subjects: Collection[str]
) -> Names | None:
    """What these subjects name, and all work that belongs together with it; None if that is too much."""
    of = await _facts(connection, ground, since, subjects)
    if of is None:
        return None
    on = {name for names in of.values() for name in names}
    try:
        together = await tied(connection, ground.ledger, ground.generation, on, _MOST_ROWS)
    except TooManyError:
        return None
    beside = await _facts(connection, ground, since, [one for one in together if one not in of])
    return None if beside is None else of | beside


async def _facts(
    connection: Connection, ground: Ground, since: int, subjects: Collection[str]
) -> Names | None:
    """What the facts of these subjects name; None if they are too many."""
    if len(subjects) >= _MOST_ROWS:
        return None
    asked = ground.ledger, ground.generation, sorted(subjects), since, ground.position, _MOST_ROWS
    rows = await connection.fetch(sql(_SQL, "moved_facts"), *asked)
    if len(rows) >= _MOST_ROWS:
        return None
    of: Names = {subject: {subject} for subject in subjects}
    for row in rows:
        of[row["subject"]].update(concerns(decode(row["kind"], row["body"])))
    return of


def _by_kind(
    structure: Structure,
    subjects: Collection[str],
    of: Names,
    acts: Sequence[asyncpg.Record],
) -> dict[str, Scope]:
    found: dict[str, Scope] = {}
    told = {name for one, names in of.items() if kind(one) not in STRUCTURE for name in names}
    work = scope_of(_widened(structure, told))
    for subject in subjects:
        match kind(subject):
            case "domain" | "matrix" if TIED.isdisjoint(map(kind, of[subject])):
                domains = scope_of(_tree(structure, of[subject])).domains
                named = msgspec.structs.replace(ANYTHING, domains=domains)
            case "pulse" | "lesson":  # of a body, and where rows rest on it, whatever domain is asked about
                named = msgspec.structs.replace(work, domains=None)
            case it if it in STRUCTURE:  # who sits where and stands above whom shows wherever they decide
                named = ANYTHING
            case _:
                named = work
        _add(found, kind(subject), named)
    if len(acts) >= _MOST_ROWS:
        found[ACTS] = ANYTHING
    else:
        for act in acts:
            _add(found, ACTS, scope_of(_widened(structure, list(_act(act)))))
    return found


def _add(found: dict[str, Scope], kind: str, scope: Scope) -> None:
    found[kind] = found[kind] | scope if kind in found else scope


def _widened(structure: Structure, names: Collection[str]) -> Iterator[str]:
    """With the domains ever above, every id of an actor, and who has or had seats where."""
    for name in names:
        yield name
        match name.partition("/"):
            case "actor", _, id:
                yield from _everywhere(structure, id)
            case "body", _, id:
                for seat in structure.bodies.seats(id):
                    yield from _everywhere(structure, seat.actor)
            case "domain", _, id:
                yield from (f"domain/{above}" for above in structure.matrix.ever_above(id))


def _everywhere(structure: Structure, actor: str) -> Iterator[str]:
    """An actor by every id that ever was merged with this one, and the bodies it ever sat in."""
    who = structure.actors.who(actor)
    yield from (f"actor/{one}" for one in structure.actors.group(who))
    yield from (f"body/{body}" for body in structure.bodies.sat_in(who))


def _tree(structure: Structure, names: Collection[str]) -> Iterator[str]:
    """Domains, with those ever above them and those ever below, which inherit."""
    for id in {name.partition("/")[2] for name in names if name.startswith(("domain/", "matrix/"))}:
        for other in structure.matrix.ever_above(id) | structure.matrix.ever_below(id):
            yield f"domain/{other}"


def _act(row: asyncpg.Record) -> Iterator[str]:
    yield f"decision/{row['decision']}"
    if row["initiative"] is not None:
        yield f"initiative/{row['initiative']}"
    yield from (f"domain/{scope}" for scope in row["scopes"][1:])
    for side in ("actual_node", "actual_seat", "stated_node", "stated_seat"):
        yield from row[side]
