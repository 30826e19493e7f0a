"""Knots as they are told: ids, episodes, answers, and what a coach reads."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.connectors.demo import events
from services.projections.history import History
from services.projections.knot_lives import Knot, lives
from services.projections.knots.knot import Found, identity, rule_severity
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Spell, joined, phased, spans
from services.projections.knots.wording import count, long, times
from tests.knotted import Json, found, left, mandate, row
from tests.pasts import past
from tests.told import event, made, on
from tests.unit.test_knots_demo import MINE

AT = datetime.fromisoformat("2026-01-01T00:00:00Z")


@pytest.fixture(scope="module")
def demo() -> list[Json]:
    return list(events(7))


def by_rule(history: History) -> list[Found]:
    return [one for name in sorted(MINE) for one in PATTERNS[name].episodes(history, Settings())]


# episodes


def spell(since: int, until: int | None, *actors: str) -> Spell:
    return Spell(
        "domain/x", actors or ("actor/a",), on(since), None if until is None else on(until), (since + 1,)
    )


def episodes(*spells: Spell, at: int = 100) -> list[tuple[datetime, datetime | None, int]]:
    return [(one.since, one.until, len(one.spells)) for one in joined(spells, on(at))]


def test_what_holds_at_once_or_without_a_gap_is_one_episode_and_what_ends_later_is_open_still() -> None:
    assert episodes(spell(5, 9), spell(1, 3), spell(3, 4)) == [(on(1), on(4), 2), (on(5), on(9), 1)]
    assert episodes(spell(1, None), spell(3, 4)) == [(on(1), None, 2)]
    assert episodes(spell(1, 30), spell(3, 4), at=20) == [(on(1), None, 2)]
    assert episodes(spell(30, 40), spell(2, 2), at=20) == []
    assert len(episodes(spell(1, 3), spell(1, 3, "actor/b"))) == 2


SPANS = st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)), max_size=8)


@given(SPANS, st.integers(0, 30))
def test_episodes_cover_just_what_their_spells_cover(told: list[tuple[int, int | None]], at: int) -> None:
    whole = [spell(since, until) for since, until in told]
    found = list(joined(whole, on(at)))
    for day in range(at + 1):
        covered = any(since <= day and (until is None or day < until) for since, until in told)
        assert covered == any(
            one.since <= on(day) and (one.until is None or on(day) < one.until) for one in found
        )
    assert found == list(joined(whole[::-1], on(at)))


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=12))
def test_phases_follow_their_states(states: list[str | None]) -> None:
    found = list(phased((on(day), state) for day, state in enumerate(states)))
    for day, state in enumerate(states):
        held = [key for key, since, until in found if since <= on(day) and (until is None or on(day) < until)]
        assert held == ([state] if state else [])


def test_a_condition_holds_from_the_edge_where_it_first_does() -> None:
    good = {on(3), on(5)}
    assert list(spans([on(3), on(5), on(7), on(9)], on(1), on(8), lambda at: at in good)) == [(on(3), on(7))]
    assert list(spans([], on(1), None, lambda at: True)) == [(on(1), None)]


def test_the_id_is_of_the_pattern_scope_actors_in_any_order_and_start() -> None:
    one = identity("vacant", "domain/x", ("actor/a", "actor/b"), on(1))
    assert one == identity("vacant", "domain/x", ("actor/b", "actor/a"), on(1)) == "fc283277bf5830611ff2"
    assert one != identity("vacant", "domain/x", ("actor/a", "actor/b"), on(1) + timedelta(microseconds=1))
    assert one != identity("stalled", "domain/x", ("actor/a", "actor/b"), on(1))


def test_high_and_strategic_stakes_are_warned_of() -> None:
    assert rule_severity([None, "low", "medium"]) == "notice"
    assert rule_severity(["low", "high"]) == rule_severity(["strategic"]) == "warning"


def test_numbers_are_said_as_people_say_them() -> None:
    assert [times(1), times(2), times(12)] == ["once", "twice", "12 times"]
    assert [count(0, "decision"), count(1, "decision")] == ["no decisions", "1 decision"]
    assert [long(0.0001), long(0.05), long(1.5), long(12.9)] == [
        "less than a minute", "72 minutes", "36 hours", "12 days"]  # fmt: skip


# what was in force


def test_the_row_in_force_is_the_same_whether_asked_for_an_instant_or_for_all_time(demo: list[Json]) -> None:
    history = past(demo, AT)
    matrix = history.structure.matrix
    for domain in matrix.domains():
        for week in range(110):
            at = datetime.fromisoformat("2023-12-28T12:00:00Z") + timedelta(weeks=week)
            reign = history.in_force.at(domain, at)
            found = reign.row if reign is not None and at <= AT else None
            assert at > AT or found is matrix.row(matrix.chain(domain, at), at, AT)


# their lives


SHADOW = [row(1, "x", "actor/a"), *(made(n, f"s{n}", "actor/z") for n in (5, 6, 7))]


def answered(day: float, id: str, response: str) -> Json:
    return event(day, f"knot/{id}", "knot.answered", response=response, by="a")


def shadow(*more: Json) -> Knot:
    (knot,) = [one for one in lives(past([*SHADOW, *more]), Settings()).knots if one.found.pattern == NAME]
    return knot


NAME = "shadow authority"
ID = identity(NAME, "domain/x", ("actor/z",), on(7))


def test_a_knot_answered_formalise_closes_when_the_matrix_says_so() -> None:
    formalise, stated = answered(30, ID, "formalise"), row(40, "x", "actor/a", "actor/z")
    assert shadow(formalise).until is None
    assert shadow(stated).until is None
    assert shadow(formalise, stated)[2:] == (on(40), True)
    assert shadow(formalise, mandate(35, "m", "actor/a", "actor/z"), stated)[2:] == (on(35), True)
    assert shadow(formalise, row(35, "x", "actor/b"), stated)[2:] == (on(40), True)
    assert shadow(stated, answered(50, ID, "formalise"))[2:] == (on(50), True)


def test_what_shows_again_after_it_was_formalised_is_open_again() -> None:
    closed = answered(30, ID, "formalise"), row(40, "x", "actor/a", "actor/z")
    assert shadow(*closed, made(45, "s8", "actor/z")).formalised
    assert shadow(*closed, row(50, "x", "actor/a"), made(55, "s9", "actor/z"))[2:] == (None, False)


def test_other_answers_are_told_and_close_nothing_and_the_last_one_counts() -> None:
    stated = row(40, "x", "actor/a", "actor/z")
    for response in ("accept", "change", "dispute"):
        knot = shadow(answered(30, ID, response), stated)
        assert (knot.until, [one.response for one in knot.answers]) == (None, [response])
    assert shadow(answered(30, ID, "formalise"), stated, answered(50, ID, "dispute")).until is None


def test_what_is_written_down_nowhere_closes_by_a_row_stated_since_and_the_answer_as_its_text_says() -> None:
    named, decided = row(1, "x", "actor/a"), made(5, "d", "actor/a")
    formalise = answered(30, identity("unformalised", "domain/x", ("actor/a",), on(5)), "formalise")

    def knot(*more: Json) -> Knot:
        told = lives(past([named, decided, *more]), Settings()).knots
        return next(one for one in told if one.found.pattern == "unformalised")

    assert knot(formalise).until is None
    assert knot(row(40, "x", "actor/a")).until is None
    assert knot(formalise, row(40, "x", "actor/a"))[2:] == (on(40), True)
    says = PATTERNS["unformalised"].closes
    assert "a row stated since then that names those who decide here, answered `formalise`" in says


def test_what_people_raise_is_told_with_its_answers_and_answers_to_nothing_are_not_lost() -> None:
    raised = event(3, "knot/k", "knot.raised", by="a", pattern="P", about=["domain/x"], entries=[1])
    told = lives(past([*SHADOW, raised, answered(4, "k", "accept"), answered(5, "q", "change")]), Settings())
    assert [(one.id, one.data.pattern, len(one.answers)) for one in told.raised] == [("k", "P", 1)]
    assert [(id, given[0].response) for id, given in told.lost] == [("q", "change")]


# as of earlier


@pytest.mark.parametrize("then", ["2024-12-11T12:00:00Z", "2025-06-20T00:00:00Z", "2025-10-11T12:00:00Z"])
def test_what_was_open_at_an_earlier_instant_is_what_the_whole_history_says_was(
    demo: list[Json], then: str
) -> None:
    at = datetime.fromisoformat(then)
    early = {one.id for one in by_rule(past(demo, at)) if one.until is None}
    whole = by_rule(past(demo, AT))
    assert early == {one.id for one in whole if one.since <= at and (one.until is None or at < one.until)}


# what a coach reads


def test_a_coach_reads_what_was_found(demo: list[Json]) -> None:
    told = [one for one in by_rule(past(demo, AT)) if one.until is None]
    assert {one.pattern: one.sentence for one in told} == READ


def test_what_has_ended_is_told_as_past() -> None:
    mended = [row(1, "x", "actor/a"), left(9, "a"), made(12, "d", "actor/a"), row(40, "x", "actor/b")]
    (vacant,) = found("vacant", mended)
    assert vacant.sentence == (
        "Nobody could decide on x: the row named actor/a, who left on 10 January 2024; 1 decision until "
        "10 February 2024."
    )
    others = [made(20 + n, f"d{n}", "actor/a") for n in range(27)]
    (shadowed,) = found(NAME, [*SHADOW, *others])
    assert shadowed.sentence == (
        "Of 29 decisions on x, actor/z made 3 out of mandate from 6 January 2024 until 16 February 2024."
    )


def test_every_pattern_says_why_it_matters_asks_a_question_and_says_what_would_close_it() -> None:
    for pattern in PATTERNS.values():
        assert pattern.why.endswith(".")
        assert pattern.question.endswith("?")
        assert pattern.closes.endswith(".")


READ = {
    "churn": (
        "Of 28 decisions on Finance, 7 made by actor/a-23 did not last: 5 reopened and 2 reversed, since "
        "5 February 2025."
    ),
    "incoherence": (
        "On Field work, what body/b-7 had decided on 3 June 2025 was undone by body/b-8 on 27 June "
        "2025; the two had not met before."
    ),
    "meta-authority": (
        "It takes 2 holders to decide on Security, but since 18 November 2024 actor/a-3 alone may "
        "change the row that says so."
    ),
    "overlap": (
        "actor/a-14 and actor/a-8 each decided alone on Pricing, in turn: 7 times and 8 times (not "
        "counting 2 escalated to them or ratified in time) since 16 November 2024; no rule lets both "
        "decide alone, and neither has a mandate of the other."
    ),
    "override habit": "Of 28 decisions on Design, 8 were overridden by actor/a-2 since 23 January 2025.",
    "retroactive": (
        "On 10 May 2025 actor/a-26 decided on Discounts; the row that allows it was stated 10 days "
        "later, on 20 May 2025, as if it had held already."
    ),
    "self-approval": (
        "actor/a-23 proposed and alone decided on Procurement, on 18 March 2025, though the row "
        "names actor/a-53."
    ),
    "shadow authority": (
        "Of 32 decisions on Hosting, actor/a-57 made 8 out of mandate, the first on 11 February 2025."
    ),
    "stale statement": (
        "The row of Roadmap still names actor/a-56 (to be consulted), who left on 10 June 2025; 18 "
        "decisions since 10 July 2025."
    ),
    "stalled": (
        "Nothing has been decided on Travel since 14 May 2025, while 1 matter waits; the oldest, “Book "
        "trips without asking”, was opened on 8 July 2025 by actor/a-29."
    ),
    "unformalised": (
        "3 decisions on Strategy, made tacitly by actor/a-4 and actor/a-6 since 19 February 2025, "
        "are written down nowhere."
    ),
    "unstated": (
        "Nobody had ever stated who decides on Events: actor/a-16 decided 6 times since 4 March 2025 "
        "without a row, here or above."
    ),
    "vacant": (
        "Nobody can decide on Learning: the row names actor/a-47, who left on 12 December 2025, and "
        "actor/a-17 cannot decide without them; no decisions since then."
    ),
}
