"""Whatever an organisation does, knots keep their promises: nothing raises, nothing is left to chance."""

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest

from services.connectors import demo
from services.projections.knot_lives import lives
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS, episodes
from services.projections.knots.settings import Settings
from tests.histories import ACTORS, START, history
from tests.pasts import past

SEEDS = range(40)
LOW = Settings(
    shadow_least=1, overlap_least=1, undone_least=2, stalled_days=3, stale_days=1, approval_least=1,
    stamp_least=1, stamp_bound=0, silos_days=5, unlearned_days=3, uninformed_days=2,
)  # fmt: skip


def asked(seed: int) -> Iterator[tuple[list[dict[str, Any]], datetime | None, int | None]]:
    """A random history, all of it, as of an earlier instant, and as known at an earlier position."""
    rng = Random(seed)
    events = history(rng)
    yield events, None, None
    yield events, START + timedelta(days=rng.uniform(1, 200)), None
    yield events, None, rng.randrange(1, len(events))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_knot_is_well_formed(seed: int) -> None:
    for events, at, known in asked(seed):
        seen = past(events, at, known)
        found = episodes(seen, LOW)
        assert len({one.id for one in found}) == len(found)
        for one in found:
            assert one.since <= seen.at
            assert one.until is None or one.since < one.until <= seen.at
            assert list(one.entries) == sorted(set(one.entries))
            assert set(one.entries) <= set(range(1, (known or len(events)) + 1))
            assert one.entries
            assert one.actors == tuple(sorted({seen.who(actor) for actor in one.actors}))
            assert 0 <= one.inferred <= one.decisions
            assert one.sentence.endswith(".")
            assert one.stated is None or one.since <= one.stated <= seen.at
        assert [one.found for one in lives(seen, LOW).knots] == found


def _renamed(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same with every actor called otherwise, in another order."""
    text = json.dumps(events)
    for place, actor in enumerate(ACTORS):
        text = text.replace(actor, f"z-{len(ACTORS) - place}")
    renamed: list[dict[str, Any]] = json.loads(text)
    return renamed


def _told(found: list[Found], called: dict[str, str]) -> list[tuple[Any, ...]]:
    return sorted(
        (one.pattern, one.scope, sorted(called.get(a, a) for a in one.actors), one.since, str(one.until),
         one.severity, one.figure, one.decisions, one.entries)
        for one in found
    )  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_names_do_not_matter(seed: int) -> None:
    events = [one for one in history(Random(seed)) if one["type"] != "locus.actor.merged.v1"]
    called = {f"actor/{a}": f"actor/z-{len(ACTORS) - place}" for place, a in enumerate(ACTORS)}
    one, other = past(events), past(_renamed(events))
    assert _told(episodes(one, LOW), called) == _told(episodes(other, LOW), {})


def _shuffled(events: list[dict[str, Any]], rng: Random) -> list[dict[str, Any]]:
    """The same, each subject's in their order, the subjects in any."""
    waiting: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
    for event in events:
        waiting[event["subject"]].append(event)
    subjects = [event["subject"] for event in events]
    rng.shuffle(subjects)
    return [waiting[subject].popleft() for subject in subjects]


def test_the_order_in_which_subjects_arrive_does_not_matter() -> None:
    events, at = list(demo.events(11)), datetime(2026, 1, 1, tzinfo=UTC)
    one, other = (episodes(past(told, at), Settings()) for told in (events, _shuffled(events, Random(1))))
    assert len(one) > 20
    assert [msgspec.structs.replace(knot, entries=()) for knot in one] == [
        msgspec.structs.replace(knot, entries=()) for knot in other
    ]


@pytest.mark.parametrize("at", ["0001-01-02", "0001-02-20", "0001-11-01", "2024-05-05", "9999-12-30"])
def test_facts_at_the_ends_of_the_calendar_hurt_nothing(at: str) -> None:
    events = history(Random(5))
    asked = datetime.fromisoformat(at).replace(tzinfo=UTC)
    episodes(past(events, asked), LOW)
    for place, event in enumerate(events):
        event["time"] = (datetime(1, 1, 2, tzinfo=UTC) + timedelta(hours=place)).isoformat()
    episodes(past(events, asked), LOW)


def test_random_histories_hold_knots_of_most_patterns() -> None:
    seen = {one.pattern for seed in SEEDS for one in episodes(past(history(Random(seed))), LOW)}
    assert len(seen) >= len(PATTERNS) // 2
