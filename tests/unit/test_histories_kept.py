"""Histories that are kept for who asks again: how many, and which are given up."""

from datetime import UTC, datetime

from services.projections.history import History
from services.projections.structure import Structure
from services.projections.views.kept import Histories

AT = datetime(2026, 1, 1, tzinfo=UTC)


def kept(histories: Histories, ground: str, occurrences: int) -> History:
    history = History(AT, Structure(), [])
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


def test_what_follows_from_a_history_is_worked_out_once_for_each_key() -> None:
    history, asked = History(AT, Structure(), []), []
    for key in ("a", "b", "a"):
        assert history.once(key, lambda key=key: asked.append(key) or key.upper()) == key.upper()  # type: ignore[misc]  # a lambda that notes it was called
    assert asked == ["a", "b"]
