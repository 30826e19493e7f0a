"""Whether the organisation learns: experiments, debriefs, lessons, mistakes, and rows that changed for it."""

from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta

from services.projections.changed import STRUCTURE
from services.projections.connection import Connection
from services.projections.learning.answer import LearningWindow
from services.projections.learning.window import learning
from services.projections.structure_matrix import Matrix
from services.projections.views.answer import RestsOn
from services.projections.views.filters import Filters, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import Part, history
from services.projections.views.view import View

VIEW: Final = "learning"
VERSION: Final = 3
KINDS: Final = ("decision", "initiative", "experiment", "debrief", "lesson", "consultation", "space")


class Asked(Filters, frozen=True, kw_only=True):
    """What was learnt where, when. By stakes and level: what leads to such a decision or initiative."""

    body: Annotated[
        str | None, Meta(description="What this body or somebody seated in it had a part in; its bare id.")
    ] = None
    stakes: OfStakes = None
    level: OfLevel = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One window, or one an interval."""

    TABLE: ClassVar = "windows.debriefs.cover"

    rests_on: RestsOn
    question: Asked
    windows: list[LearningWindow]


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Answer:
    """Experiments, looking back, lessons and the rows they changed; how far mistakes became learning."""
    part = Part.of(asked.question())
    if asked.stakes is not None or asked.level is not None or asked.body is not None:
        part = part._replace(named=_relied_on((await structures.of(connection, ground)).matrix))
    past = await history(connection, ground, structures, part)
    return Answer(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=asked,
        windows=learning(past, asked.question(), asked.level),
    )


def _relied_on(matrix: Matrix) -> frozenset[str]:
    """What rows rest on, in whatever domain: rows are chosen by the work that it came of."""
    rows = (row for domain in matrix.domains() for row in matrix.rows(domain))
    return frozenset(row.basis for row in rows if row.basis is not None)


VIEWS = (
    View(
        name=VIEW,
        version=VERSION,
        long=True,
        question=Asked,
        answer=Answer,
        ask=ask,
        reads=STRUCTURE.union(KINDS),
    ),
)
