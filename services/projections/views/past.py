"""Reads the history a view asks for from the rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.facts.fact import FOREVER
from services.projections.history import Act, History, streams_of
from services.projections.strands import WORK, kind
from services.projections.views.ground import Ground, NotReadYetError, Structures
from services.projections.views.question import FIRST, Question
from services.projections.views.records import FEW, KINDS, act_of, occurrence
from services.projections.weaving import tied

_SQL: Final = "services.projections"
_NEAR: Final = 4_096  # positions strands may be behind
_SINCE: Final = 3  # the first version of the facts with occurrences among them


class Part(NamedTuple):
    """The part of a history that a question is about; no start, end or domain: all there is."""

    start: datetime | None = None
    end: datetime | None = None
    domain: str | None = None
    """With all below it."""
    homes: frozenset[str] = frozenset()
    """Beside the domain, what names these."""
    titles: frozenset[str] = frozenset()
    """Work of these titles too, as `same` writes them, wherever it lies."""
    named: frozenset[str] = frozenset()
    """These subjects too, wherever they lie."""
    whenever: frozenset[str] = frozenset()
    """Of what lies in the domain these subjects too, whenever they were."""

    @classmethod
    def of(cls, question: Question) -> "Part":
        """What lies in the question's windows and domain."""
        return cls(question.start, question.end, question.domain)


ALL: Final = Part()


async def history(
    connection: Connection, ground: Ground, structures: Structures, part: Part = ALL
) -> History:
    """All that had occurred, with the acts of all decisions: the one put together before, if it is the same.

    Of a part, whatever has or may have something in it, whole: what belongs together is not torn apart. More
    may be given than was asked for. Everything that is read is read before the structure: nothing may be
    awaited while that is in use.
    """
    _are_there(ground)
    for kept_part in (ALL, part):
        kept = structures.histories.get((ground, kept_part))
        if kept is not None and kept.structure is await structures.of(connection, ground):
            return kept
    subjects = await _subjects(connection, ground, structures, part)
    if subjects is None:
        part = ALL
    followed = await structures.followed.find(connection, ground, begin=part.domain is None)
    if followed is not None:
        structure = await structures.of(connection, ground)
        work = None if subjects is None else frozenset(subjects)
        streams = followed.as_of(ground.as_of, ground.position, work)
        size = sum(len(stream.steps) for stream in streams.values())
        structures.histories.make_room((ground, part), size)
        found = History(ground.as_of, structure, streams)
        structures.histories.keep((ground, part), found)
        return found
    rows = await _occurred(connection, ground, subjects)
    structures.histories.make_room((ground, part), len(rows))
    decisions = None if subjects is None else _decisions(subjects)
    acts = await _acts(connection, ground, decisions)
    structure = await structures.of(connection, ground)
    found = History(ground.as_of, structure, streams_of(map(occurrence, rows), acts))
    structures.histories.keep((ground, part), found)
    return found


async def _occurred(
    connection: Connection, ground: Ground, subjects: Sequence[str] | None
) -> list[asyncpg.Record]:
    """What occurred to this work (None: to all), and to all subjects of other kinds."""
    kinds = sorted(KINDS if subjects is None else FEW)
    at = ground.position, ground.as_of
    rows = await connection.fetch(sql(_SQL, "view_history"), ground.ledger, ground.generation, kinds, *at)
    return rows + await _occurred_to(connection, ground, subjects) if subjects else rows


async def _subjects(
    connection: Connection, ground: Ground, structures: Structures, part: Part
) -> list[str] | None:
    """The decisions, initiatives and consultations of the strands that may have to do with a part.

    None where that would be no fewer than all, or strands have not come near to where the ground is.
    """
    if part[:3] == ALL[:3]:
        return None
    key = ground.ledger, ground.generation
    folded = await connection.fetchval(sql(_SQL, "strands_to"), *key) or 0
    if ground.position - folded > _NEAR:
        return None
    below = None
    if part.domain is not None:
        matrix = (await structures.of(connection, ground)).matrix
        below = sorted(matrix.ever_below(part.domain) | part.homes)
    last = min(part.end or FOREVER, ground.as_of)
    first = min(part.start or FIRST, ground.as_of)
    asked = *key, ground.position, last, first, below, sorted(part.titles), sorted(part.whenever)
    found = {row["subject"] for row in await connection.fetch(sql(_SQL, "view_strands"), *asked)}
    more = set(part.named - found)
    if folded < ground.position:  # what moved may belong together with more than it did
        moved = await connection.fetch(sql(_SQL, "strands_moved"), *key, folded, ground.position)
        more.update(row["subject"] for row in moved)
    together = await tied(connection, *key, more)
    return sorted(found.union(subject for subject in together if kind(subject) in WORK))


def _decisions(subjects: Sequence[str]) -> list[str]:
    """Bare ids."""
    return [subject[9:] for subject in subjects if subject.startswith("decision/")]


async def rest(connection: Connection, ground: Ground, structures: Structures) -> History:
    """All that had occurred to other than decisions, initiatives and consultations: spaces, debriefs, …"""
    _are_there(ground)
    rows = await _occurred(connection, ground, ())
    streams = streams_of(map(occurrence, rows))
    return History(ground.as_of, await structures.of(connection, ground), streams)


async def history_of(
    connection: Connection, ground: Ground, structures: Structures, subjects: Sequence[str]
) -> History:
    """What had occurred to these subjects alone (`decision/d-7`), with their acts and who corrected what.

    An occurrence follows from its own entry alone: one known only later is as a correction has put it.
    """
    _are_there(ground)
    rows = await _occurred_to(connection, ground, subjects)
    acts = await _acts(connection, ground, _decisions(subjects))
    structure = await structures.of(connection, ground)
    corrected = {row["position"]: row["known_from"] for row in rows if row["known_from"] > row["position"]}
    return History(ground.as_of, structure, streams_of(map(occurrence, rows), acts), corrected)


async def _occurred_to(
    connection: Connection, ground: Ground, subjects: Sequence[str]
) -> list[asyncpg.Record]:
    at = ground.position, ground.as_of
    rows = await connection.fetch(
        sql(_SQL, "view_history_of"), ground.ledger, ground.generation, subjects, *at
    )
    return [row for row in rows if row["kind"] in KINDS]


async def _acts(connection: Connection, ground: Ground, decisions: Sequence[str] | None) -> list[Act]:
    rows = await connection.fetch(
        sql(_SQL, "view_acts"), ground.ledger, ground.generation, ground.position, ground.as_of, decisions
    )
    return [act_of(row, ground.as_of) for row in rows]


def _are_there(ground: Ground) -> None:
    """NotReadYetError while the rows served are those of an older version, which has no such facts."""
    if ground.facts_version < _SINCE:
        raise NotReadYetError("the facts this view reads are being built beside those that are served")
