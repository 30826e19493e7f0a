"""Spaces, their cadence, what they share and say, and bodies that never meet."""

from typing import Any

from services.connectors import demo
from services.projections.coordination.answer import CoordinationWindow
from services.projections.coordination.window import coordination
from services.projections.views.coordination import Asked
from tests.pasts import past
from tests.told import event, made, on, opened, person, row, team

MONTHLY = {"name": "Circle", "kind": "circle", "cadence": "P1M", "members": ["actor/a", "body/team"]}


def asked(events: list[dict[str, Any]], at: float = 200, **question: Any) -> list[CoordinationWindow]:
    space = question.get("space")
    return coordination(past(events, on(at)), Asked(**question).question(), space)


def session(day: float, *attendees: str, space: str = "s", **said: Any) -> dict[str, Any]:
    return event(day, f"space/{space}", "space.session_held", attendees=list(attendees), **said)


def test_a_cadence_is_kept_in_periods_of_the_calendar_and_gaps_say_where_a_meeting_was_left_out() -> None:
    story = [
        event(0, "space/s", "space.opened", **MONTHLY),
        session(20, "actor/a"),
        session(58, "actor/a"),  # 28 February
        session(152, "actor/a"),  # 1 June
    ]
    (window,) = asked(story, at=160)
    (space,) = window.spaces
    assert space.kept.in_words == "it met in 2 of 5 periods"  # January to May
    assert [(gap.from_, gap.to, gap.entry) for gap in space.gaps] == [(on(58), on(152), 3)]
    months = asked(story, at=160, interval="month")
    assert [(one.kept.count, one.kept.of) for one in months] == [
        (0, 0),
        (1, 1),
        (1, 1),
        (0, 1),
        (0, 1),
        (0, 1),
    ]
    (later,) = asked(story, at=400)
    assert later.spaces[0].gaps[-1].to is None


def test_a_space_without_a_cadence_or_never_opened_is_not_judged() -> None:
    loose = {"name": "Forum", "kind": "forum"}
    (window,) = asked(
        [
            event(0, "space/s", "space.opened", **loose),
            session(1, "actor/a"),
            session(2, "actor/a", space="t"),
        ]
    )
    assert [space.kept.why_null["rate"] for space in window.spaces] == [
        "it has no cadence",
        "nobody said it was opened",
    ]
    assert window.kept.rate is None


def test_attendance_counts_members_by_their_seats_while_they_sit_and_guests_apart() -> None:
    story = [
        *map(person, "abcz"),
        *team("team", "b", "c"),
        event(1, "space/s", "space.opened", **MONTHLY),
        session(2, "actor/a", "actor/b", "actor/z"),
        event(3, "body/team", "body.seat_vacated", actor="c"),
        session(4, "actor/a", "actor/b"),
    ]
    (window,) = asked(story)
    assert window.attendance.in_words == "4 of 5 places of members were taken"
    assert window.spaces[0].guests == 1


def test_decisions_are_shared_by_the_first_session_after_and_unshared_ones_are_censored() -> None:
    story = [
        opened(1, "d", "a"), made(10, "d", "a"),
        opened(1, "e", "a"), made(11, "e", "a"),
        opened(1, "f", "a"), made(12, "f", "a"),
        session(5, "actor/a", decisions=["f"]),
        session(14, "actor/a", decisions=["d", "e"]),
        session(15, "actor/a", decisions=["d"]),
    ]  # fmt: skip
    (window,) = asked(story, at=100)
    assert window.sharing.shared.in_words == "2 of 3 decisions were shared in a session"
    assert (window.sharing.how_soon.median_days, window.sharing.how_soon.open) == (4, 1)
    assert window.sharing.not_shared.entries == [6]
    assert window.sharing.shared_before.count == 1
    (before,) = asked(story, at=13)
    assert before.sharing.how_soon.median_days is None
    assert before.sharing.how_soon.why_null["median_days"] == "fewer than half have ended"


def test_what_is_decided_anew_is_shared_anew_and_was_not_announced_by_what_shared_it_before() -> None:
    story = [
        made(10, "d", "a"),
        session(11, "actor/a", decisions=["d"]),
        event(20, "decision/d", "decision.reopened", by="a", reason="R"),
        made(40, "d", "a"),
    ]
    first, second, *_ = asked(story, at=60, interval="month")
    assert (first.sharing.shared.count, second.sharing.shared.count) == (1, 0)
    assert second.sharing.shared_before.count == 0


