"""Where authority sits here, where it is moving, what needs a conversation: in one call."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from services.projections.changed import EVERYWHERE
from services.projections.connection import Connection
from services.projections.overview.answer import Overview
from services.projections.overview.building import overview
from services.projections.views.filters import Body, HowAttested
from services.projections.views.ground import Ground, Structures
from services.projections.views.past import history
from services.projections.views.question import BadParameterError, Lens, Question, identifier
from services.projections.views.view import View

VIEW: Final = "overview"
VERSION: Final = 2
_MOST_DAYS: Final = 36_500


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Of which decisions, over how long."""

    days: Annotated[
        int,
        Meta(
            description="The length of the two periods compared: up to `at`, and before that.",
            extra_json_schema={"minimum": 1, "maximum": _MOST_DAYS},
        ),
    ] = 365
    domain: Annotated[str | None, Meta(description="A domain with all below it, by its bare id.")] = None
    body: Body = None
    lens: Annotated[
        Lens, Meta(description="Of lists: bodies as one holder (`node`), or split over their seats (`seat`).")
    ] = "node"
    attested: HowAttested = "all"

    def __post_init__(self) -> None:
        identifier("domain", self.domain)
        identifier("body", self.body)
        if not 1 <= self.days <= _MOST_DAYS:
            raise BadParameterError("days", f"a period has 1 to {_MOST_DAYS:,} days", "365 compares years")


async def ask(asked: Asked, connection: Connection, ground: Ground, structures: Structures) -> Overview:
    """Where authority sits here, where it is moving, and what needs a conversation.

    The last year up to `at` beside the year before: how spread decisions are, whose the largest shares are
    and which changed most, where most is done otherwise than stated or nothing is stated, open knots, how
    work flows, and how much of this is known. Every part has the entries that show it and names the view
    that says more.
    """
    past = await history(connection, ground, structures)
    question = Question(domain=asked.domain, body=asked.body, lens=asked.lens, attested=asked.attested)
    return overview(ground.rests_on(VIEW, VERSION), past, structures.knots, question, asked.days)


VIEWS = (
    View(name=VIEW, version=VERSION, question=Asked, answer=Overview, ask=ask, long=True, beyond=EVERYWHERE),
)
