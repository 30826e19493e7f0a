"""Histories from events, without a database: through the worker's own engine, kept in memory."""

from collections.abc import Coroutine, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from services.projections.changes import Changes
from services.projections.engine import Engine
from services.projections.facts.fact import OPEN, Fact
from services.projections.facts.occurrences import Occurrence
from services.projections.feed import Fed
from services.projections.history import Act, History, streams_of
from services.projections.structure import Structure
from services.projections.subjects import Room, Subjects
from services.projections.views.records import act_of
from tests.oracle.memory import COLUMNS, Memory
from tests.recorded import FIRST, Json, entries

T = TypeVar("T")
HOUR = timedelta(hours=1)


class _Kept(Memory):
    """The rows in memory, facts too."""

    def __init__(self) -> None:
        super().__init__()
        self.facts: dict[Any, tuple[Fact, int]] = {}

    async def write(self, changes: Changes) -> None:
        await super().write(changes)
        self.facts |= changes.facts
        for key, known_to in changes.ended_facts.items():
            self.facts[key] = self.facts[key][0], known_to


def past(
    events: Sequence[Json], at: datetime | None = None, known: int | None = None, every: timedelta = HOUR
) -> History:
    """What had occurred by `at`, as known at the position `known`; by default the recorded time there.

    Positions are places in `events`, from 1; one is recorded `every` so often, never before it occurred.
    """
    recorded = _fed(events, every)[: known or None]
    at = at or (recorded[-1].recorded if recorded else FIRST)
    kept = _driven(_taken(recorded))
    return _history(kept, at)


def rows(events: Sequence[Json], every: timedelta = HOUR) -> Memory:
    """All that the engine writes of events: what was ever known, and from when to when."""
    return _driven(_taken(_fed(events, every)))


def _fed(events: Sequence[Json], every: timedelta) -> list[Fed]:
    lines = entries("acme", events, every)
    return [Fed(n, _recorded(line), line, None) for n, line in enumerate(lines, 1)]


async def _taken(page: Iterable[Fed]) -> _Kept:
    kept = _Kept()
    await kept.write(await Engine(Subjects(Room(1 << 40))).take(page, kept))
    assert not kept.parked, next(iter(kept.parked.values()))
    return kept


def _history(kept: _Kept, at: datetime) -> History:
    structure = Structure()
    facts = [fact for fact, known_to in kept.facts.values() if known_to == OPEN]
    for fact in facts:
        if fact.structural:
            structure.add(fact)
    told = [fact for fact in facts if isinstance(fact, Occurrence) and fact.valid_from <= at]
    told.sort(key=lambda fact: (fact.valid_from, fact.position))
    corrected = {
        fact.position: known_from
        for (*_, known_from), (fact, known_to) in kept.facts.items()
        if isinstance(fact, Occurrence) and known_to == OPEN and known_from > fact.position
    }
    acts = sorted(_acts(kept, at), key=lambda act: (act.at, act.position))
    return History(at, structure, streams_of(told, acts), corrected)


def _acts(kept: _Kept, at: datetime) -> Iterable[Act]:
    for (decision, position, *_), (act, known_to) in kept.acts.items():
        if known_to == OPEN and act.at_from <= at < act.at_to:
            row = dict(zip(COLUMNS, act.columns, strict=True))
            yield act_of(row | {"decision": decision, "position": position, "stands_to": act.stands_to}, at)


def _recorded(line: bytes) -> datetime:
    text = line.partition(b'"recorded":"')[2].partition(b'"')[0].decode()
    return datetime.fromisoformat(text)


def _driven(work: Coroutine[Any, Any, T]) -> T:
    """The result of what never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("nothing in memory waits")
