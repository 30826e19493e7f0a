"""Half of the knots are those of plain loops: whose, where, since when, until when, how many, by what."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pytest

from services.connectors import demo, peps
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from tests.histories import by_the_week, history
from tests.oracle import knots_b
from tests.oracle.busy import _Busy, busy
from tests.oracle.knots_b_ground import LIMITS, Ground, Knot
from tests.oracle.oracle import read
from tests.pasts import HOUR, past
from tests.recorded import entries
from tests.stories.telling import Story
from tests.unit.test_ten_organisations import each_story

Json = dict[str, Any]
SEED = int(os.environ.get("LOCUS_SEED", "1"))
PEPS = os.environ.get("LOCUS_PEPS", "")
EASY = {
    "unlearned_days": 3,
    "uninformed_days": 2,
    "silos_days": 20,
    "dominance_least": 2,
    "influence_least": 2,
    "exclusion_least": 2,
    "tested_q": 0.8123,  # no ratio of small numbers, lest rounding decide
    "approval_least": 1,
    "stamp_least": 1,
    "stamp_bound": 0,
    "stamp_minutes": 100_000,
    "bottleneck_times": 1,
    "bottleneck_items": 1,
    "bottleneck_least_days": 0,
}
"""Thresholds low enough for short histories."""


class Asked(NamedTuple):
    """A history as of an instant and as known at a position."""

    events: list[Json]
    at: datetime | None = None
    known: int | None = None
    limits: Json = {}  # noqa: RUF012 — never changed


def compared(asked: Asked) -> Counter[str]:
    """Compare every pattern; how many knots of each there were."""
    seen = past(asked.events, asked.at, asked.known)
    ground = Ground(read(entries("acme", asked.events, HOUR)), asked.known, seen.at)
    counts: Counter[str] = Counter()
    for name, looked_for in knots_b.PATTERNS.items():
        plain = {_key(one): one for one in looked_for(ground, LIMITS | asked.limits)}
        found = {_key(one): one for one in PATTERNS[name].episodes(seen, Settings(**asked.limits))}
        assert plain.keys() == found.keys(), name
        for key, one in found.items():
            _agree(plain[key], one)
        counts[name] = len(found)
    return counts


def _key(one: Knot | Found) -> tuple[Any, ...]:
    return one.pattern, one.scope, one.actors, one.since


def _agree(plain: Knot, found: Found) -> None:
    assert plain.until == found.until, found
    rounded = {"days": 0.051, "part": 0.00005}.get(found.unit, 1e-9 * abs(found.figure))
    assert plain.figure == pytest.approx(found.figure, abs=rounded, rel=0), found
    assert plain.entries <= set(found.entries), found


def some(events: list[Json], rng: Random, limits: Json) -> Iterator[Asked]:
    """All of it; as of an instant near some event; as known at some position."""
    yield Asked(events, limits=limits)
    near = datetime.fromisoformat(rng.choice(events)["time"]) + timedelta(days=rng.choice([0, 0, 3, 40]))
    yield Asked(events, at=near, limits=limits)
    yield Asked(events, known=rng.randint(len(events) // 3, len(events)), limits=limits)


BUSY = [*range(SEED, SEED + 12), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(100, 400))]


@pytest.mark.parametrize("seed", BUSY)
def test_knots_of_busy_histories_are_those_of_plain_loops(seed: int) -> None:
    rng = Random(seed)
    for asked in some(busy(rng), rng, EASY):
        compared(asked)


@pytest.mark.parametrize("seed", BUSY)
def test_knots_of_random_histories_are_those_of_plain_loops(seed: int) -> None:
    rng = Random(seed)
    for asked in some(history(rng), rng, EASY):
        compared(asked)


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(SEED, SEED + 100))]
)
def test_knots_of_what_was_told_by_the_week_are_those_of_plain_loops(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_the_week(_Busy, monkeypatch)
    rng = Random(seed)
    for asked in some(busy(rng), rng, EASY):
        compared(asked)


def test_busy_histories_tie_knots_of_every_pattern() -> None:
    """Lest the comparison be of nothing. Everybody has a part among so few: the demo hides influence."""
    counts: Counter[str] = Counter()
    for seed in range(1, 7):
        counts += compared(Asked(busy(Random(seed)), limits=EASY))
    assert counts.keys() | {"hidden influence"} == knots_b.PATTERNS.keys()


@pytest.mark.parametrize("seed", [7, pytest.param(11, marks=pytest.mark.long)])
def test_knots_of_the_demo_are_those_of_plain_loops(seed: int) -> None:
    events = list(demo.events(seed))
    counts = compared(Asked(events))
    assert counts.keys() == knots_b.PATTERNS.keys()


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 12])
def test_knots_of_the_demo_as_of_and_as_known_earlier_are_those_of_plain_loops(seed: int) -> None:
    events = list(demo.events(seed))
    for asked in some(events, Random(seed), {}):
        compared(asked)


@each_story
def test_knots_of_the_stories_are_those_of_plain_loops(story: Story) -> None:
    compared(Asked(story.events, at=story.end))


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
@pytest.mark.parametrize("at", [None, "2018-12-01T00:00:00+00:00"])
def test_knots_of_the_peps_are_those_of_plain_loops(at: str | None) -> None:
    compared(Asked(list(peps.read(PEPS)), at=at and datetime.fromisoformat(at)))
