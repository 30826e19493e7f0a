"""Participation, coordination, learning and trust over random histories full of edge cases."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest

from services.projections.history import History
from services.projections.measures import UNIT
from services.projections.views.question import Question
from tests.histories import history
from tests.pasts import past
from tests.unit.test_life_invariants import VIEWS

QUESTIONS = (
    Question(),
    Question(interval="week"),
    Question(domain="d-a", interval="month"),
    Question(body="b-1"),
    Question(actor="a-1", stakes="high", tense="standing"),
)
NAMES_NOBODY_GAVE = {"name", "from", "to"}


def structs(answer: Any) -> Iterator[dict[str, Any]]:
    """Every object of an answer."""
    inside = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    if isinstance(answer, dict):
        yield answer
    for one in inside:
        if not (isinstance(answer, dict) and one is answer.get("why_null")):
            yield from structs(one)


def every(past: History) -> Iterator[dict[str, Any]]:
    for view in VIEWS.values():
        for question in QUESTIONS:
            yield from structs(msgspec.to_builtins(view(past, question)))


@pytest.mark.parametrize("seed", range(25))
def test_what_is_null_says_why_and_every_count_has_its_entries(seed: int) -> None:
    events = history(Random(seed))
    for struct in every(past(events)):
        if "why_null" in struct:
            missing = {name for name, value in struct.items() if value is None} - NAMES_NOBODY_GAVE
            assert missing == set(struct["why_null"])
        if "entries" in struct:
            entries = struct["entries"]
            assert len(entries) == len(set(entries)) <= 20
            assert all(1 <= entry <= len(events) for entry in entries)
        if set(struct) == {"count", "entries"}:
            assert min(struct["count"], 1) <= len(struct["entries"]) <= struct["count"]
        if "of" in struct and struct.get("rate") is not None:
            assert struct["rate"] == struct["count"] / struct["of"] <= 1
        if struct.get("gini") is not None:
            assert 0 <= struct["gini"] < 1
            assert 0 <= struct["without"] < struct["people"]


@pytest.mark.parametrize("seed", range(25))
def test_shares_are_whole_and_windows_add_up(seed: int) -> None:
    told = past(history(Random(seed)))
    whole, weeks = (msgspec.to_builtins(VIEWS["participation"](told, q)[0]) for q in QUESTIONS[:2])
    counted = [act for act in told.acts if act.status == "counted"]
    assert whole[0]["coverage"]["decisions"]["count"] == len({act.position for act in counted})
    if counted:
        node = sum(sum(act.node.values()) for act in counted) / (len(counted) * UNIT)
        assert sum(one["deciding"]["share_node"] for one in whole[0]["parts"]) == pytest.approx(node)
        assert node == 1
    for kind in ("deciding", "advising", "proposing", "waiting"):
        assert sum(one["spread"][kind]["n"] for one in weeks) == whole[0]["spread"][kind]["n"]
    learnt, by_week = (msgspec.to_builtins(VIEWS["learning"](told, q)) for q in QUESTIONS[:2])
    assert sum(one["mistakes"]["all"]["count"] for one in by_week) == learnt[0]["mistakes"]["all"]["count"]


def test_of_an_empty_ledger_every_count_is_nothing_and_a_series_has_no_windows() -> None:
    nothing = past([])
    for name, view in VIEWS.items():
        answer = msgspec.to_builtins(view(nothing, Question()))
        assert {one["count"] for one in structs(answer) if "count" in one} == {0}, name
        series = msgspec.to_builtins(view(nothing, Question(interval="day")))
        assert not [one for one in structs(series) if "to" in one], name
