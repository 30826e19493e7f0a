"""Knots in how it is decided: when each begins, when it ends, what corrections and merges do to it."""

from typing import Any

from tests.knotted import (
    Json,
    corrected,
    day_of,
    domain,
    found,
    left,
    mandate,
    override,
    row,
    spans,
)
from tests.told import event, holders, made, on, opened, person, team


def test_what_was_decided_tacitly_or_without_a_reference_is_a_knot_until_all_of_it_is_written_down() -> None:
    events = [made(1, "d", "actor/a"), made(5, "e", "actor/a", ref="https://x", formality="tacit"),
              made(6, "f", "actor/a", ref="https://x"), made(7, "g", "actor/b")]  # fmt: skip
    assert spans("unformalised", events) == [
        ("domain/x", ("actor/a",), 1, None), ("domain/x", ("actor/b",), 7, None)]  # fmt: skip
    written = [event(9, f"decision/{id}", "decision.formalised", by="a", ref="https://y") for id in "de"]
    assert spans("unformalised", [*events, written[0]])[0][3] is None
    assert spans("unformalised", [*events, *written])[0] == ("domain/x", ("actor/a",), 1, 9)


def test_late_and_corrected_facts_heal_it_as_known_now_and_not_as_known_then() -> None:
    decided = made(1, "d", "actor/a")
    late = event(3, "decision/d", "decision.formalised", by="a", ref="https://y")
    told = [decided, made(400, "e", "actor/b", ref="https://x"), late]
    assert spans("unformalised", told) == [("domain/x", ("actor/a",), 1, 3)]
    assert spans("unformalised", told, known=2) == [("domain/x", ("actor/a",), 1, None)]
    mended = corrected(400, decided, data=decided["data"] | {"ref": "https://y"})
    assert spans("unformalised", [decided, mended]) == []
    taken_back = event(401, "decision/d", "event.retracted", source="urn:test", reason="R")
    taken_back["data"]["id"] = late["id"]
    assert spans("unformalised", [*told, taken_back]) == [("domain/x", ("actor/a",), 1, None)]


def test_who_decides_alone_on_their_own_proposal_approves_themselves_if_the_row_names_others() -> None:
    alone = [opened(2, "d", "a", "actor/a"), made(3, "d", "actor/a")]
    assert spans("self-approval", [row(1, "x", "actor/a", "actor/b"), *alone]) == [
        ("domain/x", ("actor/a",), 3, None)]  # fmt: skip
    assert spans("self-approval", [row(1, "x", "actor/a"), *alone]) == []
    assert spans("self-approval", [row(1, "x", "actor/a", "actor/b"), left(1, "b"), *alone]) == []
    together = [opened(2, "d", "a", "actor/a"), made(3, "d", "actor/a", "actor/b")]
    assert spans("self-approval", [row(1, "x", "actor/a", "actor/b"), *together]) == []
    proposed = event(
        1, "initiative/i", "initiative.proposed", title="T", domains=["x"], proposers=["actor/c"]
    )
    others = [opened(2, "d", "a", "actor/a", initiative="i"), made(3, "d", "actor/a", initiative="i")]
    assert spans("self-approval", [row(1, "x", "actor/a", "actor/b"), proposed, *others]) == []


def test_a_role_with_one_seat_is_nobody_else_and_a_team_of_others_is() -> None:
    decided = made(3, "d", "actor/a")
    decided["data"]["deciders"][0]["under"] = "t"
    alone = [opened(2, "d", "a", "body/t"), decided]
    assert spans("self-approval", [*team("t", "a"), row(1, "x", "body/t"), *alone]) == []
    assert spans("self-approval", [*team("t", "a", "b"), row(1, "x", "body/t"), *alone]) == [
        ("domain/x", ("actor/a",), 3, None)]  # fmt: skip


def test_the_third_decision_out_of_mandate_is_a_knot_until_enough_is_decided_by_others() -> None:
    events = [person("z"), row(1, "x", "actor/a"), *(made(n, f"s{n}", "actor/z") for n in (5, 6, 7))]
    (knot,) = found("shadow authority", events)
    assert (knot.actors, knot.since, knot.figure, knot.decisions) == (("actor/z",), on(7), 3, 3)
    assert knot.entries == (3, 4, 5)
    others = [made(20 + n, f"d{n}", "actor/a") for n in range(27)]
    assert spans("shadow authority", [*events, *others[:26]])[0][3] is None
    assert spans("shadow authority", [*events, *others]) == [("domain/x", ("actor/z",), 7, 46)]
    assert spans("shadow authority", events[:-1]) == []


