"""Shadow authority: >= 3 decisions, and > 10 % of the scope's, that one actor decided out of mandate.

Counted are the decisions under one row, each once, since the first. A knot lies in the row's domain, for each
holder; it ends when enough has been decided by others since, or when the holder is gone. What had been
escalated to the holder as the row says, or was an emergency and ratified in time, is left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from services.projections.history import Act, History
from services.projections.knots.excused import besides, excused
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import exceeds
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Episode, Spell, found, joined, phased
from services.projections.knots.standing import departures, enabled
from services.projections.knots.wording import count, day, domain_name, period


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """From the third such decision, as long as it is more than a tenth."""
    for domain, acts in sorted(_by_row(history).items()):
        for holder in sorted(_candidates(history, acts, settings)):
            states = _states(history, acts, holder, settings)
            spells = [
                Spell(f"domain/{domain}", (holder,), since, until, ()) for _, since, until in phased(states)
            ]
            for episode in joined(spells, history.at):
                yield _found(history, settings, domain, acts, episode)


def _by_row(history: History) -> Mapping[str, Sequence[Act]]:
    found: dict[str, list[Act]] = defaultdict(list)
    for act in history.acts:
        if act.status == "counted" and act.row_domain is not None:
            found[act.row_domain].append(act)
    return found


def _candidates(history: History, acts: Sequence[Act], settings: Settings) -> set[str]:
    outside: dict[str, set[str]] = defaultdict(set)
    for act in acts:
        for holder in act.node if act.mandate == "no" else ():
            if not excused(history, act, holder):
                outside[holder].add(act.decision)
    return {holder for holder, decisions in outside.items() if len(decisions) >= settings.shadow_least}


def _states(
    history: History, acts: Sequence[Act], holder: str, settings: Settings
) -> Iterator[tuple[datetime, bool | None]]:
    """Whether it held after each act, and after each departure; None: no."""
    points: list[tuple[datetime, Act | None]] = [(act.at, act) for act in acts]
    points += [(gone, None) for gone in departures(history.structure, holder)]
    whole, outside, held = set[str](), set[str](), False
    for at, act in sorted(points, key=lambda point: (point[0], point[1].position if point[1] else 0)):
        if act is None:
            held = False
        else:
            whole.add(act.decision)
            mine = _out(act, holder) and not excused(history, act, holder)
            if mine:
                outside.add(act.decision)
            enough = len(outside) >= settings.shadow_least
            enough = enough and exceeds(len(outside), settings.shadow_part, len(whole))
            held = enough and (held or mine)
        yield at, held or None


def _found(history: History, settings: Settings, domain: str, acts: Sequence[Act], episode: Episode) -> Found:
    (holder,) = episode.actors
    ended = episode.until
    told = [act for act in acts if (act.at <= history.at if ended is None else act.at < ended)]
    out = [act for act in told if _out(act, holder)]
    outside = [act for act in out if not excused(history, act, holder)]
    excepted = len({act.decision for act in out} - {act.decision for act in outside})
    made, whole = len({act.decision for act in outside}), len({act.decision for act in told})
    return found(
        "shadow authority",
        episode,
        figure=made,
        unit="decisions",
        threshold=settings.shadow_least,
        sentence=f"Of {count(whole, 'decision')} on {domain_name(history, domain)}, {holder} made {made} "
        f"out of mandate{besides(excepted)}{_when(outside[0].at, ended)}.",
        stated=enabled(history, domain, holder, episode.since),
        acts=outside,
        of=told,
    )


def _out(act: Act, holder: str) -> bool:
    return act.mandate == "no" and holder in act.node


def _when(first: datetime, ended: datetime | None) -> str:
    """The decisions are counted from the beginning, those out of mandate from the first of them."""
    return f", the first on {day(first)}" if ended is None else f" {period(first, ended)}"


PATTERNS = (
    Pattern(
        name="shadow authority",
        episodes=episodes,
        why="Authority that nobody gave is authority nobody can ask about, and the stated one is worn down.",
        question="Is this who should decide here, and what would it take to say so openly?",
        closes="A row or mandate that lets them decide, answered `formalise`; or so much decided in mandate "
        "that theirs is no longer a share that counts.",
    ),
)
