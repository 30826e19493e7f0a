"""Who takes part: every figure by hand over small histories, and over the demo what must always hold."""

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.connectors import demo
from services.projections.participation.answer import Part, PartWindow
from services.projections.participation.parts import spread
from services.projections.participation.window import Participation
from services.projections.views.participation import Asked
from tests.pasts import past
from tests.told import event, made, on, opened, person, row, team


def asked(events: list[dict[str, Any]], **question: Any) -> list[PartWindow]:
    return Participation(past(events), Asked(**question).question()).windows()


def parts(events: list[dict[str, Any]], **question: Any) -> dict[str, Part]:
    (window,) = asked(events, **question)
    return {part.holder: part for part in window.parts}


PEOPLE = [person(id) for id in "abcd"]
CONTRIBUTES = [{"holder": "actor/b", "mandatory": True}, {"holder": "body/team"}]


def request(day: float, id: str, about: str, *names: str) -> dict[str, Any]:
    return event(day, f"consultation/{id}", "consultation.requested", about=about, by="a", asked=list(names))


def advice(day: float, id: str, by: str) -> dict[str, Any]:
    return event(day, f"consultation/{id}", "consultation.advice_given", by=by, stance="support")


def test_asked_and_silent_is_not_the_same_as_not_asked_nor_as_still_open() -> None:
    found = parts(
        [
            *PEOPLE,
            *team("team", "c"),
            row(1, "x", "a", contributes=CONTRIBUTES),
            opened(2, "first", "a"),
            request(3, "c-1", "decision/first", "actor/b"),
            made(5, "first", "a"),
            opened(6, "second", "a"),
            request(7, "c-2", "decision/second", "actor/c"),
            advice(8, "c-2", "c"),
            made(9, "second", "a"),
            advice(10, "c-2", "c"),
            opened(11, "third", "a"),
            request(12, "c-3", "decision/third", "actor/b"),
            advice(13, "c-3", "d"),
        ]
    )
    b, c, d = found["actor/b"].advising, found["actor/c"].advising, found["actor/d"].advising
    assert (b.asked.count, b.silent.count, b.open.count, b.not_asked.count) == (2, 1, 1, 1)
    assert b.not_asked.entries == [14]
    assert (c.asked.count, c.advised.count, c.late.count, c.not_asked.count) == (1, 1, 1, 0)
    assert found["body/team"].advising.not_asked.count == 1
    assert d.unasked.count == 1


def test_an_open_call_leaves_nobody_not_asked_and_nobody_silent() -> None:
    found = parts(
        [
            *PEOPLE,
            row(1, "x", "a", contributes=CONTRIBUTES),
            opened(2, "d", "a"),
            request(3, "c", "decision/d"),
            made(5, "d", "a"),
        ]
    )
    assert "actor/b" not in found


def test_who_proposed_it_or_had_left_is_not_missed() -> None:
    rows = [{"holder": "actor/b"}, {"holder": "actor/c"}, {"holder": "actor/d"}]
    gone = event(1.5, "actor/d", "actor.left")
    story = [*PEOPLE, row(1, "x", "a", contributes=rows), gone, opened(2, "d", "c"), made(3, "d", "a")]
    found = parts(story)
    missed = {holder: part.advising.not_asked.count for holder, part in found.items()}
    assert {holder for holder, n in missed.items() if n} == {"actor/b"}


def test_of_a_body_that_is_a_member_those_of_its_people_are_absent_who_did_not_come() -> None:
    members = {"name": "S", "kind": "circle", "members": ["body/team", "actor/d"]}
    opened_ = event(2, "space/s", "space.opened", **members)
    held = event(3, "space/s", "space.session_held", attendees=["actor/a"])
    found = parts([*PEOPLE, *team("team", "a", "b"), opened_, held])
    assert {who: part.attending.absent.count for who, part in found.items()} == {
        "actor/a": 0,
        "actor/b": 1,
        "actor/d": 1,
    }
    whole = event(4, "space/s", "space.session_held", attendees=["body/team"])
    found = parts([*PEOPLE, *team("team", "a", "b"), opened_, whole])
    assert {who for who, part in found.items() if part.attending.absent.count} == {"actor/d"}


