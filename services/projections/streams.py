"""A subject's entries as heard, and what they say once corrections and retractions are taken in. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from schemas.event import Corrected, Retracted
from schemas.registry import read_data
from services.projections.facts.fact import Said

_CORRECTING: Final = frozenset({Corrected, Retracted})


class Heard(Said, frozen=True, kw_only=True, gc=False):
    """An entry of a subject as recorded: what a correction may replace is still as published.

    It is also what the entry says while nothing corrects it; a time ahead of its recording counts as that.
    """

    recorded: datetime
    type: str
    time: datetime
    size: int  # bytes as stored


def corrects(entry: Heard) -> bool:
    """Whether it speaks about another entry of its subject."""
    return type(entry.data) in _CORRECTING


def restated(entries: Sequence[Heard]) -> list[Said]:
    """What a subject's entries say in (occurred, position) order: the last word by position on each counts.

    A correction replaces what it gives and leaves the rest as first published, whatever earlier ones said.
    Raises msgspec.ValidationError if it gives data that its type cannot hold.
    """
    last: dict[tuple[str, str], Heard] = {}
    for entry in entries:  # in order of position
        if isinstance(entry.data, Corrected | Retracted):
            last[entry.data.source, entry.data.id] = entry
    result = [
        _corrected(entry, last.get((entry.source, entry.id))) for entry in entries if not corrects(entry)
    ]
    return sorted((one for one in result if one is not None), key=in_order)


def in_order(entry: Said) -> tuple[datetime, int]:
    """A stream's order: occurred, then position."""
    return entry.occurred, entry.position


def _corrected(entry: Heard, word: Heard | None) -> Said | None:
    if word is None:
        return entry
    if not isinstance(word.data, Corrected):
        return None
    occurred = entry.occurred
    if word.data.time is not None:
        occurred = min(word.data.time.astimezone(UTC), word.recorded)
    data = entry.data
    if word.data.data is not None:
        data = read_data(entry.type, msgspec.json.encode(word.data.data))
    return Said(entry.position, occurred, data, entry.source, entry.id)
