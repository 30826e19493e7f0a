"""Stated trust against experienced trust, beside its enacted signs. An association at most, never a cause."""

from typing import Annotated, ClassVar, Final

import msgspec
from msgspec import Meta

from services.projections.changed import STRUCTURE
from services.projections.connection import Connection
from services.projections.trust.answer import Association, TrustWindow
from services.projections.trust.window import associations, trust
from services.projections.views.answer import RestsOn
from services.projections.views.filters import Filters, HowAttested, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import Part, history
from services.projections.views.view import View

VIEW: Final = "trust"
VERSION: Final = 3
KINDS: Final = ("decision", "initiative", "pulse")


class Asked(Filters, frozen=True, kw_only=True):
    """Whose trust, when. Pulses are of bodies: all but `body` and the window choose decisions only."""

    body: Annotated[
        str | None, Meta(description="The pulses of this body, and its people's decisions; its bare id.")
    ] = None
    stakes: OfStakes = None
    level: OfLevel = None
    attested: HowAttested = "all"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One window, or one an interval."""

    TABLE: ClassVar = "windows.bodies_lived"

    rests_on: RestsOn
    question: Asked
    windows: list[TrustWindow]
    associations: Annotated[
        list[Association],
        Meta(description="Over all windows of bodies above: not a cause, a thing to ask about"),
    ]


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Answer:
    """What is lived against what is stated, by body and question, beside how decisions were treated."""
    past = await history(connection, ground, structures, Part.of(asked.question()))
    told = trust(past, asked.question(), asked.level)
    return Answer(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=asked,
        windows=told,
        associations=associations(told),
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
