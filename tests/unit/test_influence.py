"""Which advice counts, how it is held against outcomes, who follows whom, and who hands on to whom."""

from datetime import UTC, datetime
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.connectors import demo
from services.projections.influence.advice import Advice, LeftOut, advice, matches
from services.projections.influence.handover import handovers
from services.projections.influence.lift import Outcomes, lift, outcomes
from services.projections.influence.parts import found, influence
from services.projections.measures import UNIT
from services.projections.views.question import Question, Window
from tests.pasts import past
from tests.unit.test_flow import PROPOSED, made, opened
from tests.unit.test_waits import event

WHOLE = [Window(None, None)]
AT = datetime(2024, 1, 1, tzinfo=UTC)


def asked(hour: int, about: str = "decision/d", id: str = "c") -> dict[str, Any]:
    return event(hour, f"consultation/{id}", "consultation.requested", about=about, asked=[], by="a")


def said(hour: int, by: str | None, stance: str = "support", id: str = "c") -> dict[str, Any]:
    named = {} if by is None else {"by": by}
    return event(hour, f"consultation/{id}", "consultation.advice_given", stance=stance, **named)


def answered(hour: int, advice: dict[str, Any], disposition: str) -> dict[str, Any]:
    names = {"source": advice["source"], "id": advice["id"]}
    what = "consultation.advice_answered"
    return event(hour, advice["subject"], what, advice=names, by="a", disposition=disposition)


def pieces(*events: dict[str, Any]) -> list[Advice | LeftOut]:
    seen = past([*events])
    return list(advice(seen, [(act.at, act) for act in seen.acts]))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (said(2, None), "anonymous"),
        (said(2, "a"), "by_deciders"),
        (said(5, "z"), "after_the_decision"),
        (said(4, "z"), "after_the_decision"),
    ],
)
def test_advice_that_says_nothing_about_influence_is_left_out(given: dict[str, Any], why: str) -> None:
    (left,) = pieces(asked(1), opened(1), given, made(4))
    assert isinstance(left, LeftOut)
    assert (left.why, left.position) == (why, 3)


def test_who_sits_in_the_body_that_decided_had_a_part_in_it() -> None:
    seats = [
        event(0, "body/b", "body.formed", name="B", kind="team"),
        event(0, "body/b", "body.seat_taken", actor="z"),
    ]
    (left,) = pieces(*seats, asked(1), said(2, "z"), made(4, by="body/b"))
    assert isinstance(left, LeftOut)
    assert left.why == "by_deciders"


def test_advice_is_undecided_until_there_is_a_decision_and_withdrawn_advice_is_none() -> None:
    given = said(2, "z")
    (waiting,) = pieces(asked(1), given, opened(1))
    (withdrawn,) = pieces(asked(1), given, answered(3, given, "withdrawn"), made(4))
    assert [one.why for one in (waiting, withdrawn) if isinstance(one, LeftOut)] == ["undecided", "withdrawn"]


@pytest.mark.parametrize(
    ("stance", "answer", "outcome", "followed"),
    [
        ("support", None, "accepted", True),
        ("support", None, "provisional", True),
        ("support", None, "rejected", False),
        ("objection", None, "rejected", True),
        ("objection", "integrated", "accepted", True),
        ("objection", "declined", "rejected", True),
        ("concern", None, "accepted", False),
        ("concern", "integrated", "accepted", True),
    ],
)
def test_followed_is_integrated_else_the_stance_matches(
    stance: str, answer: str | None, outcome: str, followed: bool
) -> None:
    given = said(2, "z", stance)
    answers = [] if answer is None else [answered(3, given, answer)]
    (piece,) = pieces(asked(1), given, *answers, made(4, outcome=outcome))
    assert isinstance(piece, Advice)
    assert piece.followed is followed


