"""An act read against its structure: shares, row, mandate and level, by the given-when-then of each rule."""

from fractions import Fraction

import pytest

from schemas.decision import Decider
from schemas.types import All, Any, Consent, Limits, Quota, Rule, Size
from services.projections.facts.decisions import Word
from services.projections.facts.fact import Fact
from services.projections.measures import UNIT
from services.projections.resolve import resolve
from services.projections.resolve_mandate import within
from services.projections.resolve_shares import Edge, Loan, flow, without_loops
from services.projections.structure import Structure
from tests.organisation import (
    absence,
    act,
    body,
    cleared,
    day,
    dissolution,
    domain,
    mandate,
    merge,
    more_than,
    organisation,
    profile,
    quota,
    row,
    seat,
)

ANN, BEN, CAT, BOARD = "actor/ann", "actor/ben", "actor/cat", "body/board"


def shares(units: object) -> dict[str, Fraction]:
    assert isinstance(units, dict)
    return {holder: Fraction(held, UNIT) for holder, held in units.items()}


def mandated(word: Word, structure: Structure, as_of: float = 99) -> str:
    return resolve(word, structure, day(as_of)).mandate


def board(rule: Rule | None = None) -> list[Fact]:
    return [body("board", rule), seat("board", "ann"), seat("board", "ben"), seat("board", "cat")]


def test_actual_shares_are_parts_over_their_sum() -> None:
    read = resolve(act(Decider(holder=ANN, parts=3), BEN), organisation(), day(10))
    assert shares(read.actual_node) == shares(read.actual_seat) == {ANN: Fraction(3, 4), BEN: Fraction(1, 4)}


def test_who_decides_under_a_body_counts_as_that_body_for_the_node_lens_only() -> None:
    read = resolve(act(Decider(holder=ANN, under="board"), BEN), organisation(), day(10))
    assert shares(read.actual_node) == {BOARD: Fraction(1, 2), BEN: Fraction(1, 2)}
    assert shares(read.actual_seat) == {ANN: Fraction(1, 2), BEN: Fraction(1, 2)}


def test_a_bodys_part_is_split_over_its_live_seats() -> None:
    read = resolve(act(BOARD, ANN), organisation(*board(), absence("cat", 5)), day(10))
    assert shares(read.actual_seat) == {ANN: Fraction(3, 4), BEN: Fraction(1, 4)}
    assert read.unresolved == 0


