"""Knots of advice, waiting, telling and learning, in few events each: when they begin, end, or are none."""

import re
from typing import Any

import pytest

from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from tests.pasts import past
from tests.told import event, holders, made, on, opened, overridden, person, row, team

Json = dict[str, Any]


def found(pattern: str, events: list[Json], day: float = 400) -> list[Found]:
    told = sorted(events, key=lambda one: one["time"])
    return list(PATTERNS[pattern].episodes(past(told, on(day)), Settings()))


def asked(day: float, id: str, about: str, *who: str) -> Json:
    names = [one["holder"] for one in holders(who)]
    return event(day, f"consultation/{id}", "consultation.requested", about=about, asked=names, by="p")


def advice(day: float, id: str, by: str, stance: str = "support") -> Json:
    return event(day, f"consultation/{id}", "consultation.advice_given", by=by, stance=stance)


def proposed(day: float, id: str, *who: str, domain: str = "x") -> Json:
    names = [one["holder"] for one in holders(who)]
    return event(day, f"initiative/{id}", "initiative.proposed", title="T", domains=[domain], proposers=names)


def told(day: float, id: str, *to: str) -> Json:
    return event(day, f"decision/{id}", "decision.communicated", to=[one["holder"] for one in holders(to)])


# bypassed consultation

MUST = row(0, "x", "a", contributes=[{"holder": "actor/m", "mandatory": True}], min_wait="P3D")


def test_whoever_must_be_asked_and_was_not_is_bypassed_until_the_decision_is_made_anew() -> None:
    events = [
        MUST,
        made(10, "d", "a"),
        event(20, "decision/d", "decision.reopened", by="a", reason="R"),
        asked(21, "c", "decision/d", "m"),
        advice(22, "c", "m"),
        made(30, "d", "a"),
    ]
    (knot,) = found("bypassed consultation", events)
    assert (knot.scope, knot.actors) == ("domain/x", ("actor/m",))
    assert (knot.since, knot.until) == (on(10), on(20))
    assert knot.entries == (1, 2)
    assert "1 not asked" in knot.sentence


def test_less_than_the_least_wait_is_too_short_however_soon_they_advised() -> None:
    events = [MUST, asked(8, "c", "decision/d", "m"), advice(8.5, "c", "m"), made(10, "d", "a")]
    (knot,) = found("bypassed consultation", events)
    assert "1 asked later than the row demands" in knot.sentence


@pytest.mark.parametrize(
    "events",
    [
        [asked(7, "c", "decision/d", "m"), made(10, "d", "a")],
        [asked(7, "c", "decision/d"), made(10, "d", "a")],
        [proposed(1, "i", "p"), asked(7, "c", "initiative/i", "m"), made(10, "d", "a", initiative="i")],
        [*team("b", "m"), asked(7, "c", "decision/d", "body/b"), made(10, "d", "a")],
        [made(10, "d", "a", "m")],
        [
            event(9, "actor/m", "actor.registered", kind="person", profile="sealed"),
            event(9.5, "actor/m", "actor.left"),
            made(10, "d", "a"),
        ],
        [made(10, "d", "a", outcome="deferred")],
    ],
    ids=["in time", "anyone", "about the initiative", "as a body", "decided too", "gone", "nothing settled"],
)
def test_whoever_was_reached_in_time_or_had_a_part_is_not_bypassed(events: list[Json]) -> None:
    assert found("bypassed consultation", [MUST, *events]) == []


@pytest.mark.parametrize(("deciders", "knots"), [(("a", "k"), 0), (("a",), 1)])
def test_a_body_is_not_bypassed_where_one_of_its_people_decided(
    deciders: tuple[str, ...], knots: int
) -> None:
    must = row(0, "x", "a", "k", contributes=[{"holder": "body/b", "mandatory": True}])
    assert len(found("bypassed consultation", [must, *team("b", "k"), made(10, "d", *deciders)])) == knots


def test_silence_in_time_and_advice_afterwards_is_too_late_and_ends_with_a_review() -> None:
    events = [
        MUST,
        asked(5, "c", "decision/d", "m"),
        made(10, "d", "a"),
        advice(12, "c", "m"),
        event(15, "decision/d", "decision.reviewed", by="a", result="kept"),
    ]
    (knot,) = found("bypassed consultation", events)
    assert (knot.since, knot.until) == (on(10), on(15))
    assert "1 heard only afterwards" in knot.sentence


