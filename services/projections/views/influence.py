"""Who influences: whose advice goes with the outcomes, the network of who follows whom, and its centres."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from services.projections.changed import EVERYWHERE, STRUCTURE
from services.projections.connection import Connection
from services.projections.influence.answer import Influence
from services.projections.influence.parts import found, influence
from services.projections.views.filters import Actor, Body, Filters, HowAttested, InTense, OfLevel, OfStakes
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import Part, history
from services.projections.views.question import Lens, windows
from services.projections.views.view import View

VIEW: Final = "influence"
VERSION: Final = 3
KINDS: Final = ("decision", "initiative", "consultation")


class Asked(Filters, frozen=True, kw_only=True):
    """What can be asked."""

    body: Body = None
    actor: Actor = None
    stakes: OfStakes = None
    level: OfLevel = None
    lens: Annotated[
        Lens,
        Meta(description="Deciders in the network: bodies as one (`node`), or split over seats (`seat`)."),
    ] = "node"
    tense: InTense = "made"
    attested: HowAttested = "all"


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Influence:
    """Who influences: advisers, the network of who follows whose advice, handover of work.

    Only advice before the decision, by name, from those who had no part in it. Lift says how much more often
    the outcome was what the adviser was for than the domain's other decisions would have it: an association,
    not a cause. Advice belongs to the window of its decision.
    """
    question = asked.question()
    part = Part.of(question)
    past = await history(connection, ground, structures, part)
    if (
        part.domain is not None
    ):  # rates are those of whole domains, whichever decisions of theirs are asked about
        part = part._replace(homes=frozenset(act.home for act in past.acts))
        past = await history(connection, ground, structures, part)
    if question.actor is not None:
        question = msgspec.structs.replace(question, actor=past.structure.actors.who(question.actor))
    taken = found(past, question, asked.level)
    return Influence(
        rests_on=ground.rests_on(VIEW, VERSION),
        question=question,
        level=asked.level,
        windows=influence(past, taken, windows(question, taken.first(), ground.as_of), question.lens),
    )


VIEWS = (
    View(
        name=VIEW,
        version=VERSION,
        question=Asked,
        answer=Influence,
        ask=ask,
        long=True,
        reads=STRUCTURE.union(KINDS),
        beyond=EVERYWHERE,
    ),
)
