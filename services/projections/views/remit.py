"""Who may decide what: of an actor or body over all domains, or of one domain over everybody."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, NamedTuple

import msgspec
from msgspec import Meta

from schemas.types import Limits, Rule
from services.projections.facts.matrix import Row
from services.projections.measures import UNIT
from services.projections.structure import Structure
from services.projections.views.answer import RestsOn, Share
from services.projections.views.matrix import DomainMatrix, UnknownDomainError, described, is_named, named
from services.projections.views.office import Office, Way, office, sits_in
from services.projections.views.sitting import Sitting, for_holder, sittings
from services.projections.views.stated import Contributing, Describing, Lent, Named

VIEW: Final = "remit"
VERSION: Final = 2
_UNKNOWN: Final = {
    "actor": "nobody had registered this actor, and no seat, row or mandate gives it a part",
    "body": "nobody had formed this body, and no seat, row or mandate gives it a part",
}


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """A holder and its Shapley-Shubik power in a domain, after mandates."""

    holder: str
    share: Share


class Remit(msgspec.Struct, frozen=True, kw_only=True):
    """What a holder may decide in one domain: with whom, whom to ask first, whom to tell."""

    domain: str
    name: str | None
    row_domain: Annotated[str, Meta(description="Where the row in force was set")]
    row_position: Annotated[int, Meta(description="The entry that set it")]
    share: Annotated[Share, Meta(description="Its Shapley-Shubik power under the row and the mandates")]
    others: Annotated[list[Sharing], Meta(description="Who else has a share, the largest first")]
    rule: Rule | None
    rule_in_words: Annotated[
        str,
        Meta(description="Whom the row names, unless this one alone, and how they decide; then its `bodies`"),
    ]
    ways: list[Way]
    bodies: Annotated[list[Sitting], Meta(description="Those it has its part by, and how they decide")]
    limits: Annotated[Limits | None, Meta(description="Of the row; beyond them it escalates")]
    consult: Annotated[list[Contributing], Meta(description="Whom to ask before")]
    min_wait: Annotated[str | None, Meta(description="The least time to wait for advice, ISO 8601")]
    inform: Annotated[list[Named], Meta(description="Whom to tell afterwards")]
    escalate_to: Named | None


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """Another part a holder has in one domain, itself or by a seat in a body."""

    domain: str
    name: str | None
    row_domain: str
    body: Annotated[str | None, Meta(description="The body it has the part by; null: itself")]
    mandatory: Annotated[bool | None, Meta(description="Of advice: whether it must be asked")]


class HolderRemit(msgspec.Struct, frozen=True, kw_only=True):
    """The remit of one actor or body."""

    rests_on: RestsOn
    holder: Annotated[str, Meta(description="As it stands after merges")]
    name: Annotated[str | None, Meta(description="Of a body; people's names are in the directory")]
    live: Annotated[
        bool | None,
        Meta(
            description="Null: nobody had registered or formed it and it has no part, as one that is misspelt"
        ),
    ]
    decides_alone: list[Remit]
    decides_with_others: list[Remit]
    consulted: Annotated[list[Role], Meta(description="Where it is asked before others decide")]
    informed: list[Role]
    receives_escalations: list[Role]
    may_amend: Annotated[list[Role], Meta(description="Whose rows it may change, perhaps with others")]
    lent_to_it: Annotated[list[Lent], Meta(description="Mandates it holds, for single decisions too")]
    lent_by_it: list[Lent]
    why_null: dict[str, str]


class HolderIn(Sharing, frozen=True, kw_only=True):
    """One holder's part in a domain."""

    live: bool
    alone: Annotated[bool, Meta(description="It can decide by itself")]
    ways: list[Way]


class DomainRemit(msgspec.Struct, frozen=True, kw_only=True):
    """Who decides what in one domain."""

    TABLE: ClassVar[str] = "by_seat"

    rests_on: RestsOn
    domain: DomainMatrix
    by_node: Annotated[list[HolderIn], Meta(description="Bodies as one holder each")]
    by_seat: Annotated[list[HolderIn], Meta(description="Bodies split over their seats")]


def holder_remit(rests_on: RestsOn, structure: Structure, holder: str, at: datetime) -> HolderRemit:
    """The remit of an actor or body, given as its subject."""
    holder = structure.actors.holder(holder)
    bodies = sits_in(structure, holder, at)
    alone: list[Remit] = []
    together: list[Remit] = []
    describing = Describing(structure, at)
    roles = _Roles(structure, holder, bodies, at)
    for domain in named(structure, at):
        one = office(describing, domain)
        if one is None:
            continue
        roles.note(one)
        if not (one.mandated or roles.are_among(part.holder for part in one.row.decides)):
            continue  # as most are: nothing need be worked out
        ways = list(one.ways(holder, bodies))
        if ways and one.split.node:
            remit = _remit(describing, one, holder, ways)
            (alone if one.alone(holder) else together).append(remit)
    profile = structure.bodies.profile(holder[5:], at) if holder.startswith("body/") else None
    parts: dict[str, list[Any]] = {
        "decides_alone": alone,
        "decides_with_others": together,
        "consulted": roles.consulted,
        "informed": roles.informed,
        "receives_escalations": roles.escalated,
        "may_amend": roles.amending,
        "lent_to_it": list(_lent(describing, {holder, *bodies}, received=True)),
        "lent_by_it": list(_lent(describing, {holder}, received=False)),
    }
    live = structure.able(holder, at)
    known = not live or any(parts.values()) or _is_there(structure, holder, bodies, at)
    return HolderRemit(
        rests_on=rests_on,
        holder=holder,
        name=profile.name if profile else None,
        live=live if known else None,
        why_null={} if known else {"live": _UNKNOWN[holder.partition("/")[0]]},
        **parts,
    )