# uninformed

TELLS = row(0, "x", "a", informs=["body/b"])


def test_a_body_is_told_when_everyone_in_it_is_and_until_then_uninformed() -> None:
    events = [TELLS, *team("b", "k", "l"), made(10, "d", "a"), told(11, "d", "k"), told(40, "d", "l")]
    assert found("uninformed", events, day=23) == []
    (knot,) = found("uninformed", events, day=30)
    assert (knot.actors, knot.until) == (("body/b",), None)
    assert "within 14 days of 1 decision, made on" in knot.sentence
    assert knot.sentence.endswith("They have yet to be told of it.")
    assert 0 < (knot.since - on(24)).total_seconds() < 1
    (knot,) = found("uninformed", events)
    assert knot.until == on(40)


def test_the_fourteenth_day_is_still_in_time_and_who_decides_need_not_be_told() -> None:
    assert found("uninformed", [TELLS, *team("b", "k"), made(10, "d", "a"), told(24, "d", "body/b")]) == []
    assert found("uninformed", [TELLS, *team("b", "k"), made(10, "d", "a", "body/b")]) == []


@pytest.mark.parametrize(
    "then",
    [
        [made(15, "d", "a")],
        [event(12, "decision/d", "decision.reopened", by="a", reason="R"), made(15, "d", "a")],
        [overridden(15, "d", "z")],
        [told(11, "d", "body/b"), overridden(15, "d", "z")],
    ],
    ids=["confirmed", "made anew", "overridden", "told of the first alone"],
)
def test_what_takes_the_place_of_a_word_is_to_be_told_in_turn(then: list[Json]) -> None:
    events = [TELLS, *team("b", "k"), made(10, "d", "a", outcome="provisional"), *then]
    (knot,) = found("uninformed", events)
    assert 0 < (knot.since - on(29)).total_seconds() < 1
    assert (knot.until, knot.decisions) == (None, 1)
    assert found("uninformed", [*events, told(20, "d", "body/b")]) == []


def test_a_decision_two_words_of_which_nobody_was_told_is_one_decision() -> None:
    events = [TELLS, *team("b", "k"), made(10, "d", "a"), made(20, "e", "a"), overridden(40, "d", "z")]
    (knot,) = found("uninformed", events)
    assert "within 14 days of 2 decisions" in knot.sentence
    assert "yet to be told of 2 of them" in knot.sentence


# stalled


def test_an_initiative_and_the_decision_that_carries_it_on_are_one_matter() -> None:
    events = [row(0, "x", "a"), proposed(1, "i", "p"), opened(2, "d", "p", "a", initiative="i")]
    (knot,) = found("stalled", events)
    assert "while 1 matter waits; the oldest, “T”," in knot.sentence
    (knot,) = found("stalled", [*events, opened(3, "e", "p", "a", initiative="i")])
    assert "while 2 matters wait" in knot.sentence


def test_what_is_opened_after_its_initiative_has_ended_is_open_all_the_same() -> None:
    ended = event(2, "initiative/i", "initiative.completed", outcome="succeeded")
    events = [row(0, "x", "a"), proposed(1, "i", "p"), ended]
    events += [opened(5, "d", "p", "a", initiative="i", title="Late")]
    (knot,) = found("stalled", events)
    assert (knot.since, knot.until) == (on(95), None)
    assert "the oldest, “Late”," in knot.sentence


# overdue


def test_a_review_is_overdue_from_its_day_until_it_is_held() -> None:
    day = on(50).isoformat()
    events = [made(10, "d", "a", review_on=day), made(20, "e", "b", review_on=day)]
    events += [event(90, "decision/d", "decision.reviewed", by="a", result="kept")]
    events += [event(40, "decision/e", "decision.reviewed", by="b", result="kept")]
    (knot,) = found("overdue", events)
    assert (knot.actors, knot.since, knot.until) == (("actor/a",), on(50), on(90))


def test_an_emergency_override_is_to_be_ratified_too() -> None:
    until = {"reason": "R", "ratify_by": on(30).isoformat()}
    (knot,) = found("overdue", [made(10, "d", "a"), overridden(20, "d", "b", emergency=until)])
    assert (knot.actors, knot.since, knot.until) == (("actor/b",), on(30), None)
    assert "ratification was due on 31 January 2024" in knot.sentence


