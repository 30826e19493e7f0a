"""The stated authority: every row and clearing of the matrix, each from when it takes effect.

Which of them is in force at an instant depends on what had been stated as of the question, so it is answered
when asked: among those stated by then, the latest to take effect wins, ties by (stated, position).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from schemas.matrix import Contributor, RowCleared, RowSet
from schemas.types import Limits, Rule
from services.projections.facts.fact import FOREVER, Fact, Folding, Said, Statement


class Part(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A holder and its weight under a rule."""

    holder: str
    weight: int = 1


class Row(Statement, frozen=True, kw_only=True):
    """A row of the matrix, or (`cleared`) its absence."""

    kind: ClassVar[str] = "row"

    domain: str
    effective: datetime
    cleared: bool = False
    decides: tuple[Part, ...] = ()
    rule: Rule | None = None
    accountable: str | None = None
    contributes: tuple[Contributor, ...] = ()
    min_wait: str | None = None
    informs: tuple[str, ...] = ()
    escalates_to: str | None = None
    limits: Limits | None = None
    amends: tuple[Part, ...] = ()
    amend_rule: Rule | None = None
    by: tuple[str, ...] = ()
    basis: str | None = None

    @property
    def subject(self) -> str:
        return f"matrix/{self.domain}"

    @property
    def bears_on(self) -> str:
        return f"domain/{self.domain}"


def fold(domain: str, entries: Sequence[Said]) -> list[Fact]:
    """The rows and clearings of one domain, as stated."""
    rows: list[Fact] = []
    for entry in entries:
        match entry.data:
            case RowSet() as said:
                rows.append(_row(domain, entry, said))
            case RowCleared():
                rows.append(
                    Row(
                        position=entry.position,
                        valid_from=entry.occurred,
                        valid_to=FOREVER,
                        domain=domain,
                        stated=entry.occurred,
                        effective=entry.occurred,
                        cleared=True,
                    )
                )
    return rows


def _row(domain: str, entry: Said, said: RowSet) -> Row:
    effective = said.effective_from or entry.occurred
    return Row(
        position=entry.position,
        valid_from=effective,
        valid_to=FOREVER,
        domain=domain,
        stated=entry.occurred,
        effective=effective,
        decides=tuple(Part(part.holder, part.weight or 1) for part in said.decides),
        rule=said.rule,
        accountable=said.accountable,
        contributes=said.contributes,
        min_wait=said.min_wait,
        informs=said.informs,
        escalates_to=said.escalates_to,
        limits=said.limits,
        amends=tuple(Part(part.holder, part.weight or 1) for part in said.amends),
        amend_rule=said.amend_rule,
        by=said.by,
        basis=said.basis,
    )


FOLDINGS = (Folding(of="matrix", facts=(Row,), reads=frozenset({RowSet, RowCleared}), fold=fold),)