def test_a_body_nobody_sits_in_or_that_cannot_win_keeps_its_part_unresolved() -> None:
    empty = resolve(act(BOARD), organisation(body("board")), day(10))
    stuck = resolve(act(BOARD, ANN), organisation(body("board", quota(2)), seat("board", "ben")), day(10))
    ended = resolve(act(BOARD), organisation(*board(), dissolution("board", 3)), day(10))
    assert [read.unresolved for read in (empty, stuck, ended)] == [UNIT, UNIT // 2, UNIT]
    assert shares(stuck.actual_seat) == {BOARD: Fraction(1, 2), ANN: Fraction(1, 2)}


def test_three_equal_deciders_share_every_unit() -> None:
    read = resolve(act(*(f"actor/a{n}" for n in range(7))), organisation(), day(10))
    assert sum(read.actual_node.values()) == UNIT


def test_stated_shares_are_the_power_of_the_live_holders_under_the_rule() -> None:
    decides = {ANN: 2, BEN: 1, CAT: 1}
    structure = organisation(row("pricing", decides, quota(3)), absence("cat", 20))
    assert shares(resolve(act(ANN), structure, day(99)).stated_node) == {
        ANN: Fraction(2, 3),
        BEN: Fraction(1, 6),
        CAT: Fraction(1, 6),
    }
    after = resolve(act(ANN, at=20), structure, day(99))
    assert shares(after.stated_node) == {ANN: Fraction(1, 2), BEN: Fraction(1, 2)}


def test_more_than_a_part_is_a_part_of_the_live_weights() -> None:
    structure = organisation(row("pricing", [ANN, BEN, CAT], more_than("1/2")), absence("cat", 0))
    read = resolve(act(ANN), structure, day(99))
    assert shares(read.stated_node) == {ANN: Fraction(1, 2), BEN: Fraction(1, 2)}
    assert read.mandate == "no"
    assert mandated(act(ANN, BEN), structure) == "yes"


def test_a_row_that_live_holders_cannot_satisfy_is_vacant_and_out_of_mandate() -> None:
    structure = organisation(row("pricing", [ANN, BEN], quota(2)), absence("ben", 5))
    read = resolve(act(ANN), structure, day(99))
    assert (read.vacant, read.stated_node, read.stated_seat, read.mandate) == (True, {}, {}, "no")
    assert resolve(act(ANN), organisation(row("pricing", [ANN]), absence("ann", 5)), day(99)).vacant


def test_an_act_without_a_row_is_unstated_and_not_judged() -> None:
    read = resolve(act(ANN), organisation(row("pricing", [ANN]), cleared("pricing", 5)), day(99))
    assert (read.row_domain, read.row_position, read.vacant, read.mandate) == (None, None, False, "unknown")


def test_the_row_is_the_nearest_of_the_home_domain_and_scopes_are_all_ancestors() -> None:
    structure = organisation(
        domain("discounts", "pricing"), domain("pricing", "sales", stakes="high"), row("sales", [ANN])
    )
    read = resolve(act(ANN, domains=("discounts", "ops")), structure, day(99))
    assert read.scopes == ("discounts", "ops", "pricing", "sales")
    assert (read.row_domain, read.stakes) == ("sales", "high")
    assert resolve(act(ANN, domains=("discounts",), stakes="low"), structure, day(99)).stakes == "low"


def test_an_act_without_a_known_decider_has_no_actual_side() -> None:
    read = resolve(act(), organisation(row("pricing", [ANN])), day(99))
    assert (read.actual_node, read.actual_seat, read.mandate) == ({}, {}, "unknown")


def test_merged_deciders_and_holders_are_one() -> None:
    structure = organisation(row("pricing", [ANN, "actor/nan", BEN]), merge("nan", "ann"))
    read = resolve(act("actor/nan", ANN), structure, day(99))
    assert shares(read.actual_node) == {ANN: 1}
    assert shares(read.stated_node) == {ANN: Fraction(1, 2), BEN: Fraction(1, 2)}


def test_a_stated_body_is_split_by_its_own_power() -> None:
    structure = organisation(row("pricing", [BOARD, ANN], All()), *board())
    read = resolve(act(ANN), structure, day(99))
    assert shares(read.stated_seat) == {ANN: Fraction(2, 3), BEN: Fraction(1, 6), CAT: Fraction(1, 6)}


def test_a_mandate_moves_the_grantors_part_to_the_grantees() -> None:
    structure = organisation(row("pricing", [ANN]), mandate(ANN, [BEN, CAT]), mandate("actor/eve", [BEN]))
    read = resolve(act(BEN), structure, day(99))
    assert shares(read.stated_node) == {BEN: Fraction(1, 2), CAT: Fraction(1, 2)}
    assert read.mandate == "yes"


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        ("domain/pricing", True),
        ("domain/sales", True),
        ("domain/ops", False),
        ("decision/d-1", True),
        ("decision/d-2", False),
        ("initiative/i-1", True),
        ("initiative/i-2", False),
    ],
)
def test_a_mandate_covers_its_decision_initiative_or_subtree(scope: str, covers: bool) -> None:
    structure = organisation(
        domain("pricing", "sales"), row("pricing", [ANN]), mandate(ANN, [BEN], scope=scope)
    )
    read = resolve(act(BEN, initiative="i-1"), structure, day(99))
    assert shares(read.stated_node) == ({BEN: 1} if covers else {ANN: 1})
    assert read.mandate == ("yes" if covers else "no")


