"""What may stand behind the `?` of a view's address, in the words of the published documentation."""

import re
from typing import Annotated, Final, TypeAlias

from litestar.params import QueryParameter

from services.projections.views.ground import UnknownLedgerError
from services.projections.views.question import (
    Attested,
    BadParameterError,
    Interval,
    Lens,
    Question,
    Stakes,
    Tense,
    depth,
    identifier,
    instant,
)

_SLUG: Final = re.compile(r"[a-z][a-z0-9-]{1,62}")

_MOMENT = "A date, which is its UTC midnight, or an instant with its offset. "
At: TypeAlias = Annotated[
    str | None,
    QueryParameter(
        name="at",
        description=_MOMENT
        + "What had occurred by then is taken into account; by default all that was recorded.",
    ),
]
KnownAt: TypeAlias = Annotated[
    str | None,
    QueryParameter(
        name="known_at",
        description="A position, date or instant: the answer as it was known then; by default as known now.",
    ),
]
From: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="from", description=_MOMENT + "The window begins here; by default unbounded."),
]
To: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="to", description=_MOMENT + "The window ends before; by default unbounded."),
]
Domain: TypeAlias = Annotated[
    str | None, QueryParameter(name="domain", description="A domain with all below it, by its bare id.")
]


def ledger_name(given: str) -> str:
    """The name of a ledger. UnknownLedgerError if it cannot be one."""
    if not _SLUG.fullmatch(given):
        raise UnknownLedgerError(given)
    return given


FILTERS: Final = frozenset(
    {
        "from",
        "to",
        "interval",
        "by",
        "domain",
        "body",
        "actor",
        "stakes",
        "level",
        "lens",
        "tense",
        "attested",
    }
)
AS_OF: Final = frozenset({"at", "known_at"})


async def filters(
    from_: From = None,
    to: To = None,
    interval: Annotated[
        Interval | None,
        QueryParameter(description="A series of calendar intervals in UTC, clipped to the window."),
    ] = None,
    domain: Domain = None,
    body_id: Annotated[
        str | None,
        QueryParameter(
            name="body",
            description="Decisions this body took part in as one holder, not its people; by its bare id.",
        ),
    ] = None,
    actor: Annotated[
        str | None,
        QueryParameter(description="Decisions this actor took part in, by seats too; its bare id."),
    ] = None,
    stakes: Annotated[
        Stakes | None,
        QueryParameter(description="The decision's, else its domain's; `none`: neither has any."),
    ] = None,
    level: Annotated[
        int | None,
        QueryParameter(
            description="Decisions whose largest part lay at this depth in the lines of reporting; 0: top.",
            ge=0,
        ),
    ] = None,
    lens: Annotated[
        Lens,
        QueryParameter(
            description="Bodies as one holder (`node`), or their parts split over their seats (`seat`)."
        ),
    ] = "node",
    tense: Annotated[
        Tense,
        QueryParameter(
            description="Every act of deciding in its own window (`made`), or each decision once, in the"
            " window of its first, credited to its last word (`standing`)."
        ),
    ] = "made",
    attested: Annotated[
        Attested, QueryParameter(description="`recorded` leaves out decisions whose deciders were inferred.")
    ] = "all",
) -> Question:
    """The question but for what its rows are by."""
    start = None if from_ is None else instant("from", from_)
    end = None if to is None else instant("to", to)
    if start is not None and end is not None and end < start:
        raise BadParameterError("to", "`to` lies before `from`", "the window is [from, to)")
    return Question(
        start=start,
        end=end,
        interval=interval,
        domain=identifier("domain", domain),
        body=identifier("body", body_id),
        actor=identifier("actor", actor),
        stakes=stakes,
        level=depth(level),
        lens=lens,
        tense=tense,
        attested=attested,
    )
