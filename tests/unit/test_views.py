"""The pure parts of views: concentration, rosters, the matrix and remits, from plain facts."""

from typing import Any

import pytest

from schemas.matrix import Contributor
from schemas.types import All, Consent, Limits
from schemas.types import Any as AnyOne
from services.projections.facts.fact import FOREVER
from services.projections.measures import UNIT
from services.projections.structure import Structure
from services.projections.views.answer import RestsOn, concentration
from services.projections.views.matrix import MatrixAnswer, UnknownDomainError, matrix
from services.projections.views.office import Way
from services.projections.views.question import Question, Window
from services.projections.views.remit import HolderRemit, domain_remit, holder_remit
from services.projections.views.roster import Rosters
from services.projections.views.stated import in_words
from tests.organisation import (
    absence,
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
CONSENT = "they decide together, one of them for all, unless one of them objects (blocks)"
RESTS_ON = RestsOn(ledger="acme", position=1, root="", view="test", version=1, at=None, known_at=None)


def remit(structure: Structure, holder: str, at: float = 10) -> HolderRemit:
    return holder_remit(RESTS_ON, structure, holder, day(at))


def asked(structure: Structure, domain: str | None = None, at: float = 10) -> MatrixAnswer:
    return matrix(RESTS_ON, structure, domain, day(at))


def roster(structure: Structure, start: float, end: float, **question: Any) -> set[str]:
    window = Window(day(start), day(end))
    return set(Rosters(structure, day(50)).of(Question(**question), window))


def test_concentration_counts_those_on_the_roster_without_a_share() -> None:
    found = concentration({ANN: UNIT, BEN: UNIT}, frozenset({ANN, BEN, CAT, "actor/dan"}))
    assert (found.holders, found.roster, found.gini) == (2, 4, 0.5)
    assert (found.effective_deciders, found.in_words) == (2, "as if 2.0 decided equally")
    assert found.why_null == {}


def test_a_body_that_could_not_be_split_is_no_person_to_compare() -> None:
    found = concentration({BOARD: UNIT}, frozenset({ANN}))
    assert (found.holders, found.roster, found.gini) == (1, 1, None)
    assert found.why_null["gini"] == "no part could be given to a person or agent"
    assert found.in_words == "one holder decided everything"


def test_nothing_decided_is_null_with_a_reason_and_never_zero() -> None:
    found = concentration({}, None)
    assert (found.holders, found.hhi, found.k50, found.evenness, found.gini) == (0, None, None, None, None)
    assert set(found.why_null) == {
        "effective_deciders", "in_words", "hhi", "evenness", "k50", "gini", "roster",
    }  # fmt: skip


def test_the_ledgers_roster_is_everybody_present_at_some_time_of_the_window() -> None:
    structure = organisation(
        profile("ann"), profile("ben", start=20), profile("cat"), absence("cat", 5, 12), profile("dan"),
        absence("dan", 5), profile("nan"), merge("nan", "ann"),
    )  # fmt: skip
    assert roster(structure, 6, 11) == {ANN}
    assert roster(structure, 6, 13) == {ANN, CAT}
    assert roster(structure, 4, 21) == {ANN, BEN, CAT, "actor/dan"}
    assert roster(structure, 60, 70) == set()


def test_who_left_by_one_id_and_then_by_another_was_away_all_along() -> None:
    structure = organisation(
        profile("ann"), profile("nan"), merge("nan", "ann"), absence("nan", 2), absence("ann", 9)
    )
    assert roster(structure, 5, 20) == set()
    assert structure.actors.away("ann") == ((day(2), FOREVER),)


def test_a_bodys_roster_is_whoever_held_a_seat_in_the_window() -> None:
    structure = organisation(seat("board", "ann", 0, 5), seat("board", "ben", 5, 9), seat("team", "cat"))
    assert roster(structure, 0, 4, body="board") == {ANN}
    assert roster(structure, 4, 6, body="board") == {ANN, BEN}
    assert roster(structure, 10, 11, body="board") == set()


def test_a_domains_roster_is_whoever_rows_in_force_name_in_its_subtree() -> None:
    structure = organisation(
        domain("sales"),
        domain("pricing", "sales"),
        domain("discounts", "pricing"),
        row("sales", [ANN]),
        row("pricing", [BEN], effective=20),
        row("discounts", [BOARD], contributes=(Contributor(holder=CAT),)),
        seat("board", "dan"),
    )
    assert roster(structure, 0, 10, domain="pricing") == {ANN, "actor/dan", CAT}
    assert roster(structure, 0, 30, domain="pricing") == {ANN, BEN, "actor/dan", CAT}
    assert roster(structure, 25, 30, domain="pricing") == {BEN, "actor/dan", CAT}


def test_who_comes_just_when_a_window_ends_is_not_compared_in_it() -> None:
    structure = organisation(profile("ann"), profile("ben", start=10), seat("board", "ben", start=10))
    assert roster(structure, 0, 10) == {ANN}
    assert roster(structure, 0, 10, body="board") == set()
    assert roster(structure, 0, 11, body="board") == {BEN}
    assert roster(structure, 5, 5) == set()


def test_the_matrix_shows_domains_named_by_then_and_whose_row_they_have() -> None:
    structure = organisation(
        domain("sales", stakes="high"),
        domain("pricing", "sales", start=5),
        row("sales", [ANN]),
        domain("ops", start=20),
    )
    pricing, sales = asked(structure).domains
    assert (pricing.domain, pricing.inherited_from, pricing.stakes, pricing.since) == (
        "pricing",
        "sales",
        "high",
        day(5),
    )
    assert (sales.inherited_from, sales.since, sales.vacant) == (None, day(0), False)
    with pytest.raises(UnknownDomainError):
        asked(structure, "ops")


def test_an_inherited_row_counts_since_the_own_one_was_cleared() -> None:
    structure = organisation(
        domain("sales"),
        domain("pricing", "sales"),
        row("sales", [ANN]),
        row("pricing", [BEN]),
        cleared("pricing", 7),
    )
    answer = asked(structure, "pricing")
    assert (answer.domains[0].inherited_from, answer.domains[0].since) == ("sales", day(7))
    assert [(one.effective, one.until, one.row is None) for one in answer.history or ()] == [
        (day(0), day(7), False),
        (day(7), None, True),
    ]


def test_a_row_nobody_can_use_is_vacant_and_no_row_has_a_reason() -> None:
    structure = organisation(
        row("pricing", [BOARD]), dissolution("board", 5), row("ops", [ANN]), cleared("ops", 3)
    )
    ops, pricing = asked(structure).domains
    assert (pricing.vacant, pricing.row and pricing.row.decides[0].live) == (True, False)
    assert ops.vacant is None
    assert ops.why_null["vacant"] == "the row was cleared, and no domain above has one"


def test_a_body_that_all_have_left_is_told_as_one_that_can_decide_nothing() -> None:
    structure = organisation(row("pricing", [BOARD]), body("board"), seat("board", "ann", 0, 5))
    told = [asked(structure, at=at).domains[0] for at in (4, 5)]
    assert [one.vacant for one in told] == [False, True]
    assert [one.row.decides[0].live for one in told if one.row] == [True, False]
    before, after = (remit(structure, BOARD, at=at) for at in (4, 5))
    assert [(one.live, len(one.decides_alone)) for one in (before, after)] == [(True, 1), (False, 0)]
    assert domain_remit(RESTS_ON, structure, "pricing", day(5)).by_node == []


def test_where_the_row_above_was_cleared_that_is_why_there_is_none() -> None:
    structure = organisation(
        domain("sales"), domain("pricing", "sales"), domain("ops"), row("sales", [ANN]), cleared("sales", 7)
    )
    assert {one.domain: one.why_null["row"] for one in asked(structure).domains} == {
        "ops": "no row was ever in force here or above",
        "pricing": "the row of sales, above, was cleared, and there is no other",
        "sales": "the row was cleared, and no domain above has one",
    }


def test_a_row_counts_on_where_another_way_leads_to_it_and_where_nothing_was_cleared() -> None:
    structure = organisation(
        domain("firm"),
        domain("sales", "firm"),
        domain("field", "firm"),
        domain("pricing", "sales"),
        row("firm", [ANN], effective=2),
        domain("pricing", "field", start=5),
        cleared("field", 7),
    )
    assert [one.since for one in asked(structure).domains] == [day(2)] * 4


@pytest.mark.parametrize(
    ("rule", "holders", "words"),
    [
        (AnyOne(), 3, "any one of them may decide without the others"),
        (AnyOne(quorum=2), 3, "any one of them may decide, 2 of them taking part"),
        (AnyOne(), 1, "it decides alone"),
        (All(quorum=2), 3, "all of them together, 2 of them taking part"),
        (Consent(), 2, CONSENT),
        (Consent(quorum=2), 3, f"{CONSENT}, 2 of them taking part"),
        (quota(3), 2, "weights of at least 3"),
        (more_than("1/2"), 2, "more than 1/2 of the weights"),
        (None, 1, "no rule was stated"),
    ],
)
def test_rules_are_said_in_words(rule: Any, holders: int, words: str) -> None:
    assert in_words(rule, holders) == words


@pytest.mark.parametrize(
    ("rule", "alone"),
    [(AnyOne(), True), (All(), False), (Consent(), False), (quota(1), True), (AnyOne(quorum=2), False)],
)
def test_one_of_several_decides_alone_where_the_rule_lets_it(rule: Any, alone: bool) -> None:
    found = remit(organisation(domain("pricing"), row("pricing", [ANN, BEN], rule)), ANN)
    assert (len(found.decides_alone), len(found.decides_with_others)) == ((1, 0) if alone else (0, 1))
    [one] = found.decides_alone or found.decides_with_others
    assert (one.share, [other.holder for other in one.others]) == (0.5, [BEN])


def test_the_only_holder_decides_alone_under_any_rule() -> None:
    found = remit(organisation(row("pricing", [ANN, BEN], Consent()), absence("ben", 5)), ANN)
    assert [one.domain for one in found.decides_alone] == ["pricing"]


def test_a_seat_gives_a_part_of_what_the_body_decides() -> None:
    structure = organisation(
        row("pricing", [BOARD]), body("board", All()), seat("board", "ann"), seat("board", "ben")
    )
    [one] = remit(structure, ANN).decides_with_others
    assert (one.share, one.ways) == (0.5, [Way(way="seat", body="board")])
    assert [one.domain for one in remit(structure, BOARD).decides_alone] == ["pricing"]


@pytest.mark.parametrize(("rule", "alone"), [(AnyOne(), True), (Consent(), False), (All(), False)])
@pytest.mark.parametrize("lent", [False, True])
def test_who_needs_the_consent_of_those_they_sit_with_decides_with_them(
    rule: Any, alone: bool, lent: bool
) -> None:
    stated = [row("pricing", [CAT]), mandate(CAT, [BOARD])] if lent else [row("pricing", [BOARD])]
    seats = [body("board", rule), seat("board", "ann"), seat("board", "ben", end=20)]
    structure = organisation(domain("pricing"), *stated, *seats)
    found = remit(structure, ANN)
    assert (len(found.decides_alone), len(found.decides_with_others)) == ((1, 0) if alone else (0, 1))
    whole = domain_remit(RESTS_ON, structure, "pricing", day(10))
    assert [(one.holder, one.alone) for one in whole.by_seat] == [(ANN, alone), (BEN, alone)]
    assert [(one.holder, one.alone) for one in whole.by_node] == [(BOARD, True)]
    assert remit(structure, ANN, at=30).decides_alone, "nobody else sits there"


def test_the_words_of_a_row_say_of_whom_where_it_names_others() -> None:
    seats = [body("board", Consent()), seat("board", "ann"), seat("board", "ben")]
    structure = organisation(row("pricing", [BOARD]), row("ops", [BOARD, CAT], All()), *seats)
    ops, pricing = remit(structure, ANN).decides_with_others
    theirs = f"in body/board, where actor/ben sits too: {CONSENT}"
    assert pricing.rule_in_words == f"body/board, as a body: it decides alone; {theirs}"
    assert ops.rule_in_words == f"actor/cat and body/board: all of them together; {theirs}"
    [cat] = remit(structure, CAT).decides_with_others
    assert cat.rule_in_words == "actor/cat and body/board: all of them together"
    assert [one.rule_in_words for one in remit(structure, BOARD).decides_alone] == ["it decides alone"]


def test_a_seat_tells_by_which_rule_its_body_decides_and_beside_whom() -> None:
    seats = [seat("board", "ann"), seat("board", "ben"), seat("board", "cat", end=5), seat("club", "ann")]
    structure = organisation(
        row("pricing", [BOARD, "body/club"]), body("board", Consent()), *seats, domain("pricing")
    )
    [one] = remit(structure, ANN).decides_alone
    assert [(sat.body, sat.rule, sat.rule_in_words, sat.beside) for sat in one.bodies] == [
        ("board", Consent(), CONSENT, [BEN]),
        ("club", None, "no rule was stated", []),
    ]
    assert one.rule_in_words == (
        "body/board and body/club: any one of them may decide without the others;"
        f" in body/board, where actor/ben sits too: {CONSENT};"
        " in body/club, where nobody else sits: no rule was stated"
    )
    assert remit(structure, BOARD).decides_alone[0].bodies == []


def test_whoever_decides_alone_what_a_body_lent_them_is_told_so_and_not_how_many_the_body_needs() -> None:
    structure = organisation(
        domain("pricing"),
        row("pricing", [BOARD], more_than("1/2")),
        *(seat("board", one) for one in ("ann", "ben", "dan")),
        body("board", more_than("1/2")),
        mandate(BOARD, [CAT]),
        mandate(BOARD, ["body/club"]),
        seat("club", "eve"),
        body("club", AnyOne()),
    )
    [cat] = remit(structure, CAT).decides_alone
    assert cat.rule_in_words == "body/board, as a body: it decides alone; lent to actor/cat by body/board"
    [eve] = remit(structure, "actor/eve").decides_alone
    assert eve.rule_in_words == (
        "body/board, as a body: it decides alone; in body/club, where nobody else sits: it decides alone;"
        " lent to body/club by body/board"
    )
    [ann] = remit(structure, ANN).decides_with_others
    assert ann.rule_in_words == (
        "body/board, as a body: it decides alone;"
        " in body/board, where actor/ben and actor/dan sit too: more than 1/2 of the weights"
    )


def test_what_was_lent_reaches_the_grantee_and_what_was_lent_by_a_stranger_does_not() -> None:
    structure = organisation(
        row("pricing", [ANN]),
        mandate(ANN, [BEN], end=30, limits=Limits(text="small things")),
        mandate("actor/eve", [CAT]),
    )
    [ben] = remit(structure, BEN).decides_alone
    assert (ben.share, ben.ways[0].from_, ben.ways[0].until) == (1.0, ANN, day(30))
    cat = remit(structure, CAT)
    assert (cat.decides_alone, cat.decides_with_others, len(cat.lent_to_it)) == ([], [], 1)
    ann = remit(structure, ANN)
    assert (ann.decides_alone[0].share, len(ann.lent_by_it)) == (0.0, 1)


def test_a_chain_of_mandates_ends_where_it_may_not_be_lent_on() -> None:
    def structure(redelegable: bool) -> Structure:
        return organisation(
            row("pricing", [ANN]), mandate(ANN, [BEN], redelegable=redelegable), mandate(BEN, [CAT])
        )

    assert remit(structure(True), CAT).decides_alone
    assert not remit(structure(False), CAT).decides_alone


def test_a_mandate_beyond_its_limits_is_no_way_even_where_the_same_two_have_another() -> None:
    little, more = (mandate(ANN, [BEN], limits=Limits(stakes_up_to=upto)) for upto in ("low", "high"))
    structure = organisation(domain("pricing", stakes="medium"), row("pricing", [ANN]), little, more)
    [one] = remit(structure, BEN).decides_alone
    assert [way.mandate for way in one.ways] == [more.mandate]


def test_who_is_named_twice_by_one_row_has_the_part_once() -> None:
    asked_first = (Contributor(holder="actor/nan"), Contributor(holder=BEN, mandatory=True))
    structure = organisation(
        row("pricing", [ANN], contributes=asked_first, informs=(BEN, "actor/nan")), merge("nan", "ben")
    )
    found = remit(structure, BEN)
    assert [one.mandatory for one in found.consulted] == [True]
    assert [one.domain for one in found.informed] == ["pricing"]


def test_mandates_for_single_decisions_are_listed_and_give_no_domain() -> None:
    found = remit(organisation(row("pricing", [ANN]), mandate(ANN, [BEN], scope="decision/d-9")), BEN)
    assert (found.decides_alone, [one.scope for one in found.lent_to_it]) == ([], ["decision/d-9"])


def test_whether_somebody_is_there_whom_nobody_registered_and_who_has_no_part_is_not_known() -> None:
    structure = organisation(
        profile("ann", start=5),
        body("board", start=5),
        seat("club", "ben"),
        row("pricing", [CAT], informs=("body/team",)),
        merge("nan", "ann"),
        absence("gone", 1),
    )
    for holder in ("actor/nope", "body/nope"):
        assert remit(structure, holder).live is None
        assert "no seat, row or mandate gives it a part" in remit(structure, holder).why_null["live"]
    for holder in (ANN, "actor/nan", BOARD, BEN, "body/club", CAT, "body/team"):
        assert (remit(structure, holder).live, remit(structure, holder).why_null) == (True, {})
    assert [remit(structure, holder, at=4).live for holder in (ANN, BOARD, BEN)] == [None, None, True]
    assert remit(structure, "actor/gone").live is False


def test_a_merged_actor_has_the_remit_of_whom_it_was_merged_into() -> None:
    structure = organisation(row("pricing", ["actor/nan"]), merge("nan", "ann"))
    assert remit(structure, "actor/nan") == remit(structure, ANN)
    assert remit(structure, ANN).holder == ANN


def test_a_domain_without_a_row_gives_nobody_authority() -> None:
    found = domain_remit(RESTS_ON, organisation(domain("pricing")), "pricing", day(10))
    assert (found.by_node, found.by_seat, found.domain.row) == ([], [], None)