def test_what_no_longer_stands_is_not_overdue() -> None:
    events = [made(10, "d", "a", review_on=on(50).isoformat()), overridden(20, "d", "b")]
    assert found("overdue", events) == []


# unlearned


def test_an_override_by_others_wants_a_debrief_and_a_reversal_by_the_same_does_not() -> None:
    events = [row(0, "x", "a"), made(1, "d", "a"), overridden(10, "d", "b"), made(2, "e", "a")]
    events += [overridden(11, "e", "a")]
    (knot,) = found("unlearned", events)
    assert (knot.actors, knot.scope, knot.until) == (("actor/b",), "domain/x", None)
    held = {"about": "decision/d", "participants": [], "worked": [], "failed": [], "adjustments": []}
    (knot,) = found("unlearned", [*events, event(60, "debrief/r", "debrief.held", **held)])
    assert knot.until == on(60)


def test_what_others_make_anew_that_was_provisional_wants_a_debrief_unless_they_confirm_it() -> None:
    for_now = [row(0, "x", "a"), made(1, "d", "a", outcome="provisional")]
    (knot,) = found("unlearned", [*for_now, made(10, "d", "b", outcome="rejected")])
    assert (knot.actors, knot.scope) == (("actor/b",), "domain/x")
    assert found("unlearned", [*for_now, made(10, "d", "b")]) == []
    assert found("unlearned", [*for_now, made(10, "d", "a", "b", outcome="rejected")]) == []


def test_an_experiment_is_late_thirty_days_after_it_was_to_end_and_not_without_an_end() -> None:
    ends = {"hypothesis": "H", "ends_at": on(20).isoformat(), "initiative": "i"}
    events = [proposed(1, "i", "p"), event(2, "experiment/e", "experiment.started", **ends)]
    events += [event(2, "experiment/f", "experiment.started", hypothesis="H")]
    assert found("unlearned", events, day=50) == []
    (knot,) = found("unlearned", events, day=51)
    assert (knot.scope, knot.actors, knot.figure) == ("domain/x", ("actor/p",), 31.0)
    lesson = event(40, "lesson/l", "lesson.recorded", from_="experiment/e", text="T")
    lesson["data"] = {"from": "experiment/e", "text": "T"}
    assert found("unlearned", [*events, lesson]) == []


def test_an_experiment_that_is_to_end_with_the_calendar_is_not_late() -> None:
    ends = {"hypothesis": "H", "ends_at": "9999-12-31T23:59:59Z"}
    assert found("unlearned", [event(2, "experiment/e", "experiment.started", **ends)]) == []


# unanswered agent


def test_an_agent_is_unanswered_until_somebody_live_answers_for_it() -> None:
    agent: Json = {"kind": "agent", "profile": "sealed"}
    events = [
        person("a"),
        person("b"),
        event(0, "actor/g", "actor.registered", **agent, reports_to="a"),
        row(0, "x", "g"),
        made(5, "d-1", "g"),
        event(10, "actor/a", "actor.left"),
        made(12, "d-2", "g"),
        made(14, "d-3", "g"),
        event(20, "actor/g", "actor.updated", **agent, reports_to="b"),
        made(25, "d-4", "g"),
    ]
    (knot,) = found("unanswered agent", events)
    assert (knot.since, knot.until, knot.decisions) == (on(12), on(20), 2)
    assert "actor/a, to whom it reports, is gone" in knot.sentence


# rubber stamp


def stamped(minutes: float, count: int = 40, **data: Any) -> list[Json]:
    events = [row(0, "x", "a", "s", rule={"kind": "all"})]
    for n in range(count):
        said = {"by": "s", "value": "approve"} | (data if n == count - 1 else {})
        events += [opened(n + 1, f"d-{n}", "a", "a", "s")]
        events += [event(n + 1 + minutes / 1440, f"decision/d-{n}", "decision.position_taken", **said)]
        events += [made(n + 1.5, f"d-{n}", "a", "s")]
    return events


def test_thirty_five_silent_quick_approvals_are_a_rubber_stamp() -> None:
    (knot,) = found("rubber stamp", stamped(10))
    assert (knot.actors, knot.scope, knot.decisions, knot.until) == (("actor/s",), "domain/x", 40, None)
    assert knot.since == on(35 + 10 / 1440)
    assert knot.figure > 0.9
    assert "half of them within 10 minutes" in knot.sentence


