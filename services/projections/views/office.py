"""One domain's stated authority at an instant, worked out: who has power, by which way, who alone."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.types import Consent, Limits
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Row
from services.projections.resolve import lent
from services.projections.resolve_mandate import decided, entitled, unopposed, within
from services.projections.resolve_shares import Edge, Held, Split, stated
from services.projections.structure import Structure
from services.projections.views.stated import Describing


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How authority reaches a holder: named in the row, by a seat in a body, or lent by a mandate."""

    way: Literal["named", "seat", "mandate"]
    body: Annotated[str | None, Meta(description="The body it sits in")] = None
    mandate: str | None = None
    from_: Annotated[str | None, Meta(description="Who lent it")] = msgspec.field(name="from", default=None)
    until: Annotated[datetime | None, Meta(description="The end of the mandate, if one is known")] = None
    limits: Annotated[Limits | None, Meta(description="Of the mandate")] = None
    redelegable: bool | None = None


class Office:
    """The row in force in a domain, with the mandates and seats of the instant and the domain's stakes.

    What it comes to is worked out when asked for: most holders have no part in most domains.
    """

    def __init__(self, describing: Describing, domain: str, chain: tuple[str, ...], row: Row) -> None:
        self.domain, self.row = domain, row
        self._describing, self._chain = describing, chain
        self._structure, self._at = describing.structure, describing.at
        matrix = self._structure.matrix
        mandates = matrix.mandates([f"domain/{above}" for above in chain], self._at, self._at)
        self._stakes = matrix.stakes(chain, self._at) if mandates else None
        self._mandates = [one for one in mandates if within(one.limits, None, self._stakes) != "no"]

    @property
    def mandated(self) -> bool:
        """Whether any mandate is live here."""
        return bool(self._mandates)

    @property
    def weights(self) -> Held:
        """Those of the row's holders who can act, with their weights."""
        return self._describing.weights(self.row)

    @cached_property
    def _edges(self) -> tuple[Edge, ...]:
        if not self._mandates:
            return ()
        return lent(self._structure, None, None, self._chain, None, self._stakes, self._at, self._at)

    @cached_property
    def _reached(self) -> set[str]:
        return {holder for holder, _ in self.weights}.union(edge.grantee for edge in self._edges)

    @cached_property
    def split(self) -> Split:
        """The stated shares under both lenses."""
        bodies = sorted(holder for holder in self._reached if holder.startswith("body/"))
        seatings = tuple((body, self._structure.bodies.seating(body[5:], self._at)) for body in bodies)
        return stated(self.row.rule, self.weights, self._edges, seatings)

    def share(self, holder: str) -> int:
        """Its stated units: an actor's under the seat lens, a body's under the node lens."""
        units = self.split.seat if holder.startswith("actor/") else self.split.node
        return units.get(holder, 0)

    def alone(self, holder: str) -> bool:
        """Whether it can decide by itself; under consent, of row or body, only if nobody else may block."""
        if isinstance(self.row.rule, Consent) and len(self.weights) > 1:
            return False
        direct = decided(self._structure, {holder}, self._reached, {}, self._at, unopposed)
        return entitled(self.row.rule, self.weights, self._edges, direct, {}) != "no"

    def ways(self, holder: str, bodies: frozenset[str]) -> Iterator[Way]:
        """By which ways authority reaches a holder who sits in these bodies."""
        for named, _ in self.weights:
            if named == holder:
                yield Way(way="named")
            elif named in bodies:
                yield Way(way="seat", body=named.removeprefix("body/"))
        if not self._mandates:
            return
        carrying = {(edge.grantor, edge.grantee) for edge in self._carrying()}
        for mandate in self._mandates:
            grantor = self._structure.actors.holder(mandate.grantor)
            for grantee in dict.fromkeys(map(self._structure.actors.holder, mandate.grantees)):
                if (grantor, grantee) in carrying and (grantee == holder or grantee in bodies):
                    yield _lent(mandate, grantor, None if grantee == holder else grantee)

    def _carrying(self) -> list[Edge]:
        """The edges authority can pass: a row's holder lends its own, a grantee only what it may lend on."""
        lenders = {holder for holder, _ in self.weights}
        while True:
            carrying = [edge for edge in self._edges if edge.grantor in lenders]
            onwards = {edge.grantee for edge in carrying if edge.redelegable}
            if onwards <= lenders:
                return carrying
            lenders |= onwards


def _lent(mandate: Mandate, grantor: str, body: str | None) -> Way:
    return Way(
        way="mandate",
        body=body.removeprefix("body/") if body else None,
        mandate=mandate.mandate,
        from_=grantor,
        until=mandate.term,
        limits=mandate.limits,
        redelegable=mandate.redelegable,
    )


def office(describing: Describing, domain: str) -> Office | None:
    """A domain's, at and as of the instant described; None where no row is in force."""
    matrix, at = describing.structure.matrix, describing.at
    chain = matrix.chain(domain, at)
    row = matrix.row(chain, at, at)
    return Office(describing, domain, chain, row) if row else None


def sits_in(structure: Structure, holder: str, at: datetime) -> frozenset[str]:
    """The bodies, as subjects, in which an actor has a live seat."""
    if not holder.startswith("actor/"):
        return frozenset()
    return frozenset(
        f"body/{body}"
        for body in structure.bodies.sat_in(holder[6:])
        if any(actor == holder for actor, _ in structure.bodies.seating(body, at).weights)
    )
