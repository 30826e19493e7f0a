"""The shape of what `learning` answers. Published names stay."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from services.projections.evidence import Counted, Rate
from services.projections.lasting import Took


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has not been looked back on, or not concluded."""

    subject: str
    since: Annotated[datetime, Meta(description="When it ended, was undone, or was to end")]
    days: Annotated[float, Meta(ge=0, description="Up to the window's end, or the answer's instant")]
    entry: int


class Experiments(msgspec.Struct, frozen=True, kw_only=True):
    """Trying something within limits. What follows a conclusion counts whenever it followed."""

    started: Counted
    with_limits: Annotated[Counted, Meta(description="Of these, those that said how far they may go")]
    how_long: Annotated[Took, Meta(description="From start to conclusion, of those started")]
    concluded: Counted
    supported: Counted
    refuted: Annotated[Counted, Meta(description="To find out is no mistake")]
    inconclusive: Counted
    documented: Annotated[Rate, Meta(description="Concluded with evidence, of those concluded")]
    debriefed: Annotated[Rate, Meta(description="Looked back on together, of those concluded")]
    with_lesson: Annotated[
        Rate, Meta(description="Of those concluded: a lesson came from it, or from a debrief about it")
    ]
    open: Annotated[Counted, Meta(description="Started and not concluded by the window's end")]
    overdue: Annotated[list[Owed], Meta(description="Of these, those that were to have ended, oldest first")]


class Cover(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of ending, and whether people looked back on it together."""

    kind: Annotated[
        str,
        Meta(
            description="initiative_succeeded, initiative_partial, initiative_failed, initiative_completed"
            " (nobody said how), override, experiment"
        ),
    ]
    looked_back: Annotated[
        Rate, Meta(description="With a debrief about it, then or later; entries are these endings")
    ]
    how_soon: Took
    not_yet: Annotated[list[Owed], Meta(description="Oldest first, at most twenty")]


class Adjustment(msgspec.Struct, frozen=True, kw_only=True):
    """Something debriefs said to do differently, the same but for case, spaces and full stops."""

    text: str
    debriefs: Counted
    first: datetime
    last: datetime


class Debriefs(msgspec.Struct, frozen=True, kw_only=True):
    """Looking back together."""

    held: Counted
    participants: Annotated[int, Meta(ge=0, description="Different people, bodies as one")]
    with_adjustments: Annotated[Rate, Meta(description="Of those held: said what to do differently")]
    adjustments: Annotated[list[Adjustment], Meta(description="The most often said first, at most fifty")]
    repeated: Annotated[list[Adjustment], Meta(description="Of these, those of two debriefs or more")]
    cover: Annotated[list[Cover], Meta(description="What ended in the window, by kind")]


class ChangedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the matrix that rests on a lesson."""

    domain: str
    lesson: str
    learnt: datetime
    stated: datetime
    days: Annotated[float, Meta(description="From the lesson to the row")]
    proposed: Annotated[bool, Meta(description="The lesson proposed to change this domain's row")]
    entries: Annotated[list[int], Meta(description="The lesson, the row")]


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """What was written down, and what it changed."""

    recorded: Counted
    by_source: Annotated[dict[str, Counted], Meta(description="By the kind of what they were learnt from")]
    proposing: Annotated[Counted, Meta(description="Those that proposed to change a row")]
    changed_matrix: Annotated[Rate, Meta(description="Of these: a row rests on it, stated later")]
    how_long: Annotated[Took, Meta(description="From such a lesson to the first row that rests on it")]
    rows: Annotated[list[ChangedRow], Meta(description="Rows stated in the window that rest on any lesson")]


class Mistakes(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, and how far it was turned into learning: each step of the same mistakes."""

    all: Annotated[Counted, Meta(description="Failed initiatives, overrides, reversals, reopenings")]
    debriefed: Rate
    with_lesson: Annotated[Rate, Meta(description="A lesson came from it, or from a debrief about it")]
    changed_matrix: Annotated[Rate, Meta(description="A row rests on such a lesson")]
    in_words: str | None
    why_null: dict[str, str]


class LearningWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window of time. What ended in it is followed up to the answer's instant."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    experiments: Experiments
    debriefs: Debriefs
    lessons: Lessons
    mistakes: Mistakes
