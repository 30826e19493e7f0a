"""Small organisations told by events, ten and eleven for finer points: each knot is found, and no other."""

import pytest

from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS, episodes
from services.projections.knots.settings import Settings
from tests.pasts import past
from tests.stories import (
    abbey,
    allotments,
    archive,
    brigade,
    city,
    clinic,
    combined,
    cooperative,
    faculty,
    forge,
    harbour,
    merger,
    museum,
    newspaper,
    orchestra,
    parish,
    pits,
    schools,
    startup,
    tryouts,
    ward,
)
from tests.stories.telling import Seen, Story

TEN = (brigade, city, cooperative, faculty, forge, newspaper, orchestra, schools, startup, ward)
FINER = (abbey, archive, harbour, merger, museum, pits)
OTHERS = (allotments, clinic, combined, parish, tryouts)
TOLD = tuple(one.told() for one in (*TEN, *FINER, *OTHERS))
MEASURED = """approval habit, bottleneck, bypassed consultation, churn, dominance, exclusion,
hidden influence, incoherence, meta-authority, overdue, overlap, override habit, retroactive, rubber stamp,
self-approval, shadow authority, silos, stale statement, stalled, unanswered agent, unformalised, uninformed,
unlearned, unstated, vacant"""
EVERY = frozenset(MEASURED.replace("\n", " ").split(", "))
each_story = pytest.mark.parametrize("story", TOLD, ids=[story.name for story in TOLD])


def _open(story: Story) -> list[Found]:
    found = episodes(past(story.events, at=story.end), Settings())
    assert all(one.since <= story.end for one in found), "nothing begins after the end"
    return [one for one in found if one.until is None or one.until > story.end]


def _is(seen: Seen, found: Found) -> bool:
    same = found.pattern == seen.pattern and found.scope in seen.scopes
    return same and (seen.actors is None or frozenset(found.actors) == seen.actors)


def _told(found: Found) -> str:
    return (
        f"{found.pattern} in {found.scope} of {', '.join(found.actors)} since {found.since}: {found.sentence}"
    )


@each_story
def test_every_knot_of_the_story_is_found_and_no_other(story: Story) -> None:
    found = [one for one in _open(story) if one.pattern in EVERY & set(PATTERNS)]
    wanted = [one for one in story.knots if one.pattern in PATTERNS]
    missing = [seen for seen in wanted if sum(_is(seen, one) for one in found) != 1]
    surplus = [_told(one) for one in found if not any(_is(seen, one) for seen in wanted)]
    assert (missing, surplus) == ([], [])


@each_story
def test_a_knot_begins_when_the_story_says_and_is_as_grave(story: Story) -> None:
    found = _open(story)
    for seen in story.knots:
        for one in (one for one in found if _is(seen, one)):
            assert seen.since is None or seen.since[0] <= one.since <= seen.since[1], _told(one)
            assert seen.severity in (None, one.severity), (one.severity, _told(one))


@each_story
def test_a_near_miss_is_no_knot_and_was_none_unless_it_was_mended(story: Story) -> None:
    ever, now = episodes(past(story.events, at=story.end), Settings()), _open(story)
    for missed in story.near_misses:
        found = now if missed.mended else ever
        near = [one for one in found if (one.pattern, one.scope) == (missed.pattern, missed.scope)]
        wrong = [_told(one) for one in near if missed.actors is None or missed.actors & set(one.actors)]
        assert wrong == [], missed.why


def test_the_stories_show_every_pattern_and_a_near_miss_of_each() -> None:
    assert {seen.pattern for story in TOLD for seen in story.knots} == EVERY
    assert {missed.pattern for story in TOLD for missed in story.near_misses} == EVERY
    assert all(20 <= len(story.events) <= 400 for story in TOLD)
    assert set(PATTERNS) <= EVERY
