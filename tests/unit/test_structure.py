"""The structure answers for any instant, whatever the order in which facts became known."""

import gc
import weakref
from datetime import datetime
from itertools import permutations
from random import Random

import pytest
from msgspec.structs import replace

from services.projections.facts.fact import BEGINNING
from services.projections.structure_matrix import Matrix
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
    organisation,
    profile,
    quota,
    row,
    seat,
)


def test_an_actor_is_live_unless_it_left_and_has_not_returned() -> None:
    actors = organisation(absence("ann", 5, 8)).actors
    assert [actors.live("ann", day(n)) for n in (0, 5, 7, 8)] == [True, False, False, True]
    assert actors.live("unheard-of", BEGINNING)


def test_the_last_departure_or_return_of_merged_actors_decides() -> None:
    structure = organisation(absence("ann", 1), absence("nan", 2, 3), merge("nan", "ann"))
    assert [structure.live("actor/ann", day(n)) for n in (0, 1, 2, 3)] == [True, False, False, True]
    structure.discard(merge("nan", "ann"))
    assert not structure.live("actor/ann", day(3))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_chains_of_merges_are_followed_and_a_cycle_is_its_smallest_id(order: tuple[int, ...]) -> None:
    chain = [merge("a", "b"), merge("b", "c"), merge("x", "a")]
    actors = organisation(*(chain[place] for place in order)).actors
    assert {actors.who(actor) for actor in "abcx"} == {"c"}
    cycle = [merge("b", "c"), merge("c", "b"), merge("x", "c")]
    assert {organisation(*(cycle[p] for p in order)).actors.who(actor) for actor in "bcx"} == {"b"}


def test_the_profile_of_a_merged_actor_is_the_one_it_was_merged_into() -> None:
    actors = organisation(profile("nan", "boss", 1), profile("ann", "chief", 4), merge("nan", "ann")).actors
    assert actors.superior("ann", day(2)) is None
    assert actors.superior("ann", day(4)) == "chief"
    assert actors.registered("ann") == day(1)


def test_depth_counts_steps_to_the_top_and_height_the_longest_line_below() -> None:
    actors = organisation(profile("b", "a"), profile("c", "b"), profile("d", "c"), profile("e", "a")).actors
    assert {actor: tuple(actors.level(actor, day(0))) for actor in "abcde"} == {
        "a": (0, 3),
        "b": (1, 2),
        "c": (2, 1),
        "d": (3, 0),
        "e": (1, 0),
    }


def test_nobody_above_or_below_is_no_level_nor_is_a_cycle() -> None:
    actors = organisation(profile("lone"), profile("a", "b"), profile("b", "a"), profile("c", "a")).actors
    assert [actors.level(actor, day(0)).depth for actor in ("lone", "a", "b", "c")] == [None] * 4


def test_levels_follow_departures_and_new_lines_of_reporting() -> None:
    facts = [profile("b", "a", 0, 10), profile("b", "c", 10), absence("b", 20)]
    actors = organisation(*facts).actors
    assert [actors.level("a", day(n)).depth for n in (5, 10)] == [0, None]
    assert [actors.level("c", day(n)).depth for n in (5, 10, 20)] == [None, 0, None]


def test_seats_are_live_while_held_by_somebody_who_is_there() -> None:
    structure = organisation(
        body("board"),
        seat("board", "ann", 0, 10, weight=2),
        seat("board", "ann", 5, 20, role="chair"),
        seat("board", "ben", 0),
        absence("ben", 8, 9),
        dissolution("board", 30),
    )

    def seats(n: float) -> dict[str, int]:
        return dict(structure.bodies.seating("board", day(n)).weights)

    assert seats(0) == {"actor/ann": 2, "actor/ben": 1}
    assert seats(5) == {"actor/ann": 3, "actor/ben": 1}
    assert seats(8) == {"actor/ann": 3}
    assert seats(10) == {"actor/ann": 1, "actor/ben": 1}
    assert seats(20) == {"actor/ben": 1}
    assert seats(30) == {}


def test_a_body_can_decide_while_those_in_it_can_or_before_anybody_ever_sat_there() -> None:
    structure = organisation(
        body("board", quota(2)),
        *(seat("board", actor, 5, 20) for actor in ("ann", "ben")),
        seat("board", "cat", 25),
        absence("ben", 10, 15),
        dissolution("club", 7),
    )
    moments = (0, 5, 10, 15, 20, 25)
    assert [structure.able("body/board", day(n)) for n in moments] == [True, True, False, True, False, False]
    assert all(structure.live("body/board", day(n)) for n in moments)
    assert [structure.able("body/club", day(n)) for n in (6, 7)] == [True, False]
    assert [structure.able("actor/ben", day(n)) for n in (5, 10)] == [True, False]


def test_what_becomes_known_later_changes_what_was_answered_before() -> None:
    structure = organisation(body("board"), seat("board", "ann"), seat("board", "nan"))
    assert len(structure.bodies.seating("board", day(5)).weights) == 2
    together = merge("nan", "ann")
    structure.add(together)
    assert structure.bodies.seating("board", day(5)).weights == (("actor/ann", 2),)
    gone = absence("ann", 3)
    structure.add(gone)
    assert structure.bodies.seating("board", day(5)).weights == ()
    structure.discard(gone)
    structure.discard(together)
    assert len(structure.bodies.seating("board", day(5)).weights) == 2


def test_equal_seatings_are_one_object() -> None:
    bodies = organisation(seat("a", "ann"), seat("b", "ann"), seat("b", "ben", 5, 6)).bodies
    assert bodies.seating("a", day(1)) is bodies.seating("b", day(9))
    assert bodies.seating("a", day(5)) is not bodies.seating("b", day(5))


