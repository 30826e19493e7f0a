"""Tested knots: whether a count is more than chance would give, asked again and again. Pure.

A pattern's tests are made at every UTC month end and at the history's instant, each over the trailing window
(end - 180 days, end], all trials of one evaluation as one family (Benjamini & Hochberg 1995, q = 0.05). Two
findings in a row raise a knot, which began with the first of them; two misses in a row close it, as of the
first of them. Each answer follows from what had occurred by its instant: asked as known earlier, the same
functions run on what was known then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import Generic, NamedTuple, Protocol, TypeVar

from services.projections.knots.chance import benjamini_hochberg
from services.projections.knots.knot import Severity
from services.projections.knots.reading import back
from services.projections.knots.settings import Settings


class Timed(Protocol):
    """Something that occurred at an instant."""

    @property
    def at(self) -> datetime: ...


O = TypeVar("O", bound=Timed)  # noqa: E741 — an observation
E = TypeVar("E")


class Key(NamedTuple):
    """What tells one knot of a pattern from another: the domain it lies in, and whom it names."""

    domain: str
    actor: str


class Trial(NamedTuple, Generic[E]):
    """One question put to chance over one window: `p`, and what it rests on."""

    key: Key
    p: float
    evidence: E


class Finding(NamedTuple, Generic[E]):
    """The trials of one key that were found at one evaluation; `adjusted` is the least of their p-values,
    adjusted for everything else that was asked with them."""

    at: datetime
    adjusted: float
    trials: Sequence[Trial[E]]

    @property
    def p(self) -> float:
        """The least p-value, by itself."""
        return min(trial.p for trial in self.trials)


class Episode(NamedTuple, Generic[E]):
    """A knot that was raised: since its first finding, until the first of the misses that closed it."""

    key: Key
    since: datetime
    until: datetime | None
    last: Finding[E]


@dataclass(slots=True)
class _Run(Generic[E]):
    """What has been found of one key since it was last missing."""

    since: datetime
    last: Finding[E]
    hits: int = 0
    raised: bool = False
    missed: list[datetime] = field(default_factory=list)

    def hit(self, finding: Finding[E], enough: int) -> None:
        self.hits, self.last, self.missed = self.hits + 1, finding, []
        self.raised = self.raised or self.hits >= enough

    def miss(self, at: datetime) -> None:
        self.hits = 0
        self.missed.append(at)

    def episode(self, key: Key, until: datetime | None) -> Episode[E]:
        return Episode(key, self.since, until, self.last)


def episodes(
    observed: Sequence[O], at: datetime, settings: Settings, test: Callable[[Sequence[O]], Iterable[Trial[E]]]
) -> Iterator[Episode[E]]:
    """Every episode up to `at` of what was observed, which is in order of time.

    `test` makes the trials of one window. All windows together visit each observation some six times.
    """
    runs: dict[Key, _Run[E]] = {}
    for end, window in windows(observed, at, settings):
        found = _found(end, test(window), settings)
        for key, finding in found.items():
            runs.setdefault(key, _Run(end, finding)).hit(finding, settings.tested_hits)
        for key in [key for key in runs if key not in found]:
            run = runs[key]
            run.miss(end)
            if not run.raised or len(run.missed) >= settings.tested_misses:
                del runs[key]
                if run.raised:
                    yield run.episode(key, run.missed[0])
    yield from (run.episode(key, None) for key, run in runs.items() if run.raised)


def _found(end: datetime, trials: Iterable[Trial[E]], settings: Settings) -> dict[Key, Finding[E]]:
    family = list(trials)
    found: dict[Key, list[tuple[float, Trial[E]]]] = defaultdict(list)
    for adjusted, trial in zip(benjamini_hochberg([trial.p for trial in family]), family, strict=True):
        if adjusted <= settings.tested_q and trial.p < 1:  # what chance gives for sure is never found
            found[trial.key].append((adjusted, trial))
    return {
        key: Finding(end, min(adjusted for adjusted, _ in each), [trial for _, trial in each])
        for key, each in found.items()
    }


def windows(
    observed: Sequence[O], at: datetime, settings: Settings
) -> Iterator[tuple[datetime, Sequence[O]]]:
    """Each evaluation from the first observation on, and what was observed in its window."""
    if not observed:
        return
    low = high = 0
    closed = settings.tested + timedelta(days=31 * (settings.tested_misses + 1))
    for end in ends(observed[0].at, min(at, observed[-1].at + closed)):  # by then, all there was is closed
        while high < len(observed) and observed[high].at <= end:
            high += 1
        while low < high and observed[low].at <= back(end, settings.tested):
            low += 1
        yield end, observed[low:high]


def ends(first: datetime, at: datetime) -> Iterator[datetime]:
    """Every end of a UTC month after an instant and by `at`, then `at` itself."""
    first = first.astimezone(UTC)
    month = first.year * 12 + first.month
    while month < 12 * MAXYEAR and (end := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) < at:
        yield end
        month += 1
    yield at


def severity(finding: Finding[E], settings: Settings) -> Severity:
    """Of a tested knot, by the adjusted p-value: by itself one of many would often be this small."""
    return "notice" if finding.adjusted < settings.tested_notice_p else "info"


def in_words(p: float) -> str:
    """How often chance gives as much, in words."""
    if p <= 1e-12:
        return "practically never by chance"
    times = round(1 / p)
    exact = f"{times:,}" if times < 1_000 else f"{float(f'{times:.2g}'):,.0f}"
    return f"by chance once in {exact}"
