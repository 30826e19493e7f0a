"""Whether the organisation learns: experiments, debriefs, lessons, mistakes, and rows that changed for it."""

from typing import ClassVar, Final

import msgspec

from services.projections.connection import Connection
from services.projections.learning.answer import LearningWindow
from services.projections.learning.window import learning
from services.projections.views.answer import RestsOn
from services.projections.views.filters import Filters
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import history
from services.projections.views.view import View

VIEW: Final = "learning"
VERSION: Final = 1


class Asked(Filters, frozen=True, kw_only=True):
    """What was learnt where, when."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One window, or one an interval."""

    TABLE: ClassVar[str] = "windows"

    rests_on: RestsOn
    question: Asked
    windows: list[LearningWindow]


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Answer:
    """Experiments, looking back, lessons and the rows they changed; how far mistakes became learning."""
    kinds = ("decision", "initiative", "experiment", "debrief", "lesson")
    past = await history(connection, ground, structures, *kinds)
    return Answer(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=asked,
        windows=learning(past, asked.question()),
    )


VIEWS = (View(name=VIEW, version=VERSION, question=Asked, answer=Answer, ask=ask),)
