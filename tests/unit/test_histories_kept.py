"""Histories that are kept for who asks again: how many, and which are given up."""

import gc
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from weakref import ref

import pytest

from services.projections.cases import Narrowing
from services.projections.coordination.window import coordination
from services.projections.flow.found import found as flowing
from services.projections.flow.parts import flow
from services.projections.history import History
from services.projections.influence.parts import found as influencing
from services.projections.influence.parts import influence
from services.projections.knot_lives import lives
from services.projections.knots.settings import Settings
from services.projections.learning.window import learning
from services.projections.overview.building import overview
from services.projections.participation.window import Participation
from services.projections.structure import Structure
from services.projections.trust.window import trust
from services.projections.views.answer import RestsOn
from services.projections.views.kept import Histories
from services.projections.views.question import Question, windows
from tests.histories import history
from tests.pasts import past

AT = datetime(2026, 1, 1, tzinfo=UTC)


def kept(histories: Histories, ground: str, occurrences: int) -> History:
    history = History(AT, Structure(), {})
    histories.make_room(ground, occurrences)
    histories.keep(ground, history)
    return history


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    histories = Histories(room=10)
    first, second = kept(histories, "first", 5), kept(histories, "second", 5)
    assert histories.get("first") is first
    third = kept(histories, "third", 4)
    assert histories.get("second") is None
    assert histories.get("second") is not second
    assert (histories.get("first"), histories.get("third")) == (first, third)


def test_one_that_fills_more_than_all_the_room_is_not_kept_and_leaves_none_beside_it() -> None:
    histories = Histories(room=10)
    kept(histories, "first", 5)
    kept(histories, "large", 11)
    assert histories.get("first") is None
    assert histories.get("large") is None


Q = Question()
RESTS_ON = RestsOn(ledger="acme", position=1, root="", view="", version=1, at=AT, known_at=AT)
ASKED: dict[str, Callable[[History], object]] = {
    "knots": lambda of: lives(of, Settings()),
    "overview": lambda of: overview(RESTS_ON, of, Settings(), Q, 365),
    "flow": lambda of: flow(of, flowing(of, Narrowing.of(Q, None)), windows(Q, None, AT)),
    "influence": lambda of: influence(of, influencing(of, Q, None), windows(Q, None, AT), "node"),
    "participation": lambda of: (Participation(of, Q, None).windows(), Participation(of, Q, None).paths()),
    "coordination": lambda of: coordination(of, Q, None, None),
    "learning": lambda of: learning(of, Q, None),
    "trust": lambda of: trust(of, Q, None),
}


@pytest.mark.parametrize("view", ASKED)
def test_nothing_holds_on_to_a_history_that_is_given_up(view: str) -> None:
    """Neither what an answer leaves behind nor the answer: no search for garbage is needed."""
    histories, of = Histories(room=10), past(history(Random(3)))
    histories.make_room("first", 10)
    histories.keep("first", of)
    gc.collect()
    gc.disable()
    try:
        answer, seen = ASKED[view](of), ref(of)
        del of
        assert seen() is not None
        histories.make_room("second", 1)
        assert seen() is None, answer
    finally:
        gc.enable()


def test_one_too_large_to_be_kept_is_given_up_when_its_question_is_answered() -> None:
    histories, large = Histories(room=1), past(history(Random(3)))
    histories.make_room("large", 2)
    histories.keep("large", large)
    lives(large, Settings())
    gc.collect()
    gc.disable()
    try:
        seen = ref(large)
        del large
        assert seen() is not None
        histories.answered()
        assert seen() is None
    finally:
        gc.enable()


def test_what_follows_from_a_history_is_worked_out_once_for_each_key() -> None:
    history, asked = History(AT, Structure(), {}), []
    for key in ("a", "b", "a"):
        assert history.once(key, lambda key=key: asked.append(key) or key.upper()) == key.upper()  # type: ignore[misc]  # a lambda that notes it was called
    assert asked == ["a", "b"]
