"""Stalled: open work, and no decision for longer than max(90 d, p95 of >= 10 earlier gaps).

Both must have lasted: what was proposed yesterday in a field where little is decided is not stalled. Open
work are initiatives nothing was decided about and decisions that were opened or reopened and not made, unless
they ended, were withdrawn or superseded; what was begun after its initiative had ended is open all the same.
An initiative and the decision that carries it on are one matter. A gap lies between two decisions under one
row (while it is cleared, in the domains it was for; in one home domain where there never was one); the p95 is
the least of them that 95 in 100 do not exceed. A knot names who proposed what was waiting when it began; it
ends with the next decision, or when nothing is left to decide.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from math import ceil
from typing import NamedTuple

from schemas.decision import Made, Opened, Reopened, Superseded
from schemas.initiative import Proposed
from services.projections.facts.fact import FOREVER
from services.projections.flow.open_work import carrying
from services.projections.history import Act, Decision, History, Initiative, Step
from services.projections.knots.knot import GRAVE, Found, Pattern
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, domain_stakes, found, joined
from services.projections.knots.standing import restated
from services.projections.knots.wording import called, count, day, domain_name, listed


class Work(NamedTuple):
    """Something that was open to be decided, from when until when; `home`: its domain as it was told then."""

    home: str
    since: datetime
    until: datetime | None
    subject: str
    proposers: frozenset[str]
    entry: int
    stakes: str | None
    """Its own, if it said any."""
    matter: str
    """Its subject, or that of the initiative it carries on."""


class Gap(NamedTuple):
    """No decision from `since` (None: there had been none) until `until` (None: still)."""

    since: datetime | None
    until: datetime | None
    bound: timedelta
    last: Act | None

    @property
    def long(self) -> bool:
        """Whether anything can have been stalled in it."""
        return self.since is None or (self.until or FOREVER) - self.since > self.bound


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From when it had lasted too long."""
    made: dict[str, list[Act]] = defaultdict(list)
    for act in history.acts:
        if act.status != "apart":
            made[_scope(history, act.row_domain or act.home, act.at)].append(act)
    for scope, works in sorted(_works(history).items()):
        gaps = [gap for gap in _gaps(made[scope], settings) if gap.long]
        spells = [spell for gap in gaps for spell in _spells(history, scope, works, gap)]
        for episode in joined(spells, history.at):
            yield _found(history, episode, [act for act in made[scope] if act.at <= episode.since])


def _works(history: History) -> Mapping[str, Sequence[Work]]:
    found: dict[str, list[Work]] = defaultdict(list)
    for initiative in history.initiatives.values():
        if initiative.proposed is not None and initiative.proposed[1].domains:
            work = _initiative(history, initiative, *initiative.proposed)
            found[_scope(history, work.home, work.since)].append(work)
    initiatives = ((carrying(history, one), one) for one in history.initiatives.values())
    carried = {first.id: f"initiative/{one.id}" for first, one in initiatives if first is not None}
    for decision in history.decisions.values():
        for work in _decision(history, decision, carried.get(decision.id, f"decision/{decision.id}")):
            found[_scope(history, work.home, work.since)].append(work)
    return found


def _scope(history: History, home: str, at: datetime) -> str:
    reign = history.in_force.at(home, at)
    if reign is None:
        return f"domain/{home}"
    if reign.row is not None:
        return f"domain/{reign.row.domain}"
    matrix = history.structure.matrix
    last = (matrix.own_row(domain, at, history.at) for domain in reign.chain)
    return f"domain/{next((row.domain for row in last if row is not None), home)}"


def _initiative(history: History, initiative: Initiative, proposed: Step, said: Proposed) -> Work:
    acts = [act.at for one in history.decided.get(initiative.id, ()) for act in one.acts if _decides(act)]
    until = min([*acts, *_over(initiative, proposed)], default=None)
    who, subject = frozenset(map(history.who, said.proposers)), f"initiative/{initiative.id}"
    return Work(said.domains[0], proposed.at, until, subject, who, proposed.position, said.stakes, subject)


def _over(initiative: Initiative | None, begun: Step) -> list[datetime]:
    """When an initiative ended, for what was begun by then."""
    ended = initiative.ended if initiative is not None else None
    return [] if ended is None or ended.at < begun.at else [ended.at]


def _decides(act: Act) -> bool:
    return act.status != "apart"


def _decision(history: History, decision: Decision, matter: str) -> Iterator[Work]:
    """While it was open or reopened."""
    initiative = history.initiatives.get(decision.initiative or "")
    decided = {act.position for act in decision.acts if _decides(act)}
    begun: Step | None = None
    for step in decision.steps:
        if isinstance(step.data, Opened | Reopened):
            begun = begun or step
        elif begun and (isinstance(step.data, Superseded) or step.position in decided):
            yield _open(history, decision, begun, min([step.at, *_over(initiative, begun)]), matter)
            begun = None
    if begun:
        yield _open(history, decision, begun, min(_over(initiative, begun), default=None), matter)