def test_what_was_received_moves_on_only_if_redelegable() -> None:
    def chain(redelegable: bool) -> Structure:
        return organisation(
            row("pricing", [ANN]), mandate(ANN, [BEN], redelegable=redelegable), mandate(BEN, [CAT])
        )

    free, bound = (resolve(act(CAT), chain(redelegable), day(99)) for redelegable in (True, False))
    assert (shares(free.stated_node), free.mandate) == ({CAT: 1}, "yes")
    assert (shares(bound.stated_node), bound.mandate) == ({BEN: 1}, "no")


def test_mandates_in_a_loop_move_nothing() -> None:
    structure = organisation(row("pricing", [ANN]), mandate(ANN, [BEN]), mandate(BEN, [ANN, CAT]))
    assert shares(resolve(act(BEN), structure, day(99)).stated_node) == {ANN: 1}


def test_a_mandate_is_not_followed_to_who_left() -> None:
    structure = organisation(row("pricing", [ANN]), mandate(ANN, [BEN, CAT]), absence("ben", 1))
    assert shares(resolve(act(CAT), structure, day(99)).stated_node) == {CAT: 1}


def test_a_mandate_that_is_exceeded_does_not_cover_and_one_that_cannot_be_judged_is_unknown() -> None:
    limits = Limits(max=Size(amount=100, unit="EUR"))
    structure = organisation(row("pricing", [ANN]), mandate(ANN, [BEN], limits=limits))
    small, large, unsized = (Size(amount=9, unit="EUR"), Size(amount=101, unit="EUR"), None)
    reads = [resolve(act(BEN, size=size), structure, day(99)) for size in (small, large, unsized)]
    assert [read.mandate for read in reads] == ["yes", "no", "unknown"]
    assert [shares(read.stated_node) for read in reads] == [{BEN: 1}, {ANN: 1}, {BEN: 1}]


def test_a_redelegable_mandate_that_cannot_be_judged_does_not_make_a_sure_one_redelegable() -> None:
    doubt = Limits(text="small things")
    structure = organisation(
        row("pricing", [ANN]),
        mandate(ANN, [BEN]),
        mandate(ANN, [BEN], redelegable=True, limits=doubt),
        mandate(BEN, [CAT]),
    )
    assert mandated(act(CAT), structure) == "unknown"
    assert mandated(act(BEN), structure) == "yes"


@pytest.mark.parametrize(
    ("rule", "deciders", "expected"),
    [
        (Any(), [BEN], "yes"),
        (Any(), ["actor/eve"], "no"),
        (All(), [ANN, BEN], "no"),
        (All(), [ANN, BEN, CAT], "yes"),
        (Consent(), [BEN], "yes"),
        (Quota(at_least=2), [BEN], "no"),
        (Quota(at_least=2), [BEN, CAT], "yes"),
        (Quota(more_than="2/3"), [BEN, CAT], "no"),
        (Any(quorum=2), [BEN], "no"),
        (Any(quorum=2), [BEN, CAT], "yes"),
    ],
)
def test_in_mandate_is_a_winning_coalition_among_the_deciders(
    rule: Any | All | Consent | Quota, deciders: list[str], expected: str
) -> None:
    assert mandated(act(*deciders), organisation(row("pricing", [ANN, BEN, CAT], rule))) == expected


def test_a_quorum_is_met_by_positions_too() -> None:
    structure = organisation(row("pricing", [ANN, BEN, CAT], Any(quorum=2)))
    assert mandated(act(BEN, positions={ANN: "abstain"}), structure) == "yes"
    assert mandated(act(BEN, positions={"actor/eve": "approve"}), structure) == "no"