def beside(*more: dict[str, Any], **question: Any) -> CoordinationWindow:
    story = [
        *map(person, "abcd"),
        *team("one", "a", "b"),
        *team("two", "c"),
        event(0, "domain/x", "domain.defined", name="X"),
        event(0, "domain/y", "domain.defined", name="Y", parent="x"),
        row(1, "x", "body/one"),
        made(10, "d", "body/one"),
        made(20, "e", "body/two", domains=["y"]),
        *more,
    ]
    (window,) = asked(story, at=100, **question)
    return window


def test_two_bodies_that_decide_in_a_domain_and_its_parent_are_apart_until_something_joins_them() -> None:
    (pair,) = beside().bodies
    assert (pair.bodies, pair.domains, pair.apart) == (["one", "two"], ["x", "y"], True)
    assert (pair.in_words, pair.decisions.count) == ("never met", 2)
    met = beside(session(15, "actor/a", "actor/c"))
    assert met.met.in_words == "1 of 1 pair of bodies that decide side by side met"
    assert met.bodies[0].in_words == "joined by 1 session"
    seat = event(12, "body/two", "body.seat_taken", actor="b")
    assert beside(seat).bodies[0].seats == ["actor/b"]
    request = event(
        15, "consultation/c", "consultation.requested", about="decision/e", by="c", asked=["actor/a"]
    )
    assert beside(request).bodies[0].asked.count == 1


def test_of_one_space_bodies_meet_in_its_sessions_alone() -> None:
    forum = event(14, "space/s", "space.opened", name="Forum", kind="forum")
    more = [
        forum,
        session(15, "actor/a", "actor/c", decisions=["d"]),
        session(16, "actor/a", space="t"),
        event(17, "body/two", "body.seat_taken", actor="b"),
        event(18, "consultation/c", "consultation.requested", about="decision/e", by="c", asked=["actor/a"]),
    ]
    whole = beside(*more)
    assert whole.bodies[0].in_words == "joined by 1 session, 1 seat and 1 request"
    here, there, nowhere = (beside(*more, space=space) for space in ("s", "t", "nope"))
    assert (here.bodies[0].in_words, here.sessions.count, here.met.count) == ("joined by 1 session", 1, 1)
    assert here.sharing.shared.in_words == "1 of 2 decisions was shared in a session of this space"
    for elsewhere in (there, nowhere):
        (pair,) = elsewhere.bodies
        assert (pair.apart, pair.last_met, pair.in_words) == (True, None, "never met in this space")
        assert elsewhere.met.in_words == "0 of 1 pair of bodies that decide side by side met in this space"
        assert elsewhere.sharing.shared.count == 0


def test_that_bodies_met_is_shown_by_the_sessions_the_requests_and_the_taking_of_seats() -> None:
    window = beside(
        session(15, "actor/a", "actor/c"),
        session(16, "actor/a"),
        event(17, "body/two", "body.seat_taken", actor="b"),
        event(18, "consultation/c", "consultation.requested", about="decision/e", by="c", asked=["actor/a"]),
    )
    assert window.met.entries == [7, 15, 17, 18]  # the seventh gave b a seat in one
    assert beside().met.entries == []


def test_a_request_about_an_initiative_joins_the_bodies_as_one_about_its_decision_does() -> None:
    asks = {"about": "initiative/i", "by": "a", "asked": ["body/two"]}
    request = event(2, "consultation/c", "consultation.requested", **asks)
    story = [
        *team("one", "a"), *team("two", "c"),
        event(1, "initiative/i", "initiative.proposed", title="T", domains=["x"], proposers=["body/one"]),
        request,
        made(10, "d", "body/one", initiative="i"), made(11, "e", "body/one", initiative="i"),
        made(20, "f", "body/two"),
    ]  # fmt: skip
    (pair,) = asked(story)[0].bodies
    assert (pair.asked.count, pair.apart, pair.in_words) == (1, False, "joined by 1 request")


def test_a_pair_that_met_before_the_window_says_when() -> None:
    story = [
        *map(person, "ac"), *team("one", "a"), *team("two", "c"),
        session(3, "actor/a", "actor/c"),
        made(10, "d", "body/one"), made(40, "e", "body/two"), made(41, "f", "body/one"),
    ]  # fmt: skip
    (window,) = asked(story, start="2024-02-01")
    assert window.bodies[0].in_words == "not met since 2024-01-04"


