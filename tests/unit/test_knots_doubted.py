"""What tested knots count and what they leave out, in organisations of a few months."""

from typing import Any

from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from tests.pasts import past
from tests.told import event, made, on, opened, row

Json = dict[str, Any]


def found(pattern: str, events: list[Json], day: float = 130) -> list[Found]:
    told = sorted(events, key=lambda one: one["time"])
    return list(PATTERNS[pattern].episodes(past(told, on(day)), Settings()))


def advised(day: float, id: str, by: str, stance: str, asked: tuple[str, ...] = ()) -> list[Json]:
    request = {"about": f"decision/{id}", "asked": [f"actor/{one}" for one in asked], "by": "p"}
    return [
        event(day, f"consultation/{id}-{by}", "consultation.requested", **request),
        event(day + 0.1, f"consultation/{id}-{by}", "consultation.advice_given", by=by, stance=stance),
    ]


# dominance


def turns(*holders: str, rows: Json) -> list[Json]:
    return [rows, *(made(5 * n + 1, f"d-{n}", holder) for n, holder in enumerate(holders))]


def test_one_of_three_who_decides_nearly_always_dominates() -> None:
    (knot,) = found("dominance", turns(*"aaaaaaabaaaaaaaaaaaa", rows=row(0, "x", "a", "b", "c")))
    assert (knot.scope, knot.actors, knot.decisions) == ("domain/x", ("actor/a",), 20)
    assert (knot.severity, knot.unit, knot.threshold) == ("notice", "p", 0.05)
    assert knot.figure < 1e-4
    assert knot.entries == tuple(n for n in range(2, 22) if n != 9)
    assert "actor/a decided 19 of 20 decisions" in knot.sentence
    assert "equal turns would give 6.7" in knot.sentence


def test_equal_turns_other_rules_and_deciders_out_of_mandate_dominate_nothing() -> None:
    assert found("dominance", turns(*"abcabcabcabcabcabcab", rows=row(0, "x", "a", "b", "c"))) == []
    both = row(0, "x", "a", "b", "c", rule={"kind": "consent"})
    assert found("dominance", turns(*"a" * 20, rows=both)) == []
    assert found("dominance", turns(*"a" * 20, rows=row(0, "x", "a"))) == []
    assert found("dominance", turns(*"z" * 20, rows=row(0, "x", "a", "b"))) == []
    assert found("dominance", turns(*"a" * 9, rows=row(0, "x", "a", "b", "c", "d"))) == []


def test_a_dominance_that_a_row_came_to_state_says_since_when() -> None:
    told = [*turns(*"a" * 20, rows=row(0, "x", "a", "b", "c")), row(110, "x", "a")]
    (knot,) = found("dominance", told)
    assert knot.stated == on(110)


# hidden influence


def heeded(count: int, who: str = "w", rows: Json | None = None, then: int = 0) -> list[Json]:
    """Outcomes alternate, and one adviser's word is what happens; `then` more decisions nobody advises on."""
    events = [rows or row(0, "x", "a")]
    for n in range(count + then):
        outcome, stance = ("accepted", "support") if n % 2 else ("rejected", "objection")
        events += [made(5 * n + 2, f"d-{n}", "a", outcome=outcome)]
        events += advised(5 * n + 1, f"d-{n}", who, stance) if n < count else []
    return events


def test_an_adviser_without_a_part_whose_word_is_what_happens_has_hidden_influence() -> None:
    (knot,) = found("hidden influence", heeded(20))
    assert (knot.scope, knot.actors, knot.decisions) == ("domain/x", ("actor/w",), 20)
    assert "20 of 20 pieces of advice matched" in knot.sentence
    assert "an association, not a cause" in knot.sentence
    assert found("hidden influence", heeded(9, then=11)) == []


def test_who_has_a_stated_part_has_no_hidden_influence() -> None:
    consulted = row(0, "x", "a", contributes=[{"holder": "actor/w"}])
    assert found("hidden influence", heeded(20, rows=consulted)) == []
    assert found("hidden influence", heeded(20, who="a")) == []
    electors = [opened(5 * n + 0.5, f"d-{n}", "p", "w") for n in range(20)]
    assert found("hidden influence", [*heeded(20), *electors]) == []


def test_agreeing_with_what_always_happens_proves_nothing() -> None:
    events = [row(0, "x", "a")]
    for n in range(20):
        outcome, stance = ("rejected", "objection") if n == 7 else ("accepted", "support")
        events += [
            made(5 * n + 2, f"d-{n}", "a", outcome=outcome),
            *advised(5 * n + 1, f"d-{n}", "w", stance),
        ]
    knots = found("hidden influence", events)
    assert [knot.severity for knot in knots] in ([], ["info"])


def test_several_words_on_one_decision_are_one_piece_and_the_last_counts() -> None:
    events = heeded(8)
    for n in range(8):
        events += advised(5 * n + 0.5, f"d-{n}", "w", "support")
    assert found("hidden influence", events) == []


# exclusion


def voting(silent: int, count: int = 14, rule: str = "consent") -> list[Json]:
    """Four electors; the fourth is silent in the first so many of the decisions."""
    events = [row(0, "x", "a", "b", "c", "s", rule={"kind": rule})]
    for n in range(count):
        events += [opened(8 * n + 1, f"d-{n}", "p", "a", "b", "c", "s")]
        for who in "abc" if n < silent else "abcs":
            said = event(8 * n + 2, f"decision/d-{n}", "decision.position_taken", by=who, value="approve")
            events += [said | {"id": f"{n}-{who}"}]
        events += [made(8 * n + 3, f"d-{n}", "a", "b", "c")]
    return events


def test_an_elector_who_hardly_takes_part_is_excluded_and_asked_silent() -> None:
    (knot,) = found("exclusion", voting(silent=13))
    assert (knot.scope, knot.actors) == ("domain/x", ("actor/s",))
    assert "was asked 14 times and silent 13 of them" in knot.sentence
    assert knot.question is None


def test_where_anyone_may_decide_alone_nobody_is_excluded() -> None:
    assert found("exclusion", voting(silent=13, rule="any")) == []
    assert found("exclusion", voting(silent=0)) == []
    assert found("exclusion", voting(silent=9, count=9)) == []


def test_a_contributor_nobody_asks_is_told_apart_from_one_who_is_silent() -> None:
    must = [{"holder": f"actor/{one}", "mandatory": True} for one in "mno"]
    events = [row(0, "x", "a", "b", rule={"kind": "all"}, contributes=must)]
    for n in range(14):
        events += [
            *advised(8 * n + 1, f"d-{n}", "m", "support", asked=("m",)),
            made(8 * n + 3, f"d-{n}", "a", "b"),
        ]
        events += advised(8 * n + 1, f"d-{n}", "o", "support", asked=("o",))
    (knot,) = found("exclusion", events)
    assert knot.actors == ("actor/n",)
    assert "was not asked in 14 of 14 decisions that the row wants them heard on" in knot.sentence
    assert knot.question == "What would it take for them to be asked every time?"
