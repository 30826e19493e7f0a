"""Events told in a few words, for histories in tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

BEGUN = datetime(2024, 1, 1, tzinfo=UTC)


def on(day: float) -> datetime:
    """An instant, by its day from the beginning of 2024."""
    return BEGUN + timedelta(days=day)


def event(day: float, subject: str, what: str, **data: Any) -> dict[str, Any]:
    """What occurred on a day; members that are Python's words end in `_`."""
    return {
        "specversion": "1.0",
        "id": f"{subject}-{what}-{day}",
        "source": "urn:test",
        "subject": subject,
        "type": f"locus.{what}.v1",
        "time": on(day).isoformat(),
        "data": {name.rstrip("_"): value for name, value in data.items()},
    }


def person(id: str, above: str | None = None) -> dict[str, Any]:
    """Somebody who was there from the first day."""
    more = {} if above is None else {"reports_to": above}
    return event(0, f"actor/{id}", "actor.registered", kind="person", profile="sealed", **more)


def team(id: str, *seats: str, day: float = 0) -> list[dict[str, Any]]:
    """A body and its seats."""
    formed = event(day, f"body/{id}", "body.formed", name=id, kind="team")
    return [
        formed,
        *(event(day, f"body/{id}", "body.seat_taken", actor=one) | {"id": f"{id}-{one}"} for one in seats),
    ]


def opened(day: float, id: str, by: str, *electors: str, **data: Any) -> dict[str, Any]:
    """A question put to electors, by default about `x`."""
    told = {"title": "T", "domains": ["x"], "by": by, "electorate": holders(electors)}
    return event(day, f"decision/{id}", "decision.opened", **told | data)


def made(day: float, id: str, *deciders: str, **data: Any) -> dict[str, Any]:
    """Decided, by default about `x`."""
    told = {"domains": ["x"], "outcome": "accepted", "attested": "recorded", "deciders": holders(deciders)}
    return event(day, f"decision/{id}", "decision.made", **told | data)


def overridden(day: float, id: str, *deciders: str, **data: Any) -> dict[str, Any]:
    """Others put their word in its place."""
    told = {"deciders": holders(deciders), "outcome": "rejected", "reason": "R"}
    return event(day, f"decision/{id}", "decision.overridden", **told | data)


def holders(names: tuple[str, ...]) -> list[dict[str, str]]:
    """As deciders and electorates name them: `a` is the actor, `body/b` a body."""
    return [{"holder": name if "/" in name else f"actor/{name}"} for name in names]


def row(day: float, domain: str, *deciders: str, **data: Any) -> dict[str, Any]:
    """A row of the matrix by which any of these decides."""
    told = {
        "by": ["a"],
        "decides": holders(deciders),
        "rule": {"kind": "any"},
        "contributes": [],
        "informs": [],
    }
    return event(day, f"matrix/{domain}", "matrix.row_set", **told | data)