def test_a_body_without_a_rule_weighs_its_seats_equally_and_an_unsatisfiable_one_not_at_all() -> None:
    bodies = organisation(
        body("circle"),
        body("court", quota(9)),
        *(seat(b, a, weight=w) for b in ("circle", "court") for a, w in (("ann", 3), ("ben", 1))),
    ).bodies
    assert dict(bodies.seating("circle", day(0)).shares) == {"actor/ann": 0.5, "actor/ben": 0.5}
    assert bodies.seating("court", day(0)).shares == ()


def test_ancestors_are_those_of_the_instant_and_stop_where_they_would_repeat() -> None:
    matrix = organisation(
        domain("discounts", "pricing", 5), domain("pricing", "sales", 0), domain("sales", "discounts", 9)
    ).matrix
    assert matrix.chain("discounts", day(0)) == ("discounts",)
    assert matrix.chain("discounts", day(5)) == ("discounts", "pricing", "sales")
    assert matrix.chain("discounts", day(9)) == ("discounts", "pricing", "sales")


def test_what_becomes_known_of_the_tree_is_there_at_whatever_instant_was_asked_of_before() -> None:
    rng = Random(5)
    names = [f"d{n}" for n in range(6)]
    facts = [
        replace(domain(rng.choice(names), rng.choice([None, *names]), rng.randint(0, 9)), position=n)
        for n in range(60)
    ]
    structure, known = organisation(), []
    for one in (*facts, *rng.sample(facts, 40)):
        if one in known:
            structure.discard(one)
            known.remove(one)
        else:
            structure.add(one)
            known.append(one)
        anew = organisation(*known).matrix
        for name in names:
            for at in map(day, range(-1, 10)):
                assert structure.matrix.chain(name, at) == anew.chain(name, at)
                assert sorted(structure.matrix.below(name, at)) == sorted(anew.below(name, at))


def test_a_tree_that_was_broken_off_is_not_taken_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = organisation(domain("a", None, 0), *(domain(f"b{n}", "a", 0) for n in range(9))).matrix
    left = [5]

    def late(at: Matrix, name: str, instant: datetime) -> tuple[str, ...]:
        left[0] -= 1
        if not left[0]:
            raise TimeoutError
        return chain(at, name, instant)

    chain = Matrix.chain
    monkeypatch.setattr(Matrix, "chain", late)
    with pytest.raises(TimeoutError):
        matrix.below("a", day(1))
    assert len(matrix.below("a", day(1))) == 10


def test_stakes_are_those_of_the_nearest_domain_that_has_any() -> None:
    matrix = organisation(
        domain("discounts", "pricing"), domain("pricing", "sales", stakes="high"), domain("sales")
    ).matrix
    chain = matrix.chain("discounts", day(0))
    assert matrix.stakes(chain, day(0)) == "high"
    assert matrix.stakes(("sales",), day(0)) is None


def test_the_row_that_takes_effect_last_wins_and_a_cleared_domain_inherits() -> None:
    parent, first = row("sales", ["actor/ann"]), row("pricing", ["actor/ben"])
    later, end = row("pricing", ["actor/cat"], effective=5), cleared("pricing", 9)
    matrix = organisation(parent, later, end, first).matrix
    chain = ("pricing", "sales")
    assert [matrix.row(chain, day(n), day(99)) for n in (0, 5, 9)] == [first, later, parent]
    assert matrix.row(("ops",), day(5), day(99)) is None


def test_a_row_stated_afterwards_is_in_force_only_as_of_then() -> None:
    first, late = row("pricing", ["actor/ben"]), row("pricing", ["actor/cat"], effective=3, stated=8)
    matrix = organisation(first, late).matrix
    assert matrix.row(("pricing",), day(5), day(7)) == first
    assert matrix.row(("pricing",), day(5), day(8)) == late


def test_of_rows_that_take_effect_together_the_one_stated_last_wins() -> None:
    rows = [row("pricing", [f"actor/{name}"], effective=9, stated=n) for n, name in ((1, "a"), (4, "b"))]
    for order in permutations(rows):
        assert organisation(*order).matrix.row(("pricing",), day(9), day(9)) == rows[1]


def test_mandates_are_live_from_when_they_take_effect_and_exist_once_stated() -> None:
    lent = mandate("actor/ann", ["actor/ben"], start=3, end=6, stated=5)
    matrix = organisation(lent).matrix
    asked = [(3, 4), (3, 5), (2, 9), (5, 5), (6, 9)]
    found = [matrix.mandates(["domain/pricing"], day(at), day(as_of)) for at, as_of in asked]
    assert found == [[], [lent], [], [lent], []]


def test_what_says_nothing_about_the_structure_is_refused() -> None:
    with pytest.raises(TypeError, match="Word"):
        organisation(act("actor/ann"))


def test_a_structure_that_nobody_keeps_is_gone_at_once() -> None:
    """Services look for cycles seldom, and forget structures often."""
    structure = organisation(
        profile("ann"),
        seat("board", "ann"),
        domain("shop"),
        row("shop", ["body/board"]),
        mandate("body/board", ["actor/ann"], "domain/shop"),
    )
    structure.bodies.seating("board", day(1))
    structure.bodies.sat_in("ann")
    structure.matrix.mandates(["domain/shop"], day(1), day(1))
    structure.matrix.below("shop", day(1))
    structure.actors.level("ann", day(1))
    kept = [weakref.ref(part) for part in (structure, structure.actors, structure.bodies, structure.matrix)]
    gc.disable()
    try:
        del structure
        assert [part() for part in kept] == [None] * len(kept)
    finally:
        gc.enable()
