"""From deeds to figures: one window's answer. Pure."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction

from services.projections import measures
from services.projections.chosen import Chosen, Windows, seats
from services.projections.evidence import Mark, counted, rate
from services.projections.history import Act
from services.projections.measures import UNIT
from services.projections.participation.answer import (
    Coverage,
    Spread,
)
from services.projections.participation.deeds import Deed, deeds, proposals
from services.projections.waits import Wait

NOTHING_DECIDED = "nothing was decided by anybody known"
FEW = 5  # entries a figure where many people are listed
_MICROSECOND = timedelta(microseconds=1)


class Tally:
    """What one window holds, gathered in one pass."""

    def __init__(self) -> None:
        self.deeds: dict[str, dict[str, list[Mark]]] = defaultdict(lambda: defaultdict(list))
        self.waits: dict[str, list[Wait]] = defaultdict(list)
        self.acts: list[Act] = []
        self.unknown: list[Mark] = []
        self.proposals: dict[str, Fraction] = defaultdict(Fraction)
        self.proposed = 0
        self.anonymous: list[Mark] = []

    def take(self, act: Act) -> None:
        """A decision; those deferred or returned are nobody's part."""
        if act.status == "counted":
            self.acts.append(act)
        elif act.status == "unknown":
            self.unknown.append((act.at, act.position))

    def put_forward(self, proposers: Sequence[Sequence[str]]) -> None:
        """A proposal, shared equally, and a body's part equally over its seats."""
        self.proposed += bool(proposers)
        for several in proposers:
            for holder in several:
                self.proposals[holder] += Fraction(1, len(proposers) * len(several))

    def waited(self, at: datetime) -> dict[str, int]:
        """For how long each was waited on, in microseconds."""
        return {
            holder: sum((min(wait.until or at, at) - wait.since) // _MICROSECOND for wait in waits)
            for holder, waits in self.waits.items()
        }

    def units(self, lens: str) -> dict[str, int]:
        """Whose the decisions were."""
        found: dict[str, int] = defaultdict(int)
        for act in self.acts:
            for holder, units in (act.node if lens == "node" else act.seat).items():
                found[holder] += units
        return dict(found)


def tallies(chosen: Chosen, windows: Windows, every: Iterable[Deed], waits: Iterable[Wait]) -> list[Tally]:
    """What each window holds."""
    found = [Tally() for _ in windows.windows]
    for tally, deed in windows.each(found, ((deed.at, deed) for deed in every)):
        tally.deeds[deed.holder][deed.kind].append((deed.at, deed.entry))
    for tally, wait in windows.each(found, ((wait.since, wait) for wait in waits)):
        tally.waits[wait.holder].append(wait)
    for tally, act in windows.each(found, chosen.acts()):
        tally.take(act)
    put = ((step.at, [_seated(chosen, one, step.at) for one in who]) for step, who in proposals(chosen))
    for tally, proposers in windows.each(found, put):
        tally.put_forward(proposers)
    for tally, mark in windows.each(found, ((mark[0], mark) for mark in _anonymous(chosen))):
        tally.anonymous.append(mark)
    return found


def _seated(chosen: Chosen, holder: str, at: datetime) -> Sequence[str]:
    """Who sits in a body; itself, where nobody is known to, or it is an actor."""
    return sorted(seats(chosen.history, holder, at)) or [holder]


def _anonymous(chosen: Chosen) -> Iterator[Mark]:
    for one in chosen.history.consultations.values():
        for step, given in one.advice if one.about else ():
            if given.by is None and chosen.concerns(one.about or "", step.at):
                yield step.at, step.position


def everything(chosen: Chosen, waits: Iterable[Wait]) -> list[Deed]:
    """All deeds, in order of time."""
    return sorted(deeds(chosen, waits))


def spread(
    parts: Mapping[str, int] | Mapping[str, Fraction], n: int, roster: frozenset[str], words: str
) -> Spread:
    """How parts were spread over a roster and whoever else has one; actors only.

    `words` says what half of it means: `"{half} of {people} did half of the deciding"`.
    """
    actors = {holder: part for holder, part in parts.items() if holder.startswith("actor/") and part}
    people = roster | actors.keys()
    scale = math.lcm(*(part.denominator for part in actors.values()))
    units = [int(actors.get(holder, 0) * scale) for holder in people]
    gini, half = measures.gini(units), measures.k50(units)
    nobody = "nobody known has a part in it" if not any(parts.values()) else "only bodies have a part in it"
    why = dict.fromkeys(("gini", "half_by", "in_words"), nobody)
    return Spread(
        gini=gini,
        half_by=half,
        people=len(people),
        without=len(people) - len(actors),
        n=n,
        in_words=None if half is None else words.format(half=half, people=len(people)),
        why_null=why if gini is None else {},
    )


def coverage(chosen: Chosen, tally: Tally) -> Coverage:
    """How much is known of who took part."""
    history, acts = chosen.history, tally.acts
    marks = {id(act): (act.at, act.position) for act in acts}
    proposed, elected, consulted = [], [], []
    for act in acts:
        decision = history.decisions[act.decision]
        if history.proposers(decision):
            proposed.append(marks[id(act)])
        if decision.opened is not None and decision.opened[1].electorate:
            elected.append(marks[id(act)])
        about = [f"decision/{act.decision}", f"initiative/{decision.initiative}"]
        asked = [one.requested for subject in about for one in history.consulted.get(subject, ())]
        if any(request is not None and request[0].at <= act.at for request in asked):
            consulted.append(marks[id(act)])
    bodies = sum(units for holder, units in tally.units("seat").items() if holder.startswith("body/"))
    n = len(acts)
    return Coverage(
        decisions=counted(list(marks.values())),
        inferred=counted([marks[id(act)] for act in acts if act.inferred]),
        unknown=counted(tally.unknown),
        with_proposers=rate(proposed, n, "the proposers of {count} of {of} are known", NOTHING_DECIDED),
        with_electorate=rate(elected, n, "who may take part was said of {count} of {of}", NOTHING_DECIDED),
        with_consultation=rate(consulted, n, "somebody was asked before {count} of {of}", NOTHING_DECIDED),
        unresolved_share=bodies / (n * UNIT) if n else None,
        anonymous_advice=counted(tally.anonymous),
        why_null={} if n else {"unresolved_share": NOTHING_DECIDED},
    )
