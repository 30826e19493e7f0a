"""Hidden influence: outcomes follow somebody's advice more than chance gives, who has no stated part in them.

A piece of advice matches where it supports what was accepted (or provisionally), or objects to what was
rejected. The chance of a match is the rate of such outcomes among the other decisions of the home domain in
the window; where there are none, or all went one way, Laplace's rule of succession stands in, for a chance of
0 or 1 would make one piece prove everything. Each adviser counts once a decision, with the last word before
it; advice on an initiative is held against its next decision. Never anonymous, never who decided, proposed or
took a position. It is an association and no cause.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import fsum
from operator import itemgetter
from typing import NamedTuple

from services.projections.history import Act, Decision, History
from services.projections.knots import tested
from services.projections.knots.chance import poisson_binomial_tail
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import decision_of, decisions_of, inferred_of
from services.projections.knots.settings import Settings
from services.projections.knots.standing import restated
from services.projections.knots.stated import (
    domain_of,
    first_made,
    had_a_hand,
    names,
    row_of,
    stands_for,
    subjects,
    turns,
)
from services.projections.knots.tested import Episode, Key, Trial
from services.projections.knots.wording import day, domain_name


class Piece(NamedTuple):
    """The last word of one adviser on one decision."""

    adviser: str
    supports: bool
    position: int


class Advised(NamedTuple):
    """One decision, and what those without a part in it had said."""

    at: datetime
    act: Act
    accepted: bool
    pieces: Sequence[Piece]


class Evidence(NamedTuple):
    """The pieces of one adviser: those that matched, of all."""

    matched: int
    expected: float
    pieces: Sequence[tuple[Act, Piece]]


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """Every episode, in no order."""
    decided = sorted(_decided(history), key=lambda one: (one.at, one.act.position))
    for episode in tested.episodes(decided, history.at, settings, lambda window: trials(window, settings)):
        yield _found(history, settings, episode)


def _decided(history: History) -> Iterator[Advised]:
    first = [act for act in map(first_made, history.decisions.values()) if act and act.status == "counted"]
    since = turns(history, first)
    for act in first:
        pieces = sorted(_pieces(history, decision_of(history, act), act, since.get(act.decision)).values())
        yield Advised(act.at, act, act.outcome != "rejected", pieces)


def _pieces(history: History, decision: Decision, act: Act, since: datetime | None) -> Mapping[str, Piece]:
    """By adviser; on the initiative since an instant. `concern` and `information` go neither way; withdrawn
    advice is none."""
    last: dict[str, _Said] = {}
    for about in subjects(decision):
        of_all = since if about.startswith("initiative/") else None
        for adviser, said in history.once((_said, about), partial(_said, history, about)).items():
            one = _last(said, act.at, of_all)
            if one is not None:
                last[adviser] = max(one, last.get(adviser, one))
    return {a: one.piece for a, one in last.items() if not _has_a_part(history, decision, act, a)}


class _Said(NamedTuple):
    """A piece that goes one way or the other, and when it was withdrawn, if it was."""

    at: datetime
    position: int
    piece: Piece
    withdrawn: datetime | None


def _said(history: History, about: str) -> Mapping[str, Sequence[_Said]]:
    """By adviser, in order of time."""
    found: dict[str, list[_Said]] = defaultdict(list)
    for consultation in history.consulted.get(about, ()):
        for step, advice in consultation.advice:
            if advice.by is not None and advice.stance in ("support", "objection"):
                adviser, answer = history.who(f"actor/{advice.by}"), consultation.answer(step)
                gone = answer[0].at if answer and answer[1].disposition == "withdrawn" else None
                piece = Piece(adviser, advice.stance == "support", step.position)
                found[adviser].append(_Said(step.at, step.position, piece, gone))
    return {adviser: sorted(said, key=itemgetter(0, 1)) for adviser, said in found.items()}


def _last(said: Sequence[_Said], before: datetime, since: datetime | None) -> _Said | None:
    """The last that was said before an instant, not before another, and not withdrawn by then."""
    place = bisect_left(said, before, key=itemgetter(0))
    first = 0 if since is None else bisect_left(said, since, key=itemgetter(0))
    earlier = (said[at] for at in range(place - 1, first - 1, -1))
    return next((one for one in earlier if one.withdrawn is None or one.withdrawn >= before), None)


def _has_a_part(history: History, decision: Decision, act: Act, adviser: str) -> bool:
    """By the row, a seat, a mandate or the electorate; or they had a hand in it in fact."""
    if (
        adviser in act.stated_node
        or adviser in act.stated_seat
        or had_a_hand(history, decision, act, adviser)
    ):
        return True
    row, electorate = row_of(history, act), decision.opened[1].electorate if decision.opened else ()
    if row is not None and names(history, row, adviser, act.at):
        return True
    return any(stands_for(history, one.holder, adviser, act.at) for one in electorate)


def trials(window: Sequence[Advised], settings: Settings) -> Iterator[Trial[Evidence]]:
    """Those of one window, which make one family."""
    whole, accepted = Counter[str](), Counter[str]()
    for one in window:
        whole[one.act.home] += 1
        accepted[one.act.home] += one.accepted
    said: dict[Key, list[tuple[Advised, Piece]]] = defaultdict(list)
    for one in window:
        for piece in one.pieces:
            said[Key(domain_of(one.act), piece.adviser)].append((one, piece))
    for key, pieces in said.items():
        if len(pieces) >= settings.influence_least:
            yield _trial(key, pieces, whole, accepted)


def _trial(
    key: Key, pieces: Sequence[tuple[Advised, Piece]], whole: Mapping[str, int], accepted: Mapping[str, int]
) -> Trial[Evidence]:
    chances = Counter[float]()
    for one, piece in pieces:
        others = whole[one.act.home] - 1
        rate = _rate(accepted[one.act.home] - one.accepted, others)
        chances[rate if piece.supports else 1 - rate] += 1
    matched = sum(one.accepted == piece.supports for one, piece in pieces)
    expected = fsum(chance * count for chance, count in chances.items())
    evidence = Evidence(matched, expected, [(one.act, piece) for one, piece in pieces])
    return Trial(key, poisson_binomial_tail(matched, tuple(sorted(chances.items()))), evidence)


def _rate(accepted: int, decided: int) -> float:
    if 0 < accepted < decided:
        return accepted / decided
    return (accepted + 1) / (decided + 2)


def _found(history: History, settings: Settings, episode: Episode[Evidence]) -> Found:
    (trial,) = episode.last.trials
    matched, expected, pieces = trial.evidence
    adviser, domain = trial.key.actor, trial.key.domain
    acts = [act for act, _ in pieces]
    return Found(
        pattern="hidden influence",
        scope=f"domain/{domain}",
        actors=(adviser,),
        since=episode.since,
        until=episode.until,
        severity=tested.severity(episode.last, settings),
        figure=episode.last.adjusted,
        unit="p",
        threshold=settings.tested_q,
        decisions=decisions_of(acts),
        inferred=inferred_of(acts),
        entries=tuple(sorted({n for act, piece in pieces for n in (act.position, piece.position)})),
        domain=domain,
        sentence=f"{adviser} has no stated part in {domain_name(history, domain)}, and yet {matched} of "
        f"{len(pieces)} pieces of advice matched what was then decided, in the {settings.tested_days} days "
        f"to {day(episode.last.at)}; the usual outcomes would match {expected:.1f}, and so many match "
        f"{tested.in_words(trial.p)}. This is an association, not a cause.",
        stated=restated(history, domain, episode.since, lambda row: names(history, row, adviser, history.at)),
    )


PATTERNS = (
    Pattern(
        name="hidden influence",
        episodes=episodes,
        tested=True,
        why="Who is always heard and nowhere named can be neither asked to answer for it nor spared it.",
        question="Is this advice sought because it is needed, and should the matrix say so?",
        closes="A row that names the adviser, or outcomes that follow the advice no more often than others: "
        "it closes when two month ends in a row no longer show it.",
    ),
)
