"""What is nobody's shadow: escalated as the row says, ratified in time, or approved by all the others."""

from typing import Any

import pytest

from services.projections.knots.registry import PATTERNS
from tests.knotted import Json, domain, found, left, override, row
from tests.told import event, made, on, opened, team

BY_A = row(1, "x", "a")
TO_L = row(1, "x", "a", escalates_to="actor/l")
TOGETHER = row(0, "x", "a", "b", "c", rule={"kind": "consent"})


def escalated(day: float, id: str, to: str = "actor/l") -> Json:
    return event(day, f"decision/{id}", "decision.escalated", by="a", from_="actor/a", to=to, reason="R")


def up(day: int, id: str, *deciders: str, to: str = "actor/l", **more: Any) -> list[Json]:
    """Opened, escalated and made, a day after the other."""
    return [opened(day, id, "a", "a"), escalated(day + 1, id, to), made(day + 2, id, *deciders, **more)]


def thrice(*deciders: str, **more: Any) -> list[Json]:
    return [one for n in range(3) for one in up(10 + 10 * n, f"d{n}", *deciders, **more)]


def test_what_was_escalated_as_the_row_says_is_no_shadow_of_whom_it_names() -> None:
    assert found("shadow authority", [TO_L, *thrice("l")]) == []
    assert len(found("shadow authority", [row(1, "x", "a"), *thrice("l")])) == 1
    assert len(found("shadow authority", [TO_L, *thrice("z")])) == 1
    assert len(found("shadow authority", [TO_L, *thrice("l", to="actor/z")])) == 1


def test_what_nobody_escalated_or_only_afterwards_counts_as_before() -> None:
    decided = [made(day, f"d{day}", "l") for day in (10, 20, 30)]
    assert len(found("shadow authority", [TO_L, *decided])) == 1
    assert len(found("shadow authority", [TO_L, *decided, *(escalated(40, f"d{n}") for n in (10, 20))])) == 1


def test_it_is_the_row_in_force_that_says_to_whom() -> None:
    assert (
        len(found("shadow authority", [TO_L, row(11, "x", "a", escalates_to="actor/k"), *thrice("l")])) == 1
    )


def test_a_body_is_escalated_to_through_its_people_and_decides_through_them() -> None:
    told = [*team("b", "l", "m"), row(1, "x", "a", escalates_to="body/b")]
    for deciders, to in ((("body/b",), "body/b"), (("l",), "body/b"), (("body/b",), "actor/m")):
        assert found("shadow authority", [*told, *thrice(*deciders, to=to)]) == []
    assert len(found("shadow authority", [*told, *thrice("z", to="body/b")])) == 1
    assert len(found("shadow authority", [*told, *thrice("l", to="actor/z")])) == 1


def test_a_shadow_says_how_many_it_leaves_out_and_shows_only_the_others() -> None:
    alone = [made(day, f"e{day}", "l") for day in (50, 60, 70)]
    (knot,) = found("shadow authority", [TO_L, *thrice("l"), *alone])
    assert (knot.figure, knot.decisions, knot.since, len(knot.entries)) == (3, 6, on(70), 3)
    assert knot.sentence == (
        "Of 6 decisions on x, actor/l made 3 out of mandate (not counting 3 escalated to them or ratified in "
        "time), the first on 20 February 2024."
    )


def test_what_was_escalated_is_no_turn_of_an_overlap() -> None:
    mine = [made(day, f"m{day}", "a") for day in (14, 24, 34)]
    whole = row(1, "x", "a", "k", escalates_to="actor/l", rule={"kind": "all"})
    assert found("overlap", [whole, *thrice("l"), *mine]) == []
    alone = [made(10 * n + 2, f"d{n}", "l") for n in (1, 2, 3)]
    assert len(found("overlap", [whole, *alone, *mine])) == 1
    (knot,) = found("overlap", [whole, *alone, *mine, *up(25, "u", "l")])
    assert "3 times and 3 times (not counting 1 escalated to them or ratified in time) since" in knot.sentence


def urgent(day: float, id: str, *, by: float | None = None, who: str = "p") -> Json:
    until = {} if by is None else {"ratify_by": on(by).isoformat()}
    return made(day, id, who, emergency={"reason": "R"} | until)


def ratified(day: float, id: str, *by: str) -> Json:
    return event(day, f"decision/{id}", "decision.ratified", by=list(by))


def shadows(*more: Json, stated: Json = BY_A, ratify_by: float | None = 40) -> int:
    """How many there are of three emergencies; two were ratified as they should be."""
    told = [urgent(10, "d1", by=ratify_by), urgent(20, "d2", by=ratify_by), urgent(30, "d3", by=ratify_by)]
    calm = [made(5, "e1", "p"), made(6, "e2", "p")]
    return len(found("shadow authority", [stated, *calm, *told, *more]))


