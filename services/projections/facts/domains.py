"""The tree of domains, as it was stated from time to time."""

from collections.abc import Sequence
from typing import Any, ClassVar

import msgspec

from schemas.domain import Defined, Retired, Updated
from schemas.types import Stakes
from services.projections.facts.fact import FOREVER, Fact, Folding, Said, successive


class Domain(Fact, frozen=True, kw_only=True):
    """What is stated of a domain until it is stated anew. Retired into another, it is a child of that."""

    kind: ClassVar[str] = "domain"

    domain: str
    name: str | None = None  # None: nobody defined it before it was retired
    parent: str | None = None
    stakes: Stakes | None = None
    retired: bool = False

    @property
    def subject(self) -> str:
        return f"domain/{self.domain}"

    @property
    def bears_on(self) -> str:
        return self.subject


def fold(domain: str, entries: Sequence[Said]) -> list[Fact]:
    """The facts of one domain. What it was retired into stays its parent whatever is stated later."""
    rows: list[Fact] = []
    into: str | None = None
    latest = Domain(position=0, valid_from=FOREVER, valid_to=FOREVER, domain=domain)
    for entry in entries:
        match entry.data:
            case Defined() | Updated() as said:
                stated: dict[str, Any] = {
                    "name": said.name,
                    "parent": into or said.parent,
                    "stakes": said.stakes,
                }
            case Retired():
                into = entry.data.into or into
                stated = {"parent": into or latest.parent, "retired": True}
            case _:
                continue
        latest = msgspec.structs.replace(latest, position=entry.position, valid_from=entry.occurred, **stated)
        rows.append(latest)
    return successive(rows)


FOLDINGS = (Folding(of="domain", facts=(Domain,), reads=frozenset({Defined, Updated, Retired}), fold=fold),)
