"""Who is there: what is stated of each actor, when they were away, and who turned out to be whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from schemas.actor import Left, Merged, Registered, Returned, Updated
from services.projections.facts.fact import BEGINNING, FOREVER, Fact, Folding, Said, successive


class _OfActor(Fact, frozen=True, kw_only=True):
    actor: str

    @property
    def subject(self) -> str:
        return f"actor/{self.actor}"


class Profile(_OfActor, frozen=True, kw_only=True):
    """What is stated of an actor until it is stated anew. The first one begins at the registration."""

    kind: ClassVar[str] = "profile"

    actor_kind: Literal["person", "agent", "system"]
    reports_to: str | None = None


class Absence(_OfActor, frozen=True, kw_only=True):
    """The actor had left and had not returned. Who is not absent is live, registered or not."""

    kind: ClassVar[str] = "absence"
    ending: ClassVar[tuple[str, ...]] = ("valid_to", "returned_position")

    returned_position: int | None = None  # the entry that ended it: orders what merged actors did at once


class Merge(_OfActor, frozen=True, kw_only=True):
    """The actor and `into` are one, for all occurred times: only what is known bounds it."""

    kind: ClassVar[str] = "merge"

    into: str
    occurred: datetime | None = None  # when it was said to be so, which statements may fall behind


def fold(actor: str, entries: Sequence[Said]) -> list[Fact]:
    """The facts of one actor."""
    profiles: list[Fact] = []
    moves: list[Said] = []
    merges: list[Fact] = []
    for entry in entries:
        match entry.data:
            case Registered() | Updated() as said:
                profiles.append(
                    Profile(
                        position=entry.position,
                        valid_from=entry.occurred,
                        valid_to=FOREVER,
                        actor=actor,
                        actor_kind=said.kind,
                        reports_to=said.reports_to,
                    )
                )
            case Left() | Returned():
                moves.append(entry)
            case Merged(into=into):
                merges.append(
                    Merge(
                        position=entry.position,
                        valid_from=BEGINNING,
                        valid_to=FOREVER,
                        actor=actor,
                        into=into,
                        occurred=entry.occurred,
                    )
                )
    return [*successive(profiles), *_absences(actor, moves), *merges]


def _absences(actor: str, moves: Sequence[Said]) -> list[Fact]:
    """From each `left` to the next `returned`."""
    nexts: list[Said | None] = [*moves[1:], None]
    absences = (
        Absence(
            position=move.position,
            valid_from=move.occurred,
            valid_to=back.occurred if back else FOREVER,
            actor=actor,
            returned_position=back.position if back else None,
        )
        for move, back in zip(moves, nexts, strict=False)
        if isinstance(move.data, Left)
    )
    return [absence for absence in absences if absence.valid_from < absence.valid_to]


FOLDINGS = (
    Folding(
        of="actor",
        facts=(Profile, Absence, Merge),
        reads=frozenset({Registered, Updated, Left, Returned, Merged}),
        fold=fold,
    ),
)
