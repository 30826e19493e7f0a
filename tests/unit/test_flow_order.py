"""What flow and influence say depends on what occurred, not on the order in which subjects' facts arrived."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

import msgspec
import pytest

from services.connectors import demo
from services.projections.cases import Narrowing
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.influence import parts
from services.projections.views.question import Question, Window, windows
from tests.histories import history
from tests.pasts import past

Json = dict[str, Any]
EVENTS = list(islice(demo.events(3), 3_000))
ASKED = Question(interval="quarter")
_ACTOR = re.compile(r"\ba-\d+\b")


def answers(events: list[Json], at: str) -> Any:
    """Both views as a series, without the positions of the entries, which are those of arrival."""
    seen = past(events, at=datetime.fromisoformat(at))
    taken, advised = found(seen, Narrowing.of(ASKED)), parts.found(seen, ASKED, None)
    told = flow(seen, taken, windows(ASKED, taken.first(), seen.at))
    heard = parts.influence(seen, advised, windows(ASKED, advised.first(), seen.at), ASKED.lens)
    return _plain(msgspec.to_builtins([told, heard]))


def _plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _plain(of) for name, of in answer.items() if name != "entries"}
    return [_plain(one) for one in answer] if isinstance(answer, list) else answer


def _unordered(answer: Any, called: dict[str, str]) -> Any:
    """Ids as they are called, rows in no order; without handovers, of which some are shown, and words, which
    name one of equals."""
    if isinstance(answer, dict):
        kept = {name: of for name, of in answer.items() if name not in ("handover", "in_words")}
        return {called.get(name, name): _unordered(of, called) for name, of in kept.items()}
    if isinstance(answer, list):
        return sorted((_unordered(one, called) for one in answer), key=repr)
    if isinstance(answer, str):
        return re.sub(_ACTOR, lambda found: called[found[0]], answer)
    return answer


def shuffled(events: list[Json], random: Random) -> list[Json]:
    """Another order of arrival; each subject's own entries keep theirs."""
    turns = [event["subject"] for event in events]
    random.shuffle(turns)
    of = {subject: iter([one for one in events if one["subject"] == subject]) for subject in set(turns)}
    return [next(of[subject]) for subject in turns]


def test_the_order_in_which_subjects_arrive_changes_nothing() -> None:
    after = "2026-06-01T00:00:00Z"
    assert answers(shuffled(EVENTS, Random(8)), after) == answers(EVENTS, after)


def test_what_occurred_later_changes_nothing_that_was_so_before() -> None:
    """But for merges and corrections, which are about all times from when they are known."""
    middle, always = EVENTS[1_500]["time"], ("locus.event.", "locus.actor.merged")
    early = [one for one in EVENTS if one["time"] <= middle or one["type"].startswith(always)]
    assert len(early) < len(EVENTS)
    assert answers(early, middle) == answers(EVENTS, middle)


def test_other_names_give_the_same_figures_bit_for_bit() -> None:
    text = json.dumps(EVENTS)
    names = sorted(set(_ACTOR.findall(text)))
    called = dict(zip(names, Random(4).sample(names, len(names)), strict=True))
    renamed = json.loads(_ACTOR.sub(lambda found: called[found[0]], text))
    after = "2026-06-01T00:00:00Z"
    same = {name: name for name in names}
    assert _unordered(answers(renamed, after), same) == _unordered(answers(EVENTS, after), called)


@pytest.mark.parametrize("seed", range(12))
def test_of_any_history_what_is_null_says_why(seed: int) -> None:
    seen = past(history(Random(seed)))
    (told,) = flow(seen, found(seen, Narrowing()), [Window(None, None)])
    (heard,) = parts.influence(seen, parts.found(seen, Question(), None), [Window(None, None)], "seat")
    explained = [one for one in _objects(msgspec.to_builtins([told, heard])) if "why_null" in one]
    assert explained
    for one in explained:
        unsaid = {name for name, figure in one.items() if figure is None} - one["why_null"].keys()
        assert unsaid <= {"from", "to", "key"}
        assert all(one[name] is None for name in one["why_null"])


def _objects(answer: Any) -> Iterator[dict[str, Any]]:
    if isinstance(answer, dict):
        yield answer
    inside = answer.values() if isinstance(answer, dict) else answer if isinstance(answer, list) else ()
    for one in inside:
        yield from _objects(one)
