"""Bottleneck: much of what waits waits for one holder, and long.

Over the trailing year, as of every UTC month end and the history's instant: all days spent waiting on them
are more than three times the median of the others who are waited on; so they are of what the same waits would
take on others, advice beside advice and positions beside positions, for who is asked often is not slow for
that; and at least five were older than the 90th percentile of all waits, and than two days. An elector is
waited on when a decision is opened or amended, not when it is reopened. Its life is told in months: it begins
with the first in which it shows, and ends with the last. It lies in the domain where most of those days were
spent when it began.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from statistics import median
from typing import Final, NamedTuple

from schemas.decision import Reopened
from services.projections.history import History
from services.projections.knots import tested
from services.projections.knots.knot import Found, Pattern, rule_severity
from services.projections.knots.settings import Settings
from services.projections.knots.spells import domain_stakes
from services.projections.knots.stated import domain_at
from services.projections.knots.wording import count, day, domain_name
from services.projections.waits import Wait, waits

_FEWEST: Final = 2
"""Others who are waited on, for a median to mean anything."""


class Sight(NamedTuple):
    """One holder that much waits for, as of `end`."""

    end: datetime
    waits: Sequence[Wait]
    days: float
    others: float
    usual: float
    old: Sequence[Wait]
    oldest: float


@dataclass(slots=True)
class _Run:
    """The months in which one holder showed in a row."""

    since: datetime
    scope: str | None
    last: Sight


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each holder waited on."""
    runs: dict[str, _Run] = {}
    for end, held in _windows(history, timedelta(days=settings.bottleneck_days)):
        seen = _seen(end, held, settings)
        for holder in [holder for holder in runs if holder not in seen]:
            yield _found(history, holder, runs.pop(holder), _month(end), settings)
        for holder, sight in seen.items():
            run = runs.setdefault(holder, _Run(_month(end), _where(history, sight), sight))
            run.last = sight
    for holder, run in runs.items():
        yield _found(history, holder, run, None, settings)


def _month(end: datetime) -> datetime:
    """The beginning of the month that an instant ends, or lies in."""
    within = (end - timedelta(microseconds=1)).astimezone(UTC)
    return datetime(within.year, within.month, 1, tzinfo=UTC)


def _windows(history: History, span: timedelta) -> Iterator[tuple[datetime, list[Wait]]]:
    """Each evaluation, and the waits that had begun by then and had not ended before its window."""
    again = {step.position for decision in history.decisions.values() for step, _ in decision.every(Reopened)}
    ahead = [wait for wait in waits(history) if wait.position not in again]
    held: list[Wait] = []
    place = 0
    for end in tested.ends(ahead[0].since, history.at) if ahead else ():
        while place < len(ahead) and ahead[place].since <= end:
            held.append(ahead[place])
            place += 1
        held = [wait for wait in held if wait.until is None or wait.until > end - span]
        yield end, held


def _seen(end: datetime, held: Sequence[Wait], settings: Settings) -> dict[str, Sight]:
    of: dict[str, list[Wait]] = defaultdict(list)
    for wait in held:
        of[wait.holder].append(wait)
    if len(of) <= _FEWEST:
        return {}
    ages = sorted(wait.days(end) for wait in held)
    oldest = ages[ceil(settings.bottleneck_percentile * len(ages) / 100) - 1]
    oldest = max(oldest, settings.bottleneck_least_days)
    totals = {holder: sum(wait.days(end) for wait in mine) for holder, mine in of.items()}
    found = {}
    for holder, mine in of.items():
        old = [wait for wait in mine if wait.days(end) > oldest]
        if len(old) >= settings.bottleneck_items:
            others = median(total for other, total in totals.items() if other != holder)
            usual = _usual(end, mine, held)
            if totals[holder] > settings.bottleneck_times * max(others, usual):
                found[holder] = Sight(end, mine, totals[holder], others, usual, old, oldest)
    return found


def _usual(end: datetime, mine: Sequence[Wait], held: Sequence[Wait]) -> float:
    """How many days these waits would take, if each took what those of its kind take on others."""
    days: dict[str, float] = defaultdict(float)
    times = Counter[str]()
    for wait in held:
        if wait.holder != mine[0].holder:
            days[wait.kind] += wait.days(end)
            times[wait.kind] += 1
    whole = sum(days.values()) / times.total()
    return sum(days[wait.kind] / times[wait.kind] if times[wait.kind] else whole for wait in mine)


def _where(history: History, sight: Sight) -> str | None:
    """The domain in which most of the days were spent."""
    days = Counter[str]()
    for wait in sight.waits:
        kind, _, id = wait.about.partition("/")
        home = None
        if kind == "decision" and id in history.decisions:
            home = history.decisions[id].home
        elif kind == "initiative" and id in history.initiatives:
            proposed = history.initiatives[id].proposed
            home = proposed[1].domains[0] if proposed is not None else None
        if home is not None:
            days[domain_at(history, home, wait.since)] += ceil(wait.days(sight.end))
    return min(days, key=lambda domain: (-days[domain], domain), default=None)


def _found(history: History, holder: str, run: _Run, until: datetime | None, settings: Settings) -> Found:
    sight, domain = run.last, run.scope
    where = f" on {domain_name(history, domain)}" if domain is not None else ""
    return Found(
        pattern="bottleneck",
        scope=holder if domain is None else f"domain/{domain}",
        actors=(holder,),
        since=run.since,
        until=until,
        severity=rule_severity([None if domain is None else domain_stakes(history, domain, run.since)]),
        figure=round(sight.days, 1),
        unit="days",
        threshold=round(settings.bottleneck_times * max(sight.others, sight.usual), 1),
        decisions=len({wait.about for wait in sight.waits if wait.about.startswith("decision/")}),
        entries=tuple(sorted({wait.position for wait in sight.old})),
        domain=domain,
        sentence=f"In the {settings.bottleneck_days} days to {day(sight.end)} "
        f"{count(len(sight.waits), 'matter')} waited {sight.days:.0f} days for {holder}, mostly{where}; "
        f"such waits take others {sight.usual:.1f}. {len(sight.old)} took more than {sight.oldest:.1f} days. "
        f"The median of all others is {sight.others:.1f} days.",
    )


PATTERNS = (
    Pattern(
        name="bottleneck",
        episodes=episodes,
        why="Everything that waits for one is as slow as that one, who is mostly the last to hear of it.",
        question="What of this needs you, what could others do, and what would you need to let go of it?",
        closes="Fewer or shorter waits, or somebody beside them: it closes with the first month that "
        "does not show it.",
    ),
)
