"""What `participation` says of each in random histories, the stories and the demo, against plain loops."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.participation.answer import Coverage, Part
from services.projections.participation.window import Participation
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import bounds, moments
from tests.oracle.reflective import reflective
from tests.oracle.taking_part import TakingPart
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near
from tests.oracle.test_influence_oracle import advised
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]
TAKEN = ("decided_alone", "decided_with_others", "asked_up", "could_alone")
ELSEWHERE = {"proposed", "advised", "advised_unasked", "advised_late", "attended", "facilitated", "decided"}
"""Kinds of contribution that have figures of their own."""


def told(part: Part) -> Facts:
    proposing, advising, deciding, attending = part.proposing, part.advising, part.deciding, part.attending
    return {
        "taken": {name: getattr(proposing, name).count for name in TAKEN},
        "advising": (advising.advised.count, advising.unasked.count, advising.late.count),
        "silent": advising.silent.count,
        "electing": (deciding.elector_heard.count, deciding.elector_silent.count),
        "attending": (attending.attended.count, attending.absent.count, attending.facilitated.count),
        "did": {kind: one.count for kind, one in part.contribution.items() if kind not in ELSEWHERE},
    }


def known(of: Coverage) -> Facts:
    return {
        "decisions": of.decisions.count,
        "inferred": of.inferred.count,
        "unknown": of.unknown.count,
        "unresolved": of.unresolved_share,
    }


def compare(answer: Facts, figures: Facts, where: Any) -> None:
    for name, found in figures.items():
        assert listed(answer[name]) == near(listed(found)), (name, where)


def agree(events: Sequence[Facts], rng: Random, times: int) -> None:
    for number, lines, seen, world, when in moments(events, rng, times):
        of = Waiting(world)
        start, end = bounds(rng, lines, seen.at) if number else (None, None)
        (window,) = Participation(seen, Question(start=start, end=end)).windows()
        taking = TakingPart(of, start, end)
        compare(known(window.coverage), taking.coverage(), (start, end, *when))
        for part in window.parts:
            compare(told(part), taking.part(part.holder), (part.holder, start, end, *when))


@pytest.mark.parametrize("seed", RANDOM)
def test_the_participation_in_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(reflective(advised(history(rng), rng), rng), rng, times=3)


@pytest.mark.parametrize("story", STORIES)
def test_the_participation_in_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 7])
def test_the_participation_in_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=1)
