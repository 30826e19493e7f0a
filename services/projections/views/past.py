"""Reads the history a view asks for from the rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, cast

import asyncpg

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.facts.occurrences import OCCURRENCES, Occurrence
from services.projections.facts.registry import decode
from services.projections.history import Act, History
from services.projections.views.ground import Ground, NotReadYetError, Structures

_SQL: Final = "services.projections"
_SINCE: Final = 3  # the first version of the facts with occurrences among them
Row: TypeAlias = asyncpg.Record | Mapping[str, Any]


async def history(connection: Connection, ground: Ground, structures: Structures) -> History:
    """All that had occurred, with the acts of all decisions: the one put together before, if it is the same.

    Everything that is read is read before the structure: nothing may be awaited while that is in use.
    """
    _are_there(ground)
    kept = structures.histories.get(ground)
    if kept is not None and kept.structure is await structures.of(connection, ground):
        return kept
    rows = await connection.fetch(
        sql(_SQL, "view_history"),
        ground.ledger,
        ground.generation,
        sorted(_KINDS),
        ground.position,
        ground.as_of,
    )
    structures.histories.make_room(ground, len(rows))
    acts = await _acts(connection, ground, None)
    structure = await structures.of(connection, ground)
    found = History(ground.as_of, structure, map(_occurrence, rows), acts)
    structures.histories.keep(ground, found)
    return found


async def history_of(
    connection: Connection, ground: Ground, structures: Structures, subjects: Sequence[str]
) -> History:
    """What had occurred to these subjects alone (`decision/d-7`), with their acts."""
    _are_there(ground)
    rows = await connection.fetch(
        sql(_SQL, "view_history_of"),
        ground.ledger,
        ground.generation,
        subjects,
        ground.position,
        ground.as_of,
    )
    decisions = [subject[9:] for subject in subjects if subject.startswith("decision/")]
    acts = await _acts(connection, ground, decisions)
    here = [row for row in rows if row["kind"] in _KINDS]
    return History(ground.as_of, await structures.of(connection, ground), map(_occurrence, here), acts)


_KINDS: Final = frozenset(one.kind for one in OCCURRENCES.values())


def _occurrence(row: asyncpg.Record) -> Occurrence:
    return cast("Occurrence", decode(row["kind"], row["body"]))


async def _acts(connection: Connection, ground: Ground, decisions: Sequence[str] | None) -> list[Act]:
    rows = await connection.fetch(
        sql(_SQL, "view_acts"), ground.ledger, ground.generation, ground.position, ground.as_of, decisions
    )
    return [act_of(row, ground.as_of) for row in rows]


def _are_there(ground: Ground) -> None:
    """NotReadYetError while the rows served are those of an older version, which has no such facts."""
    if ground.facts_version < _SINCE:
        raise NotReadYetError("the facts this view reads are being built beside those that are served")


def act_of(row: Row, as_of: datetime) -> Act:
    """An act from the columns of its row."""
    return Act(
        decision=row["decision"],
        position=row["position"],
        at=row["occurred"],
        first=row["window"],
        stands=row["stands_to"] > as_of,
        word=row["word"],
        outcome=row["outcome"],
        status=row["status"],
        inferred=row["inferred"],
        initiative=row["initiative"],
        home=row["home"],
        scopes=tuple(row["scopes"][1:]),
        stakes=row["stakes"],
        row_domain=row["row_domain"],
        row_position=row["row_position"],
        mandate=row["mandate"],
        vacant=row["vacant"],
        node=_units(row, "actual_node"),
        seat=_units(row, "actual_seat"),
        stated_node=_units(row, "stated_node"),
        stated_seat=_units(row, "stated_seat"),
    )


def _units(row: Row, name: str) -> dict[str, int]:
    return dict(zip(row[name], row[f"{name}_units"], strict=True))
