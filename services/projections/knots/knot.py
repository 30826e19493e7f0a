"""What a knot is: the shape every detector gives, its id, its severity."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

import msgspec

from services.projections.history import History
from services.projections.knots.settings import Settings

Severity: TypeAlias = Literal["info", "notice", "warning"]
SEVERITIES: Final[tuple[Severity, ...]] = ("warning", "notice", "info")  # the gravest first
GRAVE: Final = frozenset({"high", "strategic"})


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One episode of a pattern: from when its condition first held until it no longer did.

    `actors` are holders after merges (`actor/a-1`, `body/b-2`), sorted, each once; `entries` positions,
    sorted, each once. `scope` is a subject, mostly `domain/<id>`; `domain` the bare id it lies in.
    """

    pattern: str
    scope: str
    actors: tuple[str, ...]
    since: datetime
    until: datetime | None = None
    """None: it still holds at the history's instant."""
    severity: Severity
    figure: float
    """What tripped it, as of the history's instant or the episode's end."""
    unit: str
    """What the figure counts or measures: `decisions`, `days`, `p`."""
    threshold: float | None = None
    """None: the rule needs none, a single fact is enough."""
    decisions: int
    """How many decisions it rests on."""
    inferred: int = 0
    """Of these, those whose deciders were inferred."""
    entries: tuple[int, ...]
    domain: str | None = None
    sentence: str
    """What a person reads; holders are named by their subjects, domains by their names."""
    question: str | None = None
    """To open a conversation with; None: the pattern's."""
    closes: str | None = None
    """What would close it; None: the pattern's."""
    stated: datetime | None = None
    """When, since it began, the matrix, a mandate or a `ref` came to say what it shows: this closes one that
    was answered `formalise`."""

    latest: datetime | None = None
    """When it last showed; None: when it began. What shows after it was formalised opens it again."""

    @property
    def id(self) -> str:
        """The same after any rebuild."""
        return identity(self.pattern, self.scope, self.actors, self.since)

    @property
    def rank(self) -> tuple[int, datetime, str, str, tuple[str, ...]]:
        """The gravest first, then the oldest; never by the id, which is another whenever a name is."""
        return SEVERITIES.index(self.severity), self.since, self.pattern, self.scope, self.actors


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of knot. `episodes` is pure and gives every episode up to the history's `at`, past ones too.

    The same condition in the same scope with the same actors is one episode at a time.
    """

    name: str
    episodes: Callable[[History, Settings], Iterator[Found]]
    tested: bool = False
    """Found by a test of significance, at month ends; others follow from single facts."""
    why: str
    """Why it matters."""
    question: str
    """To open a conversation with."""
    closes: str
    """What would close it."""


def identity(pattern: str, scope: str, actors: Iterable[str], since: datetime) -> str:
    """A knot's id: 20 hex digits."""
    told = (pattern, scope, sorted(actors), since.astimezone(UTC).isoformat(timespec="microseconds"))
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:20]


def rule_severity(stakes: Iterable[str | None]) -> Severity:
    """Of a knot that follows from facts: a warning where any stakes are high or strategic."""
    return "warning" if any(one in GRAVE for one in stakes) else "notice"
