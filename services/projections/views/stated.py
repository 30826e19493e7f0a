"""How a row of the matrix and a mandate are written in answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from schemas.types import All, Consent, Limits, Quota, Rule
from schemas.types import Any as AnyOne
from services.projections.facts.fact import FOREVER
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Part, Row
from services.projections.structure import Structure


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A holder, and whether it could act at that instant: an actor who had not left, a body not dissolved."""

    holder: str
    live: bool


class Deciding(Named, frozen=True, kw_only=True):
    """A holder, with its weight under the rule."""

    weight: int


class Contributing(Named, frozen=True, kw_only=True):
    """A holder to be consulted before the decision."""

    mandatory: bool


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the matrix, as it was set."""

    domain: Annotated[str, Meta(description="The domain it was set for")]
    position: Annotated[int, Meta(description="The entry that set it")]
    stated: Annotated[datetime, Meta(description="When it was set")]
    effective: Annotated[datetime, Meta(description="From when it counts; it may have been set afterwards")]
    decides: list[Deciding]
    rule: Rule | None
    rule_in_words: str
    limits: Limits | None
    accountable: Named | None
    contributes: list[Contributing]
    min_wait: Annotated[str | None, Meta(description="The least time advisers are given, ISO 8601")]
    informs: list[Named]
    escalates_to: Named | None
    amends: Annotated[list[Deciding], Meta(description="Who may change this row; empty: nobody said")]
    amend_rule: Rule | None
    by: Annotated[list[str], Meta(description="The actors who set it")]
    basis: Annotated[str | None, Meta(description="The decision or lesson it rests on")]


class Lent(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate that was live at that instant."""

    mandate: str
    position: Annotated[int, Meta(description="The entry that states it")]
    scope: Annotated[str, Meta(description="The domain, initiative or decision it is for")]
    from_: Named = msgspec.field(name="from")
    to: list[Named]
    since: datetime
    until: Annotated[datetime | None, Meta(description="Null: no end is known")]
    limits: Limits | None
    redelegable: bool


def stated(structure: Structure, row: Row, at: datetime) -> Stated:
    """A row as seen at an instant; ids are those that stand after merges."""
    return Stated(
        domain=row.domain,
        position=row.position,
        stated=row.stated,
        effective=row.effective,
        decides=_deciding(structure, row.decides, at),
        rule=row.rule,
        rule_in_words=in_words(row.rule, len(row.decides)),
        limits=row.limits,
        accountable=_perhaps(structure, row.accountable, at),
        contributes=[
            Contributing(**_named(structure, one.holder, at), mandatory=one.mandatory)
            for one in row.contributes
        ],
        min_wait=row.min_wait,
        informs=[named(structure, holder, at) for holder in row.informs],
        escalates_to=_perhaps(structure, row.escalates_to, at),
        amends=_deciding(structure, row.amends, at),
        amend_rule=row.amend_rule,
        by=[structure.actors.who(actor) for actor in row.by],
        basis=row.basis,
    )


def lent(structure: Structure, mandate: Mandate, at: datetime) -> Lent:
    """A mandate as seen at an instant."""
    return Lent(
        mandate=mandate.mandate,
        position=mandate.position,
        scope=mandate.scope,
        from_=named(structure, mandate.grantor, at),
        to=[named(structure, grantee, at) for grantee in mandate.grantees],
        since=mandate.valid_from,
        until=None if mandate.valid_to == FOREVER else mandate.valid_to,
        limits=mandate.limits,
        redelegable=mandate.redelegable,
    )


def named(structure: Structure, holder: str, at: datetime) -> Named:
    """A holder as it stands after merges."""
    return Named(**_named(structure, holder, at))


def _named(structure: Structure, holder: str, at: datetime) -> dict[str, Any]:
    standing = structure.actors.holder(holder)
    return {"holder": standing, "live": structure.live(standing, at)}


def _perhaps(structure: Structure, holder: str | None, at: datetime) -> Named | None:
    return None if holder is None else named(structure, holder, at)


def _deciding(structure: Structure, parts: Sequence[Part], at: datetime) -> list[Deciding]:
    weights: dict[str, int] = {}
    for part in parts:
        holder = structure.actors.holder(part.holder)
        weights[holder] = weights.get(holder, 0) + part.weight
    return [
        Deciding(holder=holder, live=structure.live(holder, at), weight=weight)
        for holder, weight in weights.items()
    ]


def in_words(rule: Rule | None, holders: int) -> str:
    """A rule as one would say it."""
    if rule is None:
        return "no rule was stated"
    if holders == 1 and not isinstance(rule, Quota):
        return _with_quorum("it decides alone", rule)
    match rule:
        case AnyOne():
            return _with_quorum("any one of them alone", rule)
        case All():
            return _with_quorum("all of them together", rule)
        case Consent():
            return _with_quorum("one of them, while nobody's block stands", rule)
        case Quota(at_least=None, more_than=part):
            return _with_quorum(f"more than {part} of the weights", rule)
        case Quota(at_least=weight):
            return _with_quorum(f"weights of at least {weight}", rule)


def _with_quorum(words: str, rule: Rule) -> str:
    return words if rule.quorum is None else f"{words}, {rule.quorum} of them taking part"
