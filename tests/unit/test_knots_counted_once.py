"""What is one piece of advice, one request, one position or one body is told as one."""

from typing import Any

import pytest

from tests.told import event, made, on, opened, person, row, team
from tests.unit.test_knots_work import advice, asked, found, proposed

Json = dict[str, Any]
MANDATORY = [{"holder": f"actor/{one}", "mandatory": True} for one in "efg"]
CONSULTS = row(0, "x", "a", "b", rule={"kind": "all"}, contributes=MANDATORY)


def decided(n: int, **more: Any) -> list[Json]:
    return [made(10 * k + 9, f"d-{k}", "a", "b", **more) for k in range(n)]


# advice and requests on an initiative


@pytest.mark.parametrize(("pieces", "knots"), [(1, 0), (12, 1)])
def test_advice_on_an_initiative_is_held_against_its_next_decision_alone(pieces: int, knots: int) -> None:
    events = [row(0, "x", "a"), proposed(1, "i", "a"), asked(2, "c", "initiative/i", "w")]
    events += [advice(10 * n + 3, "c", "w") for n in range(pieces)]
    events += [made(10 * n + 9, f"d-{n}", "a", initiative="i") for n in range(12)]
    events += [made(10 * n + 9.5, f"e-{n}", "a", outcome="rejected") for n in range(14)]
    influence = found("hidden influence", events, day=140)
    assert len(influence) == knots
    assert all("12 of 12 pieces of advice matched" in knot.sentence for knot in influence)


def requests(times: int) -> list[Json]:
    """Three advisers are asked so often about an initiative of 14 decisions; `e` never says anything."""
    events = [CONSULTS, proposed(1, "i", "a"), *decided(14, initiative="i")]
    for n in range(times):
        for who in "efg":
            events.append(asked(10 * n + 3, f"{who}-{n}", "initiative/i", who))
            events += [advice(10 * n + 4, f"{who}-{n}", who)] if who != "e" else []
    return events


def test_who_was_asked_once_about_an_initiative_was_not_asked_as_often_as_it_decided() -> None:
    assert found("exclusion", requests(1), day=145) == []
    (knot,) = found("exclusion", requests(14), day=145)
    assert knot.actors == ("actor/e",)
    assert "was asked 14 times and silent 14 of them" in knot.sentence


# advice that bears no name


def unnamed(day: float, id: str) -> Json:
    return event(day, f"consultation/{id}", "consultation.advice_given", stance="concern")


@pytest.mark.parametrize(("after", "knots"), [(4, 0), (9.5, 1)])
def test_nobody_is_silent_where_advice_before_the_decision_bears_no_name(after: float, knots: int) -> None:
    events = [CONSULTS, *decided(14)]
    for n in range(14):
        for who in "efg":
            events.append(asked(10 * n + 3, f"{who}-{n}", f"decision/d-{n}", who))
            answered = (
                unnamed(10 * n + after, f"e-{n}") if who == "e" else advice(10 * n + 4, f"{who}-{n}", who)
            )
            events.append(answered)
    assert len(found("exclusion", events, day=145)) == knots


def test_who_may_have_advised_unnamed_is_not_said_to_be_heard_only_afterwards() -> None:
    must = row(0, "x", "a", contributes=MANDATORY[:1])
    events = [must, asked(3, "c", "decision/d", "e"), made(9, "d", "a"), advice(10, "c", "e")]
    assert len(found("bypassed consultation", events)) == 1
    assert found("bypassed consultation", [*events, unnamed(4, "c")]) == []


# a body that proposes


def of_the_body(*deciders: str, rows: Json) -> list[Json]:
    events = [person("c"), *team("y", "a", "b"), rows]
    for n in range(1, 4):
        events += [proposed(n, f"i-{n}", "body/y"), made(n + 0.5, f"d-{n}", *deciders, initiative=f"i-{n}")]
    return events


def test_a_body_that_decides_what_it_proposed_goes_around_others_and_not_around_its_own_people() -> None:
    assert found("self-approval", of_the_body("body/y", rows=row(0, "x", "body/y"))) == []
    (knot,) = found("self-approval", of_the_body("body/y", rows=row(0, "x", "body/y", "c")))
    assert knot.actors == ("body/y",)
    assert "though the row names actor/c." in knot.sentence


def test_what_is_ratified_by_a_bodys_own_people_was_not_ratified_by_others() -> None:
    events = of_the_body("body/y", rows=row(0, "x", "body/y", "c"))
    own, other = (
        event(day, "decision/d-3", "decision.ratified", by=[by]) for day, by in ((5, "a"), (6, "c"))
    )
    (knot,) = found("self-approval", [*events, own])
    assert knot.stated is None
    (knot,) = found("self-approval", [*events, own, other])
    assert knot.stated == on(6)


def test_a_body_whose_people_decided_by_name_did_not_ask_up() -> None:
    assert found("approval habit", of_the_body("a", "b", rows=row(0, "x", "body/y"))) == []
    (knot,) = found("approval habit", of_the_body("c", rows=row(0, "x", "body/y")))
    assert knot.actors == ("body/y",)


# positions


@pytest.mark.parametrize(("questions", "knots"), [(3, 0), (36, 1)])
def test_the_same_position_taken_again_is_one(questions: int, knots: int) -> None:
    events = [row(0, "x", "a", "s", rule={"kind": "all"})]
    for n in range(questions):
        events += [opened(n + 1, f"d-{n}", "a", "a", "s"), made(n + 1.5, f"d-{n}", "a", "s")]
        events += [approval(n + 1 + minute / 1440, n) for minute in range(1, 15)]
    stamps = found("rubber stamp", events)
    assert len(stamps) == knots
    assert all("approved 36 of 36 times" in knot.sentence for knot in stamps)


def test_a_position_that_amending_lapsed_is_no_approval_and_a_reason_stays_one() -> None:
    def stamped(*before: Json) -> list[Json]:
        events = [row(0, "x", "a", "s", rule={"kind": "all"}), *before]
        for n in range(35):
            events += [opened(n + 1, f"d-{n}", "a", "a", "s"), approval(n + 1.01, n)]
            events += [made(n + 1.5, f"d-{n}", "a", "s")]
        return events

    assert len(found("rubber stamp", stamped())) == 1
    amended = event(20.02, "decision/d-19", "decision.amended", by="a", round=2)
    assert found("rubber stamp", stamped(amended)) == []
    explained = approval(20.005, 19, reason="sealed")
    assert found("rubber stamp", stamped(explained)) == []


def approval(day: float, n: int, **more: Any) -> Json:
    return event(day, f"decision/d-{n}", "decision.position_taken", by="s", value="approve", **more)
