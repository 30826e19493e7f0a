"""How rows of the matrix and mandates are written in answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.types import All, Any, Consent, Limits, Quota, Rule
from services.projections.facts.mandates import Mandate
from services.projections.facts.matrix import Part, Row
from services.projections.resolve import live_weights
from services.projections.resolve_shares import Held
from services.projections.structure import Structure
from services.projections.voting import decidable


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A holder, and whether it could act at that instant: an actor who had not left, a body that was neither
    dissolved nor left by all who sat in it."""

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


class Describing:
    """Describes rows and mandates of one structure as seen at one instant, each once."""

    def __init__(self, structure: Structure, at: datetime) -> None:
        self.structure = structure
        self.at = at
        self._named: dict[str, Named] = {}
        self._rows: dict[int, Stated] = {}
        self._vacant: dict[int, bool] = {}
        self._weights: dict[int, Held] = {}

    def named(self, holder: str) -> Named:
        """A holder as it stands after merges."""
        found = self._named.get(holder)
        if found is None:
            standing = self.structure.actors.holder(holder)
            found = Named(holder=standing, live=self.structure.able(standing, self.at))
            self._named[holder] = found
        return found

    def row(self, row: Row) -> Stated:
        """A row of the structure; ids are those that stand after merges."""
        found = self._rows.get(id(row))  # the structure holds on to the row
        if found is None:
            found = self._rows[id(row)] = self._row(row)
        return found

    def vacant(self, row: Row) -> bool:
        """Whether nobody live can satisfy the row's rule; many domains may inherit one row."""
        found = self._vacant.get(id(row))
        if found is None:
            found = self._vacant[id(row)] = not decidable(row.rule, self.weights(row))
        return found

    def weights(self, row: Row) -> Held:
        """Those of the row's holders who can act, with their weights."""
        found = self._weights.get(id(row))
        if found is None:
            found = self._weights[id(row)] = live_weights(self.structure, row.decides, self.at)
        return found

    def _row(self, row: Row) -> Stated:
        return Stated(
            domain=row.domain,
            position=row.position,
            stated=row.stated,
            effective=row.effective,
            decides=self._deciding(row.decides),
            rule=row.rule,
            rule_in_words=in_words(row.rule, len(row.decides)),
            limits=row.limits,
            accountable=self._perhaps(row.accountable),
            contributes=[self._contributing(one.holder, one.mandatory) for one in row.contributes],
            min_wait=row.min_wait,
            informs=[self.named(holder) for holder in row.informs],
            escalates_to=self._perhaps(row.escalates_to),
            amends=self._deciding(row.amends),
            amend_rule=row.amend_rule,
            by=[self.structure.actors.who(actor) for actor in row.by],
            basis=row.basis,
        )

    def mandate(self, mandate: Mandate) -> Lent:
        """A mandate; ids are those that stand after merges."""
        return Lent(
            mandate=mandate.mandate,
            position=mandate.position,
            scope=mandate.scope,
            from_=self.named(mandate.grantor),
            to=[self.named(grantee) for grantee in mandate.grantees],
            since=mandate.valid_from,
            until=mandate.term,
            limits=mandate.limits,
            redelegable=mandate.redelegable,
        )

    def _perhaps(self, holder: str | None) -> Named | None:
        return None if holder is None else self.named(holder)

    def _contributing(self, holder: str, mandatory: bool) -> Contributing:
        named = self.named(holder)
        return Contributing(holder=named.holder, live=named.live, mandatory=mandatory)

    def _deciding(self, parts: Sequence[Part]) -> list[Deciding]:
        weights: dict[str, int] = {}
        for part in parts:
            holder = self.structure.actors.holder(part.holder)
            weights[holder] = weights.get(holder, 0) + part.weight
        return [
            Deciding(holder=holder, live=self.named(holder).live, weight=weight)
            for holder, weight in weights.items()
        ]


def in_words(rule: Rule | None, holders: int) -> str:
    """A rule as one would say it."""
    if rule is None:
        return "no rule was stated"
    if holders == 1 and not isinstance(rule, Quota):
        return _with_quorum("it decides alone", rule)
    match rule:
        case Any(quorum=None):
            return "any one of them may decide without the others"
        case Any():
            return _with_quorum("any one of them may decide", rule)
        case All():
            return _with_quorum("all of them together", rule)
        case Consent():
            return _with_quorum(
                "they decide together, one of them for all, unless one of them objects (blocks)", rule
            )
        case Quota(at_least=None, more_than=part):
            return _with_quorum(f"more than {part} of the weights", rule)
        case Quota(at_least=weight):
            return _with_quorum(f"weights of at least {weight}", rule)


def _with_quorum(words: str, rule: Rule) -> str:
    return words if rule.quorum is None else f"{words}, {rule.quorum} of them taking part"
