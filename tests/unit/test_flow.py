"""How long work takes from stage to stage, how long decisions hold, and what is open, in small histories."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from services.projections.cases import Cases, Narrowing
from services.projections.flow.found import found
from services.projections.flow.hold import holds
from services.projections.flow.open_work import balance, open_at, openings
from services.projections.flow.parts import flow
from services.projections.flow.stages import legs, pieces
from services.projections.history import History
from services.projections.views.question import Window
from tests.pasts import past
from tests.unit.test_waits import MADE, OPENED, event, of

HOUR = timedelta(hours=1)
PROPOSED: dict[str, Any] = {"title": "T", "domains": ["x"], "proposers": ["actor/p"]}


def opened(hour: int, id: str = "d", **more: Any) -> dict[str, Any]:
    return event(hour, f"decision/{id}", "decision.opened", electorate=[], **OPENED, **more)


def made(hour: int, id: str = "d", by: str = "actor/a", **more: Any) -> dict[str, Any]:
    return event(hour, f"decision/{id}", "decision.made", deciders=of(by), **(MADE | more))


def overridden(hour: int, by: str) -> dict[str, Any]:
    return event(hour, "decision/d", "decision.overridden", deciders=of(by), outcome="rejected", reason="R")


def reopened(hour: int) -> dict[str, Any]:
    return event(hour, "decision/d", "decision.reopened", by="a", reason="R")


def hours(seen: History) -> dict[str, tuple[float, bool] | str]:
    """By leg, how long the one decision took and whether it ended; or why it is no duration."""
    return {
        "-".join(leg): lapse.how or (lapse.lasted / HOUR, lapse.ended)
        for leg, lapses in legs(seen, pieces(Cases(seen))).items()
        for lapse in lapses
    }


WHOLE = [
    event(0, "initiative/i", "initiative.proposed", **PROPOSED),
    event(3, "consultation/c", "consultation.requested", about="decision/d", asked=[], by="a"),
    opened(8, initiative="i"),
    made(10, initiative="i"),
    event(11, "decision/d", "decision.communicated", to=["actor/z"]),
    event(15, "decision/d", "decision.executed"),
]


def test_every_leg_of_a_decision_that_went_all_the_way_is_measured() -> None:
    assert hours(past(WHOLE)) == {
        "proposed-consulted": (3, True),
        "consulted-opened": (5, True),
        "opened-made": (2, True),
        "made-communicated": (1, True),
        "communicated-executed": (4, True),
        "consulted-made": (7, True),
        "proposed-made": (10, True),
        "made-executed": (5, True),
    }


def test_what_has_not_come_to_the_next_stage_is_censored_now_or_when_it_was_dropped() -> None:
    seen = past(WHOLE[:3])
    assert hours(seen)["opened-made"] == ((seen.at - seen.decisions["d"].steps[0].at) / HOUR, False)
    dropped = past([*WHOLE[:3], event(12, "initiative/i", "initiative.withdrawn")])
    assert hours(dropped)["opened-made"] == (4, False)
    alone = past([WHOLE[0], event(7, "initiative/i", "initiative.withdrawn")])
    assert hours(alone) == {"proposed-consulted": (7, False), "proposed-made": (7, False)}


def test_a_stage_that_was_passed_over_or_came_late_is_no_duration() -> None:
    late = event(9, "consultation/c", "consultation.requested", about="decision/d", asked=[], by="a")
    told = hours(past([WHOLE[0], *WHOLE[2:4], late]))
    assert told["consulted-opened"] == "out of order"
    told = hours(past([WHOLE[0], *WHOLE[2:4]]))
    assert told["proposed-consulted"] == "skipped"
    assert "consulted-opened" not in told


def test_after_a_reopening_only_what_came_since_counts_and_a_rejection_asks_for_no_deed() -> None:
    told = hours(past([*WHOLE, reopened(20), made(26, outcome="rejected")]))
    assert told.keys() == {"opened-made", "made-communicated"}
    assert told["opened-made"] == (6, True)


def test_what_was_carried_out_before_it_was_made_is_out_of_order_not_waited_for() -> None:
    told = hours(past([opened(0), event(2, "decision/d", "decision.executed"), made(9)]))
    assert told["made-executed"] == "out of order"


def test_what_is_opened_after_its_initiative_has_ended_is_worked_on_from_its_proposal_on() -> None:
    ended = event(2, "initiative/i", "initiative.completed")
    seen = past([WHOLE[0], ended, opened(8, initiative="i")])
    assert hours(seen)["proposed-made"] == ((seen.at - seen.initiatives["i"].steps[0].at) / HOUR, False)


def test_what_was_voided_or_rejected_in_the_end_is_not_waited_for_to_be_carried_out() -> None:
    voided = event(2, "decision/d", "decision.overridden", deciders=of("actor/b"), reason="R")
    for over in (voided, made(2, outcome="rejected")):
        assert "made-executed" not in hours(past([made(1, outcome="provisional"), over]))
    done = event(9, "decision/d", "decision.executed")
    assert hours(past([made(1), done]))["made-executed"] == (8, True)


def test_what_is_asked_after_a_decision_was_made_is_not_what_it_was_consulted_by() -> None:
    asked = event(20, "consultation/c", "consultation.requested", about="initiative/i", asked=[], by="a")
    seen = past([WHOLE[0], made(4, "d", initiative="i"), asked, made(30, "e", initiative="i")])
    told = legs(seen, pieces(Cases(seen)))
    consulted = {one.of: one.how or one.lasted / HOUR for one in told["proposed", "consulted"]}
    assert consulted == {"decision/d": "skipped", "decision/e": 20}
    assert [one.of for one in told["consulted", "made"]] == ["decision/e"]


def test_what_was_superseded_before_it_was_made_is_over_then() -> None:
    superseded = event(8, "decision/d", "decision.superseded", by_decision="e")
    asked = event(9, "consultation/c", "consultation.requested", about="initiative/i", asked=[], by="a")
    seen = past([WHOLE[0], opened(2, initiative="i"), superseded, asked])
    assert hours(seen)["opened-made"] == (6, False)
    (lapse,) = openings(Cases(seen))
    assert (lapse.how, lapse.lasted, lapse.entries) == ("superseded", 8 * HOUR, (1, 3))


def test_the_stakes_a_question_was_opened_with_stand_when_it_is_deferred_without_any() -> None:
    seen = past([opened(0, stakes="high"), made(2, outcome="deferred")])
    (piece,) = pieces(Cases(seen))
    assert piece.case.stakes == "high"


def test_a_decision_superseded_a_second_time_is_undone_by_nobody_after_it() -> None:
    superseded = [event(hour, "decision/d", "decision.superseded", by_decision="e") for hour in (3, 8)]
    first, second = holds(
        Cases(past([made(1), superseded[0], reopened(5), made(6), superseded[1], reopened(9)]))
    )
    assert [(one.how, one.lasted) for one in (first, second)] == [(None, 2 * HOUR), (None, 2 * HOUR)]


def test_deferring_decides_nothing() -> None:
    told = hours(past([opened(0), made(2, outcome="deferred"), made(9)]))
    assert told["opened-made"] == (9, True)


@pytest.mark.parametrize(
    ("then", "how", "lasted"),
    [
        ([overridden(5, "actor/z")], "overridden", 4),
        ([overridden(5, "actor/a")], "reversed", 4),
        ([reopened(6)], "reopened", 5),
        ([event(7, "decision/d", "decision.superseded", by_decision="e")], None, 6),
    ],
)
def test_a_decision_holds_until_others_override_the_same_reverse_or_anybody_reopens_it(
    then: list[dict[str, Any]], how: str | None, lasted: int
) -> None:
    (hold,) = holds(Cases(past([made(1), *then])))
    assert (hold.how, hold.ended, hold.lasted) == (how, how is not None, lasted * HOUR)


def test_a_provisional_decision_that_is_then_accepted_was_confirmed_and_rejected_was_undone() -> None:
    provisional = made(1, outcome="provisional")
    accepted = list(holds(Cases(past([provisional, made(4)]))))
    assert [hold.how for hold in accepted] == [None, None]
    rejected = list(holds(Cases(past([provisional, made(4, outcome="rejected")]))))
    assert [hold.how for hold in rejected] == ["reversed", None]


def test_work_is_open_once_from_its_proposal_until_it_is_decided_and_again_when_reopened() -> None:
    seen = past([*WHOLE, reopened(20)])
    spans = [(lapse.of, lapse.entries, lapse.how) for lapse in openings(Cases(seen))]
    assert spans == [("decision/d", (1, 4), "decided"), ("decision/d", (7,), None)]
    undecided = past(WHOLE[:1])
    (lapse,) = openings(Cases(undecided))
    assert (lapse.of, lapse.ended) == ("initiative/i", False)
    assert open_at([lapse], undecided.at) == [lapse]


def test_what_is_opened_after_its_initiative_has_ended_is_open_all_the_same() -> None:
    ended = event(2, "initiative/i", "initiative.completed")
    seen = past([event(0, "initiative/i", "initiative.proposed", **PROPOSED), ended, *WHOLE[2:3]])
    assert hours(seen)["opened-made"] == ((seen.at - seen.decisions["d"].steps[0].at) / HOUR, False)
    assert [(lapse.of, lapse.ended) for lapse in openings(Cases(seen))] == [
        ("decision/d", False),
        ("initiative/i", True),
    ]
    both = past([*WHOLE[:2], event(5, "initiative/i", "initiative.completed"), *WHOLE[2:4], reopened(12)])
    assert [lapse.how for lapse in openings(Cases(both))] == ["decided", None, "ended"]


def test_littles_law_holds_exactly_over_a_time_that_begins_and_ends_with_nothing_open() -> None:
    events = [step for n in range(5) for step in (opened(3 * n, f"d{n}"), made(5 * n + 2, f"d{n}"))]
    spans = list(openings(Cases(past(events))))
    start = min(lapse.start for lapse in spans)
    of = balance(spans, start, start + 30 * HOUR)
    assert of is not None
    assert of.mean_days is not None
    assert of.mean_open == pytest.approx(of.per_day * of.mean_days)
    assert balance(spans, start, start) is None


def test_days_waited_are_those_within_each_window_and_add_up() -> None:
    asked = event(
        0, "consultation/c", "consultation.requested", about="decision/d", asked=["actor/z"], by="a"
    )
    seen = past([asked, opened(1), event(72, "consultation/c", "consultation.closed", reason="timeout")])
    start = seen.decisions["d"].steps[0].at - HOUR
    ends = [start + n * timedelta(days=1) for n in range(5)]
    series = [Window(*pair) for pair in pairwise(ends)]
    taken = found(seen, Narrowing())
    assert [one.waiting.days for one in flow(seen, taken, series)] == [1, 1, 1, 0]
    (whole,) = flow(seen, taken, [Window(None, None)])
    assert whole.waiting.rows[0].holder == "actor/z"
    assert (whole.waiting.days, whole.waiting.rows[0].entries) == (3, [1, 3])


def test_a_wait_that_ends_as_a_window_begins_is_in_the_one_before_only() -> None:
    def asked(id: str, *, hour: int = 0) -> dict[str, Any]:
        about = {"about": "decision/d", "asked": [f"actor/{id}"], "by": "a"}
        return event(hour, f"consultation/{id}", "consultation.requested", **about)

    def advised(hour: int, id: str) -> dict[str, Any]:
        return event(hour, f"consultation/{id}", "consultation.advice_given", by=id, stance="support")

    waited = [
        asked("y"),
        asked("z"),
        advised(24, "y"),
        asked("w", hour=24),
        advised(24, "w"),
        advised(40, "z"),
    ]
    seen = past([opened(0), *waited])
    ends = [seen.decisions["d"].steps[0].at + n * timedelta(days=1) for n in range(3)]
    first, second = flow(seen, found(seen, Narrowing()), [Window(*pair) for pair in pairwise(ends)])
    assert [row.holder for row in first.waiting.rows] == ["actor/y", "actor/z"]
    assert {row.holder: row.days * 24 for row in second.waiting.rows} == {"actor/z": 16, "actor/w": 0}
    assert (second.waiting.holders, second.waiting.items) == (2, 2)


def test_what_is_open_waits_for_whom_its_initiative_waits_for_too() -> None:
    asked = event(
        1, "consultation/c", "consultation.requested", about="decision/d", asked=["actor/y"], by="a"
    )
    paused = event(3, "initiative/i", "initiative.paused", reason="R", waiting_on="actor/z")
    begun = [WHOLE[0], asked, opened(2, initiative="i"), paused]
    resumed = event(4, "initiative/i", "initiative.resumed")
    for then, waits in (([], ["actor/y", "actor/z"]), ([resumed], ["actor/y"])):
        seen = past([*begun, *then])
        (whole,) = flow(seen, found(seen, Narrowing()), [Window(None, None)])
        assert [(one.subject, one.waiting_on) for one in whole.open_work.rows] == [("decision/d", waits)]


def test_one_of_several_who_were_waited_on_as_long_is_not_told_alone() -> None:
    asked: dict[str, Any] = {"about": "decision/d", "by": "a"}
    waits = [event(0, f"consultation/{who}", "consultation.requested", asked=[f"actor/{who}"], **asked)
             for who in "xyz"]  # fmt: skip
    ended = [event(72, f"consultation/{who}", "consultation.closed", reason="timeout") for who in "xyz"]
    seen = past([*waits, opened(1), *ended])
    (whole,) = flow(seen, found(seen, Narrowing()), [Window(None, None)])
    assert whole.waiting.in_words == (
        "3.0 days of 9.0 days went into waiting on each of actor/x, actor/y and actor/z;"
        " the median of all who were waited on is 3.0 days"
    )


def test_of_one_that_is_open_or_was_waited_on_there_is_neither_half_nor_median() -> None:
    asked = {"about": "decision/d", "asked": ["actor/y"], "by": "a"}
    seen = past([opened(0), event(0, "consultation/c", "consultation.requested", **asked), opened(72, "e")])
    (whole,) = flow(seen, found(seen, Narrowing(domain="x")), [Window(None, None)])
    assert whole.waiting.in_words == "3.0 days of 3.0 days went into waiting on actor/y"
    assert whole.open_work.in_words == "2 open, half for 36 hours or more"
    (first,) = flow(seen, found(seen, Narrowing()), [Window(None, seen.decisions["e"].steps[0].at)])
    assert first.open_work.in_words == "1 open, for 3.0 days"


def test_passing_on_once_is_one_escalation_about_one_decision() -> None:
    passed = {"by": "b", "from": "actor/b", "to": "actor/c", "reason": "R"}
    seen = past([opened(1), event(2, "decision/d", "decision.escalated", **passed)])
    (whole,) = flow(seen, found(seen, Narrowing()), [Window(None, None)])
    assert whole.escalations.in_words == "1 escalation about 1 decision"


def test_a_window_that_ends_where_time_begins_is_empty() -> None:
    seen = past(WHOLE)
    (empty,) = flow(seen, found(seen, Narrowing()), [Window(None, datetime.min.replace(tzinfo=UTC))])
    assert (empty.open_work.n, empty.waiting.days) == (0, 0)


def test_nothing_at_all_is_null_with_a_reason_never_zero() -> None:
    seen = past([])
    (whole,) = flow(seen, found(seen, Narrowing()), [Window(None, None)])
    assert all(leg.n == 0 and leg.p50_days is None and leg.why_null["p50_days"] for leg in whole.legs)
    assert whole.balance.mean_open is None
    assert whole.waiting.median_days is None