def _open(history: History, decision: Decision, begun: Step, until: datetime | None, matter: str) -> Work:
    who = history.proposers(decision)
    told = (step.data for step in reversed(decision.steps) if step[:2] <= begun[:2])
    home = next((said.domains[0] for said in told if isinstance(said, Made | Opened)), decision.home or "")
    stakes = decision.opened[1].stakes if decision.opened else None
    return Work(home, begun.at, until, f"decision/{decision.id}", who, begun.position, stakes, matter)


def _gaps(acts: Sequence[Act], settings: Settings) -> Iterator[Gap]:
    least = timedelta(days=settings.stalled_days)
    if not acts:
        yield Gap(None, None, least, None)
        return
    yield Gap(None, acts[0].at, least, None)
    earlier: list[timedelta] = []
    for act, following in zip_longest(acts, acts[1:]):
        yield Gap(act.at, following.at if following else None, _bound(earlier, least, settings), act)
        if following is not None:
            insort(earlier, following.at - act.at)


def _bound(earlier: Sequence[timedelta], least: timedelta, settings: Settings) -> timedelta:
    if len(earlier) < settings.stalled_gaps:
        return least
    return max(least, earlier[ceil(len(earlier) * settings.stalled_percentile / 100) - 1])


def _spells(history: History, scope: str, works: Sequence[Work], gap: Gap) -> Iterator[Spell]:
    """Each time in one gap that something had been open for too long."""
    run: list[tuple[datetime, datetime | None, Work]] = []
    for late in sorted(_late(works, gap), key=lambda one: (one[0], one[2].entry)):
        if run and (ends := _end(run)) is not None and ends < late[0]:
            yield _spell(history, scope, run, gap)
            run = []
        run.append(late)
    if run:
        yield _spell(history, scope, run, gap)


def _late(works: Sequence[Work], gap: Gap) -> Iterator[tuple[datetime, datetime | None, Work]]:
    for work in works:
        begun = max(work.since, gap.since or work.since)
        until = min((end for end in (work.until, gap.until) if end is not None), default=None)
        if (until or FOREVER) - begun > gap.bound:
            yield begun + gap.bound, until, work


def _end(run: Sequence[tuple[datetime, datetime | None, Work]]) -> datetime | None:
    ends = [until for _, until, _ in run if until is not None]
    return max(ends) if len(ends) == len(run) else None


def _spell(
    history: History, scope: str, run: Sequence[tuple[datetime, datetime | None, Work]], gap: Gap
) -> Spell:
    since, until = run[0][0], _end(run)
    first = [work for start, _, work in run if start == since]
    oldest = min(first, key=lambda work: (work.since, work.entry))
    waited = min(until or history.at, history.at) - (since - gap.bound)
    stakes = [domain_stakes(history, scope.partition("/")[2], since), *(work.stakes for _, _, work in run)]
    return Spell(
        scope=scope,
        actors=tuple(sorted({holder for work in first for holder in work.proposers})),
        since=since,
        until=until,
        entries=(*([gap.last.position] if gap.last else []), *(work.entry for _, _, work in run)),
        figure=waited.total_seconds() / 86_400,
        stakes=next((one for one in stakes if one in GRAVE), None),
        threshold=gap.bound.total_seconds() / 86_400,
        about=_sentence(history, scope.partition("/")[2], gap, until, [work for _, _, work in run], oldest),
    )


def _sentence(
    history: History, domain: str, gap: Gap, until: datetime | None, works: Sequence[Work], oldest: Work
) -> str:
    name = domain_name(history, domain)
    who = listed(oldest.proposers) or "somebody unknown"
    ended = until is not None and until <= history.at
    many = len({work.matter for work in works})
    wait = "waited" if ended else "waits" if many == 1 else "wait"
    waiting = f"while {count(many, 'matter')} {wait}; the oldest, {called(history, oldest.subject)}, "
    opened = f"was opened on {day(oldest.since)} by {who}."
    if until is not None and ended:
        since = f"from {day(gap.last.at)} " if gap.last else ""
        return f"Nothing was decided on {name} {since}until {day(until)}, {waiting}{opened}"
    since = f"since {day(gap.last.at)}" if gap.last else "so far"
    return f"Nothing has been decided on {name} {since}, {waiting}{opened}"


def _found(history: History, episode: Episode, made: Sequence[Act]) -> Found:
    spell = episode.current()[-1]
    return found(
        "stalled",
        episode,
        figure=round(spell.figure, 1),
        unit="days",
        threshold=round(spell.threshold or 0, 1),
        sentence=spell.about,
        stated=restated(history, episode.scope.partition("/")[2], episode.since),
        of=made,
    )


PATTERNS = (
    Pattern(
        name="stalled",
        episodes=episodes,
        why="Work that waits for a decision longer than people are used to is given up, or goes around it.",
        question="Whose word is this waiting for, and what do they wait for?",
        closes="The next decision here, or what is open being withdrawn.",
    ),
)
