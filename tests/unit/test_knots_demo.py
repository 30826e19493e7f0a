"""The detectors find what the demo says it planted, with its actors and entries, and no near miss."""

from datetime import datetime
from typing import Any

import pytest

from services.connectors.demo import events, truth
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS, episodes
from services.projections.knots.settings import Settings
from tests.pasts import past

SEEDS = (1, 2, 3, 7, 11, 42)
MINE = {
    "churn",
    "incoherence",
    "meta-authority",
    "overlap",
    "override habit",
    "retroactive",
    "self-approval",
    "shadow authority",
    "stale statement",
    "stalled",
    "unformalised",
    "unstated",
    "vacant",
}


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def told(seed: int) -> dict[str, Any]:
    return truth(seed)


@pytest.fixture(scope="module")
def found(seed: int, told: dict[str, Any]) -> list[Found]:
    history = past(list(events(seed)), datetime.fromisoformat(told["at"]))
    return [one for one in episodes(history, Settings()) if one.pattern in MINE]


@pytest.fixture(scope="module")
def places(seed: int) -> dict[tuple[str, str], int]:
    return {(event["source"], event["id"]): place for place, event in enumerate(events(seed), 1)}


def shown(knot: dict[str, Any], found: list[Found], places: dict[tuple[str, str], int]) -> list[Found]:
    """The open episodes above info that show a knot of the truth: pattern, scope, actors, some entries."""
    entries = {places[entry["source"], entry["id"]] for entry in knot["entries"]}
    named = knot["pattern"], knot["scope"], tuple(sorted(knot["actors"]))
    same = [one for one in found if (one.pattern, one.scope, one.actors) == named]
    grave = [one for one in same if one.until is None and one.severity != "info"]
    return [one for one in grave if entries.intersection(one.entries)]


def knots(told: dict[str, Any], *, near: bool) -> list[dict[str, Any]]:
    return [knot for knot in told["knots"] if knot["near_miss"] == near and knot["pattern"] in MINE]


def test_every_pattern_is_found_by_looking() -> None:
    assert set(PATTERNS) >= MINE


def test_every_planted_knot_is_found_open_with_its_actors_and_entries(
    told: dict[str, Any], found: list[Found], places: dict[tuple[str, str], int]
) -> None:
    for knot in knots(told, near=False):
        assert len(shown(knot, found, places)) == 1, knot


def test_no_near_miss_is_found(
    told: dict[str, Any], found: list[Found], places: dict[tuple[str, str], int]
) -> None:
    assert [knot for knot in knots(told, near=True) if shown(knot, found, places)] == []


def test_ordinary_days_hold_nothing_above_info(told: dict[str, Any], found: list[Found]) -> None:
    written = {(k["pattern"], k["scope"], tuple(sorted(k["actors"]))) for k in told["knots"]}
    grave = {(one.pattern, one.scope, one.actors) for one in found if one.severity != "info"}
    assert grave - written == set()


def test_every_id_is_another(found: list[Found]) -> None:
    assert len({one.id for one in found}) == len(found)
