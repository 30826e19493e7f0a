"""What may follow what: given these events of a subject, this one is taken or refused."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas import Event, actor, body, decision, initiative, mandate, matrix, space, type_of
from schemas.event import Corrected, Retracted
from schemas.types import Any, Data, Weighed
from services.ledger.lifecycle import RULES, Refusal, advance, is_welcome_late
from services.ledger.refold import Fact, Life, about_seats_of, refold

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)
SOURCE = "urn:test"


def made(outcome: str) -> decision.Made:
    return decision.Made.__call__(domains=("pricing",), outcome=outcome, deciders=(), attested="recorded")


PROFILE = actor.Profile(name="Ada")
REGISTERED = actor.Registered(kind="person", profile=PROFILE)
UPDATED = actor.Updated(kind="person", profile=PROFILE)
OPENED = decision.Opened(title="Price", domains=("pricing",), electorate=(), by="a-1")
REOPENED = decision.Reopened(by="a-1", reason="new facts")
VOID = decision.Overridden(deciders=(), reason="an error")
OVERRIDDEN = decision.Overridden(deciders=(), outcome="accepted", reason="better so")
PROPOSED = initiative.Proposed(title="Move", domains=("pricing",), proposers=())
ROW = matrix.RowSet(by=(), decides=(Weighed(holder="actor/a-1"),), rule=Any())
DELEGATED = mandate.Delegated(scope="domain/pricing", from_="actor/a-1", to=("actor/a-2",))


def taken(actor_id: str, role: str | None = None) -> body.SeatTaken:
    return body.SeatTaken(actor=actor_id, role=role)


def vacated(actor_id: str, role: str | None = None) -> body.SeatVacated:
    return body.SeatVacated(actor=actor_id, role=role)


def live(*story: Data) -> Life | Refusal:
    """The life of these, a day apart, or the refusal of the last; those before it are possible."""
    facts = stream(*[(data, day) for day, data in enumerate(story)])
    assert isinstance(refold(facts[:-1]), Life)
    return refold(facts)


POSSIBLE: list[tuple[Data, ...]] = [
    (made("accepted"), decision.Ratified(by=("a-1",)), decision.Formalised(by="a-1", ref="minutes")),
    (made("provisional"), made("accepted")),
    (made("deferred"), made("returned"), made("rejected")),
    (made("accepted"), REOPENED, made("accepted"), REOPENED),
    (made("accepted"), VOID, made("accepted")),
    (made("provisional"), OVERRIDDEN, REOPENED),
    (made("accepted"), REOPENED, OVERRIDDEN, REOPENED),
    (decision.Executed(), decision.Superseded(by_decision="d-2"), OPENED, made("accepted")),
    (UPDATED, actor.Left(), actor.Returned(), actor.Left()),
    (UPDATED, REGISTERED, actor.Merged(into="a-2"), UPDATED),
    (actor.Merged(into="a-2"), UPDATED),
    (taken("a-1", "chair"), taken("a-1"), vacated("a-1"), taken("a-1")),
    (taken("a-1"), taken("a-1"), vacated("a-1")),
    (taken("a-1", "chair"), vacated("a-1", "chair"), body.Updated(name="B", kind="team"), body.Dissolved()),
    (ROW, ROW, matrix.RowCleared(), ROW, matrix.RowCleared()),
    (initiative.Paused(reason="wait"), initiative.Resumed(), initiative.Paused(reason="again")),
    (initiative.Started(), PROPOSED, initiative.Completed(), initiative.Joined(actor="a-1", as_="sponsor")),
    (space.SessionHeld(attendees=()), space.Opened(name="S", kind="circle"), space.Closed()),
]

IMPOSSIBLE: list[tuple[Data, ...]] = [
    (OPENED, OPENED),
    (made("accepted"), OPENED),
    (made("accepted"), made("accepted")),
    (made("rejected"), made("provisional")),
    (made("provisional"), OVERRIDDEN, made("accepted")),
    (REOPENED,),
    (VOID,),
    (decision.Ratified(by=()),),
    (decision.Formalised(by="a-1", ref="minutes"),),
    (made("accepted"), REOPENED, REOPENED),
    (REGISTERED, REGISTERED),
    (actor.Left(),),
    (actor.Returned(),),
    (REGISTERED, actor.Left(), actor.Left()),
    (REGISTERED, actor.Left(), REGISTERED),
    (REGISTERED, actor.Merged(into="a-2"), actor.Merged(into="a-3")),
    (REGISTERED, actor.Merged(into="a-2"), actor.Left()),
    (vacated("a-1"),),
    (taken("a-1", "chair"), vacated("a-1", "scribe")),
    (taken("a-1"), vacated("a-1"), vacated("a-1")),
    (body.Dissolved(),),
    (body.Updated(name="B", kind="team"), body.Dissolved(), body.Formed(name="B", kind="team")),
    (matrix.RowCleared(),),
    (ROW, matrix.RowCleared(), matrix.RowCleared()),
    (mandate.Ended(),),
    (DELEGATED, mandate.Ended(), DELEGATED),
    (initiative.Resumed(),),
    (initiative.Completed(),),
    (PROPOSED, initiative.Completed(), initiative.Withdrawn()),
    (PROPOSED, initiative.Completed(), initiative.Paused(reason="late")),
    (PROPOSED, initiative.Paused(reason="x"), initiative.Completed(), initiative.Resumed()),
    (space.Closed(),),
]


def words(story: tuple[Data, ...]) -> str:
    return " > ".join(type_of(data).removeprefix("locus.").removesuffix(".v1") for data in story)


@pytest.mark.parametrize("story", POSSIBLE, ids=words)
def test_a_possible_life_is_taken(story: tuple[Data, ...]) -> None:
    assert isinstance(live(*story), Life)


@pytest.mark.parametrize("story", IMPOSSIBLE, ids=words)
def test_an_impossible_next_event_is_refused_with_a_way_out(story: tuple[Data, ...]) -> None:
    refusal = live(*story)
    assert isinstance(refusal, Refusal)
    assert refusal.detail
    assert refusal.hint.endswith(".")


def test_the_refusal_says_what_stands_in_the_way() -> None:
    refusal = live(made("accepted"), made("rejected"))
    assert isinstance(refusal, Refusal)
    assert refusal.detail == (
        "decision.made cannot follow: it is already decided (accepted or rejected), and nothing reopened it"
    )
    assert "decision.reopened" in refusal.hint


def test_in_order_a_step_on_is_enough() -> None:
    phase = ""
    for data in (OPENED, made("accepted"), REOPENED):
        after = advance(phase, type_of(data), data)
        assert isinstance(after, str)
        phase = after
    assert phase == "made opened reopened"


def test_what_is_welcome_late_does_the_same_wherever_it_stands() -> None:
    assert [type for type in RULES if is_welcome_late(type)] == [
        "locus.actor.updated.v1",
        "locus.body.updated.v1",
        "locus.domain.updated.v1",
    ]
    stories = [UPDATED, REGISTERED, actor.Left()], [REGISTERED, UPDATED, actor.Left()]
    assert {refold(stream(*[(data, n) for n, data in enumerate(story)])) for story in stories} == {
        Life("left registered updated", START + 2 * DAY)
    }


def test_only_facts_about_one_actor_bear_on_its_seats_unless_some_are_corrected() -> None:
    facts = stream((taken("a-1"), 1), (taken("a-2"), 2), (body.Dissolved(), 3))
    assert about_seats_of("a-1", facts) == facts[:1]
    facts += stream((retracting(2), 4))
    assert about_seats_of("a-1", facts) == facts


def stream(*story: tuple[Data, int]) -> list[Fact]:
    """Facts at positions 1, 2, 3 …, each occurred on the day given, recorded long after."""
    return [
        Fact(
            position,
            START + day * DAY,
            START + 1000 * DAY + position * DAY,
            Event(
                id=f"e-{position}",
                source=SOURCE,
                type=type_of(data),
                subject="decision/d-1",
                time=START + day * DAY,
                data=data,
            ),
        )
        for position, (data, day) in enumerate(story, start=1)
    ]


def correcting(position: int, **what: object) -> Corrected:
    return Corrected.__call__(source=SOURCE, id=f"e-{position}", reason="a slip", **what)


def retracting(position: int) -> Retracted:
    return Retracted(source=SOURCE, id=f"e-{position}", reason="never was")


def test_a_late_event_takes_its_place_in_occurred_order() -> None:
    life = refold(stream((made("accepted"), 5), (OPENED, 1)))
    assert life == Life("made opened settled", START + 5 * DAY)


def test_a_late_event_that_makes_a_stored_one_impossible_is_refused_by_name() -> None:
    refusal = refold(stream((made("accepted"), 5), (made("rejected"), 1)))
    assert isinstance(refusal, Refusal)
    assert refusal.detail.startswith("with it, position 1 (locus.decision.made.v1, occurred 2024-01-06")


def test_events_of_one_instant_stand_in_order_of_position() -> None:
    assert isinstance(refold(stream((OPENED, 1), (made("accepted"), 1))), Life)
    assert isinstance(refold(stream((made("accepted"), 1), (OPENED, 1))), Refusal)


def test_a_retraction_takes_its_event_out_of_the_life() -> None:
    life = refold(stream((made("accepted"), 1), (retracting(1), 2), (made("rejected"), 3)))
    assert life == Life("made settled", START + 3 * DAY)


def test_a_later_correction_restores_what_was_retracted() -> None:
    story = (made("accepted"), 1), (retracting(1), 2), (correcting(1), 3)
    assert refold(stream(*story)) == Life("made settled", START + DAY)


def test_the_last_correction_wins_whole_and_falls_back_to_what_was_published() -> None:
    provisional = {"domains": ["pricing"], "outcome": "provisional", "deciders": [], "attested": "recorded"}
    once = (made("accepted"), 1), (correcting(1, data=provisional), 2)
    assert refold(stream(*once)) == Life("made", START + DAY)
    twice = (*once, (correcting(1, time=START + 4 * DAY), 3))
    assert refold(stream(*twice)) == Life("made settled", START + 4 * DAY)


def test_a_corrected_time_is_no_later_than_the_correction_was_recorded() -> None:
    facts = stream((made("accepted"), 1), (correcting(1, time=START + 5000 * DAY), 2))
    life = refold(facts)
    assert isinstance(life, Life)
    assert life.latest == facts[1].recorded


def test_a_correction_that_makes_the_life_impossible_is_refused() -> None:
    story = (OPENED, 1), (made("accepted"), 3), (correcting(1, time=START + 4 * DAY), 5)
    refusal = refold(stream(*story))
    assert isinstance(refusal, Refusal)
    assert "position 1" in refusal.detail
