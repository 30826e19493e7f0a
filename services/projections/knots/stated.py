"""What several detectors ask: the row an act fell under, who was asked, who stands for whom. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from schemas.decision import PositionTaken
from services.projections.chosen import seats
from services.projections.facts.matrix import Row
from services.projections.history import Act, Consultation, Decision, History, Step


def row_at(history: History, home: str | None, at: datetime) -> Row | None:
    """The row in force for a decision of this home domain, as of the history's instant."""
    if home is None:
        return None
    matrix = history.structure.matrix
    return matrix.row(matrix.chain(home, at), at, history.at)


def row_of(history: History, act: Act) -> Row | None:
    """The row an act fell under."""
    return row_at(history, act.home, act.at) if act.row_domain is not None else None


def domain_at(history: History, home: str, at: datetime) -> str:
    """The domain whose row was in force; the home itself where none was."""
    row = row_at(history, home, at)
    return home if row is None else row.domain


def domain_of(act: Act) -> str:
    """The domain whose row an act fell under; its home where there was none."""
    return act.row_domain or act.home


def first_made(decision: Decision) -> Act | None:
    """The first `made` that settled something, whether or not its deciders are known."""
    return next((act for act in decision.acts if act.word == "made" and act.status != "apart"), None)


def consultations(history: History, decision: Decision) -> Sequence[Consultation]:
    """Those about a decision and about its initiative."""
    return [one for subject in subjects(decision) for one in history.consulted.get(subject, ())]


def subjects(decision: Decision) -> Sequence[str]:
    """What may be asked about, of a decision: itself, and its initiative."""
    itself = f"decision/{decision.id}"
    return (itself,) if decision.initiative is None else (itself, f"initiative/{decision.initiative}")


def turns(history: History, acts: Iterable[Act]) -> Mapping[str, datetime]:
    """When the decision of the same initiative before it was made, by decision, of one act each.

    Since then what is said or asked about the initiative is about this one.
    """
    of: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        initiative = history.decisions[act.decision].initiative
        if initiative is not None:
            of[initiative].append(act)
    found: dict[str, datetime] = {}
    for several in of.values():
        several.sort(key=lambda act: (act.at, act.decision, act.position))
        found |= {one.decision: before.at for before, one in pairwise(several)}
    return found


def unnamed(consultation: Consultation, until: datetime) -> bool:
    """Whether somebody spoke without a name by an instant: it may have been any of those asked."""
    return any(given.by is None and step.at <= until for step, given in consultation.advice)


def stands_for(history: History, named: str, holder: str, at: datetime) -> bool:
    """Whether naming one (raw) reaches another: the same, a body it sits in, or one of the body's people."""
    named = history.who(named)
    if named == holder:
        return True
    if named.startswith("body/") and holder.startswith("actor/"):
        return holder in seats(history, named, at)
    return named.startswith("actor/") and holder.startswith("body/") and named in seats(history, holder, at)


def had_a_hand(history: History, decision: Decision, act: Act, holder: str) -> bool:
    """Whether a holder proposed a decision, decided it, or took a position before it was made."""
    return holder in history.proposers(decision) or took_part(history, decision, act, holder)


def names(history: History, row: Row, holder: str, at: datetime) -> bool:
    """Whether a row gives somebody a part, itself or through a body: to decide, advise, answer or amend."""
    named = [part.holder for part in (*row.decides, *row.amends)]
    named += [one.holder for one in row.contributes]
    named += [one for one in (row.accountable, row.escalates_to) if one is not None]
    return any(stands_for(history, one, holder, at) for one in named)


def demands(history: History, row: Row, holder: str) -> bool:
    """Whether a row asks for somebody's decision, or must have their advice."""
    parts = [part.holder for part in row.decides]
    parts += [one.holder for one in row.contributes if one.mandatory]
    return holder in map(history.who, parts)


def decided(history: History, act: Act, holder: str) -> bool:
    """Whether a holder decided, by a seat too; a body also where one of its people did in their own name."""
    if holder in act.node or holder in act.seat:
        return True
    return not seats(history, holder, act.at).isdisjoint(act.node)


def took_part(history: History, decision: Decision, act: Act, holder: str) -> bool:
    """Whether a holder decided, or took a position before; a body also where any of its people did."""
    spoke = {
        holder
        for step, one in decision.every(PositionTaken)
        if step.at <= act.at
        for holder in _by(history, one)
    }
    heard = spoke | act.node.keys() | act.seat.keys()
    return holder in heard or not heard.isdisjoint(seats(history, holder, act.at))


def stances(history: History, decision: Decision, before: Step) -> Mapping[str, str]:
    """The last position of each holder that stood before a step."""
    taken = sorted(decision.positions(before).items(), key=lambda one: one[1][0][:2])
    return {history.who(holder): position.value for holder, (_, position) in taken}


def _by(history: History, position: PositionTaken) -> Iterator[str]:
    yield history.who(f"actor/{position.by}")
    if position.for_ is not None:
        yield history.who(position.for_)
