"""Somebody's way through roles over time: seats, parts in rows, mandates, whom they answered to. Pure."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from services.projections.facts.fact import FOREVER
from services.projections.facts.matrix import Row
from services.projections.participation.answer import Path, Span
from services.projections.structure import Structure
from services.projections.wording import numbered


def paths(structure: Structure, at: datetime) -> dict[str, Path]:
    """The path of every holder who ever had a role by then, by subject."""
    spans: dict[str, set[tuple[datetime, str, str, str, datetime, int]]] = defaultdict(set)
    for holder, span in _every(structure, at):
        spans[structure.actors.holder(holder)].add(span)
    return {holder: _path(holder, sorted(found), at) for holder, found in sorted(spans.items())}


def _path(holder: str, spans: list[tuple[datetime, str, str, str, datetime, int]], at: datetime) -> Path:
    bodies = len({of for _, kind, of, *_ in spans if kind == "seat"})
    domains = len({of for _, kind, of, *_ in spans if kind in _IN_ROWS})
    return Path(
        holder=holder,
        spans=[
            Span(kind=kind, of=of, role=role or None, from_=start, to=end if end <= at else None, entry=entry)
            for start, kind, of, role, end, entry in spans
        ],
        bodies=bodies,
        domains=domains,
        in_words=numbered(
            "{n} {n:body|bodies} sat in, {rows} {rows:row|rows} named in", n=bodies, rows=domains
        ),
    )


_IN_ROWS = frozenset({"decides", "contributes", "informed", "escalates_to", "accountable"})
_Found = tuple[str, tuple[datetime, str, str, str, datetime, int]]


def _every(structure: Structure, at: datetime) -> Iterator[_Found]:
    for body in sorted(structure.bodies.ids()):
        for seat in structure.bodies.seats(body):
            if seat.valid_from <= at:
                named = (seat.valid_from, "seat", f"body/{body}", seat.role, seat.valid_to, seat.position)
                yield f"actor/{seat.actor}", named
    for domain in sorted(structure.matrix.domains()):
        yield from _rows(structure, domain, at)
    for lent in structure.matrix.all_mandates():
        if lent.valid_from <= at and lent.stated <= at:
            for grantee in lent.grantees:
                yield grantee, (lent.valid_from, "mandate", lent.scope, "", lent.valid_to, lent.position)
    yield from _lines(structure, at)
    yield from _away(structure, at)


def _rows(structure: Structure, domain: str, at: datetime) -> Iterator[_Found]:
    """Each part in a domain's own rows, from the row that began it to the one that no longer names them."""
    rows = [row for row in structure.matrix.rows(domain) if row.stated <= at and row.effective <= at]
    held: dict[tuple[str, str], tuple[datetime, int]] = {}
    for row in rows:
        parts = {(structure.actors.holder(holder), kind) for holder, kind in _parts(row)}
        for gone in sorted(held.keys() - parts):
            start, entry = held.pop(gone)
            yield gone[0], (start, gone[1], f"domain/{domain}", "", row.effective, entry)
        for part in parts - held.keys():
            held[part] = row.effective, row.position
    for (holder, kind), (start, entry) in sorted(held.items()):
        yield holder, (start, kind, f"domain/{domain}", "", FOREVER, entry)


def _parts(row: Row) -> Iterator[tuple[str, str]]:
    if row.cleared:
        return
    yield from ((part.holder, "decides") for part in row.decides)
    yield from ((one.holder, "contributes") for one in row.contributes)
    yield from ((holder, "informed") for holder in row.informs)
    if row.escalates_to:
        yield row.escalates_to, "escalates_to"
    if row.accountable:
        yield row.accountable, "accountable"


def _lines(structure: Structure, at: datetime) -> Iterator[_Found]:
    """Whom they answered to, until it was somebody else."""
    actors = structure.actors
    for actor in sorted(actors.everyone()):
        told = ((actors.superior(actor, one.valid_from), one) for one in actors.profiles(actor))
        for above, several in groupby(told, key=itemgetter(0)):
            said = [one for _, one in several if one.valid_from <= at]
            if said and above is not None:
                first, last = said[0], said[-1]
                span = first.valid_from, "reports", f"actor/{above}", "", last.valid_to, first.position
                yield f"actor/{actor}", span


def _away(structure: Structure, at: datetime) -> Iterator[_Found]:
    """When they had left, by whichever of their ids, until they were back."""
    for actor in sorted(structure.actors.ever_away()):
        me = f"actor/{actor}"
        left = {one.valid_from: one.position for one in reversed(structure.actors.absences(actor))}
        for start, end in structure.actors.away(actor):
            if start <= at:
                yield me, (start, "away", me, "", end, left[start])
