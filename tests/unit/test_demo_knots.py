"""What the demo says it planted is there, and what it calls a near miss is none."""

from typing import Any

import pytest

from services.connectors.demo import events, truth
from tests.demo_knots import Found, find
from tests.demo_reading import Reading

PATTERNS = {
    "shadow authority",
    "dominance",
    "hidden influence",
    "unstated",
    "vacant",
    "stalled",
    "overlap",
    "unformalised",
    "retroactive",
    "stale statement",
    "bypassed consultation",
    "uninformed",
    "rubber stamp",
    "approval habit",
    "bottleneck",
    "exclusion",
    "self-approval",
    "override habit",
    "churn",
    "incoherence",
    "meta-authority",
    "silos",
    "overdue",
    "unlearned",
    "unanswered agent",
}
SEEDS = (7, 1, 2)


def named(told: dict[str, Any], near: bool) -> dict[str, set[Found]]:
    found: dict[str, set[Found]] = {}
    for knot in told["knots"]:
        if knot["near_miss"] == near:
            found.setdefault(knot["pattern"], set()).add((knot["scope"], frozenset(knot["actors"])))
    return found


@pytest.fixture(scope="module", params=SEEDS)
def seed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def told(seed: int) -> dict[str, Any]:
    return truth(seed)


@pytest.fixture(scope="module")
def seen(seed: int, told: dict[str, Any]) -> dict[str, set[Found]]:
    return find(Reading(list(events(seed)), told["at"]))


def test_every_knot_has_a_planted_truth_and_a_near_miss(told: dict[str, Any]) -> None:
    assert set(named(told, near=False)) == set(named(told, near=True)) == PATTERNS


def test_the_truth_names_its_seed_its_moment_and_entries_that_were_published(
    seed: int, told: dict[str, Any]
) -> None:
    assert (told["seed"], told["at"]) == (seed, "2026-01-01T00:00:00Z")
    published = {(event["source"], event["id"]) for event in events(seed)}
    for knot in told["knots"]:
        entries = [(entry["source"], entry["id"]) for entry in knot["entries"]]
        assert entries
        assert len(set(entries)) == len(entries)
        assert published.issuperset(entries)
        assert knot["since"] < knot.get("until", told["at"])


def test_every_planted_knot_is_found_in_plain_loops(
    told: dict[str, Any], seen: dict[str, set[Found]]
) -> None:
    missing = {p: knots - seen[p] for p, knots in named(told, near=False).items() if knots - seen[p]}
    assert missing == {}


def test_no_near_miss_is_found(told: dict[str, Any], seen: dict[str, set[Found]]) -> None:
    planted = named(told, near=False)
    wrong = {p: (knots & seen[p]) - planted[p] for p, knots in named(told, near=True).items()}
    assert {p: knots for p, knots in wrong.items() if knots} == {}


def test_ordinary_days_hold_no_knots(told: dict[str, Any], seen: dict[str, set[Found]]) -> None:
    planted = named(told, near=False)
    assert {p: knots - planted[p] for p, knots in seen.items() if knots - planted[p]} == {}
