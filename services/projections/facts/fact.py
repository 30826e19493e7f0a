"""What a fact is: a row stated by one entry, valid over a span of occurred time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import ClassVar

import msgspec

from schemas.types import Data

# Not the very first and last instants: the driver takes those for infinities, and drops their zone.
BEGINNING = datetime(1, 1, 2, tzinfo=UTC)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
OPEN = 2**63 - 1  # `known_to` of a row that is known now


# As with the data facts come from, the collector need not look at them: what is frozen holds no cycle.
class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One row: true in [valid_from, valid_to) of occurred time, as the entry at `position` states.

    Ids are raw: merged actors are put together when a question is asked, since a merge is known only from
    its own position on. Structural facts say who is who and who may what; `Structure` is fed with them.
    """

    kind: ClassVar[str]
    structural: ClassVar[bool] = True
    ending: ClassVar[tuple[str, ...]] = ("valid_to",)  # the fields that say how it ends, and nothing else

    position: int
    valid_from: datetime
    valid_to: datetime

    @property
    def subject(self) -> str:
        """The stream it comes from, `kind/id`."""
        raise NotImplementedError

    @property
    def key(self) -> str:
        """Tells the facts of one kind apart that the same entry states; most entries state one."""
        return ""

    @property
    def bears_on(self) -> str:
        """The acts it may bear on: those in a domain, of an initiative or decision (`kind/id`); "": any."""
        return ""

    @property
    def bears_until(self) -> datetime:
        """When the last of these acts may have occurred: while it is true, unless more follows from it."""
        return self.valid_to


class Statement(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A fact that may take effect before it was stated: it exists only as of `stated` and later."""

    stated: datetime


class Said(msgspec.Struct, frozen=True, gc=False):
    """An entry of a subject as a fold reads it, after corrections. `occurred` is UTC."""

    position: int
    occurred: datetime
    data: Data
    source: str = ""
    id: str = ""


Fold = Callable[[str, Sequence[Said]], list[Fact]]
Each = Callable[[str, Said], Fact]


class Folding(msgspec.Struct, frozen=True, kw_only=True):
    """How the entries of one kind of subject become facts.

    `fold(id, entries in (occurred, position) order)` is pure; `each(subject, entry)` is what every entry says
    by itself, whatever else is said. Of the types it `reads`, those it `keeps` change no fact of `fold` when
    they come last in their stream: they only matter to what follows.
    """

    of: str
    facts: tuple[type[Fact], ...]
    reads: frozenset[type[Data]]
    fold: Fold | None = None
    each: Each | None = None
    keeps: frozenset[type[Data]] = frozenset()


def until_next(starts: Sequence[datetime]) -> list[datetime]:
    """For each of a line of instants the next one, and for the last the end of time."""
    return [*starts[1:], FOREVER] if starts else []


def successive(rows: Sequence[Fact]) -> list[Fact]:
    """Rows that each hold until the next begins; one that the next replaces at once held for no time."""
    ends = until_next([row.valid_from for row in rows])
    return [
        row if row.valid_to == end else msgspec.structs.replace(row, valid_to=end)
        for row, end in zip(rows, ends, strict=True)
        if row.valid_from < end
    ]
