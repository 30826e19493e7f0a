"""What a publisher may ask for at once."""

import asyncio
import timeit

import pytest

from services.platform.limits import Bodies, Limiter, Limits
from services.platform.problems import Problem

USUAL = Limits(body=1000, rate=10, burst=5, in_flight=2)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def refused(limiter: Limiter, publisher: str = "p") -> Problem:
    with pytest.raises(Problem) as raised:
        limiter.account(publisher).enter()
    assert (raised.value.kind.status, raised.value.body.where) == (503, "Authorization")
    return raised.value


def once(limiter: Limiter, publisher: str = "p") -> None:
    limiter.account(publisher).enter()
    limiter.account(publisher).leave()


def test_a_burst_is_taken_then_the_rate() -> None:
    clock = Clock()
    limiter = Limiter(USUAL, clock=clock)
    for _ in range(5):
        once(limiter)
    problem = refused(limiter)
    assert "more than 10 events a second" in (problem.body.detail or "")
    assert problem.headers == {"retry-after": "1"}
    clock.now += 0.2
    for _ in range(2):
        once(limiter)
    refused(limiter)
    once(limiter, "another")


def test_a_batch_is_counted_by_its_events_and_one_larger_than_the_burst_is_taken() -> None:
    clock = Clock()
    limiter = Limiter(USUAL, clock=clock)
    once(limiter)
    limiter.account("p").charge(99)
    assert refused(limiter).headers == {"retry-after": "10"}
    clock.now += 9.6
    once(limiter)


def test_requests_at_once_are_bounded_and_refusals_take_no_place() -> None:
    limiter = Limiter(USUAL, clock=Clock())
    account = limiter.account("p")
    account.enter()
    account.enter()
    for _ in range(3):
        assert "2 requests of this publisher" in (refused(limiter).body.detail or "")
    account.leave()
    account.enter()


def test_what_a_publisher_has_of_its_own_goes_before_what_is_usual() -> None:
    limiter = Limiter(USUAL, clock=Clock())
    account = limiter.account("p", Limits(in_flight=1))
    account.enter()
    with pytest.raises(Problem):
        account.enter()
    assert account.body == 1000
    assert limiter.account("p", Limits(in_flight=1)) is account
    assert limiter.account("p", Limits(body=7)).body == 7


async def test_lines_are_slowed_down_and_never_refused() -> None:
    limiter = Limiter(Limits(body=1, rate=1000, burst=1, in_flight=1))
    begun = asyncio.get_running_loop().time()
    for _ in range(4):
        await limiter.account("p").pace(50)
    assert 0.15 < asyncio.get_running_loop().time() - begun < 1


def test_the_memory_of_bodies_is_bounded_shared_and_given_back() -> None:
    bodies, limiter = Bodies(20), Limiter(USUAL)
    one, two, three = (limiter.account(publisher) for publisher in ("one", "two", "three"))
    for _ in range(2):
        with bodies.taken(6, one), bodies.taken(4, one):
            with (
                pytest.raises(Problem, match="this publisher sends too much") as raised,
                bodies.taken(1, one),
            ):
                pass
            assert raised.value.body.where == "Authorization"
            with bodies.taken(9, two):
                with pytest.raises(Problem, match="too much is being sent"), bodies.taken(2, three):
                    pass
                with bodies.taken(1, three):
                    pass


def test_what_lasts_leaves_room_for_what_does_not() -> None:
    bodies, limiter = Bodies(20), Limiter(USUAL)
    one, two, three = (limiter.account(publisher) for publisher in ("one", "two", "three"))
    with bodies.taken(10, one, lasting=True), bodies.taken(5, two, lasting=True):
        with pytest.raises(Problem, match="too much is being sent"), bodies.taken(1, three, lasting=True):
            pass
        with bodies.taken(5, three):
            pass


def test_a_request_costs_little(record_property: pytest.FixtureRequest) -> None:
    limiter = Limiter(Limits(body=1, rate=1e12, burst=10**9, in_flight=10))
    own = Limits()

    def request() -> None:
        account = limiter.account("p", own)
        account.enter()
        account.charge(0)
        account.leave()

    seconds = min(timeit.repeat(request, number=20_000, repeat=5)) / 20_000
    record_property("microseconds", f"{seconds * 1e6:.2f}")  # type: ignore[operator]  # a function
    assert seconds < 10e-6  # 2 µs are meant; machines differ
