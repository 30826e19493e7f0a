"""Knots in what is stated: when each begins, when it ends, what late facts and merges do to it."""

import pytest

from tests.knotted import ALL, ANY, domain, found, left, mandate, row, spans
from tests.told import event, holders, made, on, team


def test_what_nobody_stated_is_a_knot_until_a_row_or_one_above_comes() -> None:
    events = [domain("x"), domain("y"), made(5, "d1", "actor/a"), made(9, "d2", "actor/a"),
              made(9, "d3", "actor/b")]  # fmt: skip
    both = [("domain/x", ("actor/a",), 5, None), ("domain/x", ("actor/b",), 9, None)]
    assert spans("unstated", events) == both
    below = domain("x", 20, parent="y")
    events += [row(12, "y", "actor/a"), below, made(30, "d4", "actor/a")]
    assert spans("unstated", events) == [(*one[:3], 20) for one in both]
    assert spans("unstated", events, day=19) == both


def test_a_row_stated_late_for_an_earlier_time_leaves_nothing_unstated_once_it_is_known() -> None:
    events = [made(5, "d", "actor/a"), row(50, "x", "actor/a", effective_from=on(1).isoformat())]
    assert spans("unstated", events, day=49) == [("domain/x", ("actor/a",), 5, None)]
    assert spans("unstated", events, day=50) == []
    assert spans("unstated", events, day=700, known=1) == [("domain/x", ("actor/a",), 5, None)]


def test_once_there_was_a_row_its_absence_is_vacant_and_not_unstated() -> None:
    events = [row(1, "x", "actor/a"), event(5, "matrix/x", "matrix.row_cleared"), made(9, "d", "actor/a"),
              row(20, "x", "actor/b")]  # fmt: skip
    assert spans("unstated", events) == []
    assert spans("vacant", events) == [("domain/x", (), 5, 20)]


def test_a_row_is_vacant_while_too_few_of_those_it_names_are_there() -> None:
    two = row(1, "x", "actor/a", "actor/b", rule={"kind": "quota", "at_least": 2})
    events = [two, left(10, "b"), event(30, "actor/b", "actor.returned"), left(40, "a"),
              row(50, "x", "actor/b")]  # fmt: skip
    both = "domain/x", ("actor/a", "actor/b")
    assert spans("vacant", events) == [(*both, 10, 30), (*both, 40, 50)]
    (early,) = found("vacant", events, day=12)
    assert (early.until, early.figure, early.entries) == (None, 1, (1, 2))
    assert early.sentence == (
        "Nobody can decide on x: the row names actor/b, who left on 11 January 2024, and actor/a cannot "
        "decide without them; no decisions since then."
    )


def test_a_body_is_vacant_when_its_last_seat_is_and_when_it_is_dissolved() -> None:
    events = [*team("t", "a"), row(1, "x", "body/t"),
              event(5, "body/t", "body.seat_vacated", actor="a"),
              event(8, "body/t", "body.seat_taken", actor="b"),
              event(12, "body/t", "body.dissolved", into=["u"])]  # fmt: skip
    assert spans("vacant", events) == [("domain/x", ("body/t",), 5, 8), ("domain/x", ("body/t",), 12, None)]


def test_of_a_body_that_cannot_decide_it_says_whether_all_its_terms_had_ended_or_too_few_are_left() -> None:
    until = event(0, "body/t", "body.seat_taken", actor="b", until=on(7).isoformat()) | {"id": "t-b"}
    ended = [*team("t"), until, row(1, "x", "body/t")]
    (knot,) = found("vacant", ended, day=12)
    assert "body/t, all of whose terms had ended by 8 January 2024; no" in knot.sentence
    (knot,) = found("vacant", [*team("t", "a"), row(1, "x", "body/t"), left(5, "a")], day=12)
    assert "body/t, whose seats cannot decide; no" in knot.sentence


def test_a_body_nobody_is_known_to_sit_in_may_decide_and_a_retired_domain_is_not_vacant() -> None:
    assert spans("vacant", [row(1, "x", "body/t")]) == []
    for_no_time = [*team("t", "a"), event(0, "body/t", "body.seat_vacated", actor="a")]
    assert spans("vacant", [*for_no_time, row(1, "x", "body/t")]) == []
    events = [domain("x"), row(1, "x", "actor/a"), left(5, "a"), event(9, "domain/x", "domain.retired")]
    assert spans("vacant", events) == [("domain/x", ("actor/a",), 5, 9)]


def test_a_domain_moved_out_from_below_a_row_is_vacant_and_one_that_still_inherits_is_not() -> None:
    events = [domain("y"), domain("x", parent="y"), row(1, "y", "actor/a"), row(2, "x", "actor/b"),
              event(5, "matrix/x", "matrix.row_cleared")]  # fmt: skip
    assert spans("vacant", events) == []
    assert spans("vacant", [*events, domain("x", 9)]) == [("domain/x", (), 9, None)]
    cleared = event(12, "matrix/y", "matrix.row_cleared")
    assert spans("vacant", [*events, cleared]) == [("domain/y", (), 12, None)]
    away = [domain("x", 20), row(30, "y", "actor/b")]
    both = [("domain/y", (), 12, 30), ("domain/x", (), 20, None)]
    assert spans("vacant", [*events, cleared, *away]) == both