def test_an_elector_under_a_rule_by_which_any_one_decides_is_never_silent() -> None:
    quota = {"kind": "quota", "more_than": "1/2"}
    story = [*PEOPLE, opened(2, "d", "a", "a", "b", rule={"kind": "any"}), made(3, "d", "a")]
    assert parts(story)["actor/b"].deciding.elector_silent.count == 0
    by_the_row = [*PEOPLE, row(1, "x", "a", "b", rule={"kind": "any"}), opened(2, "d", "a", "a", "b")]
    assert parts([*by_the_row, made(3, "d", "a")])["actor/b"].deciding.elector_silent.count == 0
    story[-2] = opened(2, "d", "a", "a", "b", rule=quota)
    found = parts(story)
    assert found["actor/b"].deciding.elector_silent.count == 1
    assert found["actor/a"].deciding.elector_heard.count == 1


def test_those_who_did_nothing_are_named_and_counted_as_zeros() -> None:
    (window,) = asked([*PEOPLE, opened(2, "d", "a"), made(3, "d", "a")])
    assert window.took_no_part == ["actor/b", "actor/c", "actor/d"]
    assert window.took_part.in_words == "3 of 4 took no part"
    deciding = window.spread.deciding
    assert (deciding.gini, deciding.people, deciding.without, deciding.half_by) == (0.75, 4, 3, 1)
    assert window.spread.advising.gini is None
    assert window.spread.advising.why_null["gini"] == "nobody known has a part in it"


@given(
    st.dictionaries(st.integers(0, 30).map("actor/{}".format), st.fractions(0, 9), max_size=12),
    st.integers(0, 9),
)
def test_a_spread_is_gini_over_everybody_whatever_their_names_and_half_takes_the_fewest(
    parts: dict[str, Fraction], others: int
) -> None:
    roster = frozenset({*parts, *(f"actor/other-{n}" for n in range(others))})
    found = spread(parts, len(parts), roster, "{half} of {people}")
    values = sorted(parts.get(one, Fraction(0)) for one in roster)
    total = sum(values)
    assert (found.people, found.without) == (len(roster), sum(value == 0 for value in values))
    if not total:
        assert found.gini is found.half_by is None
        return
    apart = sum(abs(one - other) for one in values for other in values)
    assert found.gini == pytest.approx(float(apart / (2 * len(values) * total)))
    assert found.half_by is not None
    assert 2 * sum(values[-found.half_by :]) >= total > 2 * sum(values[len(values) - found.half_by + 1 :])
    renamed = {f"actor/{hash(one)}-{one[6:]}": part for one, part in parts.items()}
    other = spread(renamed, len(parts), frozenset({*renamed, *(roster - parts.keys())}), "{half} of {people}")
    assert other == found


def test_initiative_is_taken_alone_with_others_or_asked_up_and_the_rate_says_of_how_many() -> None:
    story = [*PEOPLE, *team("team", "a", "b")]
    for n, deciders in enumerate((["a"], ["a", "b"], ["body/team"], ["b"])):
        story += [opened(2 * n + 1, f"d-{n}", "a"), made(2 * n + 2, f"d-{n}", *deciders)]
    proposing = parts(story)["actor/a"].proposing
    assert (proposing.decided_alone.count, proposing.decided_with_others.count) == (1, 2)
    assert proposing.asked_up.count == 1
    assert proposing.without_asking_up.in_words == "3 of 4 without asking up"


def test_of_what_was_asked_up_it_is_told_what_they_could_have_decided_alone() -> None:
    story = [*PEOPLE, event(0, "domain/x", "domain.defined", name="X"), row(1, "x", "a", "c")]
    story += [opened(2, "mine", "a"), made(3, "mine", "b"), opened(4, "theirs", "b"), made(5, "theirs", "a")]
    found = parts(story)
    assert (found["actor/a"].proposing.asked_up.count, found["actor/a"].proposing.could_alone.count) == (1, 1)
    assert (found["actor/b"].proposing.asked_up.count, found["actor/b"].proposing.could_alone.count) == (1, 0)


