"""The windows of the answer of `flow`, from what was found. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import median
from typing import Any, Final, TypeAlias, TypeVar

from services.projections.chosen import Windows, inferred
from services.projections.evidence import Counted, Mark, counted, positions
from services.projections.flow import answer
from services.projections.flow.found import Found, Passed
from services.projections.flow.lapse import Lapse, durations
from services.projections.flow.open_work import Balance, balance, open_at
from services.projections.flow.proposed import proposing
from services.projections.flow.stages import OUT_OF_ORDER, SKIPPED
from services.projections.flow.told import DAY, in_days, lasting
from services.projections.flow.waited import waiting
from services.projections.history import History
from services.projections.measures_survival import Curve
from services.projections.views.question import FIRST, Window
from services.projections.wording import numbered

T = TypeVar("T")
Group: TypeAlias = tuple[str, str | None, Sequence[Lapse]]
"""Of what (`all`, `level`, `stakes`), which one, and its holds."""
_STAKES: Final = ("strategic", "high", "medium", "low", None)
_HORIZONS: Final = (7, 30, 90, 180, 365, 730)
_YEAR: Final = 365
_INSTANT: Final = timedelta(microseconds=1)
_OLDEST: Final = 20
"""How many items of open work are shown."""
_PASSED_ON: Final = "{n} {n:escalation|escalations} about {about} {about:decision|decisions}"


class Placed:
    """What began in each window; what reaches into several is in all of them."""

    def __init__(self, windows: Sequence[Window], as_of: datetime) -> None:
        self._windows = Windows(windows, as_of)
        self._places = range(len(windows))

    def began(self, things: Iterable[T], at: Any) -> list[list[T]]:
        """By window, the things that began in it."""
        found: list[list[T]] = [[] for _ in self._places]
        for thing in things:
            place = self._windows.of(at(thing))
            if place is not None:
                found[place].append(thing)
        return found

    def reaching(self, lapses: Iterable[Lapse]) -> list[list[Lapse]]:
        """By window, the lapses that lie in it in part or whole."""
        found: list[list[Lapse]] = [[] for _ in self._places]
        for lapse in lapses:
            for place in self._places[self._first(lapse) :]:
                if self._windows.opens(place) > lapse.end:
                    break
                found[place].append(lapse)
        return found

    def _first(self, lapse: Lapse) -> int:
        place = self._windows.of(lapse.start)
        if place is not None:
            return place
        return 0 if self._places and lapse.start < self._windows.opens(0) else len(self._places)

    def closes(self, place: int) -> datetime:
        return self._windows.closes(place)


def flow(history: History, found: Found, windows: Sequence[Window]) -> list[answer.FlowWindow]:
    """One answer a window."""
    placed = Placed(windows, history.at)
    legs = {leg: placed.began(lapses, _start) for leg, lapses in found.legs.items()}
    holds, passed = placed.began(found.holds, _start), placed.began(found.passed, _passed_at)
    opened, waited = placed.reaching(found.openings), placed.reaching(found.waits)
    proposed = placed.began(found.proposals, _proposed_at)
    acts = placed.began(found.acts, attrgetter("at"))
    groups = [_groups(lapses) for lapses in holds]
    points = [[_points(group) for group in these] for these in groups]
    return [
        answer.FlowWindow(
            from_=window.start,
            to=window.end,
            inferred=inferred(acts[place]),
            legs=[_leg(*leg, lapses[place]) for leg, lapses in legs.items()],
            hold=[_hold(*one) for one in zip(groups[place], points[place], strict=True)],
            hold_curve=[point for these in points[place] for point in these],
            open_work=_open(history, opened[place], waited[place], _last(window, placed.closes(place))),
            waiting=waiting(waited[place], window, placed.closes(place)),
            escalations=_escalations(passed[place]),
            proposing=proposing(proposed[place]),
            balance=_balance(opened[place], window, placed.closes(place)),
        )
        for place, window in enumerate(windows)
    ]


def _start(lapse: Lapse) -> datetime:
    return lapse.start


def _passed_at(passed: Passed) -> datetime:
    return passed.lapse.start


def _proposed_at(proposal: Any) -> datetime:
    at: datetime = proposal.at
    return at


def _last(window: Window, closes: datetime) -> datetime:
    """The last instant of a window."""
    if window.end is None or closes < window.end:
        return closes
    return max(closes, FIRST + _INSTANT) - _INSTANT


def _leg(begun: str, to: str, lapses: Sequence[Lapse]) -> answer.Leg:
    return answer.Leg(
        from_=begun,
        to=to,
        skipped=_which(lapses, SKIPPED),
        out_of_order=_which(lapses, OUT_OF_ORDER),
        **lasting([lapse for lapse in lapses if lapse.how is None]),
    )


def _which(lapses: Iterable[Lapse], how: str) -> Counted:
    """Those of this sort, each shown by its last entry."""
    return counted([(lapse.end, lapse.entries[-1]) for lapse in lapses if lapse.how == how])


def _groups(lapses: Sequence[Lapse]) -> list[Group]:
    """All, and those of each level and stakes there are."""
    groups: list[Group] = [("all", None, lapses)]
    levels = {lapse.case.level for lapse in lapses}
    for level in sorted(levels, key=lambda one: (one is None, one or 0)):
        key = None if level is None else str(level)
        groups.append(("level", key, [lapse for lapse in lapses if lapse.case.level == level]))
    by_stakes = ((stakes, [lapse for lapse in lapses if lapse.case.stakes == stakes]) for stakes in _STAKES)
    groups.extend(("stakes", stakes or "none", of) for stakes, of in by_stakes if of)
    return groups


def _hold(group: Group, points: Sequence[answer.Standing]) -> answer.Hold:
    by, key, lapses = group
    told = lasting(lapses)
    if lapses:
        told["in_words"] = _held(len(lapses) - told["censored"], len(lapses), points)
    return answer.Hold(
        by=by,
        key=key,
        overridden=_which(lapses, "overridden"),
        reversed=_which(lapses, "reversed"),
        reopened=_which(lapses, "reopened"),
        **told,
    )


def _held(undone: int, n: int, points: Iterable[answer.Standing]) -> str:
    """How many were undone, and what stands after a year, or as long as was seen."""
    said = f"{undone or 'none'} of {n} undone"
    seen = [one for one in points if one.share is not None and one.days <= _YEAR]
    return f"{said}; {seen[-1].share:.0%} stand after {seen[-1].days} days" if seen else said


def _points(group: Group) -> list[answer.Standing]:
    by, key, lapses = group
    curve = Curve(durations(lapses))
    return [
        answer.Standing(
            by=by,
            key=key,
            days=days,
            share=(share := curve.share(days * DAY // _INSTANT)),
            at_risk=sum(lapse.lasted >= days * DAY for lapse in lapses),
            why_null={} if share is not None else {"share": "nothing was seen for so long"},
        )
        for days in _HORIZONS
    ]


def _open(history: History, lapses: Sequence[Lapse], waits: Sequence[Lapse], at: datetime) -> answer.OpenWork:
    now = open_at(lapses, at)
    ages = [(at - lapse.start) / DAY for lapse in now]
    told: dict[str, Any] = {
        "median_age_days": median(ages) if ages else None,
        "oldest_days": ages[0] if ages else None,
        "in_words": _still(ages) if ages else None,
    }
    waiting_on: dict[str, set[str]] = {}
    for wait in open_at(waits, at):
        waiting_on.setdefault(wait.of, set()).add(wait.holder or "")
    return answer.OpenWork(
        n=len(now),
        entries=[lapse.entries[0] for lapse in now[:_OLDEST]],
        rows=[
            answer.OpenItem(
                subject=lapse.of,
                title=_title(history, lapse.of),
                home=lapse.case.home,
                since=lapse.start,
                age_days=age,
                waiting_on=sorted(set().union(*(waiting_on.get(of, ()) for of in _about(history, lapse.of)))),
                entries=list(lapse.entries[:1]),
            )
            for lapse, age in list(zip(now, ages, strict=True))[:_OLDEST]
        ],
        why_null={name: "nothing was open" for name, figure in told.items() if figure is None},
        **told,
    )


def _still(ages: Sequence[float]) -> str:
    """How much is open, and for how long."""
    half = in_days(median(ages))
    return f"1 open, for {half}" if len(ages) == 1 else f"{len(ages)} open, half for {half} or more"


def _about(history: History, subject: str) -> list[str]:
    """A piece of work and its initiative: who is waited on for that holds up its decisions too."""
    kind, _, id = subject.partition("/")
    initiative = history.decisions[id].initiative if kind == "decision" else None
    return [subject, f"initiative/{initiative}"] if initiative else [subject]


def _title(history: History, subject: str) -> str | None:
    kind, _, id = subject.partition("/")
    if kind == "decision":
        return history.decisions[id].title
    proposed = history.initiatives[id].proposed
    return proposed[1].title if proposed else None


def _escalations(passed: Sequence[Passed]) -> answer.Escalations:
    between: dict[tuple[str, str], list[Lapse]] = {}
    for one in passed:
        between.setdefault((one.by, one.lapse.holder or ""), []).append(one.lapse)
    decisions = len({one.lapse.of for one in passed})
    return answer.Escalations(
        escalated=Counted(count=len(passed), entries=_entries(one.lapse for one in passed)),
        decisions=decisions,
        in_words=numbered(_PASSED_ON, n=len(passed), about=decisions) if passed else None,
        why_null={} if passed else {"in_words": "no question was passed on"},
        rows=[
            answer.Escalation(
                from_=by,
                to=to,
                escalations=len(lapses),
                open=sum(not lapse.ended for lapse in lapses),
                entries=_entries(lapses),
            )
            for (by, to), lapses in sorted(between.items(), key=lambda item: (-len(item[1]), item[0]))
        ],
    )


def _entries(lapses: Iterable[Lapse]) -> list[int]:
    return positions((lapse.start, lapse.entries[0]) for lapse in lapses)


def _balance(lapses: Sequence[Lapse], window: Window, closes: datetime) -> answer.Balanced:
    starts = [lapse.start for lapse in lapses]
    opens = window.start or min(starts, default=closes)
    of = balance(lapses, opens, closes) if lapses else None
    if of is None:
        why = "there was no work in this window"
        fields = ("days", "mean_open", "arrivals_per_day", "mean_days", "expected_open", "in_words")
        none: dict[str, Any] = dict.fromkeys(fields)
        why_null = dict.fromkeys(fields, why)
        return answer.Balanced(arrivals=0, departures=0, why_null=why_null, entries=[], **none)
    expected = None if of.mean_days is None else of.per_day * of.mean_days
    told: dict[str, Any] = {
        "mean_days": of.mean_days,
        "expected_open": expected,
        "in_words": _in_words(of, expected),
    }
    return answer.Balanced(
        days=of.days,
        arrivals=of.arrivals,
        entries=positions(_moves(lapses, opens, closes)),
        departures=of.departures,
        mean_open=of.mean_open,
        arrivals_per_day=of.per_day,
        why_null={name: "no work was finished" for name, figure in told.items() if figure is None},
        **told,
    )


def _moves(lapses: Iterable[Lapse], opens: datetime, closes: datetime) -> Iterator[Mark]:
    """The entries by which work came in and went out."""
    for lapse in lapses:
        if opens <= lapse.start < closes:
            yield lapse.start, lapse.entries[0]
        if lapse.ended and opens <= lapse.end < closes:
            yield lapse.end, lapse.entries[-1]


def _in_words(of: Balance, expected: float | None) -> str | None:
    if expected is None or of.mean_days is None:
        return None
    said = f"{of.mean_open:.1f} open on average; what was finished had taken {in_days(of.mean_days)}"
    if of.mean_open > 1.25 * expected:
        return f"{said}, which explains {expected:.1f} only: some work is left lying"
    if of.mean_open < 0.8 * expected:
        return f"{said}, which is more than {expected:.1f} would give: old work is being cleared"
    return f"{said}: what comes in goes out"
