"""What flow and influence say depends on what occurred, not on the order in which subjects' facts arrived."""

from datetime import datetime
from itertools import islice
from random import Random
from typing import Any

import msgspec

from services.connectors import demo
from services.projections.cases import Narrowing
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.influence import parts
from services.projections.views.question import Question, windows
from tests.pasts import past

Json = dict[str, Any]
EVENTS = list(islice(demo.events(3), 3_000))
ASKED = Question(interval="quarter")


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
