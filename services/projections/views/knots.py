"""Invisible knots: patterns worth a conversation, with the entries that show them and what was answered."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta

from services.projections import knot_lives as life
from services.projections.changed import EVERYWHERE
from services.projections.chosen import Windows
from services.projections.connection import Connection
from services.projections.history import History
from services.projections.knots.knot import SEVERITIES, Severity
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from services.projections.knots.wording import count, day
from services.projections.views.answer import RestsOn
from services.projections.views.filters import MOMENT
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import history
from services.projections.views.question import (
    BadParameterError,
    Interval,
    Question,
    Window,
    identifier,
    instant,
    windows,
)
from services.projections.views.view import View

VIEW: Final = "knots"
VERSION: Final = 2
ENDS: Final = 10  # so many entries from either end of a long list
State: TypeAlias = Literal["open", "closed"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which knots. With a window: those that were open at some time within it."""

    state: Annotated[
        Literal["open", "closed", "all"], Meta(description="As of `at`; by default those that are open.")
    ] = "open"
    pattern: Annotated[str | None, Meta(description="By its name: `stalled`, `shadow authority` …")] = None
    severity: Annotated[Severity | None, Meta(description="Of this severity alone.")] = None
    domain: Annotated[
        str | None, Meta(description="Knots of a domain with all below it, by its bare id.")
    ] = None
    actor: Annotated[str | None, Meta(description="Knots that concern this actor, by its bare id.")] = None
    body: Annotated[str | None, Meta(description="Knots that concern this body, by its bare id.")] = None
    decision: Annotated[
        str | None, Meta(description="Knots that this decision is part of, by its bare id.")
    ] = None
    start: Annotated[
        str | None, Meta(description=MOMENT + "The window begins here; by default unbounded.")
    ] = msgspec.field(default=None, name="from")
    end: Annotated[str | None, Meta(description=MOMENT + "The window ends before; by default unbounded.")] = (
        msgspec.field(default=None, name="to")
    )
    interval: Annotated[
        Interval | None,
        Meta(description="Beside the knots a series of calendar intervals in UTC, clipped to the window."),
    ] = None

    def __post_init__(self) -> None:
        for name in ("domain", "actor", "body", "decision"):
            identifier(name, getattr(self, name))
        start, end = self.window
        if start is not None and end is not None and end < start:
            raise BadParameterError("to", "`to` lies before `from`", "the window is [from, to)")

    @property
    def narrowed(self) -> bool:
        """Whether it asks for some by what they are about, and not for all of a state or a time."""
        about = (self.pattern, self.severity, self.domain, self.actor, self.body, self.decision)
        return any(one is not None for one in about)

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        """The instants of `from` and `to`."""
        start = None if self.start is None else instant("from", self.start)
        return start, None if self.end is None else instant("to", self.end)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody answered to a knot."""

    response: Literal["formalise", "change", "accept", "dispute"]
    by: Annotated[str, Meta(description="Who, as it stands after merges.")]
    at: datetime
    position: int
    note: Annotated[bool, Meta(description="Whether there is a note, which the ledger keeps sealed.")]


class Knot(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern that was found, from when its condition first held until it no longer did."""

    id: Annotated[str, Meta(description="Answers are about `knot/<id>`. The same after any rebuild.")]
    pattern: str
    scope: Annotated[str, Meta(description="Where: a subject, mostly `domain/<id>`.")]
    domain: Annotated[str | None, Meta(description="The bare id of the domain it lies in.")]
    actors: Annotated[list[str], Meta(description="Whom it concerns: holders, after merges.")]
    severity: Severity
    state: State
    since: datetime
    until: Annotated[datetime | None, Meta(description="When it closed; null: it is open.")]
    sentence: Annotated[str, Meta(description="What was found, for a person; holders by their subjects.")]
    figure: Annotated[float, Meta(description="What tripped it, as of `at` or its end.")]
    unit: Annotated[str, Meta(description="What the figure counts or measures.")]
    threshold: Annotated[
        float | None,
        Meta(
            description="In the unit of the figure; of `silos` the days that bodies may go without a link."
            " Null: the fact alone is enough."
        ),
    ]
    tested: Annotated[bool, Meta(description="Found by a test of significance at month ends, not by a rule.")]
    decisions: Annotated[int, Meta(ge=0, description="How many decisions it rests on.")]
    inferred: Annotated[int, Meta(ge=0, description="Of these, those whose deciders were inferred.")]
    entries: Annotated[
        list[int], Meta(description="Positions of the entries that show it: the first and last ten.")
    ]
    entries_total: Annotated[int, Meta(ge=0)]
    why: Annotated[str, Meta(description="Why it matters.")]
    question: Annotated[str, Meta(description="To open a conversation with.")]
    closes: Annotated[str, Meta(description="What would close it.")]
    answered: Annotated[str | None, Meta(description="The last response, if there is any.")]
    formalised: Annotated[
        bool, Meta(description="It closed since it was answered `formalise` and the matrix says so now.")
    ]
    answers: list[Answer]


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern that somebody named. It is not judged here."""

    id: str
    pattern: str
    by: str
    since: Annotated[datetime, Meta(description="When it was raised.")]
    position: int
    about: list[str]
    entries: list[int]
    entries_total: Annotated[int, Meta(ge=0)]
    note: Annotated[bool, Meta(description="Whether there is a note, which the ledger keeps sealed.")]
    answered: str | None
    answers: list[Answer]


class Lost(msgspec.Struct, frozen=True, kw_only=True):
    """Answers to a knot that is found no more: facts it rested on were corrected, or others came late."""

    id: str
    answers: list[Answer]


class Interim(msgspec.Struct, frozen=True, kw_only=True):
    """One window of a series: of the knots asked about, open by now or closed."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    begun: Annotated[int, Meta(ge=0, description="Whose condition first held in the window.")]
    closed: Annotated[int, Meta(ge=0)]
    open: Annotated[int, Meta(ge=0, description="When the window closed.")]
    severities: Annotated[
        dict[str, int], Meta(description="Of those open then, by the severity they have now")
    ]
    patterns: Annotated[dict[str, int], Meta(description="Of those open then, the patterns there are.")]


