"""The dossier of one decision or initiative says all that was recorded of it, and why it was in mandate."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from services.connectors import demo
from services.projections.dossier import decision, initiative
from services.projections.dossier.answer import DecisionDossier, InitiativeDossier
from services.projections.views.answer import RestsOn
from tests import histories
from tests.pasts import past

RESTS_ON = RestsOn(ledger="acme", position=1, root="", view="dossier", version=1, at=None, known_at=None)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
ANN, BEN, CAT, BOARD = "actor/ann", "actor/ben", "actor/cat", "body/board"


def said(hour: int, subject: str, what: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"e-{hour}-{subject}-{what}",
        "source": "urn:test",
        "subject": subject,
        "type": f"locus.{what}.v1",
        "time": (FIRST + timedelta(hours=hour)).isoformat(),
        "data": {name.rstrip("_"): value for name, value in data.items()},
    }


def row(hour: int, *holders: str, rule: str = "any", **more: Any) -> dict[str, Any]:
    parts = [{"holder": holder} for holder in holders]
    return said(hour, "matrix/x", "matrix.row_set", by=["ann"], decides=parts, rule={"kind": rule}, **more)


def made(hour: int, *deciders: str, outcome: str = "accepted", **more: Any) -> dict[str, Any]:
    given = {"domains": ["x"], "outcome": outcome, "attested": "recorded", **more}
    return said(hour, "decision/d", "decision.made", deciders=[{"holder": one} for one in deciders], **given)


def overridden(hour: int, *deciders: str, **more: Any) -> dict[str, Any]:
    parts = [{"holder": one} for one in deciders]
    return said(hour, "decision/d", "decision.overridden", deciders=parts, reason="too deep", **more)


def delegated(hour: int, *to: str, **more: Any) -> dict[str, Any]:
    """By Cat, in all that is hers."""
    return said(hour, "mandate/m", "mandate.delegated", scope="domain/x", from_=CAT, to=list(to), **more)


def told(*events: dict[str, Any]) -> DecisionDossier:
    return decision.dossier(RESTS_ON, past(events, every=timedelta(minutes=1)), "d")


OPENED = said(
    2, "decision/d", "decision.opened", title="T", domains=["x"], electorate=[{"holder": ANN}], by="ben"
)
BLOCKED = said(3, "decision/d", "decision.position_taken", by="ben", value="block")
CONSENTING = [
    said(1, BOARD, "body.formed", name="Board", kind="board", rule={"kind": "consent"}),
    *(said(place, BOARD, "body.seat_taken", actor=actor) for place, actor in ((1, "ann"), (2, "ben"))),
]
REOPENED = said(8, "decision/d", "decision.reopened", by="cat", reason="new facts")


def test_what_was_reopened_or_not_decided_yet_has_the_stakes_it_had_or_those_of_its_domain() -> None:
    domain = said(0, "domain/x", "domain.defined", name="X", stakes="high")
    assert told(domain, OPENED).stakes == "high"
    assert told(domain, OPENED, made(4, ANN, stakes="low"), REOPENED).stakes == "low"


def test_what_is_said_after_it_was_deferred_is_in_time_for_the_decision() -> None:
    asked = said(3, "consultation/c", "consultation.requested", about="decision/d", asked=[], by="ben")
    given = [
        said(hour, "consultation/c", "consultation.advice_given", by="cat", stance="concern")
        for hour in (5, 8)
    ]
    stance = said(5, "decision/d", "decision.position_taken", by="ann", value="hold")
    deferred = told(OPENED, asked, made(4, ANN, outcome="deferred"), *given, stance)
    assert [one.in_time for one in deferred.consultations[0].advice] == [None, None]
    assert [one.counted for one in deferred.positions] == [True]
    decided = told(OPENED, asked, made(4, ANN, outcome="deferred"), *given, made(7, ANN))
    assert [one.in_time for one in decided.consultations[0].advice] == [True, False]


@pytest.mark.parametrize(
    ("events", "named"),
    [
        ([made(3, ANN), overridden(4, BEN)], ["decision", "override"]),
        ([made(3, ANN), overridden(4, ANN)], ["decision", "reversal"]),
        ([made(3, ANN), REOPENED, made(9, ANN)], ["decision", "reopening", "made anew"]),
        ([made(3, ANN, outcome="provisional"), made(9, BEN)], ["decision", "confirmation"]),
        ([made(3, ANN, outcome="deferred"), made(9, BEN)], ["decision", "decision"]),
        ([made(3, ANN, outcome="provisional"), made(9, ANN, outcome="rejected")], ["decision", "reversal"]),
    ],
)
def test_every_word_is_named_for_what_it_is_to_the_one_before(events: list[Any], named: list[str]) -> None:
    assert [word.named for word in told(*events).words] == named


def test_only_the_last_word_stands_and_each_says_how_long_it_held() -> None:
    first, last = told(made(3, ANN), overridden(27, BEN, outcome="rejected")).words
    assert (first.stands, first.held_days, first.outcome) == (False, 1.0, "accepted")
    assert (last.stands, last.reason, last.outcome) == (True, "too deep", "rejected")
    void = told(made(3, ANN), overridden(27, BEN))
    assert (void.state, void.words[-1].outcome) == ("void", "void")
    assert void.in_words == "actor/ben overrode it on 2 January 2024: void"


@pytest.mark.parametrize(
    ("events", "answer", "why"),
    [
        ([made(3, ANN)], "unknown", "no row was in force in x"),
        ([row(1, ANN), made(3)], "unknown", "nobody knows who decided"),
        ([row(1, ANN), made(3, ANN)], "yes", "the row of x says it decides alone: actor/ann did"),
        (
            [row(1, ANN, CAT, rule="all"), made(3, ANN)],
            "no",
            "actor/ann decided; the row of x says all of them together: actor/ann and actor/cat;"
            " no mandate passed it on",
        ),
        (
            [
                row(1, ANN, limits={"max": {"amount": 1000, "unit": "EUR"}}),
                made(3, ANN, size={"amount": 5000, "unit": "EUR"}),
            ],
            "no",
            "the row's limits were exceeded: 5,000 EUR, at most 1,000 EUR",
        ),
        (
            [row(1, ANN, limits={"max": {"amount": 1000, "unit": "EUR"}}), made(3, ANN)],
            "unknown",
            "the row is limited to 1,000 EUR, which cannot be judged by what the decision says",
        ),
        (
            [row(1, ANN, limits={"text": "small ones"}), made(3, ANN)],
            "unknown",
            "the row's limits are in words alone",
        ),
        (
            [
                row(1, ANN),
                said(2, "mandate/m", "mandate.delegated", scope="domain/x", from_=ANN, to=[BEN]),
                made(3, BEN),
            ],
            "yes",
            "the row of x names actor/ann, and a mandate passed it on to actor/ben",
        ),
        (
            [
                row(1, ANN),
                said(2, "actor/ann", "actor.registered", kind="person", profile={"name": "A"}),
                said(2, "actor/ann", "actor.left"),
                made(3, BEN),
            ],
            "no",
            "the row of x names nobody who could act at that time",
        ),
        (
            [
                row(1, ANN, BEN, rule="consent"),
                OPENED,
                said(3, "decision/d", "decision.position_taken", by="ben", value="block"),
                made(4, ANN),
            ],
            "no",
            "the row of x asks for consent, and the objection of actor/ben stood",
        ),
        (
            [row(1, BOARD), *CONSENTING, made(4, ANN)],
            "yes",
            "the row of x says it decides alone: body/board did;"
            " in body/board actor/ann decided, and nobody's block stood",
        ),
        (
            [row(1, BOARD), *CONSENTING, OPENED, BLOCKED, made(4, ANN)],
            "no",
            "body/board asks for consent, and the objection of actor/ben stood",
        ),
        *(
            (
                [row(1, BOARD, rule=rule), *body, OPENED, BLOCKED, made(4, BOARD)],
                "no",
                f"{who} asks for consent, and the objection of actor/ben stood",
            )
            for rule, body, who in (
                ("any", CONSENTING, "body/board"),
                ("consent", CONSENTING, "body/board"),
                ("consent", CONSENTING[1:], "the row of x"),
            )
        ),
        (
            [
                row(1, BOARD, ANN, rule="all"),
                *CONSENTING,
                OPENED,
                BLOCKED,
                said(4, "decision/d", "decision.amended", by="cat", round=2),
                made(5, BOARD, ANN),
            ],
            "yes",
            "the row of x says all of them together: actor/ann and body/board did",
        ),
        (
            [row(1, BOARD), *CONSENTING, OPENED, BLOCKED, made(4, "actor/dan")],
            "no",
            "actor/dan decided; the row of x says it decides alone: body/board; no mandate passed it on",
        ),
        (
            [row(1, CAT), *CONSENTING, delegated(2, BOARD), made(4, ANN)],
            "yes",
            "the row of x names actor/cat, and a mandate passed it on to body/board;"
            " in body/board actor/ann decided, and nobody's block stood",
        ),
        (
            [row(1, CAT, ANN, rule="all"), delegated(2, BEN), made(4, ANN, BEN)],
            "yes",
            "the row of x names actor/ann and actor/cat, and a mandate passed it on to actor/ben",
        ),
        (
            [
                row(1, CAT, ANN, rule="all"),
                delegated(2, BEN, limits={"max": {"amount": 1000, "unit": "EUR"}}),
                made(4, ANN, BEN, size={"amount": 1900, "unit": "EUR"}),
            ],
            "no",
            "the limits of mandate/m to actor/ben were exceeded: 1,900 EUR, at most 1,000 EUR",
        ),
        (
            [
                row(1, CAT, ANN, rule="all"),
                delegated(2, BEN, limits={"stakes_up_to": "low"}),
                made(4, BEN, stakes="high"),
            ],
            "no",
            "actor/ben decided; the row of x says all of them together: actor/ann and actor/cat;"
            " no mandate passed it on far enough",
        ),
        (
            [
                row(1, CAT),
                *CONSENTING,
                delegated(2, BOARD, limits={"stakes_up_to": "low"}),
                OPENED,
                BLOCKED,
                made(4, ANN, stakes="high"),
            ],
            "no",
            "body/board asks for consent, and the objection of actor/ben stood;"
            " the limits of mandate/m to body/board were exceeded: high stakes, at most low",
        ),
    ],
)
def test_it_says_why_a_decision_was_in_mandate_or_not(events: list[Any], answer: str, why: str) -> None:
    [word] = told(*events).words
    assert word.under is not None
    assert (word.under.in_mandate, word.under.why) == (answer, why)


def test_the_row_is_that_of_the_instant_of_the_decision() -> None:
    whole = told(row(1, ANN), made(3, ANN), row(5, BEN), overridden(7, BEN))
    rows = [word.under.row for word in whole.words if word.under]
    assert [one.decides[0].holder for one in rows if one] == [ANN, BEN]
    assert [part.holder for part in whole.words[0].node] == [ANN]


def test_a_row_stated_afterwards_is_named_retroactive() -> None:
    [word] = told(made(3, ANN), row(9, ANN, effective_from=FIRST.isoformat())).words
    assert word.under is not None
    assert (word.under.retroactive, word.under.in_mandate) == (True, "yes")


def test_mandates_for_an_initiative_and_for_its_decision_are_in_the_dossiers_of_both() -> None:
    lent = [
        said(1, f"mandate/{id}", "mandate.delegated", scope=scope, from_=ANN, to=[BEN])
        for id, scope in (("m", "initiative/i"), ("n", "decision/d"), ("o", "decision/e"))
    ]
    events = past([*lent, made(3, BEN, initiative="i")], every=timedelta(minutes=1))
    for of in (decision.dossier(RESTS_ON, events, "d"), initiative.dossier(RESTS_ON, events, "i")):
        assert [one.mandate for one in of.mandates] == ["m", "n"]


def test_positions_say_whether_they_counted() -> None:
    whole = told(
        OPENED,
        said(3, "decision/d", "decision.position_taken", by="ann", value="reject"),
        said(4, "decision/d", "decision.amended", by="ben", round=2),
        said(5, "decision/d", "decision.position_taken", by="ann", value="hold"),
        said(6, "decision/d", "decision.position_taken", by="ann", value="approve", reason="fine"),
        made(7, ANN),
        said(9, "decision/d", "decision.position_taken", by="cat", value="block"),
    )
    assert [(one.value, one.explained, one.why_not) for one in whole.positions] == [
        ("reject", False, "the question was changed after it"),
        ("hold", False, "a later position took its place"),
        ("approve", True, None),
        ("block", False, "it came after the decision"),
    ]
    assert [one.in_words for one in whole.rounds] == [
        "actor/ben changed the question (round 2); positions taken before lapse"
    ]


def test_who_was_asked_by_name_and_said_nothing_is_listed() -> None:
    whole = told(
        OPENED,
        said(3, "consultation/c", "consultation.requested", about="decision/d", asked=[ANN, CAT], by="ben"),
        said(4, "consultation/c", "consultation.advice_given", by="cat", stance="objection"),
    )
    [asked] = whole.consultations
    assert asked.silent == [ANN]


def test_advice_is_shown_with_its_answer_and_nobody_as_silent_where_somebody_spoke_unnamed() -> None:
    whole = told(
        OPENED,
        said(3, "consultation/c", "consultation.requested", about="decision/d", asked=[ANN, CAT], by="ben"),
        said(4, "consultation/c", "consultation.advice_given", by="cat", stance="objection", text="no"),
        said(
            5,
            "consultation/c",
            "consultation.advice_answered",
            by="ben",
            disposition="declined",
            reason="why",
        )
        | {
            "data": {"advice": {"source": "urn:test", "id": "e-4-consultation/c-consultation.advice_given"}}
            | {"by": "ben", "disposition": "declined", "reason": "why"}
        },
        made(6, ANN),
        said(7, "consultation/c", "consultation.advice_given", stance="concern"),
    )
    [asked] = whole.consultations
    assert asked.silent == []  # the concern that nobody put a name to may be anybody's
    first, late = asked.advice
    assert (first.by, first.explained, first.in_time) == (CAT, True, True)
    assert first.answered is not None
    assert (first.answered.disposition, first.answered.reason) == ("declined", "why")
    assert (late.by, late.in_time, late.answered) == (None, False, None)


def test_whom_the_row_informs_is_listed_with_when_they_were_told() -> None:
    whole = told(
        row(1, ANN, informs=[BEN, CAT, "actor/dan"]),
        said(1, "body/board", "body.formed", name="Board", kind="board"),
        said(1, "body/board", "body.seat_taken", actor="cat"),
        made(3, ANN),
        said(4, "decision/d", "decision.communicated", to=[BOARD]),
        said(5, "decision/d", "decision.communicated", to=[BEN]),
    )
    assert [(one.holder, one.position) for one in whole.informed] == [(BEN, 6), (CAT, 5), ("actor/dan", None)]


def test_who_decided_knows_and_a_body_is_told_when_the_last_of_its_people_was() -> None:
    board = [
        said(1, "body/board", "body.formed", name="Board", kind="board"),
        *(
            said(hour, "body/board", "body.seat_taken", actor=who)
            for hour, who in enumerate(("ben", "cat"), 1)
        ),
    ]
    events = [row(1, ANN, informs=[BOARD, ANN]), *board, made(5, ANN)]
    events += [said(6, "decision/d", "decision.communicated", to=[BEN])]
    assert [(one.holder, one.position) for one in told(*events).informed] == [(BOARD, None), (ANN, 5)]
    whole = told(*events, said(7, "decision/d", "decision.communicated", to=[CAT]))
    assert [(one.position, one.told_at) for one in whole.informed] == [
        (7, FIRST + timedelta(hours=7)),
        (5, FIRST + timedelta(hours=5)),
    ]


def test_who_was_merged_into_another_attended_once() -> None:
    whole = told(
        made(3, ANN),
        said(4, "actor/nan", "actor.merged", into="ann"),
        said(5, "space/s", "space.session_held", attendees=[ANN, "actor/nan", BEN], decisions=["d"]),
    )
    assert [one.attendees for one in whole.shared_in] == [2]


def test_what_was_learnt_shared_changed_and_raised_is_in_it() -> None:
    whole = told(
        said(1, "initiative/i", "initiative.proposed", title="I", domains=["x"], proposers=[CAT]),
        made(3, ANN, initiative="i"),
        said(4, "space/s", "space.opened", name="Circle", kind="circle"),
        said(5, "space/s", "space.session_held", attendees=[ANN, BEN], decisions=["d"]),
        said(5, "space/t", "space.session_held", attendees=[ANN], decisions=["e"]),
        said(6, "debrief/r", "debrief.held", about="decision/d", participants=[BEN], worked=["w"]),
        said(7, "lesson/l", "lesson.recorded", from_="debrief/r", text="ask first"),
        said(7, "lesson/other", "lesson.recorded", from_="debrief/other", text="no"),
        row(8, ANN, basis="lesson/l"),
        said(9, "knot/k", "knot.raised", by="cat", pattern="haste", about=["decision/d"], entries=[2]),
        said(10, "knot/k", "knot.answered", by="ben", response="accept"),
    )
    assert whole.proposers == [CAT]
    assert [(one.space, one.attendees) for one in whole.shared_in] == [("s", 2)]
    assert [one.texts["worked"] for one in whole.debriefs] == [["w"]]
    assert [one.subject for one in whole.lessons] == ["lesson/l"]
    assert [(one.domain, one.basis) for one in whole.changed_rows] == [("x", "lesson/l")]
    assert [(one.pattern, one.responses) for one in whole.raised] == [("haste", ["accept"])]
    assert [one.what for one in whole.timeline] == [
        *("initiative.proposed", "decision.made", "space.session_held", "debrief.held"),
        *("lesson.recorded", "knot.raised", "knot.answered"),
    ]
    assert whole.timeline[1].day == pytest.approx(2 / 24, abs=0.001)
    assert [(leg.from_, leg.to, leg.in_words) for leg in whole.legs][-1][:2] == ("made", "executed")


def test_an_initiative_shows_its_pauses_its_decisions_and_how_it_ended() -> None:
    events = [
        said(1, "initiative/i", "initiative.proposed", title="I", domains=["x"], proposers=[CAT]),
        said(2, "initiative/i", "initiative.started"),
        said(3, "initiative/i", "initiative.paused", reason="waiting", waiting_on=BEN),
        said(27, "initiative/i", "initiative.resumed"),
        made(28, ANN, initiative="i"),
        said(29, "initiative/i", "initiative.completed", outcome="partial"),
    ]
    whole = initiative.dossier(RESTS_ON, past(events, every=timedelta(minutes=1)), "i")
    assert (whole.state, whole.outcome) == ("completed", "partial")
    assert whole.in_words == (
        "proposed by actor/cat on 1 January 2024, completed after 28 hours; 1 decision made, 0 open"
    )
    assert [(one.waiting_on, one.days) for one in whole.pauses] == [(BEN, 1.0)]
    assert [(one.decision, one.state, one.deciders) for one in whole.decisions] == [("d", "accepted", [ANN])]


def test_an_initiative_says_how_long_it_stands_as_it_does_what_is_open_and_where_it_can_be_read_now() -> None:
    events = [
        said(1, "initiative/i", "initiative.proposed", title="I", domains=["x"], proposers=[CAT], ref="r:1"),
        said(2, "initiative/i", "initiative.revised", ref="r:2"),
        made(3, ANN, initiative="i", outcome="deferred"),
        said(27, "initiative/i", "initiative.paused", reason="waiting"),
        said(30, "decision/other", "decision.amended", by="ann", round=1),
    ]
    whole = initiative.dossier(RESTS_ON, past(events, every=timedelta(minutes=1)), "i")
    assert whole.ref == "r:2"
    assert whole.in_words == (
        "proposed by actor/cat on 1 January 2024, paused for 3 hours; 0 decisions made, 1 open"
    )


def test_an_initiative_is_said_to_be_open_or_under_way_as_a_person_would() -> None:
    events = [
        said(1, "initiative/i", "initiative.proposed", title="I", domains=["x"], proposers=[CAT]),
        said(4, "initiative/i", "initiative.started"),
        made(5, ANN, initiative="i"),
        said(7, "decision/other", "decision.amended", by="ann", round=1),
    ]

    def words(*events: dict[str, Any]) -> str:
        seen = past(events, every=timedelta(minutes=1))
        return initiative.dossier(RESTS_ON, seen, "i").in_words.removeprefix("proposed by actor/cat on ")

    assert words(events[0], events[3]) == "1 January 2024, open for 6 hours; 0 decisions made, 0 open"
    assert words(*events) == "1 January 2024, under way for 3 hours; 1 decision made, 0 open"
    assert words(events[0], *events[2:]) == "1 January 2024; 1 decision made, 0 open"


def test_an_initiative_says_which_of_its_experiments_are_overdue() -> None:
    proposed = said(1, "initiative/i", "initiative.proposed", title="I", domains=["x"], proposers=[CAT])
    trials = [
        said(2, f"experiment/{id}", "experiment.started", initiative="i", hypothesis="H", ends_at=ends)
        for id, ends in (("late", "2024-01-03T00:00:00Z"), ("done", "2024-01-03T00:00:00Z"))
    ]
    done = said(9, "experiment/done", "experiment.concluded", result="refuted")

    def known(hour: int) -> InitiativeDossier:
        now = said(hour, "decision/other", "decision.amended", by="ann", round=1)
        history = past([proposed, *trials, done, now], every=timedelta(minutes=1))
        return initiative.dossier(RESTS_ON, history, "i")

    overdue = "; an experiment was to end on 3 January 2024, 4.0 days ago, and nothing was concluded"
    assert known(6 * 24).in_words.endswith(f"0 decisions made, 0 open{overdue}")
    assert "experiment" not in known(2 * 24).in_words
    assert [one.ends_at and one.ends_at.day for one in known(48).experiments] == [3, 3, None]


def corrected(hour: int, first: dict[str, Any], **anew: Any) -> dict[str, Any]:
    named = {"source": first["source"], "id": first["id"], "reason": "it was not so"}
    return said(hour, first["subject"], "event.corrected") | {"data": named | anew}


def test_what_was_corrected_names_the_entry_that_corrected_it_as_known_then() -> None:
    first, asked = made(3, BEN), said(4, "decision/d", "decision.communicated", to=[BEN])
    events = [
        *(OPENED, first, asked),
        corrected(6, first, data=made(3, ANN)["data"]),
        corrected(7, asked, time=said(5, "decision/d", "x")["time"]),
        corrected(8, OPENED),  # which says nothing else
    ]

    def known(at: int) -> list[tuple[int, int | None, str]]:
        of = decision.dossier(RESTS_ON, past(events, known=at, every=timedelta(minutes=1)), "d")
        assert [(one.position, one.corrected_by) for one in of.words] == [
            (line.position, line.corrected_by) for line in of.timeline if line.what == "decision.made"
        ]
        return [(one.position, one.corrected_by, one.by[0]) for one in of.timeline if one.by]

    assert known(3) == [(1, None, BEN), (2, None, BEN)]
    assert known(6) == [(1, None, BEN), (2, 4, ANN)]
    assert told(*events).afterwards[0].corrected_by == 5


def test_the_demo_s_dossiers_cite_each_entry_once_in_order() -> None:
    history = past(list(demo.events(3))[:2500])
    for id in sorted(history.decisions)[::10]:
        whole = decision.dossier(RESTS_ON, history, id)
        positions = [one.position for one in whole.timeline]
        assert len(positions) == len(set(positions))
        assert [(one.at, one.position) for one in whole.timeline] == sorted(
            (one.at, one.position) for one in whole.timeline
        )
        assert {step.position for step in history.decisions[id].steps} <= set(positions)
    for id in sorted(history.initiatives)[::10]:
        assert initiative.dossier(RESTS_ON, history, id).timeline


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([made(3, ANN)], "actor/ann decided on 1 January 2024: accepted"),
        ([made(3, ANN), overridden(4, BEN)], "actor/ben overrode it on 1 January 2024: void"),
        (
            [made(3, ANN), overridden(27, ANN, outcome="rejected")],
            "actor/ann reversed it on 2 January 2024: rejected",
        ),
        ([made(3, ANN), REOPENED], "reopened on 1 January 2024, and not decided anew"),
        (
            [made(3, ANN), REOPENED, made(9, BEN)],
            "actor/ben decided anew on 1 January 2024: accepted; it had been reopened once",
        ),
    ],
)
def test_where_it_stands_is_a_sentence(events: list[Any], words: str) -> None:
    assert told(*events).in_words == words


def test_a_question_may_be_superseded_before_it_is_decided() -> None:
    whole = told(OPENED, said(4, "decision/d", "decision.superseded", by_decision="e"))
    assert (whole.state, whole.superseded_by) == ("superseded", "e")
    assert whole.in_words == "decision/e took its place before it was decided"


@pytest.mark.parametrize("seed", range(15))
def test_whatever_was_recorded_has_a_dossier_as_of_any_moment(seed: int) -> None:
    rng = Random(seed)
    events = histories.history(rng)
    ends = [len(events), rng.randint(1, len(events))]
    for seen in [past(events, known=known) for known in ends]:
        for id in seen.decisions:
            whole = decision.dossier(RESTS_ON, seen, id)
            assert {step.position for step in seen.decisions[id].steps} <= {
                one.position for one in whole.timeline
            }
            assert len(whole.words) == len(seen.decisions[id].words)
        for id in seen.initiatives:
            assert initiative.dossier(RESTS_ON, seen, id).in_words