def test_shadow_authority_ends_when_its_holder_leaves_and_is_not_for_who_holds_a_mandate() -> None:
    events = [row(1, "x", "actor/a"), *(made(n, f"s{n}", "actor/z") for n in (5, 6, 7))]
    assert spans("shadow authority", [*events, left(30, "z")]) == [("domain/x", ("actor/z",), 7, 30)]
    assert spans("shadow authority", [*events, mandate(2, "m", "actor/a", "actor/z")]) == []


def test_decisions_of_two_ids_that_turn_out_to_be_one_are_counted_together() -> None:
    events = [
        row(1, "x", "actor/a"),
        made(5, "d", "actor/y"),
        made(6, "e", "actor/y"),
        made(7, "f", "actor/z"),
    ]
    assert spans("shadow authority", events) == []
    merged = event(90, "actor/y", "actor.merged", into="z")
    assert spans("shadow authority", [*events, merged]) == [("domain/x", ("actor/z",), 7, None)]
    mended = corrected(95, events[3], data=events[3]["data"] | {"deciders": holders(("actor/a",))})
    assert spans("shadow authority", [*events, merged, mended]) == []


def test_of_all_decisions_a_knot_is_judged_by_it_says_how_many_were_inferred() -> None:
    guessed = made(8, "guessed", "actor/a", attested="inferred")
    out = [row(1, "x", "actor/a"), *(made(n, f"s{n}", "actor/z") for n in (5, 6, 7)), guessed]
    (shadow,) = found("shadow authority", out)
    assert (shadow.figure, shadow.decisions, shadow.inferred) == (3, 4, 1)
    ten = [made(n + 1, f"d{n}", "actor/a") for n in range(9)]
    undone = [override(20 + n, f"d{n}", "h") for n in range(3)]
    undone[0]["data"]["attested"] = "inferred"
    (habit,) = found("override habit", [*ten, made(10, "d9", "actor/a", attested="inferred"), *undone])
    assert (habit.decisions, habit.inferred) == (10, 2)
    again = [*ten, guessed, opened(30, "q", "a"), override(20, "d0", "a")]
    (stalled,) = found("stalled", again, day=300)
    assert (stalled.decisions, stalled.inferred) == (10, 1)
    events = [person("a"), person("b"), *team("one", "a"), *team("two", "b"), made(5, "d", "body/one")]
    events[-1]["data"]["attested"] = "inferred"
    undoing = event(9, "decision/d", "decision.overridden", deciders=holders(("body/two",)), reason="R")
    (undid,) = found("incoherence", [*events, undoing])
    assert (undid.decisions, undid.inferred) == (1, 1)


def turns(*days_and_actors: tuple[float, str]) -> list[Json]:
    return [made(day, f"d{day}", f"actor/{actor}") for day, actor in days_and_actors]