class Knots(msgspec.Struct, frozen=True, kw_only=True):
    """The gravest first, then the oldest."""

    rests_on: RestsOn
    question: Asked
    in_words: str
    counts: Annotated[dict[str, int], Meta(description="Of those shown, by severity.")]
    knots: list[Knot]
    series: Annotated[list[Interim], Meta(description="Empty unless an `interval` is asked for.")]
    raised: Annotated[list[Raised], Meta(description="By people, the oldest first.")]
    lost: Annotated[
        list[Lost],
        Meta(description="Empty where some knots alone are asked for: of what is lost nobody can tell."),
    ]
    settings: Annotated[Settings, Meta(description="The thresholds that were applied.")]


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Knots:
    """Invisible knots: patterns worth a conversation, each with its figures, its entries and its answers."""
    past = await history(connection, ground, structures)
    return knots(asked, past, structures.knots, ground.rests_on(VIEW, VERSION))


def knots(asked: Asked, past: History, settings: Settings, rests_on: RestsOn) -> Knots:
    """The answer. BadParameterError for a pattern that nobody looks for and nobody raised."""
    told = past.once((life.lives, settings), lambda: life.lives(past, settings))
    pattern = _pattern(asked.pattern, told)
    below = (
        None if asked.domain is None else {asked.domain, *past.structure.matrix.below(asked.domain, past.at)}
    )
    holders = {past.who(f"actor/{asked.actor}")} if asked.actor is not None else set()
    holders |= {f"body/{asked.body}"} if asked.body is not None else set()
    part = None if asked.decision is None else _entries_of(past, asked.decision)
    chosen = [
        one
        for one in told.knots
        if _in_window(one.found.since, one.until, asked)
        and asked.severity in (None, one.found.severity)
        and pattern in (None, _key(one.found.pattern))
        and (below is None or one.found.domain in below)
        and holders <= set(one.found.actors)
        and (part is None or not part.isdisjoint(one.found.entries))
    ]
    shown = [_shown(one) for one in chosen if _in_state(one, asked.state)]
    raised = [
        one
        for one in told.raised
        if asked.state != "closed"
        and asked.severity is None
        and _in_window(one.step.at, None, asked)
        and pattern in (None, _key(one.data.pattern))
        and (
            below is None or any(about == f"domain/{domain}" for about in one.data.about for domain in below)
        )
        and holders <= set(map(past.who, one.data.about))
        and (asked.decision is None or f"decision/{asked.decision}" in one.data.about)
    ]
    counts = Counter(one.severity for one in shown)
    return Knots(
        rests_on=rests_on,
        question=asked,
        in_words=_words(shown, len(raised), asked),
        counts={severity: counts[severity] for severity in SEVERITIES},
        knots=shown,
        series=_series(chosen, asked, past.at),
        raised=[_raised(past, one) for one in raised],
        lost=[] if asked.narrowed else [Lost(id=id, answers=_answers(given)) for id, given in told.lost],
        settings=settings,
    )


def _entries_of(past: History, decision: str) -> frozenset[int]:
    """The positions of what was said of a decision, and asked and advised about it."""
    known = past.decisions.get(decision)
    streams = [*([known] if known else []), *past.consulted.get(f"decision/{decision}", ())]
    return frozenset(step.position for stream in streams for step in stream.steps)


