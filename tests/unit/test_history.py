"""A history puts together what was said of each subject, and only what had occurred."""

from datetime import datetime, timedelta

from services.connectors import demo
from tests.pasts import past


def test_the_demo_reads_the_same_from_memory_at_any_prefix() -> None:
    events = list(demo.events(3))[:2000]
    whole, half = past(events), past(events, known=1000)
    assert len(half.decisions) < len(whole.decisions)
    early = past(events, at=whole.at - timedelta(days=60))
    assert all(act.at <= early.at for act in early.acts)
    assert {a[:3] for a in early.acts} == {a[:3] for a in whole.acts if a.at <= early.at}


def test_advice_finds_its_answer_and_positions_lapse_when_the_question_changes() -> None:
    def event(n: int, subject: str, what: str, **data: object) -> dict[str, object]:
        return {
            "specversion": "1.0",
            "id": f"e-{n}",
            "source": "urn:test",
            "subject": subject,
            "type": f"locus.{what}.v1",
            "time": (datetime.fromisoformat("2024-01-01T00:00:00Z") + timedelta(hours=n)).isoformat(),
            "data": data,
        }

    events = [
        event(0, "decision/d", "decision.opened", title="T", domains=["x"], electorate=[], by="a"),
        event(1, "consultation/c", "consultation.requested", about="decision/d", asked=["actor/b"], by="a"),
        event(2, "consultation/c", "consultation.advice_given", by="b", stance="support", text="sealed"),
        event(
            3,
            "consultation/c",
            "consultation.advice_answered",
            advice={"source": "urn:test", "id": "e-2"},
            by="a",
            disposition="integrated",
        ),
        event(4, "decision/d", "decision.position_taken", by="b", value="block"),
        event(5, "decision/d", "decision.amended", by="a", round=2),
        event(6, "decision/d", "decision.position_taken", by="b", value="approve"),
        event(
            7,
            "decision/d",
            "decision.made",
            domains=["x"],
            outcome="accepted",
            deciders=[{"holder": "actor/b"}],
            attested="recorded",
        ),
    ]
    seen = past(events)
    (consultation,) = seen.consulted["decision/d"]
    ((advice, _),) = consultation.advice
    answer = consultation.answer(advice)
    assert answer is not None
    assert answer[1].disposition == "integrated"
    decision = seen.decisions["d"]
    assert {holder: taken.value for holder, (_, taken) in decision.positions().items()} == {
        "actor/b": "approve"
    }
    assert [act.outcome for act in decision.counted] == ["accepted"]
    assert decision.acts[-1].stands
    assert seen.proposers(decision) == {"actor/a"}