def _is_there(structure: Structure, holder: str, bodies: frozenset[str], at: datetime) -> bool:
    """Whether an actor had been registered or has a seat, or a body had been formed or has one taken."""
    kind, _, id = holder.partition("/")
    if kind == "body":
        return bool(structure.bodies.profile(id, at) or structure.bodies.seating(id, at).weights)
    registered = structure.actors.registered(id)
    return bool(bodies) or (registered is not None and registered <= at)


def domain_remit(rests_on: RestsOn, structure: Structure, domain: str, at: datetime) -> DomainRemit:
    """The remit of one domain. UnknownDomainError for a domain nobody has named."""
    if not is_named(structure, domain, at):
        raise UnknownDomainError(domain)
    describing = Describing(structure, at)
    one = office(describing, domain)
    return DomainRemit(
        rests_on=rests_on,
        domain=described(describing, structure.matrix.chain(domain, at)),
        by_node=list(_holders(structure, one, one.split.node, at)) if one else [],
        by_seat=list(_holders(structure, one, one.split.seat, at)) if one else [],
    )


def _holders(
    structure: Structure, office: Office, units: Mapping[str, int], at: datetime
) -> Iterator[HolderIn]:
    for sharing in _by_share(units):
        yield HolderIn(
            holder=sharing.holder,
            share=sharing.share,
            live=structure.able(sharing.holder, at),
            alone=office.alone(sharing.holder),
            ways=list(office.ways(sharing.holder, sits_in(structure, sharing.holder, at))),
        )


def _remit(describing: Describing, office: Office, holder: str, ways: list[Way]) -> Remit:
    units = office.split.seat if holder.startswith("actor/") else office.split.node
    row = describing.row(office.row)
    known = describing.structure.matrix.domain(office.domain, describing.at)
    bodies = list(sittings(describing.structure, holder, ways, describing.at))
    return Remit(
        domain=office.domain,
        name=known.name if known else None,
        row_domain=row.domain,
        row_position=row.position,
        share=office.share(holder) / UNIT,
        others=[sharing for sharing in _by_share(units) if sharing.holder != holder],
        rule=row.rule,
        rule_in_words=for_holder(office, holder, ways, bodies),
        ways=ways,
        bodies=bodies,
        limits=row.limits,
        consult=row.contributes,
        min_wait=row.min_wait,
        inform=row.informs,
        escalate_to=row.escalates_to,
    )


def _by_share(units: Mapping[str, int]) -> list[Sharing]:
    ordered = sorted(units.items(), key=lambda item: (-item[1], item[0]))
    return [Sharing(holder=holder, share=held / UNIT) for holder, held in ordered]


class _Part(NamedTuple):
    """A part a row gives the holder: of which roles, by which body."""

    roles: list[Role]
    body: str | None
    mandatory: bool | None


class _Roles:
    """The other parts a holder has, noted domain by domain."""

    def __init__(self, structure: Structure, holder: str, bodies: frozenset[str], at: datetime) -> None:
        self._structure, self._at = structure, at
        self._holder = holder
        self._selves = {
            holder: holder,
            **{body: body for body in bodies},
        }  # what a row may name them, and who it is
        if holder.startswith("actor/"):
            self._selves |= {f"actor/{member}": holder for member in structure.actors.group(holder[6:])}
        self.consulted: list[Role] = []
        self.informed: list[Role] = []
        self.escalated: list[Role] = []
        self.amending: list[Role] = []
        self._of_rows: dict[int, list[_Part]] = {}

    def are_among(self, holders: Iterable[str]) -> bool:
        """Whether a row that names these holders names this one."""
        return any(named_holder in self._selves for named_holder in holders)

    def note(self, office: Office) -> None:
        row = office.row
        parts = self._of_rows.get(id(row))  # the structure holds on to the row, and many domains inherit it
        if parts is None:
            parts = self._of_rows[id(row)] = list(self._parts(row))
        for part in parts:
            known = self._structure.matrix.domain(office.domain, self._at)
            part.roles.append(
                Role(
                    domain=office.domain,
                    name=known.name if known else None,
                    row_domain=row.domain,
                    body=part.body,
                    mandatory=part.mandatory,
                )
            )

    def _parts(self, row: Row) -> Iterator[_Part]:
        selves = self._selves
        must = {selves[one.holder] for one in row.contributes if one.mandatory and one.holder in selves}
        yield from self._in(self.consulted, [one.holder for one in row.contributes], must)
        yield from self._in(self.informed, row.informs)
        yield from self._in(self.escalated, [row.escalates_to] if row.escalates_to else [])
        yield from self._in(self.amending, [part.holder for part in row.amends])

    def _in(self, roles: list[Role], holders: Iterable[str], must: set[str] | None = None) -> Iterator[_Part]:
        """Each once, however often a row names it, or whoever was merged into it."""
        for holder in dict.fromkeys(self._selves[one] for one in holders if one in self._selves):
            body = None if holder == self._holder else holder.removeprefix("body/")
            yield _Part(roles, body, None if must is None else holder in must)


def _lent(describing: Describing, holders: set[str], *, received: bool) -> Iterator[Lent]:
    """The live mandates that any of these holders was given, or gave."""
    standing, at = describing.structure.actors.holder, describing.at
    for mandate in describing.structure.matrix.all_mandates():
        if mandate.stated <= at and mandate.valid_from <= at < mandate.valid_to:
            ends = mandate.grantees if received else (mandate.grantor,)
            if not holders.isdisjoint(map(standing, ends)):
                yield describing.mandate(mandate)