def _key(pattern: str) -> str:
    return pattern.replace("-", " ").replace("_", " ").casefold()


def _pattern(asked: str | None, told: life.Lives) -> str | None:
    if asked is None:
        return None
    known = {_key(name) for name in PATTERNS} | {_key(one.data.pattern) for one in told.raised}
    if _key(asked) not in known:
        hint = f"the patterns are {', '.join(PATTERNS)}"
        raise BadParameterError("pattern", f"nobody looks for `{asked[:80]!a}`, or raised it by then", hint)
    return _key(asked)


def _in_state(one: life.Knot, state: str) -> bool:
    return state == "all" or (one.until is None) == (state == "open")


def _series(chosen: Sequence[life.Knot], asked: Asked, as_of: datetime) -> list[Interim]:
    if asked.interval is None:
        return []
    start, end = asked.window
    question = Question(start=start, end=end, interval=asked.interval)
    asked_windows = windows(question, min((one.found.since for one in chosen), default=None), as_of)
    placed = Windows(asked_windows, as_of)
    begun = placed.parted((one.found.since, one) for one in chosen)
    closed = placed.parted((one.until, one) for one in chosen if one.until is not None)
    return [
        _interim(window, len(begun[place]), len(closed[place]), chosen)
        for place, window in enumerate(asked_windows)
    ]


def _interim(window: Window, begun: int, closed: int, chosen: Sequence[life.Knot]) -> Interim:
    still = [one.found for one in chosen if _open_at_the_end(one, window)]
    severities = Counter(one.severity for one in still)
    return Interim(
        from_=window.start,
        to=window.end,
        begun=begun,
        closed=closed,
        open=len(still),
        severities={severity: severities[severity] for severity in SEVERITIES},
        patterns=dict(sorted(Counter(one.pattern for one in still).items())),
    )


def _open_at_the_end(one: life.Knot, window: Window) -> bool:
    if window.end is None:
        return one.until is None
    return one.found.since < window.end and (one.until is None or one.until >= window.end)


def _in_window(since: datetime, until: datetime | None, asked: Asked) -> bool:
    start, end = asked.window
    return (end is None or since < end) and (start is None or until is None or until > start)


def _shown(one: life.Knot) -> Knot:
    found, pattern = one.found, PATTERNS[one.found.pattern]
    return Knot(
        id=found.id,
        pattern=found.pattern,
        scope=found.scope,
        domain=found.domain,
        actors=list(found.actors),
        severity=found.severity,
        state="open" if one.until is None else "closed",
        since=found.since,
        until=one.until,
        sentence=found.sentence,
        figure=found.figure,
        unit=found.unit,
        threshold=found.threshold,
        tested=pattern.tested,
        decisions=found.decisions,
        inferred=found.inferred,
        entries=_ends(found.entries),
        entries_total=len(found.entries),
        why=pattern.why,
        question=found.question or pattern.question,
        closes=found.closes or pattern.closes,
        answered=one.answers[-1].response if one.answers else None,
        formalised=one.formalised,
        answers=_answers(one.answers),
    )


def _raised(past: History, one: life.RaisedKnot) -> Raised:
    return Raised(
        id=one.id,
        pattern=one.data.pattern,
        by=past.who(f"actor/{one.data.by}"),
        since=one.step.at,
        position=one.step.position,
        about=list(one.data.about),
        entries=_ends(one.data.entries),
        entries_total=len(one.data.entries),
        note=one.data.note is not None,
        answered=one.answers[-1].response if one.answers else None,
        answers=_answers(one.answers),
    )


def _answers(given: Sequence[life.Answer]) -> list[Answer]:
    return [msgspec.convert(one._asdict(), Answer) for one in given]


def _ends(entries: Sequence[int]) -> list[int]:
    return [*entries] if len(entries) <= 2 * ENDS else [*entries[:ENDS], *entries[-ENDS:]]


def _words(shown: Sequence[Knot], raised: int, asked: Asked) -> str:
    """`2 warnings and 9 notices, the oldest since 18 November 2024; 1 raised by people`."""
    counts = Counter(one.severity for one in shown)
    parts = [
        f"{counts[one]} info" if one == "info" else count(counts[one], one)
        for one in SEVERITIES
        if counts[one]
    ]
    such = "such " if asked.narrowed or asked.window != (None, None) else ""
    none = f"no {such}knots {'at all' if asked.state == 'all' else f'are {asked.state}'}"
    said = ", ".join(parts) or none
    oldest = f"; the oldest since {day(min(one.since for one in shown))}" if shown else ""
    return said + oldest + (f"; {raised} raised by people" if raised else "")


VIEWS = (
    View(name=VIEW, version=VERSION, question=Asked, answer=Knots, ask=ask, long=True, beyond=EVERYWHERE),
)
