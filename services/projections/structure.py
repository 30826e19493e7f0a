"""Everything known about an organisation at one position, asked about any instant.

Fed with structural facts as they become known or cease to be, in any order. Questions take `at`, the instant
asked about, and where statements can be retroactive `as_of`, the instant up to which facts had occurred.
Holders are subjects (`actor/a-1`, `body/b-2`); answers name ids as they stand after merges.
"""

from datetime import datetime

from services.projections.facts.actors import Absence, Merge, Profile
from services.projections.facts.bodies import Body, Dissolution, Seat
from services.projections.facts.domains import Domain
from services.projections.facts.fact import Fact
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Row
from services.projections.structure_actors import Actors
from services.projections.structure_bodies import Bodies
from services.projections.structure_matrix import Matrix


class Structure:
    """The actors, bodies and statements known at one position, as one mutable whole."""

    def __init__(self) -> None:
        self.actors = Actors()
        self.bodies = Bodies(self.actors)
        self.matrix = Matrix()

    def add(self, fact: Fact) -> None:
        """A fact became known."""
        self._set(fact, known=True)

    def discard(self, fact: Fact) -> None:
        """A fact that was added ceased to be known."""
        self._set(fact, known=False)

    def _set(self, fact: Fact, *, known: bool) -> None:
        match fact:
            case Profile():
                self.actors.set_profile(fact, known=known)
            case Absence():
                self.bodies.actor_changed(self.actors.set_absence(fact, known=known))
            case Merge():
                self.actors.set_merge(fact, known=known)
                self.bodies.merged()
            case Body():
                self.bodies.set_profile(fact, known=known)
            case Dissolution():
                self.bodies.set_dissolution(fact, known=known)
            case Seat():
                self.bodies.set_seat(fact, known=known)
            case Domain():
                self.matrix.set_domain(fact, known=known)
            case Row():
                self.matrix.set_row(fact, known=known)
            case Mandate():
                self.matrix.set_mandate(fact, known=known)
            case _:
                raise TypeError(f"{type(fact).__name__} says nothing about the structure")

    def live(self, holder: str, at: datetime) -> bool:
        """Whether a holder, as it stands after merges, lasts: not left, not dissolved; unknown ones do."""
        kind, _, name = holder.partition("/")
        return self.actors.live(name, at) if kind == "actor" else self.bodies.live(name, at)

    def able(self, holder: str, at: datetime) -> bool:
        """Whether a holder, as it stands after merges, can decide: it is live, and so are enough seats."""
        kind, _, name = holder.partition("/")
        return self.actors.live(name, at) if kind == "actor" else self.bodies.able(name, at)
