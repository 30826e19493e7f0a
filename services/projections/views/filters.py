"""The parameters that declared views share: which window, in what steps, about what."""

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from services.projections.views.question import (
    Attested,
    BadParameterError,
    Interval,
    Question,
    Stakes,
    Tense,
    depth,
    identifier,
    instant,
)

MOMENT = "A date, which is its UTC midnight, or an instant with its offset. "
Body: TypeAlias = Annotated[
    str | None, Meta(description="What a body had a part in as one holder, not its people; by its bare id.")
]
Actor: TypeAlias = Annotated[
    str | None,
    Meta(
        description="Work this actor took part in, by seats too: decided, or while it is undecided proposed"
        " or was to decide; what others did in it is told as well. Its bare id."
    ),
]
OfStakes: TypeAlias = Annotated[
    Stakes | None, Meta(description="The decision's, else its domain's; `none`: neither has any.")
]
OfLevel: TypeAlias = Annotated[
    int | None,
    Meta(
        description="Decisions whose largest part lay at this depth in the lines of reporting; 0: top.",
        extra_json_schema={"minimum": 0},
    ),
]
InTense: TypeAlias = Annotated[
    Tense,
    Meta(
        description="Every act of deciding in its own window (`made`), or each decision once, in the window"
        " of its first, credited to its last word (`standing`)."
    ),
]
HowAttested: TypeAlias = Annotated[
    Attested, Meta(description="`recorded` leaves out decisions whose deciders were inferred.")
]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What every series can be asked; a view adds the others it knows, by the names of `Question`."""

    start: Annotated[
        str | None, Meta(description=MOMENT + "The window begins here; by default unbounded.")
    ] = msgspec.field(default=None, name="from")
    end: Annotated[str | None, Meta(description=MOMENT + "The window ends before; by default unbounded.")] = (
        msgspec.field(default=None, name="to")
    )
    interval: Annotated[
        Interval | None, Meta(description="A series of calendar intervals in UTC, clipped to the window.")
    ] = None
    domain: Annotated[str | None, Meta(description="A domain with all below it, by its bare id.")] = None

    def __post_init__(self) -> None:
        self.question()

    def question(self) -> Question:
        """The same, read. BadParameterError for what says nothing usable."""
        start = None if self.start is None else instant("from", self.start)
        end = None if self.end is None else instant("to", self.end)
        if start is not None and end is not None and end < start:
            raise BadParameterError("to", "`to` lies before `from`", "the window is [from, to)")
        given: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "interval",
                "domain",
                "body",
                "actor",
                "stakes",
                "level",
                "lens",
                "tense",
                "attested",
            )
            if hasattr(self, name)
        }
        for name in ("domain", "body", "actor"):
            identifier(name, given.get(name))
        depth(given.get("level"))
        return Question(start=start, end=end, **given)
