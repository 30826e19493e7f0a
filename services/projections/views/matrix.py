"""The stated authority of a moment: the row in force in every domain, and where it comes from."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from services.projections.facts.matrix import Row
from services.projections.structure import Structure
from services.projections.views.answer import RestsOn
from services.projections.views.stated import Describing, Lent, Stated

VIEW: Final = "matrix"
VERSION: Final = 2
_INSTANT: Final = timedelta(microseconds=1)


class UnknownDomainError(LookupError):
    """Nobody has named this domain."""


class DomainMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """One domain, and who may decide what in it."""

    domain: str
    name: str | None
    parent: str | None
    stakes: Annotated[str | None, Meta(description="Its own, else its nearest ancestor's")]
    retired: bool
    row: Annotated[Stated | None, Meta(description="The row in force")]
    inherited_from: Annotated[str | None, Meta(description="The ancestor whose row it is; null: its own")]
    since: Annotated[datetime | None, Meta(description="From when this row has counted in this domain")]
    vacant: Annotated[bool | None, Meta(description="Nobody live can satisfy the row's rule")]
    mandates: Annotated[list[Lent], Meta(description="Live mandates for this domain or one above it")]
    why_null: dict[str, str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One row or clearing of a domain's own, and the span in which it was the last word on it."""

    effective: datetime
    until: Annotated[datetime | None, Meta(description="Null: nothing has followed")]
    stated: datetime
    position: int
    row: Annotated[Stated | None, Meta(description="Null: the row was cleared")]


class MatrixAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The domains asked about, by id."""

    rests_on: RestsOn
    domain: Annotated[str | None, Meta(description="The subtree asked about; null: every domain")]
    domains: list[DomainMatrix]
    history: Annotated[
        list[Change] | None,
        Meta(description="What was ever stated about the row of the one domain asked about, oldest first"),
    ]


def matrix(rests_on: RestsOn, structure: Structure, domain: str | None, at: datetime) -> MatrixAnswer:
    """The rows in force at and as of an instant. UnknownDomainError for a domain nobody has named."""
    rules = structure.matrix
    if domain is not None and not is_named(structure, domain, at):
        raise UnknownDomainError(domain)
    describing = Describing(structure, at)
    return MatrixAnswer(
        rests_on=rests_on,
        domain=domain,
        domains=[described(describing, rules.chain(one, at)) for one in named(structure, at, domain)],
        history=None if domain is None else list(history(describing, domain)),
    )


def named(structure: Structure, at: datetime, domain: str | None = None) -> list[str]:
    """Domains that are named, sorted: all, or one with those below it."""
    among = structure.matrix.domains() if domain is None else structure.matrix.below(domain, at)
    return sorted(one for one in among if is_named(structure, one, at))


def is_named(structure: Structure, domain: str, at: datetime) -> bool:
    """Whether somebody had defined a domain or stated a row for it."""
    rules = structure.matrix
    return rules.domain(domain, at) is not None or any(row.stated <= at for row in rules.rows(domain))


def described(describing: Describing, chain: Sequence[str]) -> DomainMatrix:
    """One domain, given as the chain from it up to its topmost ancestor."""
    structure, at = describing.structure, describing.at
    domain, rules = chain[0], structure.matrix
    known, row = rules.domain(domain, at), rules.row(chain, at, at)
    why = {} if row else dict.fromkeys(("row", "since", "vacant"), _why_none(structure, chain, at))
    mandates = rules.mandates([f"domain/{above}" for above in chain], at, at)
    return DomainMatrix(
        domain=domain,
        name=known.name if known else None,
        parent=known.parent if known else None,
        stakes=rules.stakes(chain, at),
        retired=known is not None and known.retired,
        row=describing.row(row) if row else None,
        inherited_from=row.domain if row and row.domain != domain else None,
        since=_since(structure, domain, row, at) if row else None,
        vacant=describing.vacant(row) if row else None,
        mandates=[describing.mandate(mandate) for mandate in mandates],
        why_null=why,
    )


def _since(structure: Structure, domain: str, row: Row, at: datetime) -> datetime:
    """The first of the instants up to this one at all of which the row was the one in force here."""
    rules, since, instant = structure.matrix, at, at
    while rules.row(chain := rules.chain(domain, instant), instant, at) is row:
        way = chain[: chain.index(row.domain) + 1]
        since = max(moment for one in way for moment in rules.moments(one, instant))
        if since == row.effective:
            break
        instant = since - _INSTANT
    return since


def _why_none(structure: Structure, chain: Sequence[str], at: datetime) -> str:
    cleared = next((one for one in chain if structure.matrix.own_row(one, at, at)), None)
    if cleared is None:
        return "no row was ever in force here or above"
    if cleared == chain[0]:
        return "the row was cleared, and no domain above has one"
    return f"the row of {cleared}, above, was cleared, and there is no other"


def history(describing: Describing, domain: str) -> Iterator[Change]:
    """All that had been stated about a domain's own row, in the order in which it takes effect."""
    rows = [row for row in describing.structure.matrix.rows(domain) if row.stated <= describing.at]
    for row, following in zip_longest(rows, rows[1:]):
        yield Change(
            effective=row.effective,
            until=following.effective if following else None,
            stated=row.stated,
            position=row.position,
            row=None if row.cleared else describing.row(row),
        )
