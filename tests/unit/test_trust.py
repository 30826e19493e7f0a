"""Stated against lived, beside how decisions were treated: by hand, and over the demo."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.cli_show_trust import trust as draw_trust
from services.connectors import demo
from services.projections.history import History
from services.projections.trust.answer import BodySigns, TrustWindow
from services.projections.trust.window import associations, trust
from services.projections.views.trust import Asked
from tests.pasts import past
from tests.told import event, made, on, opened, overridden, person, team
from tests.unit.test_cli_drawing import drawn, names_of


def asked(history: History, **question: Any) -> list[TrustWindow]:
    return trust(history, Asked(**question).question())


def one(events: list[dict[str, Any]], **question: Any) -> TrustWindow:
    (window,) = asked(past(events, on(300)), **question)
    return window


def pulse(day: float, body: str, experienced: float, respondents: int, **data: Any) -> dict[str, Any]:
    told = {"body": body, "question": "trust", "experienced": experienced, "respondents": respondents}
    return event(day, f"pulse/{body}-{day}", "pulse.recorded", **told | data)


def test_what_is_lived_is_weighted_by_answers_and_the_gap_is_over_pulses_that_have_both() -> None:
    window = one(
        [pulse(1, "b", 0.5, 10, stated=0.8), pulse(2, "b", 0.8, 5), pulse(3, "c", 0.2, 5, stated=0.5)]
    )
    body = window.bodies_lived[0]
    assert (body.body, round(body.experienced or 0, 6), body.respondents, body.fewest) == ("b", 0.6, 15, 5)
    assert round(body.gap or 0, 6) == 0.3
    assert body.in_words == (
        "0.60 is lived, by 15 answers; where it is also stated, 0.50, by 10:"
        " 0.30 less than the 0.80 that is stated"
    )
    whole = window.lived[0]
    assert (whole.question, whole.respondents, whole.pulses.count) == ("trust", 20, 3)
    assert window.lived[1].why_null["experienced"] == "nobody asked here"


def test_what_is_stated_is_compared_with_what_those_lived_who_were_asked_both() -> None:
    body = one([pulse(1, "b", 0.4, 10, stated=0.8), pulse(2, "b", 1.0, 90)]).bodies_lived[0]
    assert (body.respondents, body.compared) == (100, 10)
    assert body.in_words == (
        "0.94 is lived, by 100 answers; where it is also stated, 0.40, by 10:"
        " 0.40 less than the 0.80 that is stated"
    )


def test_what_nobody_stated_has_no_gap_but_says_what_is_lived() -> None:
    body = one([pulse(1, "b", 0.5, 10)]).bodies_lived[0]
    assert (body.experienced, body.gap, body.why_null) == (
        0.5,
        None,
        {"stated": "nobody stated it", "gap": "nobody stated it"},
    )
    assert body.in_words == "0.50 is lived, by 10 answers; nothing is stated"


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(5, 50)), min_size=1, max_size=8))
def test_a_mean_lies_between_what_was_answered(answers: list[tuple[float, int]]) -> None:
    story = [pulse(day, "b", value, n, stated=value) for day, (value, n) in enumerate(answers, 1)]
    found = one(story).lived[0]
    values = [value for value, _ in answers]
    assert found.experienced is not None
    assert min(values) - 1e-9 <= found.experienced <= max(values) + 1e-9
    assert found.gap == 0
    assert found.respondents == sum(n for _, n in answers)


PEOPLE = [
    person("top"),
    *(person(id, above="top") for id in "abc"),
    *team("low", "a", "b"),
    *team("high", "top"),
]


def signs(*events: dict[str, Any], body: str = "low") -> BodySigns:
    window = one([*PEOPLE, *events])
    return next(row for row in window.bodies_signs if row.body == body)


def test_a_bodys_people_decide_alone_together_or_ask_up_and_who_overrides_them_is_counted() -> None:
    passed_on = {"by": "b", "from_": "actor/b", "to": "actor/top", "reason": "R"}
    story = [
        opened(1, "alone", "a"), made(2, "alone", "a"),
        opened(3, "both", "a"), made(4, "both", "a", "top"),
        opened(5, "up", "b"), made(6, "up", "top"),
        event(6, "decision/passed", "decision.opened", title="T", domains=["x"], by="b", electorate=[]),
        event(7, "decision/passed", "decision.escalated", **passed_on),
        made(8, "passed", "top"),
        overridden(9, "alone", "top"),
        event(10, "decision/both", "decision.reopened", by="c", reason="R"),
    ]  # fmt: skip
    low, high = signs(*story), signs(*story, body="high")
    assert (low.decided.count, low.overridden.count, low.reopened.count) == (2, 1, 1)
    assert (low.alone.in_words, low.with_others.count) == ("1 of 4 was decided by their proposers", 1)
    assert (low.asked_up.count, low.escalated.count) == (2, 1)
    assert (high.overrode.count, low.overrode.count) == (1, 0)
    assert high.proposed.count == 0
    assert high.alone.why_null["rate"] == "nothing that was decided here has known proposers"
    assert (low.closeness, high.closeness) == (0.75, 0.25 / 1.5 * 1)


def test_the_drawing_says_that_what_its_people_decided_counts_with_a_body() -> None:
    window = msgspec.to_builtins(one([*PEOPLE, made(2, "d", "a")]))
    answer = {"windows": [window], "question": {"interval": None}, "associations": []}
    told = drawn(lambda console: draw_trust(console, names_of(answer), answer)).splitlines()
    at = next(place for place, line in enumerate(told) if line.startswith("body "))
    assert told[at + 2] == "decided: by the body, or by somebody who had a seat in it"


def test_to_reverse_ones_own_decision_is_no_override() -> None:
    found = signs(made(2, "d", "a"), overridden(3, "d", "a"))
    assert (found.overridden.count, found.reversed.count) == (0, 1)


def test_to_accept_for_good_what_was_provisional_undoes_nothing_and_to_reject_it_does() -> None:
    for outcome, who, undone in (
        ("accepted", "b", (0, 0)),
        ("rejected", "a", (0, 1)),
        ("rejected", "b", (1, 0)),
    ):
        found = signs(made(2, "d", "a", outcome="provisional"), made(3, "d", who, outcome=outcome))
        assert (found.overridden.count, found.reversed.count) == undone


def test_an_association_takes_enough_windows_that_have_both_and_never_tells_a_cause() -> None:
    few = associations(asked(past([*PEOPLE, pulse(1, "low", 0.5, 5)])))[0]
    assert few.tau is None
    assert few.why_null["tau"].startswith("fewer than 6 windows")
    story = [*PEOPLE]
    for month in range(8):
        day = 31 * month + 5
        story += [
            pulse(day, "low", 0.1 * month, 5),
            opened(day, f"d-{month}", "a"),
            opened(day, f"e-{month}", "a"),
        ]
        story += [made(day + 1, f"d-{month}", "a"), made(day + 1, f"e-{month}", "a" if month > 3 else "top")]
    told = asked(past(story), interval="month")
    found = next(one for one in associations(told) if (one.question, one.sign) == ("trust", "asked_up"))
    assert (found.n, round(found.tau or 0, 2)) == (8, -0.76)
    assert found.in_words == "where more trust was lived, less was asked up; why, it does not tell"


def test_over_the_demo_what_is_lived_rises_to_what_is_stated_and_manners_are_all_there_is() -> None:
    history = past(list(demo.events(3)))
    quarters = asked(history, interval="quarter")
    lived = [window.lived[0].experienced or 0 for window in quarters]
    assert lived[0] < lived[-1]
    (whole,) = asked(history)
    for told in (whole.signs, *whole.bodies_signs):
        assert told.alone.count + told.with_others.count + told.asked_up.count == told.proposed.count
    assert sum(window.signs.decided.count for window in quarters) == whole.signs.decided.count
    (body,) = asked(history, body="b-3")
    assert [row.body for row in body.bodies_signs] == ["b-3"]
    assert body.signs.decided == body.bodies_signs[0].decided
    assert body.signs.asked_up == body.bodies_signs[0].asked_up