def test_advice_about_an_initiative_is_held_against_its_next_decision() -> None:
    events = [event(0, "initiative/i", "initiative.proposed", **PROPOSED), asked(1, "initiative/i")]
    decided = [made(hour, f"d{hour}", initiative="i") for hour in (1, 5, 9)]
    (piece,) = pieces(*events, *decided, said(3, "z"))
    assert isinstance(piece, Advice)
    assert piece.act.decision == "d5"


def test_lift_leaves_the_decision_itself_out_of_the_rate() -> None:
    """Four decisions, one rejected; the adviser objected to that one alone: p is 0 of the 3 others."""
    events = [asked(1, "decision/d0"), said(2, "z", "objection")]
    events += [made(4 + n, f"d{n}", outcome="rejected" if n == 0 else "accepted") for n in range(4)]
    seen = past(events)
    (piece,) = advice(seen, [(act.at, act) for act in seen.acts])
    assert isinstance(piece, Advice)
    assert lift([piece], outcomes(seen.acts)) == (1, 1, Fraction(0))
    alone = [act for act in seen.acts if act.decision == "d0"]
    assert lift([piece], outcomes(alone)).value is None


def judged(stances: list[str], accepted: list[bool]) -> tuple[list[Advice], dict[str, Outcomes]]:
    """One piece of advice on each of so many decisions of one domain."""
    acts: list[Any] = [
        SimpleNamespace(home="x", status="counted", outcome="accepted" if one else "rejected")
        for one in accepted
    ]
    pieces = [
        Advice("actor/z", AT, act, stance, matches(stance, act.outcome), None, AT, place)
        for place, (stance, act) in enumerate(zip(stances, acts, strict=True))
    ]
    return pieces, outcomes(acts)


@given(st.lists(st.booleans(), min_size=2, max_size=12))
def test_one_who_supports_everything_matches_as_often_as_the_rates_have_it(accepted: list[bool]) -> None:
    pieces, rates = judged(["support"] * len(accepted), accepted)
    of = lift(pieces, rates)
    assert (of.n, of.matches, of.value) == (len(accepted), sum(accepted), 0)


@given(st.lists(st.tuples(st.sampled_from(["support", "objection"]), st.booleans()), min_size=2, max_size=12))
def test_lift_lies_within_one_and_turns_its_sign_with_every_stance(said: list[tuple[str, bool]]) -> None:
    stances, accepted = [stance for stance, _ in said], [one for _, one in said]
    turned = ["support" if stance == "objection" else "objection" for stance in stances]
    value, other = lift(*judged(stances, accepted)).value, lift(*judged(turned, accepted)).value
    assert value is not None
    assert -1 <= value <= 1
    assert other == -value


def test_a_decider_follows_an_adviser_by_the_part_it_had() -> None:
    two = [{"holder": "actor/a", "parts": 3}, {"holder": "actor/b", "parts": 1}]
    decided = made(4) | {"data": {**made(4)["data"], "deciders": two}}
    seen = past([asked(1), said(2, "z"), decided])
    (window,) = influence(seen, found(seen, Question(), None), WHOLE, "node")
    edges = {(edge.decider, edge.adviser): edge.weight for edge in window.network.edges}
    assert edges == {("actor/a", "actor/z"): 0.75, ("actor/b", "actor/z"): 0.25}
    assert window.network.nodes[0].holder == "actor/z"
    assert window.network.nodes[0].followed == 1
    assert UNIT % 4 == 0


def followed(*advisers: str, by: str = "actor/a", first: int = 0) -> list[dict[str, Any]]:
    """Each of these advised on a decision of its own, and was followed."""
    return [
        one
        for place, adviser in enumerate(advisers, first)
        for one in (
            asked(10 * place + 1, f"decision/d{place}", f"c{place}"),
            said(10 * place + 2, adviser, id=f"c{place}"),
            made(10 * place + 4, f"d{place}", by=by),
        )
    ]


