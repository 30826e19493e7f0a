"""Of what the demo plants by chance, in advice, waiting and learning, all is found, and nothing else."""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from services.connectors.demo import events, truth
from services.projections.history import History
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from tests.pasts import past

MINE = (
    "approval habit",
    "bottleneck",
    "bypassed consultation",
    "dominance",
    "exclusion",
    "hidden influence",
    "overdue",
    "rubber stamp",
    "silos",
    "unanswered agent",
    "uninformed",
    "unlearned",
)
SEEDS = (1, 2, 3, 7, 11, 42)
Key = tuple[str, str, tuple[str, ...]]


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def told(seed: int) -> dict[str, Any]:
    return truth(seed)


@pytest.fixture(scope="module")
def history(seed: int, told: dict[str, Any]) -> History:
    return past(list(events(seed)), datetime.fromisoformat(told["at"]))


@pytest.fixture(scope="module")
def seen(history: History) -> list[Found]:
    return [found for name in MINE for found in PATTERNS[name].episodes(history, Settings())]


def named(told: dict[str, Any], near: bool) -> dict[Key, dict[str, Any]]:
    return {
        (knot["pattern"], knot["scope"], tuple(sorted(knot["actors"]))): knot
        for knot in told["knots"]
        if knot["pattern"] in MINE and knot["near_miss"] == near
    }


def key(found: Found) -> Key:
    return found.pattern, found.scope, found.actors


def test_every_planted_knot_is_open_at_the_end_and_shows_planted_entries(
    seed: int, told: dict[str, Any], seen: list[Found]
) -> None:
    position = {(event["source"], event["id"]): n for n, event in enumerate(events(seed), 1)}
    shown = {key(found): set(found.entries) for found in seen if found.until is None}
    for name, knot in named(told, near=False).items():
        planted = {position[entry["source"], entry["id"]] for entry in knot["entries"]}
        assert shown.get(name, set()) & planted, name


def test_no_near_miss_was_ever_found(told: dict[str, Any], seen: list[Found]) -> None:
    near = named(told, near=True).keys() - named(told, near=False).keys()
    assert {key(found) for found in seen} & near == set()


def test_ordinary_days_hold_nothing_above_info(told: dict[str, Any], seen: list[Found]) -> None:
    planted = named(told, near=False)
    assert [found for found in seen if found.severity != "info" and key(found) not in planted] == []


def test_ids_and_beginnings_stay_as_they_were_half_a_year_before(seed: int, seen: list[Found]) -> None:
    """What was open then is the same knot at the end."""
    then = datetime.fromisoformat("2025-07-01T00:00:00Z")
    earlier = past(list(events(seed)), then)
    before = [found for name in MINE for found in PATTERNS[name].episodes(earlier, Settings())]
    ids = {found.id for found in seen}
    assert before
    assert [found for found in before if found.until is None and found.id not in ids] == []


def test_every_knot_can_be_read(seen: list[Found]) -> None:
    for found in seen:
        assert found.sentence.endswith(".")
        assert found.actors == tuple(sorted(set(found.actors)))
        assert found.entries == tuple(sorted(set(found.entries)))
        assert all(actor in found.sentence or found.pattern == "unlearned" for actor in found.actors)


def test_renaming_every_actor_renames_knots_and_changes_nothing_else(
    seed: int, told: dict[str, Any], seen: list[Found]
) -> None:
    """The new names sort the other way round."""

    def renamed(text: str) -> str:
        return re.sub(r"\ba-(\d+)\b", lambda found: f"z-{500 - int(found[1])}", text)

    others = json.loads(renamed(json.dumps(list(events(seed)))))
    history = past(others, datetime.fromisoformat(told["at"]))
    again = [found for name in MINE for found in PATTERNS[name].episodes(history, Settings())]

    def told_of(found: Found) -> tuple[Any, ...]:
        actors = tuple(sorted(map(renamed, found.actors)))
        return found.pattern, found.scope, actors, found.since, found.until, found.figure, found.entries

    assert sorted(map(told_of, again)) == sorted(map(told_of, seen))
