"""Exclusion: somebody who should take part does so far less than people here do.

Two questions are kept apart. *Asked, silent*: they were in the electorate and took no position, or their
advice was asked and did not come before the decision. *Not asked*: the row demands their advice and nobody
asked for it. Each is put to chance at the rate pooled over the whole ledger and window, electors and advisers
each by themselves, or at that of the others in the same domain where they miss more: domains differ in how
many it takes. What is asked about an initiative is asked once, for its next decision. Where advice came that
bears no name it may have been anybody's who was asked, and none of them is silent. Where any one may decide
alone, not taking part says nothing, so `any` is left out: of electors by the rule their decision was opened
with, else by the row's; of advisers by the row's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import fsum
from typing import Final, Literal, NamedTuple, TypeAlias

from schemas.types import Any
from services.projections.facts.matrix import Row
from services.projections.history import Act, Decision, History
from services.projections.knots import tested
from services.projections.knots.chance import poisson_binomial_tail
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import decision_of, decisions_of, inferred_of
from services.projections.knots.settings import Settings
from services.projections.knots.standing import restated
from services.projections.knots.stated import (
    consultations,
    demands,
    domain_of,
    first_made,
    had_a_hand,
    row_of,
    stands_for,
    took_part,
    turns,
    unnamed,
)
from services.projections.knots.tested import Episode, Key, Trial
from services.projections.knots.wording import count, day, domain_name

Role: TypeAlias = Literal["elector", "adviser", "contributor"]
"""An elector who was asked to decide, an adviser who was asked, a contributor who must be asked."""
_ASKED: Final[tuple[Role, ...]] = ("elector", "adviser")
_NOT_ASKED: Final[tuple[Role, ...]] = ("contributor",)
_ROLES: Final = (*_ASKED, *_NOT_ASKED)


class Chance(NamedTuple):
    """One occasion for somebody to take part in a decision. A contributor *took* it if they were asked."""

    at: datetime
    domain: str
    holder: str
    role: Role
    took: bool
    act: Act
    entries: tuple[int, ...]


class Evidence(NamedTuple):
    """The occasions of one holder, in some roles."""

    chances: Sequence[Chance]
    missed: int
    expected: float


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """Every episode, in no order."""
    chances = sorted(_chances(history), key=lambda one: (one.at, one.act.position, one.holder, one.role))
    for episode in tested.episodes(chances, history.at, settings, lambda window: trials(window, settings)):
        yield _found(history, settings, episode)


def _chances(history: History) -> Iterator[Chance]:
    first = [act for act in map(first_made, history.decisions.values()) if act]
    since = turns(history, first)
    for act in first:
        decision = decision_of(history, act)
        row = row_of(history, act)
        stated = row.rule if row else None
        voted = decision.opened[1].rule if decision.opened else None
        if not isinstance(voted or stated, Any):
            yield from _electors(history, decision, act)
        if row is not None and not isinstance(stated, Any):
            yield from _contributors(history, decision, act, row, since.get(act.decision))


def _electors(history: History, decision: Decision, act: Act) -> Iterator[Chance]:
    if decision.opened is None:
        return
    step, opened = decision.opened
    for holder in sorted({history.who(one.holder) for one in opened.electorate}):
        if history.structure.live(holder, act.at):
            took = took_part(history, decision, act, holder)
            entries = (step.position, act.position)
            yield Chance(act.at, domain_of(act), holder, "elector", took, act, entries)


def _contributors(
    history: History, decision: Decision, act: Act, row: Row, since: datetime | None
) -> Iterator[Chance]:
    for holder in sorted({history.who(one.holder) for one in row.contributes if one.mandatory}):
        if not history.structure.live(holder, act.at) or had_a_hand(history, decision, act, holder):
            continue
        asked, advised = _consulted(history, decision, act, holder, since)
        was_asked = Chance(
            act.at, row.domain, holder, "contributor", bool(asked), act, (*asked, act.position)
        )
        yield was_asked
        if advised is not None:
            yield was_asked._replace(role="adviser", took=advised)


def _consulted(
    history: History, decision: Decision, act: Act, holder: str, since: datetime | None
) -> tuple[list[int], bool | None]:
    """The requests that reached a holder before a decision, and whether their advice came before it.

    None: nothing was asked for this decision, or nobody knows: advice came that bears no name. `since`: when
    the one before it in the initiative was made.
    """
    asked, anew, advised, unknown = [], False, False, False
    for consultation in consultations(history, decision):
        if consultation.requested is None or consultation.requested[0].at > act.at:
            continue
        step, data = consultation.requested
        spoke = any(
            one.by is not None
            and said.at <= act.at
            and stands_for(history, f"actor/{one.by}", holder, said.at)
            for said, one in consultation.advice
        )
        if spoke or not data.asked or any(stands_for(history, one, holder, step.at) for one in data.asked):
            asked.append(step.position)
            anew = anew or since is None or step.at > since or data.about == f"decision/{decision.id}"
            advised = advised or spoke
            unknown = unknown or unnamed(consultation, act.at)
    return asked, advised if anew and (advised or not unknown) else None


def trials(window: Sequence[Chance], settings: Settings) -> Iterator[Trial[Evidence]]:
    """Those of one window, which make one family."""
    pooled: dict[tuple[Role, str | None], Counter[bool]] = defaultdict(Counter)
    theirs: dict[tuple[Key, bool], list[Chance]] = defaultdict(list)
    for one in window:
        pooled[one.role, None][one.took] += 1
        pooled[one.role, one.domain][one.took] += 1
        theirs[Key(one.domain, one.holder), one.role in _ASKED].append(one)
    for (key, _), chances in theirs.items():
        if len(chances) >= settings.exclusion_least:
            own = {role: Counter(one.took for one in chances if one.role == role) for role in _ROLES}
            rates = {
                role: max(_missing(pooled[role, None]), _missing(pooled[role, key.domain] - took))
                for role, took in own.items()
            }
            yield _trial(key, chances, rates)


def _missing(took: Counter[bool]) -> float:
    return took[False] / took.total() if took else 0.0


def _trial(key: Key, chances: Sequence[Chance], rates: Mapping[Role, float]) -> Trial[Evidence]:
    groups = Counter(rates[one.role] for one in chances)
    missed = sum(not one.took for one in chances)
    expected = fsum(rate * n for rate, n in groups.items())
    p = poisson_binomial_tail(missed, tuple(sorted(groups.items())))
    return Trial(key, p, Evidence(chances, missed, expected))


def _found(history: History, settings: Settings, episode: Episode[Evidence]) -> Found:
    last = episode.last
    holder, domain = episode.key.actor, episode.key.domain
    chances = [one for trial in last.trials for one in trial.evidence.chances]
    acts = [one.act for one in chances]
    told = " and ".join(_told(trial.evidence) for trial in last.trials)
    not_asked = all(trial.evidence.chances[0].role in _NOT_ASKED for trial in last.trials)
    return Found(
        pattern="exclusion",
        scope=f"domain/{domain}",
        actors=(holder,),
        since=episode.since,
        until=episode.until,
        severity=tested.severity(last, settings),
        figure=last.adjusted,
        unit="p",
        threshold=settings.tested_q,
        decisions=decisions_of(acts),
        inferred=inferred_of(acts),
        entries=tuple(sorted({n for one in chances if not one.took for n in one.entries})),
        domain=domain,
        sentence=f"On {domain_name(history, domain)}, {holder} {told}, in the {settings.tested_days} days to "
        f"{day(last.at)}; so little comes {tested.in_words(last.p)}.",
        question="What would it take for them to be asked every time?" if not_asked else None,
        stated=restated(history, domain, episode.since, lambda row: not demands(history, row, holder)),
    )


def _told(evidence: Evidence) -> str:
    n, usual = len(evidence.chances), f"where people as a rule miss {evidence.expected:.1f}"
    if evidence.chances[0].role in _NOT_ASKED:
        return (
            f"was not asked in {evidence.missed} of {count(n, 'decision')} that the row wants them heard on"
        )
    return f"was asked {count(n, 'time')} and silent {evidence.missed} of them, {usual}"


PATTERNS = (
    Pattern(
        name="exclusion",
        episodes=episodes,
        tested=True,
        why="A part that is given and not taken is no part: what they know is missing, and others decide for "
        "them.",
        question="What keeps them from taking part: time, the way it is asked, or what came of it before?",
        closes="Taking part about as often as people here do: it closes when two month ends in a row "
        "no longer show it.",
    ),
)