def network(*events: dict[str, Any]) -> str | None:
    seen = past(sorted(events, key=lambda one: one["time"]))
    (window,) = influence(seen, found(seen, Question(), None), WHOLE, "node")
    return window.network.in_words


def test_those_who_were_followed_as_often_are_told_as_one() -> None:
    assert (
        network(*followed("z"))
        == "actor/z was followed most, 1 time by 1 decider; nobody lies between others"
    )
    assert network(*followed("y", "z", "x")) == (
        "actor/x, actor/y and actor/z were followed most, 1 time each; nobody lies between others"
    )
    assert network(*followed(*"vwxyz")) == (
        "5 advisers were followed most, 1 time each; nobody lies between others"
    )


def test_those_who_are_equal_centres_or_lie_between_as_many_are_told_as_one() -> None:
    ways = [*followed("m", by="actor/a"), *followed("z", by="actor/m", first=1)]
    other = [*followed("n", by="actor/b", first=2), *followed("y", by="actor/n", first=3)]
    assert network(*ways, *other) == (
        "actor/m, actor/n, actor/y and actor/z were followed most, 1 time each;"
        " the centres by PageRank are actor/y and actor/z;"
        " actor/m and actor/n lie between others most often"
    )
    assert network(*ways) == (
        "actor/m and actor/z were followed most, 1 time each; the centre by PageRank is actor/z;"
        " actor/m lies between others most often"
    )


def test_work_is_handed_on_to_who_does_the_next_thing_in_the_case() -> None:
    events = [
        opened(0),
        asked(1),
        said(2, "z"),
        event(3, "decision/d", "decision.position_taken", by="y", value="approve"),
        event(4, "decision/d", "decision.communicated", to=["actor/q"]),
        made(5, by="actor/y"),
    ]
    pairs = [(one.by, one.to) for one in handovers(past(events), "node")]
    assert pairs == [("actor/a", "actor/z"), ("actor/z", "actor/y")]


def test_what_is_said_about_an_initiative_is_in_the_case_of_its_next_decision() -> None:
    events = [
        asked(1, about="initiative/i"),
        said(2, "z"),
        made(5, by="actor/y", initiative="i"),
        said(6, "x"),
        made(7, by="actor/v", id="e", initiative="i"),
        said(8, "w"),
    ]
    pairs = [(one.decision.id, one.by, one.to) for one in handovers(past(events), "node")]
    assert pairs == [
        ("d", "actor/a", "actor/z"),
        ("d", "actor/z", "actor/y"),
        ("e", "actor/x", "actor/v"),
        ("e", "actor/v", "actor/w"),
    ]


def test_the_demos_hidden_influence_leads_the_advisers_of_its_domain_and_no_share_is_lost() -> None:
    seen = past(list(demo.events(1)))
    truth = next(
        one for one in demo.truth(1)["knots"] if one["pattern"] == "hidden influence" and not one["near_miss"]
    )
    domain = truth["scope"].partition("/")[2]
    (window,) = influence(seen, found(seen, Question(domain=domain), None), WHOLE, "node")
    assert window.advisers[0].adviser == truth["actors"][0]
    assert window.advisers[0].lift is not None
    assert window.advisers[0].lift > 0.4
    assert "not a cause" in (window.advisers[0].in_words or "")
    everything = found(seen, Question(), None)
    (whole,) = influence(seen, everything, WHOLE, "seat")
    assert sum(adviser.pieces for adviser in whole.advisers) == whole.advice.pieces
    assert len(everything.acts) == len(seen.acts) - sum(act.status != "counted" for act in seen.acts)


def test_advice_on_what_is_undecided_is_told_of_its_domain_too() -> None:
    seen = past([opened(1), asked(1), said(2, "z")])
    domain = seen.decisions["d"].domains[0]
    for question, count in ((Question(domain=domain), 1), (Question(domain="elsewhere"), 0)):
        (window,) = influence(seen, found(seen, question, None), WHOLE, "node")
        assert window.left_out.undecided.count == count
