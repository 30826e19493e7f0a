"""What `trust` says of random histories, the demo and the stories is what plain loops find."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.trust.answer import Lived, Signs
from services.projections.trust.window import associations, trust
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import bounds, moments, narrowing
from tests.oracle.oracle import World
from tests.oracle.reflective import reflective
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near
from tests.oracle.trusting import Trusting, together
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]
COUNTS = ("decided", "overrode", "proposed")
RATES = ("overridden", "reversed", "reopened", "escalated", "alone", "with_others", "asked_up", "could_alone")


def narrower(rng: Random, world: World) -> Facts:
    """What may be asked of these."""
    return {name: value for name, value in narrowing(rng, world).items() if name != "actor"}


def lived(one: Lived) -> Facts:
    names = ("stated", "experienced", "gap", "respondents", "compared", "fewest")
    return {name: getattr(one, name) for name in names} | {"pulses": one.pulses.count}


def signs(one: Signs) -> Facts:
    counts = {name: getattr(one, name).count for name in COUNTS}
    rates = {name: (getattr(one, name).count, getattr(one, name).of) for name in RATES}
    return counts | rates | {"closeness": one.closeness}


def agree(events: Sequence[Facts], rng: Random, times: int) -> None:
    for number, lines, seen, world, when in moments(events, rng, times):
        of = Waiting(world)
        start, end = bounds(rng, lines, seen.at) if number else (None, None)
        interval: Any = rng.choice((None, "month", "quarter"))
        about = narrower(rng, world) if number else {}
        asked = {name: value for name, value in about.items() if name != "level"}
        windows = trust(seen, Question(start=start, end=end, interval=interval, **asked), about.get("level"))
        expected = [Trusting(of, one.from_, one.to, about) for one in windows]
        for told, plain in zip(windows, expected, strict=True):
            compare(
                {
                    "lived": {one.question: lived(one) for one in told.lived if one.respondents},
                    "bodies lived": {(one.body, one.question): lived(one) for one in told.bodies_lived},
                    "signs": signs(told.signs),
                    "inferred": (told.inferred.count, told.inferred.of),
                    "bodies signs": {one.body: signs(one) for one in told.bodies_signs},
                },
                {
                    "lived": plain.lived(),
                    "bodies lived": plain.bodies_lived(),
                    "signs": plain.told(plain.body),
                    "inferred": (sum(a["attested"] == "inferred" for a in plain.made), len(plain.made)),
                    "bodies signs": plain.bodies(),
                },
                (about, told.from_, told.to, *when),
            )
        found = {(one.question, one.sign): (one.n, one.tau) for one in associations(windows) if one.n}
        compare({"together": found}, {"together": together(expected)}, (about, start, end, interval, *when))


def compare(answer: Facts, expected: Facts, where: Any) -> None:
    for name, figures in expected.items():
        assert listed(answer[name]) == near(listed(figures)), (name, answer[name], figures, where)


@pytest.mark.parametrize("seed", RANDOM)
def test_the_trust_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(reflective(history(rng), rng), rng, times=3)


@pytest.mark.parametrize("story", STORIES)
def test_the_trust_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_trust_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=2)
