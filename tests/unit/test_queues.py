"""Groups are made of whole units within bounds, lanes take turns, and a waiter hears each answer once."""

from datetime import UTC, datetime

from schemas import Event, decision
from services.ledger.entries import Prepared, prepare
from services.ledger.memory import Memory
from services.ledger.moment import Subject
from services.ledger.queues import ENOUGH, MOST_BYTES, MOST_ENTRIES, Lanes, Unit, Waiter

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENT = Event(
    id="e",
    source="urn:test",
    type="locus.decision.reopened.v1",
    subject="decision/d",
    time=NOW,
    data=decision.Reopened(by="a-1", reason="new facts"),
)
PREPARED: Prepared = prepare(EVENT, "acme", "p", NOW)


def units(*lengths: int, size: int = 100) -> list[Unit]:
    waiter = Waiter(len(lengths))
    return [Unit([PREPARED] * length, size, waiter, place) for place, length in enumerate(lengths)]


async def test_a_group_holds_whole_units_up_to_its_bound() -> None:
    lanes = Lanes(most_bytes=1 << 20)
    waiting = units(ENOUGH - 1, 1, 1)
    lanes.put("acme", waiting, 300)
    lane, group = await lanes.next()
    assert group == waiting[:2]
    assert lanes.bytes == 100
    lanes.release(lane)
    assert (await lanes.next())[1] == waiting[2:]


async def test_a_unit_as_large_as_one_may_be_is_a_group_of_its_own() -> None:
    lanes = Lanes(most_bytes=1 << 20)
    waiting = units(MOST_ENTRIES, 1)
    lanes.put("acme", waiting, 200)
    assert (await lanes.next())[1] == waiting[:1]


async def test_a_group_is_bounded_in_bytes_but_never_empty() -> None:
    lanes = Lanes(most_bytes=1 << 30)
    waiting = units(1, 1, size=MOST_BYTES)
    lanes.put("acme", waiting, 2 * MOST_BYTES)
    assert (await lanes.next())[1] == waiting[:1]


async def test_lanes_take_turns() -> None:
    lanes = Lanes(most_bytes=1 << 20)
    lanes.put("large", units(MOST_ENTRIES, MOST_ENTRIES), 200)
    lanes.put("small", units(1), 100)
    turns = []
    for _ in range(3):
        lane, _ = await lanes.next()
        turns.append(lane.ledger)
        lanes.release(lane)
    assert turns == ["large", "small", "large"]


async def test_there_is_room_up_to_the_bound_and_always_for_one() -> None:
    lanes = Lanes(most_bytes=100)
    assert lanes.has_room(1_000)
    lanes.put("acme", units(1, size=60), 60)
    assert lanes.has_room(40)
    assert not lanes.has_room(41)


async def test_a_waiter_hears_the_first_answer_of_each_unit() -> None:
    (first, second) = both = units(1, 1)
    assert first.waiter is not None
    future = first.waiter.future
    first.settle(KeyError("first"))
    first.settle(KeyError("again"))
    assert not future.done()
    second.settle([])
    answers = await future
    assert [repr(answer) for answer in answers] == ["KeyError('first')", "[]"]
    assert [unit.waiter for unit in both] == [None, None]


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    memory = Memory(most=10)
    for n in range(100):
        memory.put(1, {f"decision/d-{n}": Subject(version=n)})
    kept = [n for n in range(100) if memory.get(1, f"decision/d-{n}")]
    assert kept == list(range(kept[0], 100))
    assert 10 <= len(kept) <= 22
    assert memory.get(2, "decision/d-99") is None
