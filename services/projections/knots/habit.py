"""Approval habit: somebody could decide alone what they propose, and asks up all the same, ≥ 3 times.

Asked up: they escalated it, or others decided it; of a body, where none of its people did in their own name.
They could decide alone if the row and mandates in force let them, within its limits, and nobody's consent is
needed, nor that of people they sit with. It begins with the third time, counted since they last decided three
in a row themselves, and ends with the third that they decide in a row. Where fewer than three were escalated,
or decided by somebody not entitled to, it is info: among equals who may each decide, chance alone gives as
much.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from schemas.decision import Escalated, Made
from services.projections.history import Act, Decision, History
from services.projections.knots.knot import Found, Pattern
from services.projections.knots.reading import proposed_by, step_of
from services.projections.knots.settings import Settings
from services.projections.knots.spells import Spell, found, joined
from services.projections.knots.standing import Matter as Standing
from services.projections.knots.standing import surely_alone
from services.projections.knots.stated import decided, domain_of, first_made, row_of
from services.projections.knots.wording import count, day, domain_name
from services.projections.resolve_mandate import within

How: TypeAlias = Literal["escalated", "others", "entitled", "alone"]


class Matter(NamedTuple):
    """One matter that somebody proposed and could have decided alone, and how it was decided."""

    act: Act
    how: How
    entries: tuple[int, ...]


def episodes(history: History, settings: Settings) -> Iterator[Found]:
    """A knot for each proposer and domain."""
    matters: dict[tuple[str, str], list[Matter]] = defaultdict(list)
    for decision in history.decisions.values():
        for proposer, matter in _matters(history, decision):
            matters[domain_of(matter.act), proposer].append(matter)
    for (domain, proposer), theirs in sorted(matters.items()):
        theirs.sort(key=lambda matter: (matter.act.at, matter.act.position))
        for asked, end in _habits(theirs, settings.approval_least):
            yield _found(history, domain, proposer, asked, end, settings)


def _matters(history: History, decision: Decision) -> Iterator[tuple[str, Matter]]:
    act = first_made(decision)
    if act is None or act.status != "counted":
        return
    for proposer in sorted(history.proposers(decision)):
        how, entries = _how(history, decision, act, proposer)
        if could_alone(history, act, proposer):
            yield proposer, Matter(act, how, (act.position, *entries, *proposed_by(history, decision)))


def _how(history: History, decision: Decision, act: Act, proposer: str) -> tuple[How, list[int]]:
    escalated = [
        step.position
        for step, data in decision.every(Escalated)
        if step.at <= act.at and history.who(f"actor/{data.by}") == proposer
    ]
    if escalated:
        return "escalated", escalated
    if decided(history, act, proposer):
        return "alone", []
    return ("others" if act.mandate == "no" else "entitled"), []


def could_alone(history: History, act: Act, holder: str) -> bool:
    """Whether a holder could have decided this by itself, as far as what was stated goes."""
    row, data = row_of(history, act), step_of(history, act).data
    if row is None or not isinstance(data, Made):
        return False
    matter = Standing(act.decision, act.initiative, data.size, act.stakes)
    if within(row.limits, data.size, act.stakes) != "yes":
        return False
    return surely_alone(history, act.home, holder, act.at, matter)


def _habits(matters: Sequence[Matter], least: int) -> Iterator[tuple[Sequence[Matter], Matter | None]]:
    """The matters asked up, and with which one the habit ended."""
    asked: list[Matter] = []
    own = 0
    for matter in matters:
        own = own + 1 if matter.how == "alone" else 0
        if own == 0:
            asked.append(matter)
        elif own >= least:
            if len(asked) >= least and asked[least - 1].act.at < matter.act.at:
                yield asked, matter
            asked = []
    if len(asked) >= least:
        yield asked, None


def _found(
    history: History,
    domain: str,
    proposer: str,
    asked: Sequence[Matter],
    end: Matter | None,
    settings: Settings,
) -> Found:
    least = settings.approval_least
    spell = Spell(
        scope=f"domain/{domain}",
        actors=(proposer,),
        since=asked[least - 1].act.at,
        until=None if end is None else end.act.at,
        entries=tuple(entry for matter in asked for entry in matter.entries),
        acts=tuple(matter.act for matter in asked),
    )
    (episode,) = joined([spell], history.at)
    up = sum(matter.how != "entitled" for matter in asked)
    escalated = sum(matter.how == "escalated" for matter in asked)
    return found(
        "approval habit",
        episode,
        figure=len(asked),
        unit="decisions",
        threshold=least,
        sentence=f"{proposer} could decide alone on {domain_name(history, domain)}, and asked up "
        f"{count(len(asked), 'time')} since {day(asked[0].act.at)}: {escalated} escalated, "
        f"{len(asked) - escalated} left to others.",
        severity=None if up >= least else "info",
        stated=_stated(history, domain, proposer, episode.since),
    )


def _stated(history: History, domain: str, proposer: str, after: datetime) -> datetime | None:
    """When a row came under which they cannot decide alone, so that asking is what is stated."""
    for reign in history.in_force.reigns(domain):
        if reign.row is not None:
            came = max(reign.since, reign.row.stated)
            if after < came <= history.at and not surely_alone(history, domain, proposer, came):
                return came
    return None


PATTERNS = (
    Pattern(
        name="approval habit",
        episodes=episodes,
        why="Authority that is given and handed back slows everybody down and teaches it was not meant.",
        question="What makes asking safer than deciding, and what would happen if you just did?",
        closes="Deciding the next three alone.",
    ),
)
