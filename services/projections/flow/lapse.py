"""A span of time that something took, or takes still."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from services.projections.cases import Case
from services.projections.measures_survival import Durations


class Lapse(NamedTuple):
    """From `start` until `end`; `ended` is false where it had not come to its end then (censored).

    `what` says which sort it is, `of` the subject it belongs to, `entries` the positions that show it.
    """

    what: str
    of: str
    start: datetime
    end: datetime
    ended: bool
    entries: tuple[int, ...]
    case: Case
    holder: str | None = None
    how: str | None = None

    @property
    def lasted(self) -> timedelta:
        return self.end - self.start

    def within(self, start: datetime | None, end: datetime | None) -> timedelta:
        """The part of it that lies in [start, end)."""
        begun = self.start if start is None else max(self.start, start)
        over = self.end if end is None else min(self.end, end)
        return max(over - begun, timedelta())


def durations(lapses: Iterable[Lapse]) -> Durations:
    """Their durations, with the censored."""
    counted = Durations()
    for lapse in lapses:
        counted.add(lapse.lasted, ended=lapse.ended)
    return counted
