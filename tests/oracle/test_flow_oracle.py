"""What `flow` says of random histories, the demo, the stories and the PEPs is what plain loops find."""

import os
from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo, peps
from services.projections.cases import Narrowing
from services.projections.flow.answer import FlowWindow as Told
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.history import History
from services.projections.views.question import Window
from tests.histories import history
from tests.oracle.asking import bounds, moment, narrowing
from tests.oracle.flow_window import FlowWindow
from tests.oracle.oracle import World, read
from tests.oracle.waiting import Waiting
from tests.pasts import HOUR, past
from tests.recorded import entries
from tests.stories import (
    brigade,
    city,
    cooperative,
    faculty,
    forge,
    harbour,
    museum,
    newspaper,
    orchestra,
    schools,
    startup,
    ward,
)

SEED = int(os.environ.get("LOCUS_SEED", "1"))
PEPS = os.environ.get("LOCUS_PEPS", "")
Facts = dict[str, Any]
SHOWN = (20, 100)
LASTING = ("n", "censored", "p50_days", "p90_days")


def fields(of: Any, *names: str) -> Facts:
    """Some figures of an answer; of those with entries, how many."""
    found = {name: getattr(of, name) for name in names}
    return {name: getattr(value, "count", value) for name, value in found.items()}


def legs(told: Told) -> Facts:
    return {(one.from_, one.to): fields(one, *LASTING, "skipped", "out_of_order") for one in told.legs}


def hold(told: Told) -> Facts:
    undone = ("overridden", "reversed", "reopened")
    groups = {(one.by, one.key): fields(one, *LASTING, *undone) | {"curve": {}} for one in told.hold}
    for point in told.hold_curve:
        groups[point.by, point.key]["curve"][point.days] = point.share, point.at_risk
    return groups


def open_work(told: Told) -> Facts:
    rows = {
        one.subject: (one.since, one.age_days, one.home, one.title, one.waiting_on)
        for one in told.open_work.rows
    }
    return fields(told.open_work, "n", "median_age_days", "oldest_days") | {"rows": rows}


def waiting(told: Told) -> Facts:
    kinds = ("advice", "position", "pause", "escalation")
    rows = {
        one.holder: fields(one, *LASTING, *kinds, "days", "open", "oldest_open_days")
        for one in told.waiting.rows
    }
    return fields(told.waiting, "holders", "items", "days", "median_days") | {"rows": rows}


def escalations(told: Told) -> Facts:
    rows = {(one.from_, one.to): (one.escalations, one.open) for one in told.escalations.rows}
    return fields(told.escalations, "escalated", "decisions") | {"rows": rows}


def proposing(told: Told) -> Facts:
    of = told.proposing
    spread = of.concentration
    return fields(of, "n", "unknown", "mean_depth", "coverage") | {
        "shares": {row.holder: row.share for row in of.rows},
        "proposals": {row.holder: row.proposals for row in of.rows},
        "concentration": {
            "hhi": spread.hhi,
            "effective": spread.effective_deciders,
            "evenness": spread.evenness,
            "k50": spread.k50,
            "holders": spread.holders,
        },
        "levels": {row.level: row.share for row in of.levels},
    }


def balance(told: Told) -> Facts | None:
    names = ["days", "arrivals", "departures", "mean_open", "arrivals_per_day", "mean_days", "expected_open"]
    return None if told.balance.days is None else fields(told.balance, *names)


def inferred(told: Told) -> Facts:
    return {"inferred": told.inferred.count, "of": told.inferred.of}


PARTS = (inferred, legs, hold, open_work, waiting, escalations, proposing, balance)


def near(value: Any) -> Any:
    """The same, with room for the last bits of sums."""
    if isinstance(value, dict):
        return {name: near(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [near(one) for one in value]
    return pytest.approx(value, abs=1e-9) if isinstance(value, float) else value


def listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: listed(one) for name, one in value.items()}
    return [listed(one) for one in value] if isinstance(value, list | tuple) else value


def compare(seen: History, waiting: Waiting, asked: Facts, window: Window) -> None:
    """Every figure of one window."""
    narrow = {name: value for name, value in asked.items() if name != "attested"}
    taken = found(seen, Narrowing(**narrow, recorded=asked.get("attested") == "recorded"))
    (told,) = flow(seen, taken, [window])
    expected = FlowWindow(waiting, asked, window.start, window.end)
    for part in PARTS:
        figures = getattr(expected, part.__name__)()
        answer = listed(part(told))
        for name in ("rows", "shares", "proposals"):  # where there are many, the most or oldest are shown
            if isinstance(figures, dict) and name in figures and len(answer[name]) in SHOWN:
                figures[name] = {one: figures[name].get(one) for one in answer[name]}
        assert answer == near(listed(figures)), (part.__name__, asked, window, seen.at)


def agree(events: Sequence[Facts], rng: Random, times: int, questions: int) -> None:
    """As of and as known at random moments, each asked a few questions."""
    told = read(entries("acme", events, HOUR))
    for number in range(times):
        known = rng.randint(len(told) // 3, len(told)) if number else len(told)
        at = moment(rng, told[:known]) if rng.random() < 0.5 else None
        seen = past(events, at=at, known=known)
        waiting = Waiting(World(told[:known], at=at))
        for asked in range(questions):
            window = Window(*bounds(rng, told, seen.at)) if asked else Window(None, None)
            compare(seen, waiting, narrowing(rng, waiting.world) if asked else {}, window)


RANDOM = [
    *range(SEED, SEED + 4),
    *(pytest.param(seed, marks=pytest.mark.long) for seed in range(SEED + 4, SEED + 400)),
]
_STORIES = [
    brigade,
    city,
    museum,
    cooperative,
    faculty,
    forge,
    harbour,
    newspaper,
    orchestra,
    schools,
    startup,
    ward,
]
STORIES = [
    *_STORIES[:3],
    *(pytest.param(story, marks=pytest.mark.long) for story in _STORIES[3:]),
]


@pytest.mark.parametrize("seed", RANDOM)
def test_the_flow_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(history(rng), rng, times=3, questions=4)


@pytest.mark.parametrize("story", STORIES)
def test_the_flow_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=2, questions=2)


@pytest.mark.parametrize(
    ("seed", "times"), [(2, 1), *(pytest.param(seed, 4, marks=pytest.mark.long) for seed in (1, 3, 7, 11))]
)
def test_the_flow_of_the_demo(seed: int, times: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times, questions=times)


@pytest.mark.long
@pytest.mark.skipif(not PEPS, reason="LOCUS_PEPS names no clone of python/peps")
def test_the_flow_of_the_peps() -> None:
    agree(list(peps.read(PEPS)), Random(SEED), times=4, questions=4)
