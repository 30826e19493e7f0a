"""The shape of what `trust` answers. Published names stay."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from services.projections.evidence import Counted, Rate


class Lived(msgspec.Struct, frozen=True, kw_only=True):
    """What was said and what was lived of one question, 0 to 1; means weighted by respondents."""

    question: Annotated[str, Meta(description="trust, clarity, autonomy or energy")]
    stated: Annotated[float | None, Meta(description="What the organisation says of itself")]
    experienced: Annotated[float | None, Meta(description="The mean of the answers")]
    gap: Annotated[
        float | None,
        Meta(description="stated - experienced, over the pulses that have both; above 0: less is lived"),
    ]
    respondents: Annotated[
        int, Meta(ge=0, description="Answers in all; one person may have answered each pulse")
    ]
    compared: Annotated[
        int, Meta(ge=0, description="Of these, answers to the pulses that have both, which the gap is over")
    ]
    fewest: Annotated[int | None, Meta(description="Answers of the smallest pulse; never below five")]
    pulses: Counted
    in_words: str | None
    why_null: dict[str, str]


class BodyLived(Lived, frozen=True, kw_only=True):
    """The same for one body."""

    body: str
    name: str | None


class Signs(msgspec.Struct, frozen=True, kw_only=True):
    """How decisions were treated: what trust looks like when it is acted out."""

    decided: Annotated[Counted, Meta(description="Decisions made, by the body or somebody with a seat in it")]
    overridden: Annotated[Rate, Meta(description="Of these, undone by others, then or later")]
    reversed: Annotated[Rate, Meta(description="Undone by the same")]
    reopened: Rate
    overrode: Annotated[Counted, Meta(description="Decisions of others it put its own word in the place of")]
    proposed: Annotated[Counted, Meta(description="Decisions made that its people had proposed")]
    escalated: Annotated[Rate, Meta(description="Of these, passed on to another holder before")]
    alone: Annotated[Rate, Meta(description="Of these, decided by their proposers and nobody else")]
    with_others: Annotated[Rate, Meta(description="Of these, decided with a part of the proposers")]
    asked_up: Annotated[
        Rate, Meta(description="Of these, escalated by every proposer or decided by others alone")
    ]
    could_alone: Annotated[
        Rate, Meta(description="Of those asked up: a proposer might have decided alone by the row in force")
    ]
    closeness: Annotated[
        float | None,
        Meta(description="Closeness to the field, 0 to 1: authority-weighted depth/(depth + height below)"),
    ]
    why_null: dict[str, str]


class BodySigns(Signs, frozen=True, kw_only=True):
    """The same for one body; a decision counts with every body its deciders or proposers sit in."""

    body: str
    name: str | None


class TrustWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    inferred: Annotated[
        Rate, Meta(description="Of the decisions of the window, those whose deciders were inferred")
    ]
    lived: Annotated[list[Lived], Meta(description="All bodies asked about together, by question")]
    bodies_lived: Annotated[list[BodyLived], Meta(description="By body, then question")]
    signs: Annotated[Signs, Meta(description="Of every decision asked about")]
    bodies_signs: list[BodySigns]


class Association(msgspec.Struct, frozen=True, kw_only=True):
    """Whether bodies and windows that live more of something also show more of a sign. Never a cause."""

    question: str
    sign: Annotated[str, Meta(description="alone, asked_up, escalated, overridden, reopened: its rate")]
    n: Annotated[int, Meta(ge=0, description="Windows of bodies that have both")]
    tau: Annotated[float | None, Meta(description="Kendall's tau-b: 1 together, -1 opposite, 0 neither")]
    in_words: str | None
    why_null: dict[str, str]
