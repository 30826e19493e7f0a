"""Fetches what each view needs, in one snapshot, and lets its pure part answer."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from services.projections.connection import Connection
from services.projections.structure import Structure
from services.projections.views import authority, drift, folded, matrix, remit, tally
from services.projections.views.answer import RestsOn
from services.projections.views.ground import Ground, Structures
from services.projections.views.question import Question, Window, windows

T = TypeVar("T")


async def of_authority(
    question: Question, connection: Connection, ground: Ground, structures: Structures
) -> authority.Authority:
    """Where authority sat in the windows asked about."""
    question, asked = await _windows(connection, ground, structures, question)
    tallied = await _authority_tallied(connection, ground, structures, question, asked)
    structure = await structures.of(connection, ground)
    rests_on = ground.rests_on(authority.VIEW, authority.VERSION)
    return authority.authority(rests_on, question, asked, tallied, structure, ground.as_of)


async def of_drift(
    question: Question, connection: Connection, ground: Ground, structures: Structures
) -> drift.Drift:
    """How far apart the two sides were in the windows asked about."""
    question, asked = await _windows(connection, ground, structures, question)
    tallied = await _drift_tallied(connection, ground, structures, question, asked)
    structure = await structures.of(connection, ground)
    rests_on = ground.rests_on(drift.VIEW, drift.VERSION)
    return drift.drift(rests_on, question, asked, tallied, structure, ground.as_of)


async def _authority_tallied(
    connection: Connection,
    ground: Ground,
    structures: Structures,
    question: Question,
    asked: Sequence[Window],
) -> authority.Tallied:
    if not asked:
        return authority.Tallied(counts={}, node={}, seat={}, levels={})
    by = question.by
    if by in ("actor", "level") and folded.answers(ground, question, asked):
        cells = [await folded.shares(connection, ground, structures, question, window) for window in asked]
        return authority.Tallied(
            counts={(place, ""): folded.counts_of(cell) for place, cell in enumerate(cells)},
            node={(place, ""): folded.held_of(cell.node) for place, cell in enumerate(cells)},
            seat={(place, ""): folded.held_of(cell.seat) for place, cell in enumerate(cells)},
            levels={place: folded.levels_of(cell) for place, cell in enumerate(cells)},
        )
    return authority.Tallied(
        counts=await tally.counts(connection, ground, question, asked, by),
        **await tally.shares(connection, ground, question, asked, by),
        levels=await tally.levels(connection, ground, question, asked) if by == "level" else {},
    )


async def _drift_tallied(
    connection: Connection,
    ground: Ground,
    structures: Structures,
    question: Question,
    asked: Sequence[Window],
) -> drift.Tallied:
    if not asked:
        return drift.Tallied(counts={}, sides={})
    if question.by != "stakes" and folded.answers(ground, question, asked):
        cells = [await folded.sides(connection, ground, structures, question, window) for window in asked]
        return drift.Tallied(
            counts={(place, ""): folded.counts_of(cell) for place, cell in enumerate(cells)},
            sides={(place, ""): folded.sides_of(cell, question.lens) for place, cell in enumerate(cells)},
        )
    by = question.by if question.by == "stakes" else "actor"  # the others are read off the same groups
    return drift.Tallied(
        counts=await tally.counts(connection, ground, question, asked, by),
        sides=await tally.sides(connection, ground, question, asked, by),
    )


async def of_matrix(
    domain: str | None, connection: Connection, ground: Ground, structures: Structures
) -> matrix.MatrixAnswer:
    """The rows in force at the instant asked about. UnknownDomainError for a domain nobody has named."""
    structure = await structures.of(connection, ground)
    return matrix.matrix(ground.rests_on(matrix.VIEW, matrix.VERSION), structure, domain, ground.as_of)


async def of_remit(
    remit_of: Callable[[RestsOn, Structure, str, datetime], T],
    subject: str,
    connection: Connection,
    ground: Ground,
    structures: Structures,
) -> T:
    """The remit of a holder or a domain. UnknownDomainError for a domain nobody has named."""
    structure = await structures.of(connection, ground)
    return remit_of(ground.rests_on(remit.VIEW, remit.VERSION), structure, subject, ground.as_of)


async def _windows(
    connection: Connection, ground: Ground, structures: Structures, question: Question
) -> tuple[Question, list[Window]]:
    """The question with the actor who stands for the one asked about, and its windows."""
    if question.actor is not None:
        structure = await structures.of(connection, ground)
        question = msgspec.structs.replace(question, actor=structure.actors.who(question.actor))
    if question.interval is None:
        return question, windows(question, None, ground.as_of)
    first = None if question.start else await tally.first(connection, ground, question)
    return question, windows(question, first, ground.as_of)
