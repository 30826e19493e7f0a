"""Finer points of the knots of advice, telling, learning and asking up, each a small history."""

from typing import Any

import pytest

from tests.told import event, made, on, opened, person, row, team
from tests.unit.test_knots_work import (
    MUST,
    SIDE_BY_SIDE,
    TELLS,
    advice,
    asked,
    escalated,
    found,
    proposed,
    told,
)

Json = dict[str, Any]


def test_who_was_told_of_a_question_has_not_been_told_how_it_was_decided() -> None:
    events = [TELLS, *team("b", "k"), told(5, "d", "body/b"), made(10, "d", "a")]
    (knot,) = found("uninformed", events)
    assert (knot.actors, knot.until) == (("body/b",), None)


def test_a_body_knows_when_some_of_it_were_told_and_the_others_decided() -> None:
    events = [TELLS, *team("b", "k", "l"), made(10, "d", "k"), told(12, "d", "l")]
    assert found("uninformed", events) == []


def test_how_long_nobody_was_told_is_counted_of_each_decision_by_itself() -> None:
    decided = [made(10, "d", "a"), told(30, "d", "body/b"), made(15, "e", "a"), told(50, "e", "body/b")]
    (knot,) = found("uninformed", [TELLS, *team("b", "k"), *decided])
    assert (knot.until, knot.figure) == (on(50), 35.0)


def test_an_experiment_that_was_looked_back_on_before_its_end_is_learnt_from() -> None:
    ends = {"hypothesis": "H", "ends_at": on(20).isoformat()}
    started = event(2, "experiment/e", "experiment.started", **ends)
    held = {"about": "experiment/e", "participants": [], "worked": [], "failed": [], "adjustments": []}
    assert len(found("unlearned", [started])) == 1
    assert found("unlearned", [started, event(15, "debrief/r", "debrief.held", **held)]) == []


def test_an_agent_that_had_left_and_decides_stays_unanswered_whatever_others_do() -> None:
    agent = event(0, "actor/g", "actor.registered", kind="agent", profile="sealed")
    events = [agent, event(5, "actor/g", "actor.left"), row(0, "x", "g"), made(10, "d", "g")]
    events += [person("z"), event(20, "actor/z", "actor.left")]
    (knot,) = found("unanswered agent", events)
    assert (knot.since, knot.until) == (on(10), None)
    assert "it reports to nobody" in knot.sentence


def test_who_an_agent_reports_to_is_not_called_gone_for_being_software() -> None:
    agents = [
        event(0, "actor/g", "actor.registered", kind="agent", profile="sealed", reports_to="f"),
        event(0, "actor/f", "actor.registered", kind="agent", profile="sealed"),
    ]
    (knot,) = found("unanswered agent", [*agents, row(0, "x", "g"), made(10, "d", "g")])
    assert "nobody answers for actor/f, software too" in knot.sentence


def test_a_decision_that_bypassed_somebody_twice_is_one_decision() -> None:
    again = event(20, "decision/d", "decision.reopened", by="a", reason="R")
    events = [MUST, made(10, "d", "a"), made(15, "e", "a"), again, made(30, "d", "a")]
    (knot,) = found("bypassed consultation", events)
    assert (knot.figure, knot.decisions) == (2, 2)
    assert "2 decisions since" in knot.sentence


def test_who_answered_in_too_short_a_time_was_heard_when_it_is_reviewed() -> None:
    events = [MUST, asked(8, "c", "decision/d", "m"), advice(9, "c", "m"), made(10, "d", "a")]
    (knot,) = found("bypassed consultation", events)
    assert knot.until is None
    (knot,) = found(
        "bypassed consultation",
        [*events, event(15, "decision/d", "decision.reviewed", by="a", result="kept")],
    )
    assert knot.until == on(15)


def test_an_adviser_shared_on_something_else_ends_a_silo_at_once() -> None:
    turns = [made(10, "d-1", "body/b"), made(20, "d-2", "body/c")]
    elsewhere = [asked(25, "c-1", "decision/e-1", "m"), advice(26, "c-1", "m")]
    elsewhere += [made(27, "e-1", "body/b", domains=["y"]), asked(30, "c-2", "decision/e-2", "m")]
    elsewhere += [advice(31, "c-2", "m"), made(32, "e-2", "body/c", domains=["z"])]
    (knot,) = found("silos", [*SIDE_BY_SIDE, *turns, *elsewhere])
    assert (knot.since, knot.until) == (on(20), on(32))


def asked_up(*, initiative: str | None = None) -> list[Json]:
    more = {"initiative": initiative} if initiative else {}
    events = []
    for n in range(1, 5):
        events += [opened(10 * n, f"d-{n}", "p", "h", **more), escalated(10 * n + 1, f"d-{n}", "p", "h")]
        events += [made(10 * n + 2, f"d-{n}", "h", **more)]
    return events


@pytest.mark.parametrize(("rule", "habits"), [("consent", 0), ("any", 1)])
def test_who_needs_the_consent_of_those_they_sit_with_cannot_decide_alone(rule: str, habits: int) -> None:
    body = team("b", "p", "q")
    body[0]["data"]["rule"] = {"kind": rule}
    assert len(found("approval habit", [*body, row(0, "x", "body/b"), *asked_up()])) == habits


def test_a_mandate_for_the_initiative_lets_decide_alone() -> None:
    lent = event(2, "mandate/m", "mandate.delegated", scope="initiative/i", to=["actor/p"])
    lent["data"]["from"] = "actor/h"
    events = [row(0, "x", "h"), proposed(1, "i", "p"), *asked_up(initiative="i")]
    assert found("approval habit", events) == []
    (knot,) = found("approval habit", [*events, lent])
    assert knot.actors == ("actor/p",)


def test_approvals_lie_where_the_question_lay_when_they_were_given() -> None:
    events = [row(0, "x", "a", "s", rule={"kind": "all"}), row(0, "y", "a")]
    for n in range(40):
        events += [opened(n + 1, f"d-{n}", "a", "a", "s")]
        said = {"by": "s", "value": "approve"}
        events += [event(n + 1.01, f"decision/d-{n}", "decision.position_taken", **said)]
        events += [made(n + 1.5, f"d-{n}", "a", domains=["y"])]
    (knot,) = found("rubber stamp", events)
    assert knot.scope == "domain/x"


def test_a_review_that_was_due_before_the_decision_was_made_is_overdue_as_soon_as_it_is() -> None:
    events = [made(10, "d", "a", review_on=on(5).isoformat())]
    (knot,) = found("overdue", events, day=10)
    assert (knot.since, knot.until) == (on(10), None)
