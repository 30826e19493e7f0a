"""What slows things down, what creates flow, and what holds."""

from typing import Final

import msgspec

from services.projections.cases import Narrowing
from services.projections.changed import STRUCTURE
from services.projections.connection import Connection
from services.projections.flow.answer import Flow
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.views.filters import Actor, Body, Filters, HowAttested, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import Part, history
from services.projections.views.question import windows
from services.projections.views.view import View

VIEW: Final = "flow"
VERSION: Final = 3
KINDS: Final = ("decision", "initiative", "consultation")


class Asked(Filters, frozen=True, kw_only=True):
    """What can be asked."""

    body: Body = None
    actor: Actor = None
    stakes: OfStakes = None
    level: OfLevel = None
    attested: HowAttested = "all"


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Flow:
    """What slows things down, what creates flow, and what holds.

    The legs from a proposal to the deed, how long decisions stand, what is open and for how long, whose
    answer is waited for, what is escalated, who proposes, and whether what comes in goes out. Legs, holds,
    proposals and escalations belong to the window they began in, and are followed until `at`; open work is
    that of the window's end; waiting days are those within the window.
    """
    question = asked.question()
    past = await history(connection, ground, structures, Part.of(question))
    if question.actor is not None:
        question = msgspec.structs.replace(question, actor=past.structure.actors.who(question.actor))
    taken = found(past, Narrowing.of(question, asked.level))
    return Flow(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=question,
        level=asked.level,
        windows=flow(past, taken, windows(question, taken.first(), ground.as_of)),
    )


VIEWS = (
    View(
        name=VIEW,
        version=VERSION,
        question=Asked,
        answer=Flow,
        ask=ask,
        long=True,
        reads=STRUCTURE.union(KINDS),
    ),
)
