"""A small organisation to ask questions of: facts with short names and whole days as instants."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from schemas.decision import Decider
from schemas.types import Any as AnyOne
from schemas.types import Quota, Rule
from services.projections.facts.actors import Absence, Merge, Profile
from services.projections.facts.bodies import Body, Dissolution, Seat
from services.projections.facts.decisions import Stance, Word
from services.projections.facts.domains import Domain
from services.projections.facts.fact import BEGINNING, FOREVER, Fact
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Part, Row
from services.projections.structure import Structure

ANY = AnyOne()
_positions = count(1)


def day(number: float | None) -> datetime:
    """The start of a day, counted from 1 January 2020; None is forever."""
    return FOREVER if number is None else datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)


def quota(at_least: int) -> Quota:
    return Quota(at_least=at_least)


def more_than(part: str) -> Quota:
    return Quota(more_than=part)


def _span(start: float, end: float | None) -> dict[str, Any]:
    return {"position": next(_positions), "valid_from": day(start), "valid_to": day(end)}


def profile(actor: str, above: str | None = None, start: float = 0, end: float | None = None) -> Profile:
    return Profile(actor=actor, actor_kind="person", reports_to=above, **_span(start, end))


def absence(actor: str, start: float, end: float | None = None) -> Absence:
    back = None if end is None else next(_positions) + 1_000
    return Absence(actor=actor, returned_position=back, **_span(start, end))


def merge(actor: str, into: str) -> Merge:
    return Merge(actor=actor, into=into, position=next(_positions), valid_from=BEGINNING, valid_to=FOREVER)


def body(name: str, rule: Rule | None = None, start: float = 0, end: float | None = None) -> Body:
    return Body(body=name, name=name, body_kind="team", rule=rule, **_span(start, end))


def dissolution(name: str, start: float) -> Dissolution:
    return Dissolution(body=name, **_span(start, None))


def seat(
    body: str, actor: str, start: float = 0, end: float | None = None, weight: int = 1, role: str = ""
) -> Seat:
    return Seat(body=body, actor=actor, weight=weight, role=role, **_span(start, end))


def domain(name: str, parent: str | None = None, start: float = 0, **stated: Any) -> Domain:
    return Domain(domain=name, name=name, parent=parent, **_span(start, None), **stated)


def row(
    domain: str,
    decides: Sequence[str] | dict[str, int],
    rule: Rule = ANY,
    effective: float = 0,
    stated: float | None = None,
    **others: Any,
) -> Row:
    parts = decides if isinstance(decides, dict) else dict.fromkeys(decides, 1)
    return Row(
        domain=domain,
        decides=tuple(Part(holder, weight) for holder, weight in parts.items()),
        rule=rule,
        stated=day(effective if stated is None else stated),
        effective=day(effective),
        **_span(effective, None),
        **others,
    )


def cleared(domain: str, start: float) -> Row:
    return Row(domain=domain, cleared=True, stated=day(start), effective=day(start), **_span(start, None))


def mandate(
    grantor: str,
    grantees: Sequence[str],
    scope: str = "domain/pricing",
    start: float = 0,
    end: float | None = None,
    stated: float | None = None,
    **others: Any,
) -> Mandate:
    number = next(_positions)
    return Mandate(
        mandate=f"m-{number}",
        grantor=grantor,
        grantees=tuple(grantees),
        scope=scope,
        stated=day(start if stated is None else stated),
        position=number,
        valid_from=day(start),
        valid_to=day(end),
        term=None if end is None else day(end),
        **others,
    )


def act(
    *deciders: str | Decider,
    at: float = 10,
    domains: Sequence[str] = ("pricing",),
    positions: dict[str, str] | None = None,
    **others: Any,
) -> Word:
    return Word(
        decision="d-1",
        word="made",
        occurred=day(at),
        window=day(at),
        outcome="accepted",
        domains=tuple(domains),
        deciders=tuple(Decider(holder=one) if isinstance(one, str) else one for one in deciders),
        positions=tuple(Stance(holder, value) for holder, value in (positions or {}).items()),
        **_span(at, None),
        **others,
    )


def organisation(*facts: Fact) -> Structure:
    structure = Structure()
    for fact in facts:
        structure.add(fact)
    return structure
