"""Bottleneck: much of what waits waits for one holder, and long.

Over the trailing year, as of every UTC month end and the history's instant: all days spent waiting on them
are more than three times the median of the others who are waited on; so they are of what the same waits would
take on others, advice beside advice and positions beside positions, for who is asked often is not slow for
that, nor who is asked in a slow domain: where two others or more are waited on for the same there, with them;
and at least five were older than the 90th percentile of all waits, and than two days. An elector is waited on
when a decision is opened or amended, not when it is reopened, nor where any one of several may decide. Advice
is waited for once the row's `min_wait` is over: until then the row waits, whatever they do. Its life is told
in months: it begins with the first in which it shows, and ends with the last. It lies in the domain where
most of those days were spent when it began. With fewer than two others to compare with, it stays as it was
while as many wait.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from math import ceil
from typing import Final, NamedTuple

from schemas.decision import Made, Opened, Reopened
from schemas.types import Any
from services.projections import calendar
from services.projections.facts.matrix import Row
from services.projections.history import History
from services.projections.knots import tested
from services.projections.knots.bottleneck_window import FEWEST, MICROSECOND, Age, Held, Kinds, Window
from services.projections.knots.knot import Found, Pattern, rule_severity
from services.projections.knots.reading import back
from services.projections.knots.settings import Settings
from services.projections.knots.spells import domain_stakes
from services.projections.knots.standing import restated
from services.projections.knots.stated import domain_at, names
from services.projections.knots.wording import count, day, domain_name
from services.projections.waits import Wait, waits

_DAY: Final = timedelta(days=1) // MICROSECOND
_LIFETIME: Final = timedelta(days=36_525)


class Sight(NamedTuple):
    """One holder that much waits for, as of `end`; all else in units."""

    end: datetime
    ages: Sequence[Age]
    whole: int
    others: float
    usual: float
    old: Sequence[Age]
    oldest: int


@dataclass(slots=True)
class _Run:
    """The months in which one holder showed in a row."""

    since: datetime
    scope: str | None
    last: Sight


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each holder waited on."""
    runs: dict[str, _Run] = {}
    for window in _windows(history, timedelta(days=settings.bottleneck_days)):
        seen = _seen(window, {holder: run.last for holder, run in runs.items()}, settings)
        for holder in [holder for holder in runs if holder not in seen]:
            yield _found(history, holder, runs.pop(holder), _month(window.end), settings)
        for holder, sight in seen.items():
            run = runs.setdefault(holder, _Run(_month(window.end), _where(history, sight), sight))
            run.last = sight
    for holder, run in runs.items():
        yield _found(history, holder, run, None, settings)


def _month(end: datetime) -> datetime:
    """The beginning of the month that an instant ends, or lies in."""
    within = (end - MICROSECOND).astimezone(UTC)
    return datetime(within.year, within.month, 1, tzinfo=UTC)


def _windows(history: History, span: timedelta) -> Iterator[Window]:
    """Each evaluation, as one window that is moved on: look at it before you ask for the next.

    What waits counts the more the longer nobody ends it; a lifetime after anything last began or ended, only
    as of the history's instant, which may lie at the end of time.
    """
    ahead = sorted(
        _counted(history), key=lambda held: (held.wait.since, held.wait.position, held.wait.holder)
    )
    if not ahead:
        return
    last = max(max(one.wait.since, one.wait.until or one.wait.since) for one in ahead)
    window = Window(ahead)
    near = last + min(history.at - last, _LIFETIME)
    ends = tested.ends(ahead[0].wait.since, near)
    for end in chain(ends, [history.at] if near < history.at else []):
        window.move(back(end, span), end)
        yield window


def _counted(history: History) -> Iterator[Held]:
    """What anybody waits for: not what a rule lets any one of several do, nor while the row itself waits."""
    again = {step.position for decision in history.decisions.values() for step, _ in decision.every(Reopened)}
    homes: dict[str, tuple[str | None, datetime | None]] = {}
    for wait in waits(history):
        if wait.about not in homes:
            homes[wait.about] = _home(history, wait.about)
        home, known = homes[wait.about][0], homes[wait.about][1] or wait.since
        reign = history.in_force.at(home, wait.since) if home is not None else None
        row = reign.row if reign is not None else None
        if wait.position in again or (wait.kind == "position" and _any(history, wait, row)):
            continue
        yield Held(wait, home, known, _given(wait, row))


def _given(wait: Wait, row: Row | None) -> datetime:
    """Until when the row itself would have waited for advice, whatever they did."""
    if wait.kind != "advice" or row is None or row.min_wait is None:
        return wait.since
    return calendar.after(wait.since, calendar.read(row.min_wait)) or wait.since


