"""How the organisation keeps together: spaces and their cadence, decisions shared, bodies that never meet."""

from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta

from services.projections.changed import STRUCTURE
from services.projections.connection import Connection
from services.projections.coordination.answer import CoordinationWindow
from services.projections.coordination.window import coordination
from services.projections.views.answer import RestsOn
from services.projections.views.filters import Filters, HowAttested, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import history
from services.projections.views.question import identifier
from services.projections.views.view import View

VIEW: Final = "coordination"
VERSION: Final = 1
KINDS: Final = ("decision", "initiative", "consultation", "space")


class Asked(Filters, frozen=True, kw_only=True):
    """Which sessions and decisions, when."""

    body: Annotated[
        str | None,
        Meta(description="Sessions that somebody of this body attended, and its decisions; its bare id."),
    ] = None
    space: Annotated[str | None, Meta(description="One space, by its bare id.")] = None
    stakes: OfStakes = None
    level: OfLevel = None
    attested: HowAttested = "all"

    def __post_init__(self) -> None:
        identifier("space", self.space)
        self.question()


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One window, or one an interval."""

    TABLE: ClassVar = "windows.spaces"

    rests_on: RestsOn
    question: Asked
    windows: list[CoordinationWindow]


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Answer:
    """Spaces and whether they keep their cadence, decisions shared and how soon, bodies that never meet."""
    past = await history(connection, ground, structures)
    return Answer(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=asked,
        windows=coordination(past, asked.question(), asked.space, asked.level),
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
    ),
)
