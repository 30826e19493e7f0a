"""Who sits in a body: a seat is vacated only by somebody who took it. Pure.

Each actor's seats are a story of their own, so that judging one needs the events of that actor alone, and a
body of thousands is no slower to join than one of three.
"""

from schemas.body import SeatTaken, SeatVacated
from services.ledger.lifecycle import Refusal


class Seats:
    """The seats held at some moment of a fold."""

    def __init__(self) -> None:
        self._roles: dict[str, set[str | None]] = {}

    def go_on(self, data: SeatTaken | SeatVacated) -> Refusal | None:
        """Go on by one event; why not, if it cannot be."""
        held = self._roles.setdefault(data.actor, set())
        if isinstance(data, SeatTaken):
            held.add(data.role)
            return None
        given_up = set(held) if data.role is None else held & {data.role}
        held -= given_up
        return None if given_up else _not_held(data)


def _not_held(data: SeatVacated) -> Refusal:
    role = f" as {data.role}" if data.role else ""
    return Refusal(
        f"actor/{data.actor} holds no seat{role} here to vacate",
        "Publish body.seat_taken first, with an earlier `time`, or check `actor` and `role`.",
        early=True,
    )
