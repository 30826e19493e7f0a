"""What publishers can rely on: receipts, retries, conditions, batches, refusals."""

import asyncio
from datetime import timedelta

import asyncpg
import msgspec
import pytest

from schemas import Event, body, decision
from schemas.event import Corrected, Retracted
from services.ledger.appender import Appender
from services.ledger.errors import Conflict, LedgerUnknown, Overloaded, Refused, TooLarge
from tests.conftest import Database
from tests.ledgers import START, appending, check_log, event, made, now, reviewed

PUBLISHER = "tests"


async def publish(appender: Appender, *unit: Event) -> list[int]:
    """The positions of the unit's events."""
    return [receipt.position for receipt in await appender.submit("acme", unit, PUBLISHER)]


async def test_the_first_event_gets_position_and_version_one(database: Database) -> None:
    async with appending(database.url) as appender:
        (receipt,) = await appender.submit("acme", [made(1)], PUBLISHER)
    assert (receipt.position, receipt.version, receipt.duplicate) == (1, 1, False)
    (entry,) = await check_log(database.url)
    assert entry["publisher"] == PUBLISHER
    assert entry["format"] == 1
    assert list(entry["event"])[:6] == ["specversion", "id", "source", "type", "subject", "time"]
    assert "expectedversion" not in entry["event"]


async def test_only_a_ledger_that_exists_is_remembered_as_sound(database: Database) -> None:
    asked = []

    async def guard(_: asyncpg.Connection, ledger: str, *, known: bool) -> None:
        asked.append((ledger, known))

    async with appending(database.url, guard=guard, connections=1) as appender:
        for number in (1, 2):
            with pytest.raises(LedgerUnknown):
                await appender.submit("made-up", [made(number)], PUBLISHER)
            await publish(appender, made(number))
    assert asked == [("made-up", False), ("acme", False), ("made-up", False), ("acme", True)]


async def test_a_retry_gets_the_first_receipt_again(database: Database) -> None:
    async with appending(database.url) as appender:
        (first,) = await appender.submit("acme", [made(1, traceparent="00-a")], PUBLISHER)
        await publish(appender, made(2))
        (again,) = await appender.submit("acme", [made(1, traceparent="00-b", expectedversion=0)], "another")
    assert again == msgspec.structs.replace(first, duplicate=True)
    assert len(await check_log(database.url)) == 2


async def test_a_retry_through_a_process_that_never_saw_it_is_a_duplicate(database: Database) -> None:
    async with appending(database.url) as one:
        await publish(one, made(1))
    async with appending(database.url) as other:
        await publish(other, made(2))
        (again,) = await other.submit("acme", [made(1)], PUBLISHER)
    assert (again.position, again.duplicate) == (1, True)


async def test_the_same_id_with_other_content_is_a_conflict(database: Database) -> None:
    async with appending(database.url) as appender:
        await publish(appender, made(1))
        with pytest.raises(Conflict, match="recorded at position 1") as caught:
            await publish(appender, made(1, day=3))
        assert caught.value.slug == "identity-taken"
    assert len(await check_log(database.url)) == 1


async def test_two_events_with_one_id_in_one_batch_are_told_of_each_other(database: Database) -> None:
    async with appending(database.url) as appender:
        with pytest.raises(Conflict, match="another event of this batch has that id") as caught:
            await publish(appender, made(1), made(1, day=3))
        assert (caught.value.slug, caught.value.index) == ("identity-taken", 1)
    assert await check_log(database.url) == []


async def test_an_expected_version_holds_or_names_the_version_there_is(database: Database) -> None:
    async with appending(database.url) as appender:
        await publish(appender, reviewed(1, "decision/d", expectedversion=0))
        await publish(appender, reviewed(2, "decision/d", expectedversion=1))
        with pytest.raises(Conflict, match="is at version 2, not 1") as caught:
            await publish(appender, reviewed(3, "decision/d", expectedversion=1))
        assert caught.value.where == "/expectedversion"


async def test_an_atomic_batch_is_recorded_whole_and_in_order(database: Database) -> None:
    async with appending(database.url) as appender:
        positions = await publish(appender, made(1, "decision/d"), reviewed(2, "decision/d"), made(3))
    assert positions == [1, 2, 3]
    assert [entry["version"] for entry in await check_log(database.url)] == [1, 2, 1]


async def test_a_batch_with_one_impossible_event_leaves_no_trace(database: Database) -> None:
    async with appending(database.url) as appender:
        with pytest.raises(Refused) as caught:
            await publish(appender, made(1), made(2, "decision/d-1"))
        assert (caught.value.slug, caught.value.index) == ("impossible", 1)
        assert await publish(appender, made(1)) == [1]
    assert len(await check_log(database.url)) == 1


