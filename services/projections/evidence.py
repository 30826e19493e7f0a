"""Figures with the entries that show them, so that anybody can check each. Pure; published names stay."""

from collections.abc import Collection, Iterable
from datetime import datetime
from heapq import nlargest
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta

from services.projections.wording import numbered

MOST: Final = 20
Mark: TypeAlias = tuple[datetime, int]
"""When an entry occurred, and its position."""
Entries: TypeAlias = Annotated[
    list[int],
    Meta(
        description="Positions of the entries that show it, the latest to occur last; earlier ones left out"
    ),
]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """How many, and the entries that show it."""

    count: Annotated[int, Meta(ge=0)]
    entries: Entries


NONE: Final = Counted(count=0, entries=[])


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many; the entries are of those that count. Null where there is none to count."""

    count: Annotated[int, Meta(ge=0)]
    of: Annotated[int, Meta(ge=0)]
    rate: Annotated[float | None, Meta(description="count/of")]
    in_words: str | None
    why_null: dict[str, str]
    entries: Entries


def positions(marks: Iterable[Mark], most: int = MOST) -> list[int]:
    """The latest of them to occur, at most so many, in the order in which they occurred."""
    each = set(marks)
    return [position for _, position in sorted(each if len(each) <= most else nlargest(most, each))]


def counted(marks: Collection[Mark], most: int = MOST) -> Counted:
    """So many, each shown by one entry."""
    if not marks:
        return NONE
    return Counted(count=len(marks), entries=positions(marks, most))


def rate(marks: Collection[Mark], of: int, words: str, why_none: str, most: int = MOST) -> Rate:
    """So many of `of`; `words` says what they are: `"{count} of {of} {count:was|were} kept"`."""
    return ratio(len(marks), of, marks, words, why_none, most)


def ratio(count: int, of: int, marks: Iterable[Mark], words: str, why_none: str, most: int = MOST) -> Rate:
    """The same where one entry may show several, or none by itself."""
    return Rate(
        count=count,
        of=of,
        rate=count / of if of else None,
        in_words=numbered(words, count=count, of=of) if of else None,
        why_null={} if of else dict.fromkeys(("rate", "in_words"), why_none),
        entries=positions(marks, most),
    )
