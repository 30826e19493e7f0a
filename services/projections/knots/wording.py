"""How knots say dates, numbers, domains and holders. Plain and exact."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from schemas.experiment import Started
from services.projections.history import History

_LONGEST: Final = 60


def day(at: datetime) -> str:
    """An instant's UTC day: `12 September 2025`."""
    at = at.astimezone(UTC)  # what was promised is written as its publisher wrote it
    return f"{at.day} {at:%B %Y}"


def period(since: datetime, until: datetime | None) -> str:
    """`since 12 May 2025`, `from 12 May 2025 until 3 June 2025`."""
    return f"since {day(since)}" if until is None else f"from {day(since)} until {day(until)}"


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 decision`, `3 decisions`, `no decisions`."""
    return f"{n or 'no'} {one if n == 1 else many or one + 's'}"


def times(n: int) -> str:
    """`once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(n) or f"{n} times"


def long(days: float) -> str:
    """A length of time: `90 minutes`, `30 hours`, `12 days`; what is only begun does not count."""
    minutes = int(days * 1440 + 1e-6)
    if minutes < 120:
        return count(minutes, "minute") if minutes else "less than a minute"
    return count(minutes // 60, "hour") if minutes < 2880 else count(minutes // 1440, "day")


def listed(names: Iterable[str], join: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; the first eight of many."""
    each = sorted(names)
    if len(each) > 8:
        each = [*each[:8], f"{len(each) - 8} more"]
    return f" {join} ".join((", ".join(each[:-1]), each[-1])) if len(each) > 1 else "".join(each)


def domain_name(history: History, domain: str) -> str:
    """What a domain is called as of the history's instant; its id if nobody named it."""
    known = history.structure.matrix.domain(domain, history.at)
    return known.name if known is not None and known.name else domain


def called(history: History, subject: str) -> str:
    """A decision, initiative or experiment by its title, or that of its initiative; else by its subject."""
    titles = (" ".join((title or "").split()) for title in _titles(history, subject))
    return next((f"“{_cut(title)}”" for title in titles if title), subject)


def _titles(history: History, subject: str) -> Iterator[str | None]:
    kind, _, id = subject.partition("/")
    if kind == "decision" and id in history.decisions:
        yield history.decisions[id].title
        yield _title(history, history.decisions[id].initiative)
    elif kind == "initiative":
        yield _title(history, id)
    elif kind == "experiment" and (started := history.experiments[id].first(Started)) is not None:
        yield _title(history, started[1].initiative)
        yield started[1].hypothesis if len(started[1].hypothesis) <= _LONGEST else None


def _title(history: History, initiative: str | None) -> str | None:
    found = history.initiatives.get(initiative or "")
    return found.proposed[1].title if found is not None and found.proposed is not None else None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"