async def test_a_refused_unit_does_not_touch_its_neighbours_in_the_group(database: Database) -> None:
    async with appending(database.url) as appender:
        units = [made(1), made(2, "decision/d-1"), made(3), reviewed(4, "decision/d-1")]
        answers = await appender.submit_each("acme", units, PUBLISHER)
    assert [isinstance(answer, Refused) for answer in answers] == [False, True, False, False]
    assert len(await check_log(database.url)) == 3


async def test_a_batch_sent_again_is_all_duplicates(database: Database) -> None:
    batch = [made(1), made(2), reviewed(3, "decision/d-1")]
    async with appending(database.url) as appender:
        first = await appender.submit("acme", batch, PUBLISHER)
        again = await appender.submit("acme", batch, PUBLISHER)
    assert [receipt.position for receipt in again] == [receipt.position for receipt in first]
    assert all(receipt.duplicate for receipt in again)


async def test_a_late_event_is_welcome_where_its_order_is_possible(database: Database) -> None:
    opened = decision.Opened(title="Price", domains=("pricing",), electorate=(), by="a-1")
    async with appending(database.url) as appender:
        await publish(appender, made(1, "decision/d", day=10))
        assert await publish(appender, event(2, "decision/d", opened, day=5)) == [2]
        with pytest.raises(Refused, match="position 1"):
            await publish(appender, made(3, "decision/d", day=7))


async def test_a_late_event_is_judged_alike_by_a_process_that_never_saw_the_subject(
    database: Database,
) -> None:
    reopened = decision.Reopened(by="a-1", reason="new facts")
    async with appending(database.url) as one:
        await publish(one, made(1, "decision/d", day=1))
        await publish(one, event(2, "decision/d", reopened, day=3))
    async with appending(database.url) as other:
        with pytest.raises(Refused, match="not made"):
            await publish(other, event(3, "decision/d", reopened, day=0))
        assert await publish(other, made(4, "decision/d", day=4)) == [3]


async def test_a_fact_from_the_near_future_occurs_when_it_is_recorded(database: Database) -> None:
    async with appending(database.url) as appender:
        ahead = msgspec.structs.replace(made(1), time=now() + timedelta(minutes=4))
        await publish(appender, ahead)
        with pytest.raises(Refused, match="more than 5 minutes") as caught:
            await publish(appender, msgspec.structs.replace(made(2), time=now() + timedelta(minutes=6)))
        assert caught.value.where == "/time"
    (entry,) = await check_log(database.url)
    assert entry["event"]["time"] > entry["recorded"]


async def test_seats_are_told_by_the_stream(database: Database) -> None:
    taken = body.SeatTaken(actor="a-1", role="chair")
    async with appending(database.url) as one:
        await publish(one, event(1, "body/b", taken, day=1))
    async with appending(database.url) as other:
        with pytest.raises(Refused, match="holds no seat"):
            await publish(other, event(2, "body/b", body.SeatVacated(actor="a-2"), day=2))
        assert await publish(other, event(3, "body/b", body.SeatVacated(actor="a-1"), day=2)) == [2]
        with pytest.raises(Refused, match="holds no seat"):
            await publish(other, event(4, "body/b", body.SeatVacated(actor="a-1"), day=3))


async def test_a_retraction_makes_room_and_a_correction_restores(database: Database) -> None:
    retracted = Retracted(source=made(1).source, id="1", reason="never was")
    corrected = Corrected(source=made(1).source, id="1", reason="it was")
    async with appending(database.url) as appender:
        await publish(appender, made(1))
        await publish(appender, event("r", "decision/d-1", retracted, day=1))
        await publish(appender, made(2, "decision/d-1", outcome="provisional", day=-1))
        await publish(appender, event("c", "decision/d-1", corrected, day=3))
    assert [entry["version"] for entry in await check_log(database.url)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        ({"outcome": "accepted"}, "/data/data/domains"),
        ({"domains": ["x"], "outcome": "good", "deciders": [], "attested": "recorded"}, "/data/data/outcome"),
        (
            {"domains": ["x"], "outcome": "accepted", "deciders": [], "attested": "recorded", "mood": 1},
            "/data/data/mood",
        ),
    ],
)
async def test_corrected_data_has_the_form_of_the_type_it_corrects(
    database: Database, data: dict[str, object], where: str
) -> None:
    corrected = Corrected(source=made(1).source, id="1", reason="a slip", data=data)
    async with appending(database.url) as appender:
        await publish(appender, made(1))
        with pytest.raises(Refused) as caught:
            await publish(appender, event("c", "decision/d-1", corrected))
        assert (caught.value.slug, caught.value.where) == ("malformed", where)


