"""Mandates: authority lent by one holder to others, for a scope, within limits, until a time."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.types import MAX_LIST, ActorId, Data, Holder, Limits, Moment, Reason, Scope


class Delegated(Data, frozen=True, kw_only=True):
    """Authority was lent."""

    scope: Scope
    from_: Annotated[Holder, Meta(description="The holder who lends")] = msgspec.field(name="from")
    to: Annotated[
        tuple[Holder, ...],
        Meta(min_length=1, max_length=MAX_LIST, description="The holders who may decide, sharing equally"),
    ]
    limits: Limits | None = None
    effective_from: Moment | None = None
    until: Moment | None = None
    redelegable: Annotated[bool, Meta(description="Whether the grantees may lend it on")] = False


class Ended(Data, frozen=True, kw_only=True):
    """A mandate was withdrawn or given back."""

    by: ActorId | None = None
    reason: Reason | None = None
