"""How the organisation keeps together: spaces and their cadence, decisions shared, bodies that never meet."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta

from services.projections.changed import EVERYWHERE, STRUCTURE
from services.projections.connection import Connection
from services.projections.coordination.answer import CoordinationWindow
from services.projections.coordination.window import coordination
from services.projections.facts.fact import FOREVER
from services.projections.history import Space
from services.projections.texts import same
from services.projections.views.answer import RestsOn
from services.projections.views.filters import Filters, HowAttested, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import Part, history, rest
from services.projections.views.question import FIRST, Question, identifier
from services.projections.views.view import View

VIEW: Final = "coordination"
VERSION: Final = 3
KINDS: Final = ("decision", "initiative", "consultation", "space")


class Asked(Filters, frozen=True, kw_only=True):
    """Which sessions and decisions, when."""

    body: Annotated[
        str | None,
        Meta(description="Sessions that somebody of this body attended, and its decisions; its bare id."),
    ] = None
    space: Annotated[
        str | None,
        Meta(
            description="The sessions of one space, what was shared in them, and which bodies met in them:"
            " seats and requests for advice are left out. Its bare id."
        ),
    ] = None
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
    question = asked.question()
    spaces = (await rest(connection, ground, structures)).spaces.values()
    part = Part.of(question)._replace(titles=_announced(spaces, question), whenever=_shared(spaces, asked))
    past = await history(connection, ground, structures, part)
    return Answer(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=asked,
        windows=coordination(past, question, asked.space, asked.level),
    )


def _announced(spaces: Iterable[Space], question: Question) -> frozenset[str]:
    """The titles under which sessions in the window may have announced decisions."""
    start, end = question.start or FIRST, question.end or FOREVER
    held = (held for space in spaces for step, held in space.sessions if start <= step.at < end)
    return frozenset(same(text) for one in held for text in (*one.needs, *one.upcoming))


def _shared(spaces: Iterable[Space], asked: Asked) -> frozenset[str]:
    """What sessions are chosen by, where not all are: the decisions they shared."""
    if asked.domain is None and asked.stakes is None and asked.level is None:
        return frozenset()
    held = (held for space in spaces for _, held in space.sessions)
    return frozenset(f"decision/{decision}" for one in held for decision in one.decisions)


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
