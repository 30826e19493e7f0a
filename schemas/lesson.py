"""Lessons: what was learnt, and the row it would change."""

from typing import Annotated

import msgspec
from msgspec import Meta

from schemas.types import Data, DomainId, Ref, Text


class Recorded(Data, frozen=True, kw_only=True):
    """A lesson was written down."""

    from_: Annotated[Ref, Meta(description="What it was learnt from")] = msgspec.field(name="from")
    text: Text
    proposes_row: Annotated[DomainId, Meta(description="The domain whose row it would change")] | None = None
