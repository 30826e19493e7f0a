"""What a decision's words come to is read once a word, and again only where something bears on it."""

from datetime import datetime
from random import Random
from types import MappingProxyType

import pytest

from services.projections import engine
from services.projections.acts import Resolved
from services.projections.facts.decisions import Word
from services.projections.resolve import resolve
from services.projections.structure import Structure
from tests.histories import history
from tests.knotted import domain, row
from tests.oracle.knots_history import knotted
from tests.oracle.memory import Memory
from tests.pasts import past, rows
from tests.told import event, made, on

MANY = 40


def test_a_decision_made_again_and_again_is_resolved_once_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved: list[int] = []

    def noted(word: Word, structure: Structure, as_of: datetime) -> Resolved:
        resolved.append(word.position)
        return resolve(word, structure, as_of)

    monkeypatch.setattr(engine, "resolve", noted)
    told = [made(2 + n, "d", "actor/a", outcome="provisional") for n in range(MANY)]
    seen = past([domain("x"), row(1, "x", "actor/a"), *told])
    assert resolved == [act.position for act in seen.acts] == list(range(3, 3 + MANY))


def test_a_seat_told_late_empties_its_body_for_what_was_decided_after_it_ended() -> None:
    decided = [domain("x"), row(1, "x", "body/t"), made(20, "d", "body/t")]
    term = event(2, "body/t", "body.seat_taken", actor="a", until=on(9).isoformat())
    assert [past(decided).acts[0].vacant, past([*decided, term]).acts[0].vacant] == [False, True]


def random_rows(seed: int) -> Memory:
    return rows(knotted(seed) if seed % 2 else history(Random(seed)))


@pytest.mark.parametrize(
    "seed", [1, 2, 3, 4, *(pytest.param(n, marks=pytest.mark.long) for n in range(100, 400))]
)
def test_acts_that_were_read_before_are_what_they_would_be_read_anew(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = random_rows(seed)
    monkeypatch.setattr(engine, "_acts_but", lambda *_: MappingProxyType({}))
    anew = random_rows(seed)
    assert kept.acts == anew.acts
    assert kept.parked == anew.parked
