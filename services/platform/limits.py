"""What a publisher may ask for at once, so that no queue grows: beyond it, "retry, same id".

Each process counts for itself: with n of them behind one address, a publisher gets up to n times as much.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic

from services.platform.problems import unavailable
from services.platform.settings import Settings

_LONGEST_WAIT = 60  # seconds
_WHERE = "Authorization"  # which says whose limits they are


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one publisher; None: as for everybody."""

    body: int | None = None  # bytes of a request that is one event or one batch
    rate: float | None = None  # events a second
    burst: int | None = None  # events at once, after a while of none
    in_flight: int | None = None  # requests at once


NONE = Limits()


class Account:
    """What one publisher has used: a bucket of events that fills up again, and requests being answered.

    The last event out of the bucket may be a batch: the bucket is then in debt, and nothing is taken until it
    has filled up. So a batch larger than the burst is not refused for ever.
    """

    __slots__ = ("_at", "_burst", "_clock", "_flying", "_level", "_most", "_rate", "body", "given", "held")

    def __init__(self, given: Limits, usual: Limits, clock: Callable[[], float]) -> None:
        self.given = given
        self.body: int = given.body or usual.body or 0
        self._burst: float = given.burst or usual.burst or 1
        self._rate: float = given.rate or usual.rate or 1.0
        self._most: int = given.in_flight or usual.in_flight or 1
        self._clock = clock
        self._level: float = self._burst
        self._at = clock()
        self._flying = 0
        self.held = 0  # bytes of bodies being read

    def enter(self) -> None:
        """Begin a request of at least one event; `leave` when it is answered. Raises a problem: overload."""
        if self._flying >= self._most:
            told = f"{self._flying} requests of this publisher are being answered"
            raise unavailable(told, where=_WHERE)
        now = self._clock()
        level = self._level + (now - self._at) * self._rate
        self._at = now
        if level > self._burst:
            level = self._burst
        if level < 1.0:
            self._level = level
            raise unavailable(
                f"this publisher sends more than {self._rate:g} events a second",
                where=_WHERE,
                retry_after=min(_LONGEST_WAIT, ceil((1.0 - level) / self._rate)),
            )
        self._level = level - 1.0
        self._flying += 1

    def leave(self) -> None:
        """The request is answered."""
        self._flying -= 1

    def charge(self, events: int) -> None:
        """Count events beyond the first."""
        self._level -= events

    async def pace(self, events: int) -> None:
        """Count events, and wait for as long as the publisher is too fast. Nothing is refused."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate) - events
        self._at = now
        if self._level < 0:
            await asyncio.sleep(-self._level / self._rate)


class Limiter:
    """The accounts of all publishers who came to this process."""

    def __init__(self, usual: Limits, *, clock: Callable[[], float] = monotonic) -> None:
        self._usual = usual
        self._clock = clock
        self._accounts: dict[str, Account] = {}

    def account(self, publisher: str, given: Limits = NONE) -> Account:
        """A publisher's; a new one once its limits are set otherwise."""
        account = self._accounts.get(publisher)
        if account is None or (account.given is not given and account.given != given):
            account = self._accounts[publisher] = Account(given, self._usual, self._clock)
        return account


def limiter(settings: Settings) -> Limiter:
    """With what the settings say for everybody."""
    return Limiter(
        Limits(settings.limit_body, settings.limit_rate, settings.limit_burst, settings.limit_in_flight)
    )


class Bodies:
    """The memory of bodies being read, bounded for the whole process; a publisher has half at most.

    A quarter is left free by what lasts as long as its client likes, so that nobody keeps others out with it.
    """

    def __init__(self, most: int) -> None:
        self._left = most
        self._share = most // 2
        self._kept_free = most // 4

    @contextmanager
    def taken(self, size: int, account: Account, *, lasting: bool = False) -> Iterator[None]:
        """Use some of it for a while; raises the problem of overload if there is not so much left."""
        if account.held + size > self._share:
            raise unavailable("this publisher sends too much at this moment", where=_WHERE)
        if size > self._left - (self._kept_free if lasting else 0):
            raise unavailable("too much is being sent at this moment")
        self._left -= size
        account.held += size
        try:
            yield
        finally:
            self._left += size
            account.held -= size
