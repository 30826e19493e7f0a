"""Who is excluded from deciding while others are overburdened: proposing, advising, deciding, waiting.

Nobody is ranked: parts stand in the order of ids, kinds of contribution are never added up.
"""

from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta

from services.projections.changed import EVERYWHERE, STRUCTURE
from services.projections.connection import Connection
from services.projections.participation.answer import PartWindow, Path
from services.projections.participation.window import Participation
from services.projections.views.answer import RestsOn
from services.projections.views.filters import Filters, HowAttested, InTense, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import Part, history
from services.projections.views.view import View

VIEW: Final = "participation"
VERSION: Final = 3
KINDS: Final = ("decision", "initiative", "consultation", "space", "debrief", "experiment", "lesson")


class Asked(Filters, frozen=True, kw_only=True):
    """Whose part, in what, when."""

    body: Annotated[
        str | None, Meta(description="The parts of those with a seat in this body, by its bare id.")
    ] = None
    actor: Annotated[
        str | None,
        Meta(description="The part of this actor alone, by its bare id; figures of all stay of all."),
    ] = None
    stakes: OfStakes = None
    level: OfLevel = None
    tense: InTense = "made"
    attested: HowAttested = "all"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One window, or one an interval."""

    TABLE: ClassVar = "windows.parts"

    rests_on: RestsOn
    question: Asked
    windows: list[PartWindow]
    paths: Annotated[list[Path], Meta(description="Through roles over time, up to the answer's instant")]


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Answer:
    """Who proposes, advises, decides, attends and is waited on; who is asked and who is not."""
    past = await history(connection, ground, structures, Part.of(asked.question()))
    told = Participation(past, asked.question(), asked.level)
    return Answer(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=asked,
        windows=told.windows(),
        paths=told.paths(),
    )


VIEWS = (
    View(
        name=VIEW,
        version=VERSION,
        long=True,
        question=Asked,
        answer=Answer,
        ask=ask,
        reads=STRUCTURE.union(KINDS),
        beyond=EVERYWHERE,
    ),
)
