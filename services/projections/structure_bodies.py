"""Bodies and their seats at any instant, each body's own vote weighed once."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Final, TypeVar

from schemas.types import Rule
from services.projections.facts.bodies import Body, Dissolution, Seat
from services.projections.structure_actors import Actors
from services.projections.structure_timeline import Timeline
from services.projections.voting import index

T = TypeVar("T")
_ROOM: Final = 200_000  # seats remembered over all seatings, some 30 MB


class Seating:
    """Who sits in a body while nothing about it changes. Equal seatings are one object: compare by identity.

    `weights` are (actor subject, weight), by subject; `shares` the index of each under the body's rule, empty
    where nobody sits or the rule cannot be satisfied.
    """

    __slots__ = ("rule", "shares", "weights")

    def __init__(self, rule: Rule | None, weights: tuple[tuple[str, int], ...]) -> None:
        self.rule = rule
        self.weights = weights
        self.shares: tuple[tuple[str, Fraction], ...] = index(rule, weights)


class Bodies:
    """Profiles, dissolutions and seats as known at one position."""

    def __init__(self, actors: Actors) -> None:
        self._actors = actors
        self._profiles: dict[str, set[Body]] = defaultdict(set)
        self._dissolutions: dict[str, set[Dissolution]] = defaultdict(set)
        self._seats: dict[str, set[Seat]] = defaultdict(set)
        self._sat: dict[str, set[str]] = defaultdict(set)  # raw actor -> bodies it ever sat in
        self._timelines: dict[str, Timeline[Seating]] = {}
        self._seatings: dict[tuple[Rule | None, tuple[tuple[str, int], ...]], Seating] = {}
        self._sitters: dict[str, frozenset[str]] = {}
        self._kept = 0

    def set_profile(self, body: Body, *, known: bool) -> None:
        _set(self._profiles[body.body], body, known)
        self._timelines.pop(body.body, None)

    def set_dissolution(self, dissolution: Dissolution, *, known: bool) -> None:
        _set(self._dissolutions[dissolution.body], dissolution, known)
        self._timelines.pop(dissolution.body, None)

    def set_seat(self, seat: Seat, *, known: bool) -> None:
        _set(self._seats[seat.body], seat, known)
        self._sat[seat.actor].add(seat.body)
        self._sitters.pop(self._actors.who(seat.actor), None)
        self._timelines.pop(seat.body, None)

    def actor_changed(self, actor: str) -> None:
        """Its liveness changed: so did the seatings of every body it sat in."""
        for body in self.sat_in(actor):
            self._timelines.pop(body, None)

    def merged(self) -> None:
        self._timelines.clear()
        self._sitters.clear()

    def ids(self) -> set[str]:
        """Every body that was ever formed or sat in."""
        return {body for body, known in (*self._profiles.items(), *self._seats.items()) if known}

    def live(self, body: str, at: datetime) -> bool:
        dissolutions = self._dissolutions.get(body)
        return not dissolutions or not any(fact.valid_from <= at for fact in dissolutions)

    def able(self, body: str, at: datetime) -> bool:
        """Whether it is live and those who sit there can decide; in one that can too, nobody ever sat."""
        if not self.live(body, at):
            return False
        return bool(self.seating(body, at).shares) or all(
            seat.valid_from > at for seat in self._seats.get(body, ())
        )

    def dissolution(self, body: str) -> Dissolution | None:
        """Its end, the first that is known."""
        known = self._dissolutions.get(body, ())
        return min(known, key=lambda fact: (fact.valid_from, fact.position), default=None)

    def profile(self, body: str, at: datetime) -> Body | None:
        return next((fact for fact in self._profiles.get(body, ()) if _covers(fact, at)), None)

    def seats(self, body: str) -> Iterator[Seat]:
        """Every seat ever held, in order of time; the sitters' own absences are not cut out."""
        yield from sorted(
            self._seats.get(body, ()), key=lambda seat: (seat.valid_from, seat.actor, seat.role)
        )

    def sat_in(self, actor: str) -> frozenset[str]:
        """The bodies the actor, or any id merged into it, ever sat in."""
        bodies = self._sitters.get(actor)
        if bodies is None:
            bodies = frozenset(
                body for member in self._actors.group(actor) for body in self._sat.get(member, ())
            )
            self._sitters[actor] = bodies
        return bodies

    def seating(self, body: str, at: datetime) -> Seating:
        timeline = self._timelines.get(body)
        if timeline is None:
            timeline = self._timelines[body] = Timeline(self.edges(body))
        return timeline.at(at, partial(self._seat, body))

    def edges(self, body: str) -> set[datetime]:
        """The instants at which who sits in it may change."""
        facts = (*self._profiles.get(body, ()), *self._dissolutions.get(body, ()), *self._seats.get(body, ()))
        edges = {edge for fact in facts for edge in (fact.valid_from, fact.valid_to)}
        for seat in self._seats.get(body, ()):
            for span in self._actors.away(self._actors.who(seat.actor)):
                edges.update(span)
        return edges

    def _seat(self, body: str, at: datetime) -> Seating:
        weights: dict[str, int] = {}
        if self.live(body, at):
            for seat in self._seats.get(body, ()):
                actor = self._actors.who(seat.actor)
                if _covers(seat, at) and self._actors.live(actor, at):
                    weights["actor/" + actor] = weights.get("actor/" + actor, 0) + seat.weight
        profile = self.profile(body, at)
        key = (profile.rule if profile else None, tuple(sorted(weights.items())))
        seating = self._seatings.get(key)
        return self._keep(key) if seating is None else seating

    def _keep(self, key: tuple[Rule | None, tuple[tuple[str, int], ...]]) -> Seating:
        self._kept += len(key[1])
        if self._kept > _ROOM:  # large bodies that change often would fill the memory with their past
            self._timelines.clear()
            self._seatings.clear()
            self._kept = len(key[1])
        seating = self._seatings[key] = Seating(*key)
        return seating


def _covers(fact: Body | Seat, at: datetime) -> bool:
    return fact.valid_from <= at < fact.valid_to


def _set(facts: set[T], fact: T, known: bool) -> None:
    if known:
        facts.add(fact)
    else:
        facts.discard(fact)
