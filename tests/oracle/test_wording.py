"""What answers say in words is what the figures beside them say, in every view that says anything."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.cases import Narrowing
from services.projections.coordination.window import coordination
from services.projections.dossier import decision, initiative
from services.projections.flow.found import found as all_work
from services.projections.flow.parts import flow
from services.projections.history import History
from services.projections.influence.parts import found as all_advice
from services.projections.influence.parts import influence
from services.projections.knots.settings import Settings
from services.projections.learning.window import learning
from services.projections.overview.building import overview
from services.projections.participation.window import Participation
from services.projections.trust.window import associations, trust
from services.projections.views.answer import RestsOn
from services.projections.views.question import Question, Window
from tests.histories import history
from tests.oracle.reflective import reflective
from tests.oracle.test_flow_oracle import RANDOM, STORIES
from tests.oracle.test_influence_oracle import advised
from tests.oracle.wording import told, unfounded
from tests.pasts import past

MANY = 15
QUOTED = {"Overview", "Conversations", "Flowing"}
"""These say again what the view they link to says, and what their own parts do."""


def answers(seen: History) -> Iterator[Any]:
    question, windows = Question(), [Window(None, None)]
    rests_on = RestsOn(ledger="acme", position=1, root="", view="", version=1, at=seen.at, known_at=seen.at)
    lived = trust(seen, Question(interval="month"))
    yield from (coordination(seen, question), learning(seen, question), lived, associations(lived))
    yield Participation(seen, question).windows()
    yield flow(seen, all_work(seen, Narrowing()), windows)
    yield influence(seen, all_advice(seen, question, None), windows, "node")
    yield overview(rests_on, seen, Settings(), question, 365)
    yield from (decision.dossier(rests_on, seen, one) for one in list(seen.decisions)[:MANY])
    briefs = {}
    for one in list(seen.initiatives)[:MANY]:
        whole = initiative.dossier(rests_on, seen, one)
        briefs |= {brief.decision: brief.in_words for brief in whole.decisions}
        yield whole
    for one, words in briefs.items():
        assert decision.dossier(rests_on, seen, one).in_words == words


def agree(seen: History) -> Counter[str]:
    counted: Counter[str] = Counter()
    for answer in answers(seen):
        for text, beside, within in told(answer):
            name = type(beside).__name__
            if name not in QUOTED and name != "Brief":
                assert unfounded(text, beside, within) == [], (text, beside)
                counted[name] += 1
    return counted


@pytest.mark.parametrize("seed", RANDOM)
def test_words_of_random_histories_are_their_figures(seed: int) -> None:
    rng = Random(seed)
    assert agree(past(reflective(advised(history(rng), rng), rng)))


@pytest.mark.parametrize("story", STORIES)
def test_words_of_the_stories_are_their_figures(story: ModuleType) -> None:
    assert agree(past(story.told().events))


@pytest.mark.long
@pytest.mark.parametrize("seed", [3, 7])
def test_words_of_the_demo_are_their_figures(seed: int) -> None:
    assert len(agree(past(list(demo.events(seed))))) > MANY
