"""Authority lent: from whom, to whom, for what, from when until when."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import msgspec

from schemas.mandate import Delegated, Ended
from schemas.types import Limits
from services.projections.facts.fact import FOREVER, Fact, Folding, Said, Statement


class Mandate(Statement, frozen=True, kw_only=True):
    """A mandate from when it takes effect until its end or term."""

    kind: ClassVar[str] = "mandate"

    mandate: str
    scope: str
    grantor: str
    grantees: tuple[str, ...]
    limits: Limits | None = None
    redelegable: bool = False
    term: datetime | None = None
    """The end it was given; `valid_to` is when it ended, which nobody knew before."""

    @property
    def subject(self) -> str:
        return f"mandate/{self.mandate}"

    @property
    def bears_on(self) -> str:
        return self.scope


def fold(mandate: str, entries: Sequence[Said]) -> list[Fact]:
    """The mandate, unless it ended before it took effect."""
    ended = min((entry.occurred for entry in entries if isinstance(entry.data, Ended)), default=FOREVER)
    given = [_mandate(mandate, entry, entry.data) for entry in entries if isinstance(entry.data, Delegated)]
    return [
        msgspec.structs.replace(fact, valid_to=min(fact.valid_to, ended))
        for fact in given
        if fact.valid_from < min(fact.valid_to, ended)
    ]


def _mandate(mandate: str, entry: Said, said: Delegated) -> Mandate:
    return Mandate(
        position=entry.position,
        valid_from=said.effective_from or entry.occurred,
        valid_to=said.until or FOREVER,
        mandate=mandate,
        stated=entry.occurred,
        scope=said.scope,
        grantor=said.from_,
        grantees=said.to,
        limits=said.limits,
        redelegable=said.redelegable,
        term=said.until,
    )


FOLDINGS = (Folding(of="mandate", facts=(Mandate,), reads=frozenset({Delegated, Ended}), fold=fold),)
