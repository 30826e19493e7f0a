"""The waits of a window that moves on, by whom is waited for; only what grows older is aged anew. Pure."""

from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final, NamedTuple, TypeAlias

from services.projections.facts.fact import BEGINNING
from services.projections.waits import Wait

MICROSECOND: Final = timedelta(microseconds=1)
FEWEST: Final = 2
"""Others who are waited on, for a median to mean anything."""
_Kind: TypeAlias = tuple[str, str | None]
"""What is waited for, and in which home domain."""


class Age(NamedTuple):
    """A wait, and how old it was when it ended or is looked at, in microseconds: their sums are exact."""

    wait: Wait
    home: str | None
    units: int
    all: int
    """With what the row gave them: so the others are measured, who are not to look quicker for that."""


class Held:
    """A wait; the home domain of what waits, since when that is known; until when the row waits itself.

    Whatever it is asked as of from `rests` on, it is as old as then; None: it grows older.
    """

    __slots__ = ("_given", "_home", "_known", "rests", "wait")

    def __init__(self, wait: Wait, home: str | None, known: datetime, given: datetime) -> None:
        self.wait = wait
        self.rests = None if wait.until is None else max(wait.until, known)
        self._home, self._known, self._given = home, known, given

    def by(self, end: datetime) -> Age:
        """How old it is as of an instant."""
        wait = self.wait
        over = end if wait.until is None or wait.until > end else wait.until
        told = self._known <= end
        since = min(self._given, over) if told else wait.since
        return Age(
            wait,
            self._home if told else None,
            (over - since) // MICROSECOND,
            (over - wait.since) // MICROSECOND,
        )


class Kinds:
    """How often and how long was waited, by what for and in which home domain."""

    def __init__(self) -> None:
        self._times = Counter[_Kind]()
        self._units = Counter[_Kind]()
        self._holders: dict[_Kind, Counter[str]] = defaultdict(Counter)

    def add(self, age: Age, times: int) -> None:
        """One more, or one less."""
        kind, holders = (age.wait.kind, age.home), self._holders[age.wait.kind, age.home]
        self._times[kind] += times
        self._units[kind] += times * age.all
        holders[age.wait.holder] += times
        if not holders[age.wait.holder]:
            del holders[age.wait.holder]
        if not holders:
            del self._times[kind], self._units[kind], self._holders[kind]

    def usual(self, mine: Iterable[Age]) -> float:
        """What these waits, all there are for one holder, would take if each took what others' take.

        Of its kind in its domain, where enough others are waited on there; else of its kind, or of any.
        """
        times, units = Counter[_Kind](), Counter[_Kind]()
        for age in mine:
            times[age.wait.kind, age.home] += 1
            units[age.wait.kind, age.home] += age.all
        others = {
            place: (n - times[place], self._units[place] - units[place]) for place, n in self._times.items()
        }
        like = Counter[_Kind]()
        for (kind, home), n in times.items():
            like[kind, home if len(self._holders[kind, home]) > FEWEST else None] += n
        all_left, all_took = _sum(others.values())
        usual = 0.0
        for (kind, home), n in sorted(like.items(), key=lambda one: (one[0][0], one[0][1] or "")):
            left, took = (
                others[kind, home] if home else _sum(of for place, of in others.items() if place[0] == kind)
            )
            usual += n * (took / left if left else all_took / all_left)
        return usual


def _sum(of: Iterable[tuple[int, int]]) -> tuple[int, int]:
    times, units = zip(*of, strict=True)
    return sum(times), sum(units)


class Waited:
    """The waits for one holder, and how old they are together."""

    def __init__(self) -> None:
        self.ages: dict[Held, Age] = {}
        self.units = self.all = 0

    def add(self, held: Held, age: Age) -> None:
        self.ages[held] = age
        self.units, self.all = self.units + age.units, self.all + age.all

    def discard(self, held: Held) -> Age:
        age = self.ages.pop(held)
        self.units, self.all = self.units - age.units, self.all - age.all
        return age


class Window:
    """Waits as of `end`, once it was moved there: those that had begun by then, and not ended before `since`.

    `of`: by holder. `ages`: of all, with what the row gave them, sorted.
    """

    def __init__(self, ahead: Iterable[Held]) -> None:
        self.end = BEGINNING
        self.of: dict[str, Waited] = {}
        self.ages: list[int] = []
        self.kinds = Kinds()
        self._ahead = deque(ahead)
        self._growing: list[Held] = []
        self._leaving: list[tuple[datetime, int, Held]] = []  # those that rest, by when they ended
        self._turn = count()

    def move(self, since: datetime, end: datetime) -> None:
        """To later instants; only what grows older is aged anew."""
        self.end = end
        gone = [self._discard(one) for one in self._growing]
        while self._ahead and self._ahead[0].wait.since <= end:
            self._growing.append(self._ahead.popleft())
        self._growing = [one for one in self._growing if one.wait.until is None or one.wait.until > since]
        come = [self._add(one) for one in self._growing]
        self._growing = [one for one in self._growing if not self._rests(one)]
        while self._leaving and self._leaving[0][0] <= since:
            gone.append(self._discard(heappop(self._leaving)[-1]))
        self.ages = _without(sorted(self.ages + come), sorted(gone))

    def _rests(self, one: Held) -> bool:
        if one.wait.until is None or one.rests is None or one.rests > self.end:
            return False
        heappush(self._leaving, (one.wait.until, next(self._turn), one))
        return True

    def _add(self, one: Held) -> int:
        age = one.by(self.end)
        self.of.setdefault(one.wait.holder, Waited()).add(one, age)
        self.kinds.add(age, 1)
        return age.all

    def _discard(self, one: Held) -> int:
        waited = self.of[one.wait.holder]
        age = waited.discard(one)
        if not waited.ages:
            del self.of[one.wait.holder]
        self.kinds.add(age, -1)
        return age.all


def _without(ranked: Sequence[int], gone: Iterable[int]) -> list[int]:
    """What is left of sorted numbers without some of them, sorted too."""
    left: list[int] = []
    begin = 0
    for one in gone:
        end = bisect_left(ranked, one, begin)
        left += ranked[begin:end]
        begin = end + 1
    return [*left, *ranked[begin:]]