def test_two_who_decide_alone_in_turn_overlap_unless_something_says_they_may() -> None:
    mine = turns((1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a"), (6, "b"))
    knot = ("domain/x", ("actor/a", "actor/b"), 6)
    assert spans("overlap", mine) == [(*knot, None)]
    assert spans("overlap", mine[:5]) == []
    both = row(0.5, "x", "actor/a", "actor/b")
    assert spans("overlap", [both, *mine]) == []
    assert spans("overlap", [*mine, row(20, "x", "actor/a", "actor/b")]) == [(*knot, 20)]
    assert spans("overlap", [*mine, mandate(30, "m", "actor/b", "actor/a")]) == [(*knot, 30)]
    assert spans("overlap", [*mine, left(40, "a")]) == [(*knot, 40)]


def test_two_overlap_no_more_once_one_decides_for_a_body_that_may_as_well() -> None:
    mine = turns((1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a"), (6, "b"))
    stated = [*team("t"), row(0.5, "x", "actor/b", "body/t")]
    seated = event(30, "body/t", "body.seat_taken", actor="a")
    knot = ("domain/x", ("actor/a", "actor/b"), 6)
    assert spans("overlap", [*stated, *mine]) == [(*knot, None)]
    assert spans("overlap", [*stated, *mine, seated]) == [(*knot, 30)]
    lent = mandate(40, "m", "body/t", "actor/a")
    assert spans("overlap", [*stated, *mine, lent]) == [(*knot, 40)]


def test_two_of_whom_the_row_names_now_one_now_the_other_do_not_overlap_but_while_it_names_one() -> None:
    rows = [row(day, "x", "actor/a" if n % 2 else "actor/b") for n, day in enumerate((0.5, 10, 20, 30))]
    mine = turns((1, "b"), (2, "b"), (3, "b"), (11, "a"), (12, "a"), (13, "a"), (21, "b"), (31, "a"))
    assert spans("overlap", [*rows, *mine]) == []
    against = turns((32, "b"), (33, "a"))  # the first says nothing yet
    assert spans("overlap", [*rows, *mine, *against]) == [("domain/x", ("actor/a", "actor/b"), 33, None)]


def test_an_overlap_of_decisions_that_were_all_lent_says_so() -> None:
    lent = [row(0.5, "x", "actor/z"), *(mandate(0.6, f"m{who}", "actor/z", f"actor/{who}") for who in "ab")]
    mine = turns((1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a"), (6, "b"))
    (knot,) = found("overlap", [*lent, *mine])
    assert knot.sentence.endswith("a mandate of the other, though each of these decisions was in mandate.")
    (bare,) = found("overlap", [*lent[:2], *mine])
    assert bare.sentence.endswith("a mandate of the other.")


def test_one_who_hands_over_to_another_does_not_overlap_nor_do_turns_far_apart() -> None:
    assert spans("overlap", turns((1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "b"), (6, "b"))) == []
    rare = turns((1, "a"), (100, "b"), (200, "a"), (300, "b"), (400, "a"), (500, "b"))
    assert spans("overlap", rare) == []


def proposed(day: float, id: str, by: str, **more: Any) -> Json:
    told = {"title": "T", "domains": ["x"], "proposers": [f"actor/{by}"]} | more
    return event(day, f"initiative/{id}", "initiative.proposed", **told)


def test_work_that_waits_in_a_field_where_nothing_is_decided_is_stalled_after_ninety_days() -> None:
    events = [made(1, "d", "actor/a"), proposed(20, "i", "p")]
    assert spans("stalled", events, day=109.9) == []
    assert spans("stalled", events) == [("domain/x", ("actor/p",), 110, None)]
    assert spans("stalled", [*events, made(150, "e", "actor/a")], day=160) == [
        ("domain/x", ("actor/p",), 110, 150)]  # fmt: skip
    gone = event(130, "initiative/i", "initiative.withdrawn")
    assert spans("stalled", [*events, gone]) == [("domain/x", ("actor/p",), 110, 130)]
    assert spans("stalled", [*events, made(60, "e", "actor/a", initiative="i")]) == []


def test_what_was_reopened_was_stalled_where_it_belonged_then_though_it_is_made_elsewhere_later() -> None:
    reopened = event(20, "decision/d", "decision.reopened", by="a", reason="R")
    events = [opened(1, "d", "p", "a"), made(2, "d", "actor/a"), reopened]
    assert spans("stalled", events) == [("domain/x", ("actor/p",), 110, None)]
    later = made(150, "d", "actor/a", domains=["y"])
    assert spans("stalled", [*events, later]) == [("domain/x", ("actor/p",), 110, 150)]


def test_what_is_proposed_after_a_long_quiet_is_not_stalled_at_once() -> None:
    quiet = [made(1, "d", "actor/a"), proposed(300, "i", "p"), made(320, "e", "actor/a", initiative="i")]
    assert spans("stalled", quiet) == []


def test_work_begun_while_the_row_above_was_cleared_waits_for_what_is_decided_under_the_next() -> None:
    tree = [domain("x"), domain("y", parent="x"), row(1, "x", "actor/a")]
    cleared = [event(10, "matrix/x", "matrix.row_cleared"), proposed(20, "i", "p", domains=["y"])]
    again = [row(60, "x", "actor/a"), *(made(80 * n, f"d{n}", "actor/a", domains=["y"]) for n in range(1, 8))]
    events = [*tree, *cleared, *again]
    assert spans("stalled", events, day=640) == []
    assert spans("stalled", events) == [("domain/x", ("actor/p",), 650, None)]


def test_where_decisions_are_rare_it_takes_longer_than_the_gaps_before() -> None:
    made_rarely = [made(1 + 120 * n, f"d{n}", "actor/a") for n in range(11)]
    events = [*made_rarely, proposed(1202, "i", "p")]
    (knot,) = found("stalled", events, day=1400)
    assert (day_of(knot.since), knot.threshold, knot.decisions) == (1322, 120, 11)


def test_more_than_a_fifth_overridden_of_ten_is_a_habit_of_who_overrides() -> None:
    events = [made(n + 1, f"d{n}", "actor/a") for n in range(10)]
    two = [override(20, "d0", "h"), override(21, "d1", "h")]
    assert spans("override habit", [*events, *two]) == []
    three = [*events, *two, override(22, "d2", "h")]
    assert spans("override habit", three) == [("domain/x", ("actor/h",), 22, None)]
    more = [made(30 + n, f"e{n}", "actor/a") for n in range(5)]
    assert spans("override habit", [*three, *more]) == [("domain/x", ("actor/h",), 22, 34)]
    joined = override(25, "d3", "k")
    assert spans("override habit", [*three, joined]) == [
        ("domain/x", ("actor/h",), 22, 25), ("domain/x", ("actor/h", "actor/k"), 25, None)]  # fmt: skip
    assert spans("churn", three) == []


def test_reversals_by_the_same_and_reopenings_are_churn_and_each_decision_counts_once() -> None:
    events = [made(n + 1, f"d{n}", "actor/a") for n in range(10)]
    reopened = [event(20 + n, f"decision/d{n}", "decision.reopened", by="z", reason="R") for n in range(2)]
    again = made(30, "d0", "actor/a") | {"id": "again"}
    twice = event(31, "decision/d0", "decision.reopened", by="z", reason="R")
    assert spans("churn", [*events, *reopened, again, twice]) == []
    assert spans("churn", [*events, *reopened, override(40, "d5", "a")]) == [
        ("domain/x", ("actor/a",), 40, None)]  # fmt: skip


def test_what_was_provisional_and_then_rejected_did_not_last_what_was_accepted_did() -> None:
    def words(then: str) -> list[Json]:
        provisional = [made(n + 1, f"d{n}", "actor/a", outcome="provisional") for n in range(3)]
        return [
            *provisional,
            *(made(20 + n, f"d{n}", "actor/a", outcome=then) | {"id": f"then{n}"} for n in range(3)),
        ]

    others = [made(n + 1, f"d{n}", "actor/a") for n in range(3, 10)]
    assert spans("churn", [*others, *words("accepted")]) == []
    assert spans("churn", [*others, *words("rejected")]) == [("domain/x", ("actor/a",), 22, None)]


def test_a_body_undone_by_one_it_has_not_met_is_incoherent_whatever_comes_after() -> None:
    events = [*team("s", "a"), *team("t", "b"), made(5, "d", "body/s"), override(9, "d", "body/t")]
    space = event(1, "space/m", "space.opened", name="M", kind="meeting", members=[], domains=["x"])

    def session(day: float) -> Json:
        return event(day, "space/m", "space.session_held", attendees=["actor/a", "actor/b"])

    assert spans("incoherence", events) == [("domain/x", ("body/s", "body/t"), 9, None)]
    assert spans("incoherence", [space, *events, session(20)]) == [
        ("domain/x", ("body/s", "body/t"), 9, None)
    ]
    assert spans("incoherence", [space, *events, session(3)]) == []
    for_now = [*events[:-2], made(5, "d", "body/s", outcome="provisional")]
    assert spans("incoherence", [*for_now, made(9, "d", "body/t", outcome="rejected")]) == [
        ("domain/x", ("body/s", "body/t"), 9, None)
    ]
    assert spans("incoherence", [*for_now, made(9, "d", "body/t")]) == []  # which confirms it
    again = made(30, "d", "body/s") | {"id": "again"}
    reopened = event(25, "decision/d", "decision.reopened", by="a", reason="R")
    assert spans("incoherence", [*events, reopened, again]) == [("domain/x", ("body/s", "body/t"), 9, 25)]
