"""Participation, coordination, learning and trust say of the demo what plain loops over its events find.

The loops know nothing of histories: they read JSON, and leave out what the demo corrects or merges.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

import pytest

from services.connectors import demo
from services.projections.coordination.answer import CoordinationWindow
from services.projections.coordination.window import coordination
from services.projections.learning.answer import LearningWindow
from services.projections.learning.window import learning
from services.projections.participation.answer import Part, PartWindow
from services.projections.participation.window import Participation
from services.projections.trust.answer import TrustWindow
from services.projections.trust.window import trust
from services.projections.views.question import Question
from tests.pasts import past

Json = dict[str, Any]
SEED = 2
DAY = timedelta(days=1)


class Loops:
    """The events by what they say; all of the demo but what it corrects."""

    def __init__(self) -> None:
        self.events = [
            e for e in demo.events(SEED) if not e["type"].startswith(("locus.event.", "locus.actor.merged"))
        ]
        self.events.sort(key=lambda e: datetime.fromisoformat(e["time"]))
        self.history = past(self.events)
        self.said: dict[str, list[tuple[datetime, str, Json]]] = defaultdict(list)
        for e in self.events:
            id = e["subject"].partition("/")[2]
            self.said[e["type"][6:-3]].append((datetime.fromisoformat(e["time"]), id, e["data"]))

    def by_id(self, what: str) -> dict[str, tuple[datetime, Json]]:
        """The first of each subject."""
        return {id: (at, data) for at, id, data in reversed(self.said[what])}


@pytest.fixture(scope="module")
def loops() -> Loops:
    return Loops()


@pytest.fixture(scope="module")
def took(loops: Loops) -> PartWindow:
    return Participation(loops.history, Question()).windows()[0]


@pytest.fixture(scope="module")
def kept(loops: Loops) -> CoordinationWindow:
    return coordination(loops.history, Question())[0]


@pytest.fixture(scope="module")
def learnt(loops: Loops) -> LearningWindow:
    return learning(loops.history, Question())[0]


@pytest.fixture(scope="module")
def trusted(loops: Loops) -> TrustWindow:
    return trust(loops.history, Question())[0]


def same(parts: list[Part], expected: Counter[str], of: Any) -> None:
    assert {part.holder: of(part) for part in parts if of(part)} == {h: n for h, n in expected.items() if n}


def test_proposals_positions_and_attendance_are_counted_by_holder(loops: Loops, took: PartWindow) -> None:
    proposed = Counter(p for _, _, data in loops.said["initiative.proposed"] for p in data["proposers"])
    proposed.update(
        f"actor/{data['by']}" for _, _, data in loops.said["decision.opened"] if "initiative" not in data
    )
    same(took.parts, proposed, lambda part: part.proposing.proposed.count)
    positions = Counter(f"actor/{data['by']}" for _, _, data in loops.said["decision.position_taken"])
    same(took.parts, positions, lambda part: part.deciding.positions.count)
    came = Counter(a for _, _, data in loops.said["space.session_held"] for a in set(data["attendees"]))
    same(took.parts, came, lambda part: part.attending.attended.count)


def test_asked_silent_and_open_are_told_apart(loops: Loops, took: PartWindow) -> None:
    decided = loops.by_id("decision.made")
    closed = loops.by_id("consultation.closed")
    spoke = {
        (id, f"actor/{data['by']}"): at
        for at, id, data in reversed(loops.said["consultation.advice_given"])
        if "by" in data
    }
    asked: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    still: Counter[str] = Counter()
    for at, id, data in loops.said["consultation.requested"]:
        about = data["about"].partition("/")[2]
        over = min(
            [t for t in (decided.get(about, (None,))[0], closed.get(id, (None,))[0]) if t and t >= at],
            default=None,
        )
        for holder in data["asked"]:
            asked[holder] += 1
            when = spoke.get((id, holder))
            if when is None or (over is not None and when > over):
                (still if over is None else silent)[holder] += 1
    same(took.parts, asked, lambda part: part.advising.asked.count)
    same(took.parts, silent, lambda part: part.advising.silent.count)
    same(took.parts, still, lambda part: part.advising.open.count)


def test_spaces_meet_in_as_many_periods_and_share_as_many_decisions(
    loops: Loops, kept: CoordinationWindow
) -> None:
    sessions = loops.said["space.session_held"]
    end = loops.history.at
    shut = {id: at for at, id, _ in loops.said["space.closed"]}
    for at, id, data in loops.said["space.opened"]:
        row = next(space for space in kept.spaces if space.space == id)
        held = [t for t, space, _ in sessions if space == id]
        assert row.sessions.count == len(held)
        met = of = 0
        begun, number = at, 1
        while (over := later(at, data["cadence"], number)) <= shut.get(id, end):
            of, met = of + 1, met + any(begun <= t < over for t in held)
            begun, number = over, number + 1
        assert (row.kept.count, row.kept.of) == (met, of)
    made = loops.by_id("decision.made")
    shared = {d for t, _, data in sessions for d in data["decisions"] if d in made and t >= made[d][0]}
    counted = {d for d in made if loops.history.decisions[d].counted}
    assert kept.sharing.shared.count == len(shared & counted)
    assert kept.sharing.shared.of == len(counted)


def later(at: datetime, cadence: str, number: int) -> datetime:
    """The demo's cadences: weeks or months, opened before the 28th."""
    if cadence.endswith("W"):
        return at + number * int(cadence[1:-1]) * 7 * DAY
    month = at.month - 1 + number
    return at.replace(year=at.year + month // 12, month=month % 12 + 1)


def test_obstacles_are_repeated_as_often_as_sessions_say_them(loops: Loops, kept: CoordinationWindow) -> None:
    said = Counter(
        text for _, _, data in loops.said["space.session_held"] for text in data.get("obstacles", ())
    )
    assert {one.text: one.sessions.count for one in kept.said.obstacles_repeated} == {
        t: n for t, n in said.items() if n > 1
    }


def test_what_failed_and_what_was_tried_was_looked_back_on_as_often(
    loops: Loops, learnt: LearningWindow
) -> None:
    debriefs: dict[str, list[datetime]] = defaultdict(list)
    for at, _, data in loops.said["debrief.held"]:
        debriefs[data["about"]].append(at)
    ended = [
        (f"initiative_{d['outcome']}", f"initiative/{id}", at)
        for at, id, d in loops.said["initiative.completed"]
    ]
    ended += [("experiment", f"experiment/{id}", at) for at, id, _ in loops.said["experiment.concluded"]]
    for cover in learnt.debriefs.cover:
        if cover.kind in ("initiative_completed", "override"):
            continue
        mine = [(subject, at) for kind, subject, at in ended if kind == cover.kind]
        looked = sum(any(t >= at for t in debriefs[subject]) for subject, at in mine)
        assert (cover.looked_back.count, cover.looked_back.of) == (looked, len(mine))
    rows = [
        data["basis"]
        for _, _, data in loops.said["matrix.row_set"]
        if data.get("basis", "").startswith("lesson/")
    ]
    assert sorted(f"lesson/{row.lesson}" for row in learnt.lessons.rows) == sorted(rows)


def test_what_is_lived_is_the_mean_of_its_answers(loops: Loops, trusted: TrustWindow) -> None:
    answers: dict[tuple[str, str], list[float]] = defaultdict(list)
    for _, _, data in loops.said["pulse.recorded"]:
        answers[data["body"], data["question"]] += [data["experienced"]] * data["respondents"]
    assert len(trusted.bodies_lived) == len(answers)
    for one in trusted.bodies_lived:
        assert one.experienced == pytest.approx(fmean(answers[one.body, one.question]))
        assert one.respondents == len(answers[one.body, one.question])


def test_escalations_and_those_who_asked_up_are_as_many(loops: Loops, trusted: TrustWindow) -> None:
    made = [
        (at, id, data)
        for at, id, data in loops.said["decision.made"]
        if data["outcome"] not in ("deferred", "returned")
    ]
    escalated = {id: at for at, id, _ in reversed(loops.said["decision.escalated"])}
    assert trusted.signs.escalated.count == sum(id in escalated and escalated[id] < at for at, id, _ in made)
    assert trusted.signs.decided.count == len(made)
    assert trusted.signs.alone.count + trusted.signs.with_others.count + trusted.signs.asked_up.count == len(
        made
    )
