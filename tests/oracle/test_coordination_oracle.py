"""What `coordination` says of random histories, the demo and the stories is what plain loops find."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.coordination.answer import CoordinationWindow, SpaceRow
from services.projections.coordination.window import coordination
from services.projections.views.question import Question
from tests.histories import history
from tests.oracle.asking import bounds, moments, narrowing, series
from tests.oracle.flowing import Flowing
from tests.oracle.meeting import SAID, Meeting, plain
from tests.oracle.oracle import World
from tests.oracle.reflective import reflective
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near

Facts = dict[str, Any]
MOST = 50
BESIDE = ("space", "level")


def narrower(rng: Random, world: World) -> Facts:
    """What may be asked of these: nobody's part, one space."""
    spaces = sorted({fact["id"] for fact in world.of("space")})
    if spaces and rng.random() < 0.15:
        return {"space": rng.choice(spaces)}
    asked = narrowing(rng, world)
    return {name: value for name, value in asked.items() if name != "actor"}


def of(rate: Any) -> tuple[int, int]:
    return rate.count, rate.of


def space(row: SpaceRow) -> Facts:
    return {
        "name": row.name,
        "kind": row.kind,
        "cadence": row.cadence,
        "domains": row.domains,
        "opened": row.opened_at,
        "closed": row.closed_at,
        "sessions": row.sessions.count,
        "kept": of(row.kept),
        "gaps": [{"from": g.from_, "to": g.to, "days": g.days, "entry": g.entry} for g in row.gaps],
        "attendance": of(row.attendance),
        "guests": row.guests,
        "facilitators": row.facilitators,
        "shared": row.shared.count,
    } | {name: getattr(row, name).count for name in SAID}


def told(window: CoordinationWindow) -> Facts:
    sharing = window.sharing
    return {
        "totals": {
            "sessions": window.sessions.count,
            "kept": of(window.kept),
            "attendance": of(window.attendance),
        },
        "spaces": {row.space: space(row) for row in window.spaces},
        "sharing": {
            "shared": of(sharing.shared),
            "took": (sharing.how_soon.n, sharing.how_soon.open),
            "median": sharing.how_soon.median_days,
            "p90": sharing.how_soon.p90_days,
            "not shared": sharing.not_shared.count,
            "before": sharing.shared_before.count,
        },
        "pairs": {
            tuple(pair.bodies): {
                "domains": pair.domains,
                "decisions": pair.decisions.count,
                "sessions": pair.sessions.count,
                "seats": pair.seats,
                "asked": pair.asked.count,
                "apart": pair.apart,
                "last": pair.last_met,
            }
            for pair in window.bodies
        },
        "met": of(window.met),
    }


def said(window: CoordinationWindow) -> dict[str, dict[str, Facts]]:
    found: dict[str, dict[str, Facts]] = {}
    for name in SAID:
        rows = getattr(window.said, name)
        assert [row.sessions.count for row in rows] == sorted((r.sessions.count for r in rows), reverse=True)
        found[name] = {
            plain(row.text): {
                "text": row.text,
                "sessions": row.sessions.count,
                "spaces": row.spaces,
                "first": row.first,
                "last": row.last,
            }
            | (
                {"became": row.became, "decision": row.decision, "decided": row.decided_at}
                if name in ("needs", "upcoming")
                else {}
            )
            for row in rows
        }
    repeated = [plain(row.text) for row in window.said.obstacles_repeated]
    assert repeated == [plain(r.text) for r in window.said.obstacles if r.sessions.count > 1]
    return found


def compare(window: CoordinationWindow, meeting: Meeting, where: Any) -> None:
    pairs = meeting.pairs()
    expected = {
        "totals": meeting.totals(),
        "spaces": meeting.spaces(),
        "sharing": meeting.sharing(),
        "pairs": pairs,
        "met": (sum(not one["apart"] for one in pairs.values()), len(pairs)),
    }
    answer = told(window)
    for name, figures in expected.items():
        assert listed(answer[name]) == near(listed(figures)), (name, answer[name], figures, where)
    assert bool(window.met.entries) == bool(window.met.count), where
    assert [pair.apart for pair in window.bodies] == sorted((p.apart for p in window.bodies), reverse=True)
    words, everything = said(window), meeting.said()
    for name in SAID:
        figures = everything[name]
        if len(words[name]) == MOST:
            figures = {key: figures.get(key) for key in words[name]}
        assert words[name] == figures, (name, where)


def agree(events: Sequence[Facts], rng: Random, times: int, questions: int) -> None:
    for _, lines, seen, world, when in moments(events, rng, times):
        of = Flowing(world)
        for asked in range(questions):
            start, end = bounds(rng, lines, seen.at) if asked else (None, None)
            about = narrower(rng, world) if asked else {}
            interval = series(rng) if asked else None
            question = Question(
                start=start, end=end, interval=interval, **{n: about[n] for n in about if n not in BESIDE}
            )
            windows = coordination(seen, question, about.get("space"), about.get("level"))
            for window in rng.sample(windows, min(2, len(windows))):
                where = about, window.from_, window.to, *when
                compare(window, Meeting(of, window.from_, window.to, about), where)


@pytest.mark.parametrize("seed", RANDOM)
def test_the_coordination_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(reflective(history(rng), rng), rng, times=2, questions=3)


@pytest.mark.parametrize("story", STORIES)
def test_the_coordination_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=1, questions=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_coordination_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=1, questions=2)