def test_by_stakes_and_level_only_what_leads_to_such_decisions_is_told() -> None:
    story = [person("top"), person("low", above="top")]
    story += [opened(1, "d", "low", stakes="high"), made(2, "d", "top", stakes="high")]
    story += [opened(3, "e", "low"), made(4, "e", "low")]
    story += [request(1.5, "c", "decision/d", "actor/low"), advice(1.6, "c", "low")]
    story += [event(5, "space/s", "space.session_held", attendees=["actor/top"], decisions=["d"])]
    high = parts(story, stakes="high")
    assert (high["actor/low"].proposing.proposed.count, high["actor/low"].advising.advised.count) == (1, 1)
    assert (high["actor/top"].deciding.decisions.count, high["actor/top"].attending.attended.count) == (1, 1)
    none = parts(story, stakes="none")
    assert (none["actor/low"].deciding.decisions.count, none["actor/low"].advising.advised.count) == (1, 0)
    (window,) = Participation(past(story), Asked().question(), level=1).windows()
    assert [part.holder for part in window.parts] == ["actor/low"]
    assert window.coverage.decisions.entries == [6]


def test_a_wait_counts_in_the_window_it_began_in_and_open_ones_say_how_old() -> None:
    approved = event(4, "decision/d", "decision.position_taken", by="b", value="approve")
    met = event(30, "space/s", "space.opened", name="S", kind="forum")
    story = [*PEOPLE, opened(2, "d", "a", "b", "c"), approved, met]
    waiting = parts(story)["actor/c"].waiting
    assert (waiting.open.count, waiting.in_words) == (1, "1 still waits, the oldest for 28 days")
    assert parts(story)["actor/b"].waiting.median_days == 2


def test_the_path_through_roles_names_seats_rows_and_whom_one_answered_to() -> None:
    story = [
        person("a"),
        person("b", above="a"),
        *team("team", "b", day=1),
        row(2, "x", "b"),
        row(9, "x", "a"),
        event(12, "body/team", "body.seat_vacated", actor="b"),
    ]
    (path,) = [
        one for one in Participation(past(story), Asked().question()).paths() if one.holder == "actor/b"
    ]
    told = [(span.kind, span.of, span.from_, span.to) for span in path.spans]
    assert told == [
        ("reports", "actor/a", on(0), None),
        ("seat", "body/team", on(1), on(12)),
        ("decides", "domain/x", on(2), on(9)),
    ]
    assert path.in_words == "1 body sat in, 1 row named in"


def test_a_path_joins_what_went_on_and_knows_who_left_by_another_of_their_ids() -> None:
    story = [
        *(person(id) for id in "am"),
        person("b", above="a"),
        event(3, "actor/b", "actor.updated", kind="person", profile="sealed", reports_to="a"),
        event(4, "actor/m", "actor.merged", into="b"),
        event(5, "actor/b", "actor.left"),
        event(6, "actor/m", "actor.left"),
        event(8, "actor/b", "actor.returned"),
        event(7, "actor/stranger", "actor.left"),
    ]
    found = {path.holder: path.spans for path in Participation(past(story), Asked().question()).paths()}
    told = [(span.kind, span.of, span.from_, span.to) for span in found["actor/b"]]
    assert told == [("reports", "actor/a", on(0), None), ("away", "actor/b", on(5), on(8))]
    assert [(span.kind, span.from_, span.to) for span in found["actor/stranger"]] == [("away", on(7), None)]


def test_positions_and_advice_belong_where_the_domain_lay_when_they_were_given() -> None:
    story = [
        *PEOPLE,
        event(0, "domain/top", "domain.defined", name="T"),
        event(0, "domain/x", "domain.defined", name="X"),
        opened(1, "d", "a", "b", "c"),
        request(1, "c", "decision/d", "actor/b"),
        event(2, "decision/d", "decision.position_taken", by="b", value="approve"),
        advice(2, "c", "b"),
        event(3, "domain/x", "domain.updated", name="X", parent="top"),
        event(4, "decision/d", "decision.position_taken", by="c", value="approve"),
        advice(4, "c", "c"),
        made(5, "d", "a"),
        event(6, "domain/x", "domain.updated", name="X"),
        event(7, "decision/d", "decision.executed", by="d"),
    ]
    did = {holder: set(part.contribution) for holder, part in parts(story, domain="top").items()}
    assert did == {"actor/a": {"decided"}, "actor/b": set(), "actor/c": {"position", "advised_unasked"}}


