"""The matrix: stated authority, one row a domain. Subjects are `matrix/<domain>`."""

from typing import Annotated

from msgspec import Meta

from schemas.types import (
    MAX_LIST,
    Actors,
    Basis,
    Data,
    Duration,
    Holder,
    Holders,
    Limits,
    Moment,
    Part,
    Reason,
    Rule,
    SomeWeighted,
    Weighted,
)


class Contributor(Part, frozen=True, kw_only=True):
    """A holder to be consulted before the decision."""

    holder: Holder
    mandatory: Annotated[
        bool, Meta(description="It must be asked; the advice process has such contributors")
    ] = False


class RowSet(Data, frozen=True, kw_only=True):
    """Who decides in this domain, from `effective_from` (else the event's time) until the next row."""

    by: Annotated[Actors, Meta(description="Who set the row; empty if unknown")]
    decides: Annotated[SomeWeighted, Meta(description="Who decides")]
    rule: Annotated[Rule, Meta(description="How those who decide do so together")]
    accountable: Annotated[Holder, Meta(description="Who answers for the decisions")] | None = None
    contributes: Annotated[
        tuple[Contributor, ...], Meta(max_length=MAX_LIST, description="Who is consulted before")
    ] = ()
    min_wait: Annotated[Duration, Meta(description="The least time advisers are given")] | None = None
    informs: Annotated[Holders, Meta(description="Who is told afterwards")] = ()
    escalates_to: Annotated[Holder, Meta(description="Who decides when those who should cannot")] | None = (
        None
    )
    limits: Limits | None = None
    amends: Annotated[Weighted, Meta(description="Who may change this row")] = ()
    amend_rule: Annotated[Rule, Meta(description="How those who amend do so together")] | None = None
    basis: Basis | None = None
    effective_from: Moment | None = None


class RowCleared(Data, frozen=True, kw_only=True):
    """The domain has no row of its own any more; it inherits its parent's."""

    reason: Reason | None = None
