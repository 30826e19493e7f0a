"""All that the demo plants is found, nothing that looks like it, and nothing beyond it: over all patterns."""

from datetime import datetime

import pytest

from services.connectors.demo import events, truth
from services.projections.knots.knot import Found
from services.projections.knots.registry import episodes
from services.projections.knots.settings import Settings
from tests.pasts import past

SEEDS = [12, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 31))]
Named = tuple[str, str, frozenset[str]]


def named(pattern: str, scope: str, actors: list[str] | tuple[str, ...]) -> Named:
    return pattern, scope, frozenset(actors)


@pytest.mark.parametrize("seed", SEEDS)
def test_exactly_what_is_planted_is_open_above_info(seed: int) -> None:
    told, said = truth(seed), list(events(seed))
    history = past(said, at=datetime.fromisoformat(told["at"]))
    still: dict[Named, Found] = {
        named(one.pattern, one.scope, one.actors): one
        for one in episodes(history, Settings())
        if one.until is None
    }
    planted = {
        named(one["pattern"], one["scope"], one["actors"]): one
        for one in told["knots"]
        if not one["near_miss"]
    }
    near = {named(one["pattern"], one["scope"], one["actors"]) for one in told["knots"] if one["near_miss"]}
    assert {key for key, one in still.items() if one.severity != "info"} == set(planted)
    assert not near & still.keys() - planted.keys()
    places = {(event["source"], event["id"]): place for place, event in enumerate(said, 1)}
    for key, one in planted.items():
        shown = {places[entry["source"], entry["id"]] for entry in one["entries"]}
        assert shown & set(still[key].entries), key
