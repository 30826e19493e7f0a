"""Participation, coordination, learning and trust: neither what came later nor any name changes a figure."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import pytest

from services.connectors import demo
from services.projections.coordination.window import coordination
from services.projections.history import History
from services.projections.learning.window import learning
from services.projections.participation.window import Participation
from services.projections.trust.window import associations, trust
from services.projections.views.question import Question
from tests.pasts import past

Json = dict[str, Any]
QUESTIONS: Final = (
    Question(),
    Question(interval="quarter", domain="pricing"),
    Question(interval="year", stakes="high"),
    Question(tense="standing", attested="recorded"),
)


def part(history: History, question: Question) -> Any:
    told = Participation(history, question)
    return [told.windows(), told.paths()]


def trusted(history: History, question: Question) -> Any:
    told = trust(history, question)
    return [told, associations(told)]


VIEWS: Final[Mapping[str, Callable[[History, Question], Any]]] = {
    "participation": part,
    "coordination": coordination,
    "learning": learning,
    "trust": trusted,
}


def answers(view: str, history: History) -> list[str]:
    return [msgspec.json.encode(VIEWS[view](history, question)).decode() for question in QUESTIONS]


@pytest.fixture(scope="module")
def story() -> list[Json]:
    """The demo in order of time; corrections are known from when they came, so they are another matter."""
    told = [e for e in demo.events(5) if not e["type"].startswith(("locus.event.", "locus.actor.merged"))]
    return sorted(told, key=lambda e: datetime.fromisoformat(e["time"]))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("at", ["2024-05-20T00:00:00Z", "2025-01-31T12:00:00Z", "2025-09-01T00:00:00Z"])
def test_as_of_an_instant_nothing_that_occurred_later_is_in_the_answer(
    view: str, at: str, story: list[Json]
) -> None:
    instant = datetime.fromisoformat(at)
    before = [e for e in story if datetime.fromisoformat(e["time"]) <= instant]
    assert answers(view, past(story, instant)) == answers(view, past(before, instant))


def renamed(text: str) -> str:
    """Every actor, body and domain by another name that sorts the other way."""
    return re.sub(r"\b([ab])-(\d+)\b", lambda m: f"{m[1]}x{999 - int(m[2])}", text)


def unordered(answer: Any) -> Any:
    """Lists in an order that does not follow from names."""
    if isinstance(answer, list):
        return sorted(map(unordered, answer), key=lambda one: json.dumps(one, sort_keys=True))
    return {key: unordered(one) for key, one in answer.items()} if isinstance(answer, dict) else answer


@pytest.mark.parametrize("view", VIEWS)
def test_other_names_give_the_same_figures(view: str) -> None:
    events = list(demo.events(5))
    other = json.loads(renamed(json.dumps(events)))
    ours, theirs = answers(view, past(events)), answers(view, past(other))
    for mine, yours in zip(ours, theirs, strict=True):
        assert unordered(json.loads(renamed(mine))) == unordered(json.loads(yours))


@pytest.mark.parametrize("view", VIEWS)
def test_the_order_in_which_independent_subjects_arrive_changes_positions_only(
    view: str, story: list[Json]
) -> None:
    """Same instants, other subjects first."""
    shuffled = sorted(story, key=lambda e: (datetime.fromisoformat(e["time"]), e["subject"][::-1]))
    at = datetime.fromisoformat("2025-12-01T00:00:00Z")
    assert unpositioned(answers(view, past(story, at))) == unpositioned(answers(view, past(shuffled, at)))


def unpositioned(found: list[str]) -> Any:
    return [unordered(without(json.loads(one))) for one in found]


def without(answer: Any) -> Any:
    if isinstance(answer, list):
        return [without(one) for one in answer]
    if isinstance(answer, dict):
        return {key: without(one) for key, one in answer.items() if key not in ("entries", "entry")}
    return answer
