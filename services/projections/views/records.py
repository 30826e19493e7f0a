"""Occurrences and acts from the rows they are kept in."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any, Final, TypeAlias, cast

import asyncpg

from services.projections.facts.occurrences import OCCURRENCES, Occurrence
from services.projections.facts.registry import decode
from services.projections.history import Act
from services.projections.strands import WORK

KINDS: Final = frozenset(one.kind for one in OCCURRENCES.values())
FEW: Final = frozenset(it for it in KINDS if it.partition(".")[0] not in WORK)
"""Of other subjects than work, of which there are few."""
Row: TypeAlias = asyncpg.Record | Mapping[str, Any]


def occurrence(row: asyncpg.Record) -> Occurrence:
    """What a row of facts says."""
    return cast("Occurrence", decode(row["kind"], row["body"]))


def act_of(row: Row, as_of: datetime) -> Act:
    """An act from the columns of its row."""
    return Act(
        decision=row["decision"],
        position=row["position"],
        at=row["occurred"],
        first=row["window"],
        stands=row["stands_to"] > as_of,
        word=_once(row["word"]),
        outcome=_once(row["outcome"]),
        status=_once(row["status"]),
        inferred=row["inferred"],
        initiative=row["initiative"],
        home=_once(row["home"]),
        scopes=tuple(map(intern, row["scopes"][1:])),
        stakes=_once(row["stakes"]),
        row_domain=_once(row["row_domain"]),
        row_position=row["row_position"],
        mandate=row["mandate"],
        vacant=row["vacant"],
        node=_units(row, "actual_node"),
        seat=_units(row, "actual_seat"),
        stated_node=_units(row, "stated_node"),
        stated_seat=_units(row, "stated_seat"),
    )


def _units(row: Row, name: str) -> Mapping[str, int]:
    return _of_holders(tuple(row[name]), tuple(row[f"{name}_units"]))


@lru_cache(maxsize=8_192)
def _of_holders(holders: tuple[str, ...], units: tuple[int, ...]) -> Mapping[str, int]:
    """Of many acts the same."""
    return MappingProxyType(dict(zip(map(intern, holders), units, strict=True)))


def _once(text: Any) -> Any:
    """The same text, held once however many acts say it; or None."""
    return None if text is None else intern(text)