def test_a_reason_ends_it_and_slower_or_fewer_approvals_are_none() -> None:
    (knot,) = found("rubber stamp", stamped(10, reason="sealed"))
    assert knot.until == on(40 + 10 / 1440)
    assert found("rubber stamp", stamped(61)) == []
    assert found("rubber stamp", stamped(10, count=34)) == []


# approval habit


def escalated(day: float, id: str, by: str, to: str) -> Json:
    said = event(day, f"decision/{id}", "decision.escalated", by=by, to=f"actor/{to}", reason="R")
    return said | {"data": said["data"] | {"from": f"actor/{by}"}}


def test_asking_up_three_times_without_need_is_a_habit_until_three_are_decided_alone() -> None:
    events = [person("h"), person("p", "h"), row(0, "x", "p")]
    for n in range(8):
        events += [opened(10 * n + 1, f"d-{n}", "p", "p"), made(10 * n + 5, f"d-{n}", "p")]
        events += [escalated(10 * n + 2, f"d-{n}", "p", "h")] if n < 4 else []
    (knot,) = found("approval habit", events)
    assert (knot.actors, knot.since, knot.until) == (("actor/p",), on(25), on(65))
    assert (knot.figure, knot.severity) == (4, "notice")
    assert "4 escalated, 0 left to others" in knot.sentence


def test_a_habit_that_ends_the_instant_it_begins_is_none() -> None:
    """As where a meeting's decisions all have the one time of its minutes."""
    events = [person("h"), person("p", "h"), row(0, "x", "p")]
    for n in range(6):
        events += [opened(1, f"d-{n}", "p", "p"), made(5, f"d-{n}", "p")]
        events += [escalated(2, f"d-{n}", "p", "h")] if n < 3 else []
    assert found("approval habit", events) == []


def test_who_could_not_decide_alone_has_no_such_habit_and_whose_equal_decides_is_only_mentioned() -> None:
    both = row(0, "x", "p", "q", rule={"kind": "all"})
    alike = row(0, "x", "p", "q")
    asked_up = [escalated(n + 0.5, f"d-{n}", "p", "h") for n in range(1, 5)]
    decided = [one for n in range(1, 5) for one in (opened(n, f"d-{n}", "p"), made(n + 0.9, f"d-{n}", "q"))]
    assert found("approval habit", [both, *decided, *asked_up]) == []
    (mentioned,) = found("approval habit", [alike, *decided])
    assert mentioned.severity == "info"
    assert len(found("approval habit", [alike, *decided, *asked_up])) == 1


def test_a_superior_who_may_decide_as_well_makes_it_info() -> None:
    decided = [one for n in range(1, 5) for one in (opened(n, f"d-{n}", "p"), made(n + 0.9, f"d-{n}", "h"))]
    (knot,) = found("approval habit", [person("h"), person("p", "h"), row(0, "x", "p", "h"), *decided])
    assert knot.severity == "info"


# bottleneck


def waiting(slow: float, items: int) -> list[Json]:
    """One adviser takes days, three take an hour; positions are taken within the day."""
    events = [row(0, "x", "a")]
    for n in range(40):
        for k, who in enumerate(("q", "r", "s")):
            about = f"decision/d-{n}"
            events += [asked(n + 1, f"c-{n}-{k}", about, who), advice(n + 1.05, f"c-{n}-{k}", who)]
        if n < items:
            events += [asked(n + 1, f"w-{n}", f"decision/d-{n}", "w"), advice(n + 1 + slow, f"w-{n}", "w")]
        events += [opened(n + 1, f"d-{n}", "p"), made(n + 1 + slow + 1, f"d-{n}", "a")]
    return events


def test_five_long_waits_for_one_actor_are_a_bottleneck_and_four_are_none() -> None:
    (knot,) = found("bottleneck", waiting(12, items=5), day=75)
    assert (knot.actors, knot.scope, knot.since) == (("actor/w",), "domain/x", on(0))
    assert knot.figure == 60.0
    assert len(knot.entries) == 5
    assert re.search(r"; the median of all others who were waited on is [\d.]+ days in all\.$", knot.sentence)
    assert found("bottleneck", waiting(12, items=4), day=75) == []
    assert found("bottleneck", waiting(1.5, items=5), day=75) == []