def test_a_row_is_stale_thirty_days_after_somebody_left_until_it_is_mended() -> None:
    events = [row(1, "x", "actor/a", informs=["actor/b"]), left(10, "b")]
    assert spans("stale statement", events, day=39.9) == []
    assert spans("stale statement", events) == [("domain/x", ("actor/b",), 40, None)]
    renewed = row(60, "x", "actor/a", informs=["actor/b"], min_wait="P1D")
    mended = row(90, "x", "actor/a")
    assert spans("stale statement", [*events, renewed, mended]) == [("domain/x", ("actor/b",), 40, 90)]
    back = event(50, "actor/b", "actor.returned")
    assert spans("stale statement", [*events, back]) == [("domain/x", ("actor/b",), 40, 50)]


def test_a_row_is_stale_that_names_a_merged_id_or_a_dissolved_body() -> None:
    events = [row(1, "x", "actor/a", "body/t"), *team("t"), event(5, "body/t", "body.dissolved"),
              event(7, "actor/a", "actor.merged", into="z")]  # fmt: skip
    assert spans("stale statement", events) == [
        ("domain/x", ("body/t",), 35, None), ("domain/x", ("actor/z",), 37, None)]  # fmt: skip
    merged = next(one for one in found("stale statement", events, day=40) if one.actors == ("actor/z",))
    assert "actor/a (who decides), who turned out to be actor/z on 8 January 2024" in merged.sentence
    assert spans("stale statement", [*events, row(100, "x", "actor/z")], day=200)[1][3] == 100


def test_who_may_change_the_row_alone_is_a_knot_while_it_takes_two_to_decide() -> None:
    two = row(1, "x", "actor/a", "actor/b", rule=ALL, amends=holders(("actor/c",)), amend_rule=ANY)
    assert spans("meta-authority", [two]) == [("domain/x", ("actor/c",), 1, None)]
    assert spans("meta-authority", [two, left(9, "b")]) == [("domain/x", ("actor/c",), 1, 9)]
    as_many = row(20, "x", "actor/a", "actor/b", rule=ALL, amends=holders(("actor/c", "actor/d")),
                  amend_rule=ALL)  # fmt: skip
    assert spans("meta-authority", [two, as_many]) == [("domain/x", ("actor/c",), 1, 20)]
    assert spans("meta-authority", [row(1, "x", "actor/a", "actor/b", rule=ALL)]) == []


def test_weights_and_quorums_count_for_the_smallest_coalition() -> None:
    decides = [{"holder": "actor/a", "weight": 3}, {"holder": "actor/b"}, {"holder": "actor/c"}]
    one = event(1, "matrix/x", "matrix.row_set", by=[], decides=decides, amends=holders(("actor/z",)),
                rule={"kind": "quota", "at_least": 3}, amend_rule=ANY)  # fmt: skip
    assert spans("meta-authority", [one]) == []
    one["data"]["rule"] = {"kind": "quota", "at_least": 3, "quorum": 2}
    assert spans("meta-authority", [one]) == [("domain/x", ("actor/z",), 1, None)]


def test_a_row_that_says_it_held_already_makes_what_was_decided_meanwhile_retroactive() -> None:
    events = [made(5, "d", "actor/a"), row(15, "x", "actor/a", effective_from=on(4).isoformat())]
    assert spans("retroactive", events, day=14) == []
    (knot,) = found("retroactive", events, day=20)
    assert (knot.actors, knot.since, knot.figure, knot.severity) == (("actor/a",), on(15), 10, "notice")
    assert knot.entries == (1, 2)
    soon = [made(5, "d", "actor/a"), row(5.5, "x", "actor/a", effective_from=on(4).isoformat())]
    assert [one.severity for one in found("retroactive", soon)] == ["info"]
    strategic = [made(5, "d", "actor/a", stakes="strategic"), *events[1:]]
    assert [one.severity for one in found("retroactive", strategic)] == ["warning"]


def test_a_mandate_given_afterwards_is_retroactive_for_who_holds_it_until_the_decision_is_reopened() -> None:
    given = mandate(15, "m", "actor/a", "actor/b", effective_from=on(4).isoformat())
    events = [row(1, "x", "actor/a"), made(5, "d", "actor/b"), made(6, "e", "actor/a"), given]
    assert spans("retroactive", events) == [("domain/x", ("actor/b",), 15, None)]
    reopened = event(30, "decision/d", "decision.reopened", by="a", reason="R")
    assert spans("retroactive", [*events, reopened]) == [("domain/x", ("actor/b",), 15, 30)]


@pytest.mark.parametrize("pattern", ["vacant", "stale statement"])
def test_what_was_deferred_returned_or_decided_by_nobody_knows_whom_counts_as_nothing_decided_since(
    pattern: str,
) -> None:
    events = [row(1, "x", "actor/a"), left(2, "a"), made(50, "d", "actor/b")]
    unsettled = [made(51, "e", "actor/b", outcome="deferred"), made(52, "f", "actor/b", outcome="returned")]
    (plain,) = found(pattern, events)
    (knot,) = found(pattern, [*events, *unsettled, made(53, "g")])
    assert (knot.decisions, knot.sentence, knot.entries) == (1, plain.sentence, plain.entries)
    assert "1 decision since" in knot.sentence
