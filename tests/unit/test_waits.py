"""Who was waited on, and who took the initiative without asking up."""

from datetime import datetime, timedelta
from typing import Any

from services.projections.initiative_taken import taken
from services.projections.waits import waits
from tests.pasts import past


def event(hour: int, subject: str, what: str, **data: object) -> dict[str, Any]:
    """What occurred in an hour of 2024."""
    return {
        "specversion": "1.0",
        "id": f"{subject}-{what}-{hour}",
        "source": "urn:test",
        "subject": subject,
        "type": f"locus.{what}.v1",
        "time": (datetime.fromisoformat("2024-01-01T00:00:00Z") + timedelta(hours=hour)).isoformat(),
        "data": data,
    }


OPENED: dict[str, Any] = {"title": "T", "domains": ["x"], "by": "a"}
MADE: dict[str, Any] = {"domains": ["x"], "outcome": "accepted", "attested": "recorded"}


def of(*electors: str) -> list[dict[str, str]]:
    return [{"holder": one} for one in electors]


def test_an_elector_is_waited_on_until_a_position_or_the_decision_and_anew_when_reopened() -> None:
    seen = past(
        [
            event(0, "decision/d", "decision.opened", electorate=of("actor/a", "actor/b"), **OPENED),
            event(2, "decision/d", "decision.position_taken", by="b", value="approve"),
            event(5, "decision/d", "decision.made", deciders=of("actor/b"), **MADE),
            event(9, "decision/d", "decision.reopened", by="a", reason="R"),
            event(10, "decision/d", "decision.position_taken", by="a", value="approve"),
        ]
    )
    spans = [(w.holder, w.position, w.ended_by, w.answered) for w in waits(seen)]
    assert spans == [
        ("actor/a", 1, 3, False),
        ("actor/b", 1, 2, True),
        ("actor/a", 4, 5, True),
        ("actor/b", 4, None, False),
    ]


def test_nobody_is_waited_for_once_the_initiative_is_over_whatever_is_said_later() -> None:
    seen = past(
        [
            event(0, "initiative/i", "initiative.proposed", title="T", domains=["x"], proposers=[]),
            event(1, "decision/d", "decision.opened", electorate=of("actor/a", "actor/b"), initiative="i",
                  **OPENED),
            event(3, "initiative/i", "initiative.withdrawn"),
            event(5, "decision/d", "decision.position_taken", by="a", value="approve"),
            event(6, "decision/d", "decision.made", deciders=of("actor/a"), initiative="i", **MADE),
        ]
    )  # fmt: skip
    spans = [(w.holder, w.ended_by, w.days(seen.at) * 24, w.answered) for w in waits(seen)]
    assert spans == [("actor/a", 3, 2, False), ("actor/b", 3, 2, False)]


def test_a_body_that_was_asked_answers_by_any_of_its_seats_and_silence_ends_with_the_decision() -> None:
    seen = past(
        [
            event(0, "body/b", "body.formed", name="B", kind="team"),
            event(0, "body/b", "body.seat_taken", actor="s"),
            event(1, "consultation/c", "consultation.requested", about="decision/d", by="a",
                  asked=["body/b", "actor/z"]),
            event(2, "decision/d", "decision.opened", electorate=[], **OPENED),
            event(3, "consultation/c", "consultation.advice_given", by="s", stance="support"),
            event(7, "decision/d", "decision.made", deciders=of("actor/a"), **MADE),
        ]
    )  # fmt: skip
    assert [(w.holder, w.answered, w.days(seen.at) * 24) for w in waits(seen)] == [
        ("actor/z", False, 6),
        ("body/b", True, 2),
    ]


def test_those_who_escalate_or_see_another_decide_have_asked_up() -> None:
    seen = past(
        [
            event(0, "body/b", "body.formed", name="B", kind="team"),
            event(0, "body/b", "body.seat_taken", actor="s"),
            event(0, "body/b", "body.seat_taken", actor="t"),
            event(1, "initiative/i", "initiative.proposed", title="T", domains=["x"],
                  proposers=["actor/e", "actor/o", "actor/s"]),
            event(2, "decision/d", "decision.opened", electorate=[], initiative="i", **OPENED),
            event(3, "decision/d", "decision.escalated", by="e", to="body/b", reason="R",
                  **{"from": "actor/e"}),
            event(4, "decision/d", "decision.made", deciders=of("actor/e", "body/b"), initiative="i", **MADE),
            event(5, "decision/own", "decision.opened", electorate=[], **OPENED),
            event(6, "decision/own", "decision.made", deciders=of("actor/a"), **MADE),
        ]
    )  # fmt: skip
    manners = {
        one.proposer: one.manner
        for decision in seen.decisions.values()
        for act in decision.acts
        for one in taken(seen, decision, act)
    }
    assert manners == {
        "actor/e": "asked_up",
        "actor/o": "asked_up",
        "actor/s": "with_others",
        "actor/a": "alone",
    }


def test_who_had_advised_before_they_were_asked_was_not_waited_for() -> None:
    seen = past(
        [
            event(0, "decision/d", "decision.opened", electorate=[], **OPENED),
            event(
                3, "consultation/c", "consultation.requested", about="decision/d", by="a", asked=["actor/z"]
            ),
            event(1, "consultation/c", "consultation.advice_given", by="z", stance="support"),
        ]
    )
    (wait,) = waits(seen)
    assert (wait.answered, wait.days(seen.at)) == (True, 0)
