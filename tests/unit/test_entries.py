"""The stored line, byte for byte, and what intake refuses."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from schemas import Event, decision, decode_entry, person
from schemas.event import Corrected
from services.ledger.entries import MAX_LINE, frame, line, prepare
from services.ledger.errors import Refused, TooLarge

NOW = datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
EVENT = Event(
    id="e-1",
    source="urn:test",
    type="locus.decision.superseded.v1",
    subject="decision/d-1",
    time=datetime(2025, 6, 1, 12, tzinfo=UTC),
    data=decision.Superseded(by_decision="d-2"),
    expectedversion=3,
    traceparent="00-a",
)


def test_the_line_is_what_the_format_says() -> None:
    prepared = prepare(EVENT, "acme", 'the "forge"', NOW)
    stored = line(frame("acme", NOW), 7, 4, prepared)
    assert stored.decode() == (
        '{"format":1,"ledger":"acme","position":7,"recorded":"2026-01-01T00:00:00.000001Z","version":4,'
        '"publisher":"the \\"forge\\"","event":{"specversion":"1.0","id":"e-1","source":"urn:test",'
        '"type":"locus.decision.superseded.v1","subject":"decision/d-1","time":"2025-06-01T12:00:00Z",'
        '"data":{"by_decision":"d-2"},"traceparent":"00-a"}}'
    )
    assert len(stored) <= prepared.size
    entry = decode_entry(stored)
    assert entry.event == msgspec.structs.replace(EVENT, expectedversion=None)
    assert (entry.position, entry.version, entry.recorded) == (7, 4, NOW)


def test_a_line_never_outgrows_what_intake_measured() -> None:
    prepared = prepare(EVENT, "a" * 63, "p", NOW)
    assert len(line(frame("a" * 63, NOW), 2**63 - 1, 2**63 - 1, prepared)) <= prepared.size


def test_an_entry_beyond_the_bound_is_too_large() -> None:
    def reopened(size: int) -> Event:
        data = decision.Made(
            domains=("x",), outcome="accepted", deciders=(), attested="recorded", choice="x" * size
        )
        return msgspec.structs.replace(EVENT, type="locus.decision.made.v1", data=data)

    spare = MAX_LINE - prepare(reopened(1), "acme", "p", NOW).size
    assert prepare(reopened(1 + spare), "acme", "p", NOW).size == MAX_LINE
    with pytest.raises(TooLarge, match=str(MAX_LINE)):
        prepare(reopened(2 + spare), "acme", "p", NOW)


@pytest.mark.parametrize("text", ["a\0b", "\\\0", "\ud800"])
def test_text_that_cannot_be_stored_is_refused(text: str) -> None:
    data = decision.Reopened(by="a-1", reason=text)
    event = msgspec.structs.replace(EVENT, type="locus.decision.reopened.v1", data=data)
    with pytest.raises(Refused) as caught:
        prepare(event, "acme", "p", NOW)
    assert caught.value.slug == "malformed"


def test_text_that_only_speaks_of_nul_is_taken() -> None:
    data = decision.Reopened(by="a-1", reason="\\u0000 is refused, \\\\u0000 too")
    event = msgspec.structs.replace(EVENT, type="locus.decision.reopened.v1", data=data)
    assert b"u0000" in prepare(event, "acme", "p", NOW).body


def test_what_the_ledger_writes_itself_is_refused_from_publishers() -> None:
    event = msgspec.structs.replace(
        EVENT, type="locus.person.erased.v1", subject="actor/a-1", data=person.Erased(basis="law")
    )
    with pytest.raises(Refused, match="ledger itself") as caught:
        prepare(event, "acme", "p", NOW)
    assert caught.value.slug == "reserved-type"


def test_a_corrected_time_may_not_lie_in_the_future_either() -> None:
    data = Corrected(source="urn:test", id="e", reason="a slip", time=NOW + timedelta(hours=1))
    event = msgspec.structs.replace(EVENT, type="locus.event.corrected.v1", data=data)
    with pytest.raises(Refused) as caught:
        prepare(event, "acme", "p", NOW)
    assert (caught.value.slug, caught.value.where) == ("too-far-ahead", "/data/time")


def test_mentions_are_those_that_history_is_filtered_by() -> None:
    data = decision.Made(
        domains=("pricing",),
        outcome="accepted",
        deciders=(decision.Decider(holder="body/b-1"), decision.Decider(holder="actor/a-1")),
        attested="recorded",
    )
    event = msgspec.structs.replace(EVENT, type="locus.decision.made.v1", data=data)
    assert set(prepare(event, "acme", "p", NOW).mentions) == {("actor", "a-1"), ("domain", "pricing")}