def test_a_bottleneck_lies_mostly_in_one_domain_only_where_more_than_half_of_the_days_do() -> None:
    (knot,) = found("bottleneck", waiting(12, items=6), day=75)
    assert "waited 72.0 days for actor/w, mostly on x; " in knot.sentence
    halves = waiting(12, items=6)
    for one in halves:
        if one["subject"] in ("decision/d-1", "decision/d-3", "decision/d-5"):
            one["data"] = one["data"] | {"domains": ["y"]}
    (knot,) = found("bottleneck", [row(0, "y", "a"), *halves], day=75)
    assert (knot.scope, "waited 72.0 days for actor/w, in part on x; " in knot.sentence) == ("domain/x", True)


def test_a_bottleneck_ends_when_its_waits_are_a_year_ago() -> None:
    (knot,) = found("bottleneck", waiting(12, items=5), day=500)
    assert knot.until is not None
    assert on(366) <= knot.until < on(400)


def test_what_still_waits_counts_the_more_the_longer_nobody_ends_it() -> None:
    events = [row(0, "x", "a"), *(asked(1, f"w-{n}", f"decision/w-{n}", "w") for n in range(5))]
    events += [asked(1_000, f"o-{n}", f"decision/o-{n}", f"q-{n // 2}") for n in range(46)]
    (knot,) = found("bottleneck", events, day=1_480)
    assert (knot.until, knot.figure) == (None, 5 * 1_479)
    assert " days for actor/w; " in knot.sentence, "it lies in no domain that is known"
    assert re.search(r"such waits would take others [\d,.]+ days in all\. 5 of them took more", knot.sentence)
    (knot,) = found("bottleneck", events, day=4_000)  # a third of it is what such waits take others by then
    assert knot.until is not None
    assert on(1_480) < knot.until < on(1_530)


def test_one_that_nobody_ends_can_be_asked_about_in_the_year_9999() -> None:
    events = [one for one in waiting(12, items=5) if not one["subject"].startswith("consultation/w")]
    events += [asked(n + 1, f"w-{n}", f"decision/open-{n}", "w") for n in range(5)]
    (knot,) = found("bottleneck", events, day=2_900_000)
    assert knot.actors == ("actor/w",)
    assert len(knot.entries) == 5


# silos

SIDE_BY_SIDE = [row(0, "x", "body/b", "body/c"), *team("b", "k"), *team("c", "l")]


def test_two_bodies_that_share_nothing_are_silos_until_they_meet() -> None:
    turns = [made(10 * n, f"d-{n}", "body/b" if n % 2 else "body/c") for n in range(1, 8)]
    space = event(1, "space/s", "space.opened", name="S", kind="forum", members=[], domains=[])
    session = event(75, "space/s", "space.session_held", attendees=["actor/k", "actor/l"])
    (knot,) = found("silos", [*SIDE_BY_SIDE, *turns, space, session])
    assert (knot.scope, knot.actors) == ("domain/x", ("body/b", "body/c"))
    assert (knot.since, knot.until, knot.decisions) == (on(20), on(75), 7)


@pytest.mark.parametrize(
    "tie",
    [
        [event(5, "body/b", "body.seat_taken", actor="l")],
        [asked(8, "c-1", "decision/d-1", "m"), advice(9, "c-1", "m"),
         asked(18, "c-2", "decision/d-2", "m"), advice(19, "c-2", "m")],
    ],
    ids=["a seat", "an adviser"],
)  # fmt: skip
def test_a_shared_seat_or_adviser_connects_bodies(tie: list[Json]) -> None:
    turns = [made(10, "d-1", "body/b"), made(20, "d-2", "body/c")]
    assert found("silos", [*SIDE_BY_SIDE, *turns, *tie]) == []
    assert len(found("silos", [*SIDE_BY_SIDE, *turns])) == 1


def test_parent_and_child_lie_beside_each_other_and_the_parent_names_it() -> None:
    tree = [event(0, "domain/x", "domain.defined", name="X")]
    tree += [event(0, "domain/y", "domain.defined", name="Y", parent="x")]
    turns = [made(10, "d-1", "body/b"), made(20, "d-2", "body/c", domains=["y"])]
    (knot,) = found("silos", [*tree, *SIDE_BY_SIDE, *turns])
    assert (knot.scope, knot.until) == ("domain/x", on(110))