def _any(history: History, wait: Wait, row: Row | None) -> bool:
    opened = history.decisions[wait.about.partition("/")[2]].opened
    if opened is None or len(opened[1].electorate) < FEWEST:
        return False
    rule = opened[1].rule or (row.rule if row is not None else None)
    return isinstance(rule, Any)


def _home(history: History, about: str) -> tuple[str | None, datetime | None]:
    """The home domain of what waits, and since when it was told; what is asked may be opened later."""
    kind, _, id = about.partition("/")
    if kind == "decision" and id in history.decisions:
        decision = history.decisions[id]
        told = (step.at for step in decision.steps if isinstance(step.data, Opened | Made))
        return decision.home, min(told, default=None)
    if kind == "initiative" and id in history.initiatives:
        proposed = history.initiatives[id].proposed
        if proposed is not None:
            return proposed[1].domains[0], proposed[0].at
    return None, None


def _seen(window: Window, before: Mapping[str, Sight], settings: Settings) -> dict[str, Sight]:
    of = window.of
    if len(of) <= FEWEST:
        least = settings.bottleneck_items  # too few to compare with: what was found stays while it waits
        return {
            holder: one for holder, one in before.items() if holder in of and len(of[holder].ages) >= least
        }
    oldest = window.ages[ceil(settings.bottleneck_percentile * len(window.ages) / 100) - 1]
    oldest = max(oldest, timedelta(days=settings.bottleneck_least_days) // MICROSECOND)
    ranked = sorted(waited.all for waited in of.values())
    found = {}
    for holder, waited in of.items():
        others = _median_without(ranked, waited.all)
        if waited.units > settings.bottleneck_times * others:
            old = [age for age in waited.ages.values() if age.units > oldest]
            if len(old) >= settings.bottleneck_items:
                ages = [*waited.ages.values()]
                found[holder] = Sight(window.end, ages, waited.units, others, 0.0, old, oldest)
    return _slow(found, window.kinds, settings)


def _slow(seen: Mapping[str, Sight], kinds: Kinds, settings: Settings) -> dict[str, Sight]:
    """Those whose waits take longer than the same waits take on others."""
    found = {h: sight._replace(usual=kinds.usual(sight.ages)) for h, sight in seen.items()}
    return {h: sight for h, sight in found.items() if sight.whole > settings.bottleneck_times * sight.usual}


def _median_without(ranked: Sequence[int], one: int) -> float:
    """The median of sorted numbers, one of them left out."""
    left_out, n = bisect_left(ranked, one), len(ranked) - 1

    def at(place: int) -> int:
        return ranked[place + (place >= left_out)]

    return (at((n - 1) // 2) + at(n // 2)) / 2


def _where(history: History, sight: Sight) -> str | None:
    """The domain in which most of the days were spent."""
    days = _spent(history, sight)
    return min(days, key=lambda domain: (-days[domain], domain), default=None)


def _mostly(history: History, sight: Sight, domain: str) -> str:
    """Where the days were spent, as far as it was in this domain."""
    days = _spent(history, sight)
    part = "mostly" if 2 * days[domain] > sight.whole else "in part"
    return f", {part} on {domain_name(history, domain)}" if days[domain] else ""


def _spent(history: History, sight: Sight) -> Counter[str]:
    """The days in each domain."""
    days = Counter[str]()
    for wait, home, _, units in sight.ages:
        if home is not None:
            days[domain_at(history, home, wait.since)] += units
    return days


def _days(units: float) -> str:
    return f"{units / _DAY:,.1f}"


def _found(history: History, holder: str, run: _Run, until: datetime | None, settings: Settings) -> Found:
    sight, domain = run.last, run.scope
    where = "" if domain is None else _mostly(history, sight, domain)
    others = f"the median of all others who were waited on is {_days(sight.others)} days in all"
    old = f"{len(sight.old)} of them took more than {_days(sight.oldest)} days"
    return Found(
        pattern="bottleneck",
        scope=holder if domain is None else f"domain/{domain}",
        actors=(holder,),
        since=run.since,
        until=until,
        severity=rule_severity([None if domain is None else domain_stakes(history, domain, run.since)]),
        figure=round(sight.whole / _DAY, 1),
        unit="days",
        threshold=round(settings.bottleneck_times * max(sight.others, sight.usual) / _DAY, 1),
        decisions=len({wait.about for wait, *_ in sight.ages if wait.about.startswith("decision/")}),
        entries=tuple(sorted({age.wait.position for age in sight.old})),
        domain=domain,
        sentence=f"In the {settings.bottleneck_days} days to {day(sight.end)} "
        f"{count(len(sight.ages), 'matter')} waited {_days(sight.whole)} days for {holder}{where}; "
        f"such waits would take others {_days(sight.usual)} days in all. {old}; {others}.",
        stated=None
        if domain is None
        else restated(history, domain, run.since, lambda row: names(history, row, holder, history.at)),
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