FIRST_TWO = [ratified(12, "d1", "a"), ratified(22, "d2", "a")]


def test_an_emergency_ratified_in_time_by_who_may_decide_is_no_shadow() -> None:
    assert shadows(*FIRST_TWO) == 1
    assert shadows(*FIRST_TWO, ratified(40, "d3", "a")) == 0
    assert shadows(*FIRST_TWO, ratified(400, "d3", "a"), ratify_by=None) == 0


def test_one_ratified_late_by_others_or_once_it_no_longer_stood_counts_as_before() -> None:
    assert shadows(*FIRST_TWO, ratified(41, "d3", "a")) == 1
    assert shadows(*FIRST_TWO, ratified(32, "d3", "p")) == 1
    assert shadows(*FIRST_TWO, override(31, "d3", "a"), ratified(32, "d3", "a")) == 1
    both = row(1, "x", "a", "b", rule={"kind": "all"})
    ratifiers = [ratified(12, "d1", "a", "b"), ratified(22, "d2", "a", "b")]
    assert shadows(*ratifiers, ratified(32, "d3", "a"), stated=both) == 1
    assert shadows(*ratifiers, ratified(32, "d3", "a", "b"), stated=both) == 0


def test_who_may_ratify_is_who_may_decide_when_they_do_within_the_row_s_limits() -> None:
    handed_over = row(31, "x", "k")
    assert shadows(*FIRST_TWO, handed_over, ratified(32, "d3", "a")) == 1
    assert shadows(*FIRST_TWO, handed_over, ratified(32, "d3", "k")) == 0
    low = row(1, "x", "a", limits={"stakes_up_to": "low"})
    events = [domain("x", stakes="high"), *FIRST_TWO, ratified(32, "d3", "a")]
    assert shadows(*events, stated=low) == 1


def test_an_emergency_ratified_in_time_is_no_turn_of_an_overlap() -> None:
    whole = row(1, "x", "a", "k", rule={"kind": "all"})
    turns = [made(day, f"m{day}", "a") for day in (14, 24, 34)]
    turns += [urgent(day, f"p{day}") for day in (12, 22, 32)]
    assert len(found("overlap", [whole, *turns])) == 1
    assert found("overlap", [whole, *turns, ratified(33, "p32", "a", "k")]) == []


def approve(day: float, by: str, value: str = "approve", **more: Any) -> Json:
    return event(day, "decision/d", "decision.position_taken", by=by, value=value, **more)


def self_approved(*more: Json, stated: Json = TOGETHER) -> int:
    told = [stated, opened(5, "d", "a", "a", "b", "c"), *more, made(10, "d", "a")]
    return len(found("self-approval", told))


def test_where_everybody_else_the_row_names_had_approved_nobody_approved_themselves() -> None:
    assert self_approved(approve(6, "b"), approve(7, "c")) == 0
    assert self_approved(left(6, "c"), approve(6, "b")) == 0
    assert self_approved(approve(6, "b")) == 1
    assert self_approved(approve(6, "b"), approve(6, "c"), approve(7, "c", "abstain")) == 1
    assert self_approved(approve(6, "b"), approve(7, "c", "hold"), approve(8, "c")) == 0
    assert self_approved(approve(6, "b"), approve(11, "c")) == 1


def test_approvals_that_an_amendment_overtook_are_none() -> None:
    amended = event(8, "decision/d", "decision.amended", by="a", round=2)
    assert self_approved(approve(6, "b"), approve(7, "c"), amended) == 1
    assert self_approved(approve(6, "b"), amended, approve(9, "b"), approve(9, "c")) == 0


@pytest.mark.parametrize(
    ("said", "knots"),
    [
        ([approve(6, "k"), approve(6, "l")], 0),
        ([approve(6, "k", for_="body/b")], 0),
        ([approve(6, "k")], 1),
    ],
)
def test_a_body_had_approved_when_that_was_said_for_it_or_by_all_its_people(
    said: list[Json], knots: int
) -> None:
    told = [*team("b", "k", "l"), row(0, "x", "a", "body/b", rule={"kind": "all"})]
    told += [opened(5, "d", "a", "a"), *said, made(10, "d", "a")]
    assert len(found("self-approval", told)) == knots


def test_a_self_approval_says_what_closes_it_whatever_the_rule() -> None:
    told = [row(0, "x", "a", "b"), opened(5, "d", "a", "a"), made(10, "d", "a")]
    assert found("self-approval", told)[0].stated is None
    assert found("self-approval", [*told, row(20, "x", "a", "b")])[0].stated is None
    assert found("self-approval", [*told, row(20, "x", "a")])[0].stated == on(20)
    assert found("self-approval", [*told, ratified(20, "d", "b")])[0].stated == on(20)
    assert PATTERNS["self-approval"].closes.startswith(
        "Ratified by somebody else, or a row that names nobody else, answered `formalise`; or"
    )
