"""What was decided: every word spoken on a decision, with all of the decision that judging it takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

import msgspec

from schemas.decision import Amended, Decider, Made, Opened, Overridden, PositionTaken, Reopened
from schemas.types import Attested, Size, Stakes
from services.projections.facts.fact import FOREVER, Fact, Folding, Said

COUNTABLE = frozenset({"accepted", "rejected", "provisional", "void"})

Outcome = Literal["accepted", "rejected", "provisional", "void", "deferred", "returned", ""]


class Stance(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A position taken: by an actor, perhaps for a holder."""

    holder: str  # whose position it is: the one spoken for, else the actor who spoke
    value: str


class Word(Fact, frozen=True, kw_only=True):
    """A decision made, overridden or reopened. A word never ends; later ones only take its place.

    An override speaks of the domains, initiative, stakes and size of the latest `made` before it. `stakes`
    are the decision's own. `positions` are those that stood when the word was spoken, in order of time.
    `window` is the instant the standing tense counts the decision in: its first countable `made` so far,
    else its first `made`.
    """

    kind: ClassVar[str] = "word"
    structural: ClassVar[bool] = False

    decision: str
    word: Literal["made", "overridden", "reopened"]
    occurred: datetime
    window: datetime
    outcome: Outcome = ""
    domains: tuple[str, ...] = ()
    initiative: str | None = None
    deciders: tuple[Decider, ...] = ()
    attested: Attested = "recorded"
    stakes: Stakes | None = None
    size: Size | None = None
    positions: tuple[Stance, ...] = ()

    @property
    def subject(self) -> str:
        return f"decision/{self.decision}"


class _Course:
    """A decision as far as its stream has been read."""

    def __init__(self, decision: str) -> None:
        self.decision = decision
        self.stakes: Stakes | None = None  # as opened
        self.made: Made | None = None
        self.counted = False  # whether the window is that of a countable made
        self.window: datetime | None = None
        self.positions: dict[str, str] = {}
        self.words: list[Fact] = []

    def hear(self, entry: Said) -> None:
        match entry.data:
            case Opened(stakes=stakes):
                self.stakes = stakes
            case Amended():
                self.positions = {}
            case PositionTaken() as taken:
                holder = taken.for_ or f"actor/{taken.by}"
                self.positions.pop(holder, None)  # so that the order is that of the last word of each
                self.positions[holder] = taken.value
            case Made() as made:
                self._make(entry, made)
            case Overridden() as override:
                self._speak(
                    entry,
                    "overridden",
                    outcome=override.outcome or "void",
                    deciders=override.deciders,
                    attested=override.attested or "recorded",
                )
            case Reopened():
                self._speak(entry, "reopened")

    def _make(self, entry: Said, made: Made) -> None:
        self.made = made
        countable = made.outcome in COUNTABLE
        if self.window is None or (countable and not self.counted):
            self.window, self.counted = entry.occurred, countable
        self._speak(entry, "made", outcome=made.outcome, deciders=made.deciders, attested=made.attested)

    def _speak(self, entry: Said, word: Literal["made", "overridden", "reopened"], **said: Any) -> None:
        if self.made is None:
            raise ValueError(f"decision/{self.decision} {word} before it was made")
        self.words.append(
            Word(
                position=entry.position,
                valid_from=entry.occurred,
                valid_to=FOREVER,
                decision=self.decision,
                word=word,
                occurred=entry.occurred,
                window=self.window or entry.occurred,
                domains=self.made.domains,
                initiative=self.made.initiative,
                stakes=self.made.stakes or self.stakes,
                size=self.made.size,
                positions=tuple(Stance(*position) for position in self.positions.items()),
                **said,
            )
        )


def fold(decision: str, entries: Sequence[Said]) -> list[Fact]:
    """The words of one decision, in order. ValueError if it was overridden or reopened before it was made."""
    course = _Course(decision)
    for entry in entries:
        course.hear(entry)
    return course.words


FOLDINGS = (
    Folding(
        of="decision",
        facts=(Word,),
        reads=frozenset({Opened, Amended, PositionTaken, Made, Overridden, Reopened}),
        keeps=frozenset({Opened, Amended, PositionTaken}),
        fold=fold,
    ),
)
