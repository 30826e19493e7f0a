"""Corrections: what a publisher takes back or says anew about an event of its own."""

import typing
from typing import Annotated

from msgspec import Meta

from schemas.types import Data, EventId, Moment, Reason, Source


class Corrected(Data, frozen=True, kw_only=True):
    """The named event, on the same subject, should have read so. Absent members stay as first published."""

    source: Source
    id: EventId
    reason: Reason
    data: (
        Annotated[
            dict[str, typing.Any], Meta(description="The whole data, in the form of the named event's type")
        ]
        | None
    ) = None
    time: Moment | None = None


class Retracted(Data, frozen=True, kw_only=True):
    """The named event, on the same subject, should not have been published."""

    source: Source
    id: EventId
    reason: Reason