async def test_only_a_fact_of_the_same_subject_can_be_corrected(database: Database) -> None:
    source = made(1).source
    async with appending(database.url) as appender:
        await publish(appender, made(1), made(2))
        with pytest.raises(Refused, match="has no event") as unknown:
            await publish(appender, event("c", "decision/d-1", Retracted(source=source, id="2", reason="no")))
        assert unknown.value.slug == "unknown-event"
        await publish(appender, event("r", "decision/d-1", Retracted(source=source, id="1", reason="no")))
        with pytest.raises(Refused, match=r"is a locus\.event\.retracted"):
            await publish(
                appender, event("rr", "decision/d-1", Retracted(source=source, id="r", reason="no"))
            )


async def test_what_cannot_be_stored_is_refused_at_intake(database: Database) -> None:
    nul = event(1, "decision/d", decision.Reopened(by="a-1", reason="a\0b"))
    lone = event(2, "decision/d", decision.Reopened(by="a-1", reason="\ud800"))
    long = event(
        3,
        "decision/d",
        decision.Made(
            domains=("x",), outcome="accepted", deciders=(), attested="recorded", choice="x" * 70_000
        ),
    )
    wide = event("i" * 257, "decision/d", decision.Reopened(by="a-1", reason="r"))
    async with appending(database.url) as appender:
        answers = await appender.submit_each("acme", [nul, lone, long, wide, made(5)], PUBLISHER)
    assert [type(answer).__name__ for answer in answers] == [
        "Refused",
        "Refused",
        "TooLarge",
        "Refused",
        "Receipt",
    ]
    assert len(await check_log(database.url)) == 1


async def test_a_batch_beyond_a_group_is_too_large(database: Database) -> None:
    async with appending(database.url) as appender:
        with pytest.raises(TooLarge, match="501 events"):
            await publish(appender, *[made(n) for n in range(501)])
        assert len(await publish(appender, *[made(n) for n in range(500)])) == 500


async def test_an_unknown_ledger_is_named(database: Database) -> None:
    async with appending(database.url) as appender:
        with pytest.raises(LedgerUnknown, match="elsewhere"):
            await appender.submit("elsewhere", [made(1)], PUBLISHER)
        with pytest.raises(LedgerUnknown):
            await appender.submit_each("elsewhere", [made(1)], PUBLISHER)


async def test_a_ledger_is_created_once(database: Database) -> None:
    async with appending(database.url) as appender:
        assert await appender.create_ledger("acme") is False
        assert await appender.create_ledger("other") is True


async def test_a_waiter_that_gives_up_is_dropped_alone(database: Database) -> None:
    async with appending(database.url) as appender:
        leaving = asyncio.create_task(publish(appender, made(1)))
        staying = asyncio.create_task(publish(appender, made(2)))
        await asyncio.sleep(0)
        leaving.cancel()
        await staying
        (again,) = await appender.submit("acme", [made(1)], PUBLISHER)
    assert again.duplicate
    assert len(await check_log(database.url)) == 2


async def test_a_full_queue_says_try_again(database: Database) -> None:
    async with appending(database.url, queue_bytes=2_000) as appender:
        tasks = [asyncio.create_task(publish(appender, made(n))) for n in range(20)]
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert any(isinstance(answer, Overloaded) for answer in answers)
        stored = [answer for answer in answers if isinstance(answer, list)]
        await asyncio.gather(*[publish(appender, made(n)) for n in range(3)])
    assert len(await check_log(database.url)) >= len(stored) > 0


async def test_closing_answers_everybody(database: Database) -> None:
    async with appending(database.url) as appender:
        tasks = [asyncio.create_task(publish(appender, made(n))) for n in range(50)]
        await asyncio.sleep(0)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(answer, list | Overloaded) for answer in answers)
    await check_log(database.url)


async def test_ledgers_are_apart(database: Database) -> None:
    async with appending(database.url) as appender, appending(database.url, "other"):
        await publish(appender, made(1))
        (receipt,) = await appender.submit("other", [made(1)], PUBLISHER)
    assert (receipt.ledger, receipt.position, receipt.duplicate) == ("other", 1, False)
    assert [e["event"]["time"] for e in await check_log(database.url, "other")] == [
        START.isoformat()[:19] + "Z"
    ]
