"""Knots of histories told in a few words."""

from collections.abc import Sequence
from typing import Any

from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from tests.pasts import past
from tests.told import event, holders, on

Json = dict[str, Any]
ANY = {"kind": "any"}
ALL = {"kind": "all"}


def row(day: float, domain: str, *decides: str, rule: Json = ANY, **more: Any) -> Json:
    told: Json = {"by": [], "decides": holders(decides), "rule": rule}
    return event(day, f"matrix/{domain}", "matrix.row_set", **told | more)


def domain(id: str, day: float = 0, **more: Any) -> Json:
    what = "defined" if day == 0 else "updated"
    return event(day, f"domain/{id}", f"domain.{what}", name=id.capitalize(), **more)


def left(day: float, actor: str) -> Json:
    return event(day, f"actor/{actor}", "actor.left")


def mandate(day: float, id: str, from_: str, to: str, scope: str = "domain/x", **more: Any) -> Json:
    return event(day, f"mandate/{id}", "mandate.delegated", scope=scope, from_=from_, to=[to], **more)


def corrected(day: float, what: Json, **more: Any) -> Json:
    told = event(day, what["subject"], "event.corrected", source=what["source"], reason="R", **more)
    told["data"]["id"] = what["id"]
    return told


def override(day: float, id: str, by: str) -> Json:
    return event(day, f"decision/{id}", "decision.overridden", deciders=holders((by,)), reason="R")


def found(
    pattern: str, events: Sequence[Json], day: float | None = None, known: int | None = None
) -> list[Found]:
    seen = past(events, at=None if day is None else on(day), known=known)
    return list(PATTERNS[pattern].episodes(seen, Settings()))


def spans(
    pattern: str, events: Sequence[Json], day: float = 700, known: int | None = None
) -> list[tuple[str, tuple[str, ...], float, float | None]]:
    """(scope, actors, since, until) of each knot, in days."""
    told = sorted(found(pattern, events, day, known), key=lambda one: (one.since, one.actors))
    return [(one.scope, one.actors, day_of(one.since), day_of(one.until)) for one in told]


def day_of(at: Any) -> Any:
    return None if at is None else round((at - on(0)).total_seconds() / 86_400, 3)
