"""Decisions counted and shared out in the database, by window and group."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import asyncpg
import msgspec

from services.platform.database import sql
from services.projections.connection import Connection
from services.projections.facts.fact import FOREVER
from services.projections.views.answer import Held, nothing_held
from services.projections.views.ground import Ground
from services.projections.views.question import FIRST, By, Lens, Question, Window

_SQL = "services.projections"
Place: TypeAlias = tuple[int, str]
"""Which window, from 0, and which group; the group '' is all."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of each sort. Sums are in units."""

    decisions: int = 0
    inferred: int = 0
    unknown: int = 0
    deferred: int = 0
    returned: int = 0
    unresolved: int = 0
    unstated: int = 0
    vacant: int = 0
    stated: int = 0
    stated_inferred: int = 0
    within: int = 0
    outside: int = 0
    unjudged: int = 0
    closeness: int = 0
    closeness_units: int = 0
    level_units: int = 0


class Sides(NamedTuple):
    """What the decisions under one domain's row come to, how many they are and how many were inferred."""

    by_holder: dict[str, list[int]]
    """Units stated and units actual, of everybody who has any."""
    decisions: int
    inferred: int


async def first(connection: Connection, ground: Ground, question: Question) -> datetime | None:
    """The first instant anything the question is about lies in."""
    asked = _chosen(ground, question, [Window(question.start, question.end)])
    found: datetime | None = await connection.fetchval(sql(_SQL, "view_first"), *asked)
    return found


async def counts(
    connection: Connection, ground: Ground, question: Question, windows: Sequence[Window], by: By
) -> dict[Place, Counts]:
    """Every group in which anything happened."""
    rows = await connection.fetch(sql(_SQL, "view_counts"), *_chosen(ground, question, windows), by)
    return {_place(row): Counts(**{name: int(row[name]) for name in _COUNTS}) for row in rows}


async def shares(
    connection: Connection, ground: Ground, question: Question, windows: Sequence[Window], by: By
) -> dict[Lens, dict[Place, Held]]:
    """Who has how much of each group, under either lens."""
    rows = await connection.fetch(sql(_SQL, "view_shares"), *_chosen(ground, question, windows), by)
    found: dict[Lens, dict[Place, Held]] = {"node": {}, "seat": {}}
    for row in rows:
        held = found[row["lens"]].setdefault(_place(row), nothing_held())
        held.add(row["holder"], int(row["units"]), row["decisions"], row["inferred"])
    return found


async def levels(
    connection: Connection, ground: Ground, question: Question, windows: Sequence[Window]
) -> dict[int, dict[int, tuple[int, int]]]:
    """By window, then by depth: units and decisions."""
    rows = await connection.fetch(sql(_SQL, "view_levels"), *_chosen(ground, question, windows))
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for row in rows:
        found.setdefault(row["bucket"] - 1, {})[row["level"]] = int(row["units"]), row["decisions"]
    return found


async def sides(
    connection: Connection, ground: Ground, question: Question, windows: Sequence[Window], by: By
) -> dict[Place, dict[str, Sides]]:
    """Both sides of each group, by the domain of the row."""
    rows = await connection.fetch(
        sql(_SQL, "view_drift"), *_chosen(ground, question, windows), by, question.lens
    )
    found: dict[Place, dict[str, Sides]] = {}
    for row in rows:
        rows_of = found.setdefault(_place(row), {})
        if row["holder"]:
            sides_of = rows_of.setdefault(row["row_domain"], Sides({}, 0, 0)).by_holder
            sides_of[row["holder"]] = [int(row["stated"]), int(row["actual"])]
        else:
            before = rows_of.get(row["row_domain"], Sides({}, 0, 0))
            rows_of[row["row_domain"]] = before._replace(decisions=row["decisions"], inferred=row["inferred"])
    return found


_COUNTS = Counts.__struct_fields__


def _place(row: asyncpg.Record) -> Place:
    return row["bucket"] - 1, row["key"]


def _chosen(ground: Ground, question: Question, windows: Sequence[Window]) -> list[Any]:
    """The parameters of `projections.chosen`. Windows follow one another without gaps."""
    return [
        ground.ledger,
        ground.generation,
        ground.position,
        ground.as_of,
        question.tense == "standing",
        windows[0].start or FIRST,
        windows[-1].end or FOREVER,
        [window.start or FIRST for window in windows],
        question.domain or "",
        question.body and f"body/{question.body}",
        question.actor and f"actor/{question.actor}",
        question.stakes,
        question.attested == "recorded",
        question.level,
    ]