def test_over_the_demo_shares_sum_to_one_and_months_sum_to_the_whole() -> None:
    history = past(list(demo.events(3)))
    (whole,) = Participation(history, Asked().question()).windows()
    months = Participation(history, Asked(interval="month").question()).windows()
    for lens in ("share_node", "share_seat"):
        assert abs(sum(getattr(part.deciding, lens) or 0 for part in whole.parts) - 1) < 1e-9
    assert sum(one.coverage.decisions.count for one in months) == whole.coverage.decisions.count
    for kind in ("proposing", "advising", "waiting"):
        assert sum(getattr(one.spread, kind).n for one in months) == getattr(whole.spread, kind).n
    assert [part.holder for part in whole.parts] == sorted(part.holder for part in whole.parts)
    assert set(msgspec.to_builtins(whole.parts[0])) == {
        *("holder", "kind", "proposing", "advising", "deciding", "waiting", "attending", "contribution")
    }


def test_who_opens_what_belongs_to_an_initiative_nobody_told_of_proposed_it() -> None:
    found = parts([*PEOPLE, opened(2, "q", "a"), made(5, "q", "b", initiative="i-9")])
    assert found["actor/a"].proposing.proposed.count == 1


def test_nobody_is_silent_where_advice_before_the_decision_bears_no_name_and_nobody_has_answered() -> None:
    told = [
        *PEOPLE,
        row(1, "x", "a"),
        opened(2, "d", "a"),
        request(3, "c", "decision/d", "actor/b", "actor/c"),
    ]
    told += [advice(4, "c", "c"), made(6, "d", "a")]
    unnamed = event(5, "consultation/c", "consultation.advice_given", stance="concern")
    late = unnamed | {"time": on(7).isoformat()}
    for events, silent in (([], 1), ([unnamed], 0), ([late], 1)):
        found = parts([*told, *events])["actor/b"]
        assert (found.advising.asked.count, found.advising.silent.count) == (1, silent)
        assert found.waiting.days == 3


def proposed(day: float, id: str, *proposers: str) -> dict[str, Any]:
    said = {"title": "T", "domains": ["x"], "proposers": list(proposers)}
    return event(day, f"initiative/{id}", "initiative.proposed", **said)


def test_what_a_body_proposed_is_spread_over_its_seats() -> None:
    events = [*PEOPLE, *team("team", "b", "c"), proposed(2, "i", "body/team"), proposed(3, "j", "actor/a")]
    (window,) = asked(events)
    spread = window.spread.proposing
    assert (spread.n, spread.people, spread.without, spread.half_by) == (2, 4, 1, 1)
    assert window.took_no_part == ["actor/d"]


def test_where_nobody_is_known_to_sit_in_a_body_it_is_said_that_only_bodies_proposed() -> None:
    (window,) = asked([*PEOPLE, *team("team"), proposed(2, "i", "body/team")])
    spread = window.spread.proposing
    assert (spread.n, spread.without) == (1, 4)
    assert spread.why_null["in_words"] == "only bodies have a part in it"


def test_a_body_whose_people_decided_by_name_took_the_initiative_itself() -> None:
    events = [*PEOPLE, *team("team", "b", "c"), row(1, "x", "body/team"), proposed(2, "i", "body/team")]
    for deciders, alone, others, up in (("bc", 1, 0, 0), ("bd", 0, 1, 0), ("d", 0, 0, 1)):
        found = parts([*events, made(3, "d", *deciders, initiative="i")])["body/team"].proposing
        counts = found.decided_alone.count, found.decided_with_others.count, found.asked_up.count
        assert counts == (alone, others, up)
