"""The folds against an independent telling of the same rules, on random streams."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Data, Event
from schemas.body import SeatTaken, SeatVacated
from schemas.registry import KINDS, type_of
from services.ledger.entries import prepare
from services.ledger.judging import Judgement
from services.ledger.lifecycle import Refusal, advance, is_step
from services.ledger.moment import Head, Known, Subject
from services.ledger.refold import Fact, Life, refold
from services.ledger.sealing import holders
from services.platform.merkle import Frontier
from tests.lifecycles import possible
from tests.strategies import data, instants

SOURCE = "urn:test"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def _judged(cls: type[Data]) -> bool:
    return is_step(type_of(cls)) or cls in (SeatTaken, SeatVacated)


FOLDED = [kind for kind in KINDS if any(is_step(type_of(cls)) for cls in KINDS[kind])]


@st.composite
def streams(draw: st.DrawFn, kind: str) -> list[Event]:
    """A few events of one subject at a few instants, corrections and retractions among them."""
    days = st.integers(0, 6).map(lambda day: start + timedelta(days=day))
    start = draw(instants())
    types = [type_of(cls) for cls in KINDS[kind] if _judged(cls)]
    events: list[Event] = []
    for place in range(draw(st.integers(1, 7))):
        type = draw(st.sampled_from(types))
        events.append(event(kind, place, type, draw(data(type)), draw(days)))
        if draw(st.integers(0, 4)) == 0:
            said = {"source": SOURCE, "id": f"e-{draw(st.integers(0, place))}", "reason": "a slip"}
            what = draw(st.sampled_from(["corrected", "retracted"]))
            if what == "corrected" and draw(st.booleans()):
                said["time"] = draw(days).isoformat()
            type = f"locus.event.{what}.v1"
            told = msgspec.convert(said, KINDS["event"][what == "retracted"])
            events.append(event(kind, f"amends-{place}", type, told, draw(days)))
    return events


def event(kind: str, id: object, type: str, told: object, time: object) -> Event:
    return Event.__call__(id=f"e-{id}", source=SOURCE, type=type, subject=f"{kind}/x", time=time, data=told)


def facts(events: list[Event]) -> list[Fact]:
    """As stored long afterwards, one a commit."""
    recorded = max([event.time for event in events], default=NOW) + timedelta(days=400)
    return [Fact(place, event.time, recorded, event) for place, event in enumerate(events, start=1)]


@pytest.mark.parametrize("kind", FOLDED)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_fold_takes_what_the_rules_say_is_possible(kind: str, draw: st.DataObject) -> None:
    events = draw.draw(streams(kind))
    told = msgspec.json.decode(msgspec.json.encode(events))
    assert isinstance(refold(facts(events)), Life) is possible(told)


@pytest.mark.parametrize("kind", FOLDED)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_stepping_on_in_order_is_the_same_as_folding_anew(kind: str, draw: st.DataObject) -> None:
    events = [event for event in draw.draw(streams(kind)) if is_step(event.type)]
    events.sort(key=lambda event: event.time)
    phase = ""
    for event in events:
        after = advance(phase, event.type, event.data)
        if isinstance(after, Refusal):
            assert isinstance(refold(facts(events)), Refusal)
            return
        phase = after
    life = refold(facts(events))
    assert isinstance(life, Life)
    assert life.phase == phase


@pytest.mark.parametrize("kind", FOLDED)
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_one_by_one_the_ledger_takes_exactly_what_leaves_a_possible_life(
    kind: str, draw: st.DataObject
) -> None:
    """Late, corrected and retracted, by steps or refolded: what is kept of the subject is always enough."""
    head, subject, kept = Head(0, NOW, Frontier()), Subject(), list[Fact]()
    for event in draw.draw(streams(kind)):
        known = Known(head, {f"{kind}/x": subject}.get, streams={f"{kind}/x": kept})
        judgement = Judgement(
            "acme",
            [[prepare(event, "acme", "tests", NOW, dict.fromkeys(holders([event]), bytes(64)))]],
            known,
            NOW,
        )
        taken = isinstance(judgement.outcomes[0], list)
        told = msgspec.json.decode(msgspec.json.encode([*(fact.event for fact in kept), event]))
        assert taken is possible(told)
        if taken:
            kept.append(Fact(head.last + 1, event.time, judgement.recorded, event))
            head, subject = judgement.head(), judgement.subjects[event.subject]
    assert subject.version == len(kept)
