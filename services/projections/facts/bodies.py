"""What can decide as one: bodies, the seats in them, and their end."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from schemas.body import Dissolved, Formed, SeatTaken, SeatVacated, Updated
from schemas.types import Rule
from services.projections.facts.fact import FOREVER, Fact, Folding, Said, successive


class _OfBody(Fact, frozen=True, kw_only=True):
    body: str

    @property
    def subject(self) -> str:
        return f"body/{self.body}"


class Body(_OfBody, frozen=True, kw_only=True):
    """What is stated of a body until it is stated anew; a dissolution does not end it."""

    kind: ClassVar[str] = "body"

    name: str
    body_kind: str
    parent: str | None = None
    rule: Rule | None = None


class Dissolution(_OfBody, frozen=True, kw_only=True):
    """The body had ended."""

    kind: ClassVar[str] = "dissolution"

    into: tuple[str, ...] = ()


class Seat(_OfBody, frozen=True, kw_only=True):
    """An actor's place: until it was vacated, renewed, its term or the body ended, whichever came first."""

    kind: ClassVar[str] = "seat"

    actor: str
    role: str = ""  # "": none named
    weight: int = 1

    @property
    def bears_until(self) -> datetime:
        """A body in which somebody sat once cannot decide without."""
        return FOREVER


def fold(body: str, entries: Sequence[Said]) -> list[Fact]:
    """The facts of one body."""
    stated: list[Fact] = []
    ends: list[Fact] = []
    for entry in entries:
        match entry.data:
            case Formed() | Updated() as said:
                stated.append(
                    Body(
                        position=entry.position,
                        valid_from=entry.occurred,
                        valid_to=FOREVER,
                        body=body,
                        name=said.name,
                        body_kind=said.kind,
                        parent=said.parent,
                        rule=said.rule,
                    )
                )
            case Dissolved(into=into):
                ends.append(
                    Dissolution(
                        position=entry.position,
                        valid_from=entry.occurred,
                        valid_to=FOREVER,
                        body=body,
                        into=into,
                    )
                )
    end = min((fact.valid_from for fact in ends), default=FOREVER)
    return [*successive(stated), *ends, *_cut(_seats(body, entries), end)]


def _seats(body: str, entries: Sequence[Said]) -> Iterator[Seat]:
    """Every seat, each until it was vacated, renewed or its term ended."""
    held: dict[tuple[str, str], Seat] = {}
    for entry in entries:
        match entry.data:
            case SeatTaken(actor=actor) as taken:
                seat = _seat(body, entry, taken)
                if (before := held.get((actor, seat.role))) is not None:
                    yield _until(before, entry.occurred)
                held[actor, seat.role] = seat
            case SeatVacated(actor=actor, role=role):
                for key in [key for key in held if key[0] == actor and role in (None, key[1])]:
                    yield _until(held.pop(key), entry.occurred)
    yield from held.values()


def _seat(body: str, entry: Said, taken: SeatTaken) -> Seat:
    return Seat(
        position=entry.position,
        valid_from=entry.occurred,
        valid_to=FOREVER if taken.until is None else taken.until,
        body=body,
        actor=taken.actor,
        role=taken.role or "",
        weight=taken.weight or 1,
    )


def _until(seat: Seat, end: datetime) -> Seat:
    return seat if seat.valid_to <= end else msgspec.structs.replace(seat, valid_to=end)


def _cut(seats: Iterable[Seat], end: datetime) -> list[Seat]:
    """The seats while their body lasted; those held for no time are none."""
    return [seat for seat in (_until(seat, end) for seat in seats) if seat.valid_from < seat.valid_to]


FOLDINGS = (
    Folding(
        of="body",
        facts=(Body, Dissolution, Seat),
        reads=frozenset({Formed, Updated, SeatTaken, SeatVacated, Dissolved}),
        fold=fold,
    ),
)
