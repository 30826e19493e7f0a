"""Strands: pieces of work that belong together, so that a question reads only those it may be about.

An initiative, its decisions, and what was asked, tried, looked back on and learnt about them are one strand,
by all that was ever known. A strand says too much rather than too little: whoever is given one looks again.
Pure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from services.projections.facts.fact import BEGINNING, FOREVER
from services.projections.texts import same

SETTLES: Final = (
    *("decision.made", "decision.overridden", "decision.superseded"),
    *("initiative.completed", "initiative.withdrawn"),
)
OVER: Final = (
    *("decision.made", "decision.overridden", "initiative.completed", "initiative.withdrawn"),
    *("consultation.closed", "experiment.concluded"),
)
ASKS: Final = (
    *("decision.opened", "decision.amended", "decision.escalated", "decision.reopened"),
    *("initiative.paused", "initiative.resumed", "consultation.requested", "experiment.started"),
)
WORK: Final = frozenset({"decision", "initiative", "consultation"})
TIED: Final = WORK | {"debrief", "experiment", "lesson"}


class Told(NamedTuple):
    """What there is to know of one subject: see `strands_read.sql`."""

    subject: str
    opens: datetime
    closes: datetime
    known_from: int
    changed: int
    about: Sequence[str]
    domains: Sequence[str]
    """Each list of domains it ever named, as JSON."""
    proposed: Sequence[str]
    """Domains whose row a lesson would change."""
    titles: Sequence[str]
    filed: str | None
    last: str | None
    settled: datetime | None
    asked: datetime | None


class Strand(NamedTuple):
    """One strand: see the columns of `projections.strands`."""

    strand: str
    subjects: Sequence[str]
    domains: Sequence[str] | None
    titles: Sequence[str]
    opens: datetime
    closes: datetime
    known_from: int
    changed: int


def woven(told: Iterable[Told]) -> list[Strand]:
    """The strands of subjects of which all that belong together are here."""
    of = {one.subject: one for one in told}
    ends = _ends(of.values())
    return [_strand([of[subject] for subject in sorted(tied)], ends) for tied in _tied(of)]


def _ends(told: Iterable[Told]) -> Mapping[str, datetime]:
    """When each piece of work was last decided or ended, an initiative also by those filed under it."""
    found: dict[str, datetime] = {}
    for one in told:
        if one.settled is not None:
            for subject in {one.subject, one.filed or one.subject}:
                found[subject] = max(found.get(subject, one.settled), one.settled)
    return found


def _tied(of: Mapping[str, Told]) -> Iterator[set[str]]:
    beside: dict[str, set[str]] = defaultdict(set)
    for one in of.values():
        for about in one.about:  # what nobody has heard of ties as well
            if kind(about) in TIED:
                beside[one.subject].add(about)
                beside[about].add(one.subject)
    seen: set[str] = set()
    for subject in of:
        if subject in seen:
            continue
        found, next_ = {subject}, [subject]
        while next_:
            new = beside[next_.pop()] - found
            found |= new
            next_.extend(new)
        seen |= found
        yield found & of.keys()


def _strand(members: Sequence[Told], ends: Mapping[str, datetime]) -> Strand:
    open_ = any(_is_open(one, ends) for one in members)
    return Strand(
        strand=members[0].subject,
        subjects=[one.subject for one in members if kind(one.subject) in WORK],
        domains=_domains(members),
        titles=sorted({same(title) for one in members for title in one.titles}),
        opens=min(one.opens for one in members),
        closes=FOREVER if open_ else max(one.closes for one in members),
        known_from=min(one.known_from for one in members),
        changed=max(one.changed for one in members),
    )


def _is_open(one: Told, ends: Mapping[str, datetime]) -> bool:
    """Whether anything of it may last beyond what last occurred: it is not decided, or somebody is waited on.

    An initiative that has been decided about is open where its decisions are, or while it is paused. What was
    decided at the instant it was asked may have come before, and what superseded it decided nothing.
    """
    match kind(one.subject):
        case "decision" | "experiment":
            return one.last not in OVER
        case "initiative":
            ended, asked = ends.get(one.subject, BEGINNING), one.asked or BEGINNING
            return one.last == "initiative.paused" or ended < asked
        case "consultation":
            asked = one.asked or FOREVER
            answered = one.about and all(ends.get(about, BEGINNING) > asked for about in one.about)
            return one.last != "consultation.closed" and not answered
        case _:
            return False


def _domains(members: Iterable[Told]) -> list[str] | None:
    """The domains any of them named; None where one is about what has domains of its own."""
    found: set[str] = set()
    for one in members:
        for listed in one.domains:
            found.update(msgspec.json.decode(listed, type=list[str]))
        found.update(one.proposed)
        for about in one.about:
            if kind(about) in ("domain", "matrix"):
                found.add(about.partition("/")[2])
            elif kind(about) not in TIED:
                return None
    return sorted(found)


def kind(subject: str) -> str:
    return subject.partition("/")[0]
