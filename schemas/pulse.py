"""Pulses: what a body's people say they live, only ever in numbers over at least five of them."""

from typing import Annotated, Literal

from msgspec import Meta

from schemas.types import BodyId, Data, Fraction, Moment


class Recorded(Data, frozen=True, kw_only=True):
    """One question's answers, summed up."""

    body: BodyId
    question: Literal["trust", "clarity", "autonomy", "energy"]
    stated: Annotated[Fraction, Meta(description="What the organisation says of itself")] | None = None
    experienced: Annotated[Fraction, Meta(description="The mean of the answers")]
    respondents: Annotated[int, Meta(ge=5, le=1_000_000, description="Fewer than five could be recognised")]
    asked: Annotated[Moment, Meta(description="When the question was asked")] | None = None