def test_a_standing_block_of_a_live_holder_breaks_consent() -> None:
    structure = organisation(row("pricing", [ANN, BEN], Consent()), absence("cat", 0))
    assert mandated(act(ANN, positions={BEN: "block"}), structure) == "no"
    assert mandated(act(ANN, positions={CAT: "block"}), structure) == "yes"


def test_the_last_position_of_merged_actors_stands() -> None:
    structure = organisation(row("pricing", [ANN, BEN], Consent()), merge("neb", "ben"))
    assert mandated(act(ANN, positions={BEN: "block", "actor/neb": "approve"}), structure) == "yes"
    assert mandated(act(ANN, positions={"actor/neb": "approve", BEN: "block"}), structure) == "no"


def test_a_body_has_decided_when_its_seats_satisfy_its_own_rule() -> None:
    stated = row("pricing", [BOARD])
    two = organisation(stated, *board(quota(2)))
    assert [mandated(act(*who), two) for who in ([ANN], [ANN, BEN])] == ["no", "yes"]
    unruled = organisation(stated, *board())
    assert [mandated(act(*who), unruled) for who in ([ANN, BEN], [ANN, BEN, CAT])] == ["no", "yes"]
    consent = organisation(stated, *board(Consent()))
    assert mandated(act(ANN), consent) == "yes"
    assert mandated(act(ANN, positions={CAT: "block"}), consent) == "no"


@pytest.mark.parametrize("rule", [Any(), Consent()])
@pytest.mark.parametrize(
    "deciders",
    [
        [BOARD],
        [Decider(holder=ANN, under="board"), Decider(holder=BEN, under="board")],
        [ANN, BEN],
        [BOARD, ANN, BEN, CAT],
    ],
)
def test_an_objection_in_a_body_that_asks_for_consent_stands_whoever_is_recorded(
    rule: Rule, deciders: list[str | Decider]
) -> None:
    structure = organisation(row("pricing", [BOARD], rule), *board(Consent()))
    assert mandated(act(*deciders), structure) == "yes"
    assert mandated(act(*deciders, positions={CAT: "block"}), structure) == "no"
    assert mandated(act(*deciders, positions={"actor/eve": "block"}), structure) == "yes"


def test_a_body_without_a_rule_decides_by_the_consent_its_row_asks_for_and_others_by_their_own() -> None:
    objected = act(BOARD, positions={CAT: "block"})
    consent, free = (row("pricing", [BOARD], rule) for rule in (Consent(), Any()))
    assert [mandated(objected, organisation(one, *board())) for one in (consent, free)] == ["no", "yes"]
    assert mandated(objected, organisation(consent, *board(quota(2)))) == "yes"
    assert mandated(act(ANN, BEN, positions={CAT: "block"}), organisation(consent, *board(quota(2)))) == "yes"


def test_a_body_in_which_somebody_objects_breaks_the_consent_of_others_and_passes_on_no_mandate() -> None:
    shared = organisation(row("pricing", [BOARD, "actor/eve"], Consent()), *board(Consent()))
    assert mandated(act(BOARD, "actor/eve", positions={CAT: "block"}), shared) == "no"
    lent = organisation(row("pricing", ["actor/eve"]), mandate("actor/eve", [BOARD]), *board(Consent()))
    answers = [mandated(act(BOARD, positions={CAT: stance}), lent) for stance in ("hold", "block")]
    assert answers == ["yes", "no"]


def test_a_body_that_nobody_sits_in_any_more_cannot_decide_and_one_that_nobody_ever_did_can() -> None:
    stated = row("pricing", [BOARD])
    ended = organisation(stated, body("board"), seat("board", "ann", 0, 10), seat("board", "ben", 20))
    before, between, after = (resolve(act(BOARD, at=at), ended, day(99)) for at in (9, 10, 20))
    assert [(one.vacant, one.mandate) for one in (before, between, after)] == [
        (False, "yes"),
        (True, "no"),
        (False, "yes"),
    ]
    assert (between.stated_node, between.stated_seat, between.unresolved) == ({}, {}, UNIT)
    never = resolve(act(BOARD), organisation(stated, body("board"), seat("board", "ann", 20)), day(99))
    assert (never.vacant, never.mandate, never.stated_unresolved) == (False, "yes", UNIT)


