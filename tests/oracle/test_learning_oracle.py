"""What `learning` says of random histories, the demo and the stories is what plain loops find."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.lasting import Took
from services.projections.learning.answer import LearningWindow
from services.projections.learning.window import learning
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import bounds, moments, narrowing, series
from tests.oracle.flowing import Flowing
from tests.oracle.learned import Learned
from tests.oracle.meeting import plain
from tests.oracle.oracle import World
from tests.oracle.reflective import reflective
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near

Facts = dict[str, Any]
COUNTS = ("started", "with_limits", "concluded", "supported", "refuted", "inconclusive", "open")
MOST, LATE = 50, 20


def narrower(rng: Random, world: World) -> Facts:
    """What may be asked of these."""
    return {n: value for n, value in narrowing(rng, world).items() if n not in ("actor", "attested")}


def rate(of: Any) -> tuple[int, int]:
    return of.count, of.of


def took(of: Took) -> Facts:
    return {"n": of.n, "open": of.open, "median": of.median_days, "p90": of.p90_days}


def owed(of: Sequence[Any]) -> list[Any]:
    assert [one.since for one in of] == sorted(one.since for one in of)
    return sorted((one.subject, one.since, one.days, one.entry) for one in of)


def told(window: LearningWindow) -> Facts:
    tried, back, lessons, wrong = window.experiments, window.debriefs, window.lessons, window.mistakes
    rates = ("documented", "debriefed", "with_lesson")
    return {
        "experiments": {name: getattr(tried, name).count for name in COUNTS}
        | {name: rate(getattr(tried, name)) for name in rates}
        | {"how long": took(tried.how_long), "overdue": owed(tried.overdue)},
        "debriefs": {
            "held": back.held.count,
            "participants": back.participants,
            "with_adjustments": back.with_adjustments.count,
        },
        "adjustments": {
            plain(one.text): {
                "text": one.text,
                "debriefs": one.debriefs.count,
                "first": one.first,
                "last": one.last,
            }
            for one in back.adjustments
        },
        "cover": {
            one.kind: {
                "looked back": rate(one.looked_back),
                "how soon": took(one.how_soon),
                "not yet": owed(one.not_yet),
            }
            for one in back.cover
            if one.looked_back.of
        },
        "lessons": {
            "recorded": lessons.recorded.count,
            "proposing": lessons.proposing.count,
            "by_source": {kind: one.count for kind, one in lessons.by_source.items()},
            "changed_matrix": rate(lessons.changed_matrix),
            "how long": took(lessons.how_long),
            "rows": sorted(
                (r.domain, r.lesson, *r.entries, r.learnt, r.stated, r.days, r.proposed) for r in lessons.rows
            ),
        },
        "mistakes": {"all": wrong.all.count}
        | {name: rate(getattr(wrong, name)) for name in ("debriefed", "with_lesson", "changed_matrix")},
    }


def plainly(of: Learned) -> Facts:
    return {
        "experiments": of.experiments(),
        "debriefs": of.debriefs(),
        "adjustments": of.adjustments(),
        "cover": of.cover(),
        "lessons": of.lessons(),
        "mistakes": of.turned(),
    }


def compare(window: LearningWindow, learned: Learned, where: Any) -> None:
    answer, figures = told(window), plainly(learned)
    repeated = [one.text for one in window.debriefs.repeated]
    assert repeated == [one.text for one in window.debriefs.adjustments if one.debriefs.count > 1]
    for kind, found in figures["cover"].items():
        if len(found["not yet"]) > LATE:
            found["not yet"] = answer["cover"][kind]["not yet"]
    if len(answer["adjustments"]) == MOST:
        figures["adjustments"] = {key: figures["adjustments"][key] for key in answer["adjustments"]}
    check(answer, figures, where)


def check(answer: Facts, figures: Facts, where: Any) -> None:
    for name, expected in figures.items():
        assert listed(answer[name]) == near(listed(expected)), (name, answer[name], expected, where)


def agree(events: Sequence[Facts], rng: Random, times: int, questions: int) -> None:
    for _, lines, seen, world, when in moments(events, rng, times):
        of = Flowing(world)
        for asked in range(questions):
            start, end = bounds(rng, lines, seen.at) if asked else (None, None)
            about = narrower(rng, world) if asked else {}
            interval = series(rng) if asked else None
            question = Question(
                start=start, end=end, interval=interval, **{n: about[n] for n in about if n != "level"}
            )
            windows = learning(seen, question, about.get("level"))
            for window in rng.sample(windows, min(2, len(windows))):
                where = about, window.from_, window.to, *when
                compare(window, Learned(of, window.from_, window.to, about), where)


@pytest.mark.parametrize("seed", RANDOM)
def test_the_learning_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(reflective(history(rng), rng), rng, times=2, questions=3)


@pytest.mark.parametrize("story", STORIES)
def test_the_learning_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=1, questions=2)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_learning_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=1, questions=2)