def test_obstacles_are_repeated_when_two_sessions_say_the_same_but_for_case_and_stops() -> None:
    story = [
        session(1, "actor/a", obstacles=["Too many  channels.", "no desk"]),
        session(2, "actor/a", obstacles=["too many channels", "too many channels"], space="t"),
    ]
    (window,) = asked(story)
    (repeated,) = window.said.obstacles_repeated
    assert (repeated.text, repeated.sessions.count, repeated.spaces) == ("Too many  channels.", 2, ["s", "t"])
    assert [one.text for one in window.said.obstacles] == ["Too many  channels.", "no desk"]


def test_what_was_announced_is_decided_when_a_later_decision_or_initiative_bears_its_title() -> None:
    story = [
        made(1, "old", "a", title="The price list"),
        session(2, "actor/a", upcoming=["the price list", "the budget", "the move"]),
        event(
            3, "initiative/i", "initiative.proposed", title="The budget", domains=["x"], proposers=["actor/a"]
        ),
        made(4, "b", "a", initiative="i"),
        opened(5, "m", "a", title="The move"),
    ]
    (window,) = asked(story)
    told = {one.text: (one.became, one.decision) for one in window.said.upcoming}
    assert told == {
        "the price list": (None, None),
        "the budget": ("decided", "b"),
        "the move": ("opened", "m"),
    }


def test_over_the_demo_months_sum_to_the_whole_and_a_domain_takes_its_part() -> None:
    history = past(list(demo.events(3)))
    (whole,) = coordination(history, Asked().question())
    months = coordination(history, Asked(interval="month").question())
    assert sum(one.sessions.count for one in months) == whole.sessions.count
    assert sum(one.kept.of for one in months) == whole.kept.of
    assert sum(one.sharing.shared.of for one in months) >= whole.sharing.shared.of
    (part,) = coordination(history, Asked(domain="pricing").question())
    assert 0 < part.sharing.shared.of < whole.sharing.shared.of
    assert 0 < part.sessions.count < whole.sessions.count


def test_what_a_body_decided_is_shared_wherever_it_was_told() -> None:
    events = [
        person("a"),
        person("z"),
        *team("team", "a"),
        made(1, "q", "body/team"),
        event(2, "space/s", "space.opened", name="Forum", kind="forum"),
        session(3, "actor/z", decisions=["q"]),
    ]
    (window,) = asked(events, body="team")
    assert window.sessions.count == 0
    assert window.sharing.shared.in_words == "1 of 1 decision was shared in a session"


def test_a_space_keeps_its_cadence_whoever_came_and_whatever_is_asked_about() -> None:
    events = [
        person("a"),
        person("z"),
        *team("team", "a"),
        made(1, "q", "actor/z"),
        event(2, "space/s", "space.opened", **MONTHLY),
        session(20, "actor/z"),
        session(50, "actor/a", decisions=["q"]),
    ]
    for question in ({"body": "team"}, {"domain": "x"}, {}):
        (window,) = asked(events, at=70, **question)
        (space,) = window.spaces
        assert (space.kept.in_words, space.gaps) == ("it met in 2 of 2 periods", [])


def test_a_body_is_told_beside_whom_it_decides() -> None:
    events = [
        *map(person, "ab"),
        *team("one", "a"),
        *team("two", "b"),
        *team("three", "b"),
        *(made(n, f"q-{n}", f"body/{body}") for n, body in enumerate(("one", "two", "three"), 1)),
    ]
    (window,) = asked(events, body="one")
    assert [pair.bodies for pair in window.bodies] == [["one", "three"], ["one", "two"]]
    assert window.sharing.shared.of == 1


def test_bodies_that_met_when_a_window_ended_had_not_met_in_it() -> None:
    events = [
        person("a"),
        person("b"),
        *team("one", "a"),
        *team("two", "b"),
        made(1, "p", "body/one"),
        made(2, "q", "body/two"),
        event(2, "space/s", "space.opened", name="Forum", kind="forum"),
        session(31, "actor/a", "actor/b"),
    ]
    (january,) = asked(events, end="2024-02-01")
    (pair,) = january.bodies
    assert (pair.last_met, pair.in_words) == (None, "never met")
