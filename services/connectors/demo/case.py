"""One decision as it will be lived. Plans make cases, stories bend them, a course tells them."""

from dataclasses import dataclass, field
from typing import Literal

from services.connectors.demo.pen import Json

Outcome = Literal["accepted", "rejected", "provisional", "deferred", "returned"]


@dataclass(slots=True)
class Advice:
    """What one adviser says. `at` None: never."""

    by: str
    at: int | None
    stance: str


@dataclass(slots=True)
class Consultation:
    """Who was asked at `at`, by when, and what they said. Nobody in `asked`: anyone."""

    at: int
    asked: list[str]
    mandatory: bool
    due: int
    advice: list[Advice] = field(default_factory=list)


@dataclass(slots=True)
class Position:
    """Where one elector stands, before (1) or after (2) the question was amended."""

    by: str
    at: int
    value: str
    reason: bool = False


@dataclass(slots=True)
class Afterword:
    """What became of a decision. Overridden without an outcome: void. `debrief`: when it was talked over."""

    kind: Literal["reopened", "overridden"]
    at: int
    by: str
    deciders: list[Json]
    outcome: Outcome | None
    debrief: int | None = None


@dataclass(slots=True)
class Case:
    """Everything about one decision. Times are seconds; a time of None says that it never happens."""

    id: str
    domain: str
    title: str
    proposer: str
    proposed: int
    opened: int
    made: int
    outcome: Outcome
    deciders: list[Json]
    electorate: list[Json]
    rule: Json | None = None
    initiative: str | None = None
    consultations: list[Consultation] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    amended: int | None = None
    escalated: tuple[int, str, str] | None = None  # when, from and to which holder
    deferred: tuple[int, Outcome] | None = None  # a first word that settled nothing
    tacit: bool = False
    formalised: int | None = None
    written: bool = True  # whether the decision names where it can be read
    attested: str = "recorded"
    stakes: str | None = None
    amount: int | None = None
    emergency: tuple[int, int | None] | None = None  # ratify by, ratified
    review: tuple[int, int | None] | None = None  # review on, reviewed
    told: list[str] = field(default_factory=list)
    told_at: int | None = None
    executed: int | None = None
    completed: tuple[int, str] | None = None  # when, how it ended
    withdrawn: int | None = None
    failure_debrief: int | None = None
    afterwords: list[Afterword] = field(default_factory=list)
    paused: tuple[int, int, str] | None = None  # from, until, for whom
    slip: int | None = None  # when a mistake in what was first published is corrected
