"""What changed between two positions, told by what it concerns and by which views it may show in. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Self, TypeAlias

import msgspec

from schemas.mentions import named
from schemas.types import Data
from services.projections.facts.actors import Absence, Merge, Profile
from services.projections.facts.bodies import Body, Dissolution, Seat
from services.projections.facts.domains import Domain
from services.projections.facts.fact import Fact
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Row
from services.projections.facts.occurrences import Occurrence

STRUCTURE: Final = frozenset({"actor", "body", "domain", "matrix", "mandate"})
ACTS: Final = "acts"
"""In place of a kind of subject: decisions read otherwise than before, whatever entry is the reason."""
MOST_NAMES: Final = 200
Kinds: TypeAlias = frozenset[str]
_SUBJECTS: Final = {
    "actor": "actors",
    "body": "bodies",
    "domain": "domains",
    "matrix": "domains",
    "decision": "decisions",
    "initiative": "initiatives",
}
_NAMES: Final = ("domains", "actors", "bodies", "decisions", "initiatives")
EVERYWHERE: Final = frozenset(_NAMES)
Names: TypeAlias = frozenset[str] | None


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What something concerns, by bare ids. None: so many that anything may be meant."""

    domains: Names = frozenset()
    actors: Names = frozenset()
    bodies: Names = frozenset()
    decisions: Names = frozenset()
    initiatives: Names = frozenset()

    def __or__(self, other: Self) -> "Scope":
        return Scope(**{name: _both(getattr(self, name), getattr(other, name)) for name in _NAMES})


ANYTHING: Final = Scope(**dict.fromkeys(_NAMES))


class Change(msgspec.Struct, frozen=True):
    """From one position to another, by the kind of subject that changed. None: whatever there is."""

    since: int
    position: int
    by_kind: Mapping[str, Scope] | None

    def then(self, later: "Change") -> "Change":
        """This one and the next as one."""
        if self.by_kind is None or later.by_kind is None:
            return Change(self.since, later.position, None)
        kinds = self.by_kind.keys() | later.by_kind.keys()
        nothing = Scope()
        both = {k: self.by_kind.get(k, nothing) | later.by_kind.get(k, nothing) for k in kinds}
        return Change(self.since, later.position, both)


class Reads(NamedTuple):
    """What a view follows from: kinds of subjects, None: all.

    `beyond`: parts of a scope that do not confine it. Asked about one of these, it compares with others.
    """

    kinds: Kinds | None
    beyond: frozenset[str] = frozenset()


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Views to ask again where they are about any of these; null: whatever they are about."""

    views: list[str]
    domains: list[str] | None
    actors: list[str] | None
    bodies: list[str] | None
    decisions: list[str] | None
    initiatives: list[str] | None


def shown(change: Change, reads: Mapping[str, Reads]) -> list[Changed]:
    """The change by view, views with the same scope together."""
    together: dict[Scope, list[str]] = {}
    for view in sorted(reads):
        scope = _scope(change, reads[view])
        if scope is not None:
            together.setdefault(scope, []).append(view)
    return [Changed(views=views, **_listed(scope)) for scope, views in together.items()]


def _scope(change: Change, reads: Reads) -> Scope | None:
    if change.by_kind is None:
        return ANYTHING
    found: Scope | None = None
    for kind, scope in change.by_kind.items():
        if reads.kinds is None or kind in reads.kinds:
            found = scope if found is None else found | scope
    return found and msgspec.structs.replace(found, **dict.fromkeys(reads.beyond))


def _listed(scope: Scope) -> dict[str, Any]:
    return {name: None if (of := getattr(scope, name)) is None else sorted(of) for name in _NAMES}


def scope_of(subjects: Iterable[str]) -> Scope:
    """Of subjects and holders (`decision/d-7`, `actor/a-1`); what else there is has no place in a scope."""
    found: dict[str, set[str]] = {}
    for subject in subjects:
        kind, _, id = subject.partition("/")
        if kind in _SUBJECTS:
            found.setdefault(_SUBJECTS[kind], set()).add(id)
    return Scope(**{name: _bounded(frozenset(ids)) for name, ids in found.items()})


def _both(one: Names, other: Names) -> Names:
    return None if one is None or other is None else _bounded(one | other)


def _bounded(names: frozenset[str]) -> Names:
    return names if len(names) <= MOST_NAMES else None


def concerns(fact: Fact) -> Iterator[str]:
    """Every subject and holder that a fact names."""
    yield fact.subject
    match fact:
        case Occurrence(data=data):
            yield from _said(fact.subject, data)
        case Profile(reports_to=reports_to) if reports_to:
            yield f"actor/{reports_to}"
        case Merge(into=into):
            yield f"actor/{into}"
        case Body(parent=parent) if parent:
            yield f"body/{parent}"
        case Dissolution(into=into):
            yield from (f"body/{body}" for body in into)
        case Seat(actor=actor):
            yield f"actor/{actor}"
        case Domain(parent=parent) if parent:
            yield f"domain/{parent}"
        case Mandate(scope=scope, grantor=grantor, grantees=grantees):
            yield from (scope, grantor, *grantees)
        case Row():
            yield from _row(fact)
        case Absence() | _:
            return


def _said(subject: str, data: Data) -> Iterator[str]:
    yield from (f"{kind}/{id}" for kind, id in named(subject, data))
    for member, kind in (("initiative", "initiative"), ("by_decision", "decision")):
        id: str | None = getattr(data, member, None)
        if id is not None:
            yield f"{kind}/{id}"
    yield from (f"decision/{id}" for id in getattr(data, "decisions", ()))
    about: Any = getattr(data, "about", None) or getattr(data, "from_", ())
    yield from (about,) if isinstance(about, str) else about


def _row(row: Row) -> Iterator[str]:
    yield from (part.holder for part in (*row.decides, *row.amends))
    yield from (one.holder for one in row.contributes)
    yield from row.informs
    if row.basis is not None:
        yield row.basis
    yield from (holder for holder in (row.accountable, row.escalates_to) if holder is not None)