def test_a_mandate_is_not_followed_to_a_body_that_nobody_sits_in_any_more() -> None:
    lent = [row("pricing", [ANN]), mandate(ANN, [BOARD]), body("board")]
    never = resolve(act(ANN), organisation(*lent), day(99))
    ended = resolve(act(ANN), organisation(*lent, seat("board", "ben", 0, 5)), day(99))
    assert (shares(never.stated_node), shares(ended.stated_node)) == ({BOARD: 1}, {ANN: 1})


def test_a_body_decider_stands_for_itself_and_not_for_its_members() -> None:
    structure = organisation(row("pricing", [ANN]), *board(Any()))
    assert mandated(act(BOARD), structure) == "no"
    assert mandated(act(Decider(holder=ANN, under="board")), structure) == "yes"


def test_a_body_lends_to_an_actor_who_then_decides_for_it() -> None:
    structure = organisation(row("pricing", [BOARD]), mandate(BOARD, ["actor/eve"]), *board())
    read = resolve(act("actor/eve"), structure, day(99))
    assert (shares(read.stated_seat), read.mandate) == ({"actor/eve": 1}, "yes")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), "yes"),
        (Limits(text="ask first"), "unknown"),
        (Limits(max=Size(amount=10, unit="EUR")), "yes"),
        (Limits(max=Size(amount=9.5, unit="EUR")), "no"),
        (Limits(max=Size(amount=10, unit="USD")), "unknown"),
        (Limits(stakes_up_to="high"), "yes"),
        (Limits(stakes_up_to="low"), "no"),
        (Limits(max=Size(amount=10, unit="USD"), stakes_up_to="low"), "no"),
        (Limits(max=Size(amount=10, unit="USD"), stakes_up_to="high"), "unknown"),
    ],
)
def test_limits_are_judged_by_size_and_stakes(limits: Limits, expected: str) -> None:
    word = act(ANN, size=Size(amount=10, unit="EUR"), stakes="medium")
    assert mandated(word, organisation(row("pricing", [ANN], limits=limits))) == expected


def test_a_limit_on_stakes_without_stakes_is_unknown() -> None:
    assert within(Limits(stakes_up_to="high"), None, None) == "unknown"


def test_levels_are_of_the_seat_lens_and_leave_out_who_has_none() -> None:
    structure = organisation(profile("ben", "ann"), profile("cat", "ben"))
    read = resolve(act(ANN, BEN, CAT, "actor/lone"), structure, day(10))
    quarter = UNIT // 4
    assert read.levels == {0: quarter, 1: quarter, 2: quarter}
    assert read.closeness == quarter // 2 + quarter
    assert read.closeness_units == 3 * quarter


def test_a_retroactive_row_judges_an_act_only_as_of_when_it_was_stated() -> None:
    structure = organisation(row("pricing", [ANN], effective=5, stated=20))
    assert [mandated(act(ANN), structure, as_of) for as_of in (10, 20)] == ["unknown", "yes"]


def test_a_part_received_twice_moves_on_by_the_redelegable_way_only() -> None:
    edges = [Edge("a", "b", True), Edge("x", "b", False), Edge("b", "c", False)]
    half = Fraction(1, 2)
    assert flow({"a": half, "x": half}, edges) == {"c": half, "b": half}


def test_only_edges_within_a_loop_are_dropped() -> None:
    loans = {pair: Loan(True, True, True) for pair in (("a", "b"), ("b", "c"), ("c", "b"), ("c", "d"))}
    kept = without_loops(loans)
    assert [(edge.grantor, edge.grantee) for edge in kept] == [("a", "b"), ("c", "d")]
