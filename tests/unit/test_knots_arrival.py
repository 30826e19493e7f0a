"""Which knots there are does not hang on the order in which independent subjects came, nor on names."""

from collections.abc import Sequence
from random import Random
from typing import Any

from services.projections.knots.knot import Found
from services.projections.knots.registry import episodes
from services.projections.knots.settings import Settings
from tests.integration.test_arrival import shuffled
from tests.pasts import past
from tests.stories.telling import Story
from tests.unit.test_ten_organisations import each_story

Json = dict[str, Any]


def _known(story: Story, events: Sequence[Json]) -> list[tuple[Any, ...]]:
    """Every knot ever, with events in the place of positions."""
    found = episodes(past(events, at=story.end), Settings())
    return sorted(_told(one, events) for one in found)


def _told(one: Found, events: Sequence[Json]) -> tuple[Any, ...]:
    shown = sorted(events[position - 1]["id"] for position in one.entries)
    until = one.until is not None and one.until.isoformat()
    lasted = one.since.isoformat(), until, one.severity, one.figure, one.threshold, one.decisions
    return one.pattern, one.scope, one.actors, *map(str, lasted), str(shown), one.sentence, one.id


@each_story
def test_the_order_of_arrival_makes_no_difference(story: Story) -> None:
    events = story.events
    again = [told["event"] for told in shuffled([{"event": one} for one in events], Random(story.name))]
    assert again != events
    assert _known(story, again) == _known(story, events)


@each_story
def test_what_arrives_late_is_found_as_if_it_had_come_in_time(story: Story) -> None:
    rest = sorted(story.events, key=lambda event: event["time"])
    assert _known(story, rest) == _known(story, story.events)
