"""What a dossier says. Published names stay. Holders are subjects, as they stand after merges."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

import msgspec
from msgspec import Meta

from schemas.types import Emergency, Limits, Rule, Size
from services.projections.acts import Answer
from services.projections.views.answer import RestsOn
from services.projections.views.stated import Lent, Stated

Days: TypeAlias = Annotated[float, Meta(ge=0)]
Corrector: TypeAlias = Annotated[
    int | None,
    Meta(description="The entry that corrected it to what is told here, as known then; null: none did"),
]
State: TypeAlias = Literal[
    "open", "accepted", "rejected", "provisional", "deferred", "returned", "void", "reopened", "superseded"
]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that occurred, and the entry that says so."""

    at: Annotated[datetime, Meta(description="When it occurred")]
    position: int
    corrected_by: Corrector


class Happened(Entry, frozen=True, kw_only=True):
    """One line of the timeline."""

    subject: str
    what: Annotated[str, Meta(description="The kind of event: `decision.made`")]
    by: Annotated[list[str], Meta(description="Who did it, as far as it says")]
    in_words: str
    day: Annotated[float, Meta(description="Days since the first line")]


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """A holder and its weight."""

    holder: str
    weight: int


class Question(Entry, frozen=True, kw_only=True):
    """The question as it was put to those who decide."""

    by: str
    electorate: Annotated[list[Holding], Meta(description="Who might take part, as of then")]
    rule: Rule | None
    rule_in_words: str
    due: datetime | None


class Reply(Entry, frozen=True, kw_only=True):
    """What was done with a piece of advice."""

    by: str
    disposition: Literal["integrated", "declined", "withdrawn"]
    reason: str | None


class AdviceSaid(Entry, frozen=True, kw_only=True):
    """What somebody advised; the words themselves are in the ledger, for those who may open them."""

    by: Annotated[str | None, Meta(description="Null: anonymous")]
    stance: Literal["support", "concern", "objection", "information"]
    explained: Annotated[bool, Meta(description="Whether words were given")]
    in_time: Annotated[
        bool | None, Meta(description="Before it was last decided; null: it was not, or only deferred")
    ]
    answered: Reply | None
    ref: str | None


class Asked(Entry, frozen=True, kw_only=True):
    """A consultation: who was asked, who said what, who kept silent."""

    consultation: str
    about: str
    by: str
    asked: Annotated[list[str], Meta(description="Empty: anyone")]
    mandatory: bool
    due: datetime | None
    advice: list[AdviceSaid]
    silent: Annotated[
        list[str],
        Meta(description="Of those asked by name, who said nothing; empty where somebody spoke unnamed"),
    ]
    closed: Annotated[str | None, Meta(description="Why it ended; null: it has not")]
    closed_at: datetime | None
    closed_position: int | None


class Stance(Entry, frozen=True, kw_only=True):
    """Where somebody stood."""

    by: str
    for_: Annotated[str, Meta(description="Whose position it is")] = msgspec.field(name="for")
    value: Literal["approve", "reject", "abstain", "hold", "block"]
    explained: bool
    counted: Annotated[bool, Meta(description="It stood when it was decided, or stands while it is open")]
    why_not: Annotated[str | None, Meta(description="Why it does not count")]


class Passed(Entry, frozen=True, kw_only=True):
    """The question was passed on."""

    by: str
    from_: str = msgspec.field(name="from")
    to: str
    reason: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A holder's share of the decision: in fact, and as row and mandates say. Null: that side is empty."""

    holder: str
    actual: float | None
    stated: float | None
    why_null: dict[str, str]


class Covering(msgspec.Struct, frozen=True, kw_only=True):
    """A mandate that was live and covered the decision."""

    mandate: Lent
    within: Annotated[Answer, Meta(description="Whether size and stakes are within its limits")]


class Under(msgspec.Struct, frozen=True, kw_only=True):
    """What was stated about who decides, at the instant of the decision and as of the answer's."""

    row: Annotated[Stated | None, Meta(description="The row in force then, as it was")]
    inherited_from: Annotated[str | None, Meta(description="The domain above whose row it is; null: its own")]
    mandates: list[Covering]
    vacant: bool | None
    in_mandate: Annotated[Answer, Meta(description="Whether those who decided were entitled to")]
    why: Annotated[str, Meta(description="Why, in words")]
    retroactive: Annotated[
        bool, Meta(description="The row, or a mandate that covers it, was stated only after the decision")
    ]


class Deciding(msgspec.Struct, frozen=True, kw_only=True):
    """Who decided, as the entry says."""

    holder: str
    parts: int | None
    under: Annotated[str | None, Meta(description="The body in whose name")]


class Word(Entry, frozen=True, kw_only=True):
    """A word that decides: a decision made or overridden, or that it was reopened."""

    word: Literal["made", "overridden", "reopened"]
    named: Annotated[
        Literal["decision", "made anew", "confirmation", "override", "reversal", "reopening"],
        Meta(
            description="What it is to the word before: an override where others decided than before, a"
            " reversal where the same did, a confirmation of what was provisional"
        ),
    ]
    outcome: Annotated[str | None, Meta(description="`void` where an override gives none; null: reopened")]
    by: Annotated[str | None, Meta(description="Who recorded or reopened it")]
    reason: str | None
    stands: bool
    attested: str | None
    deciders: list[Deciding]
    node: Annotated[list[Part], Meta(description="Bodies as one holder each, the largest actual first")]
    seat: Annotated[list[Part], Meta(description="Bodies split over their seats")]
    under: Under | None
    choice: str | None
    formality: str | None
    stakes: str | None
    size: Size | None
    emergency: Emergency | None
    review_on: datetime | None
    ref: str | None
    held_days: Annotated[
        Days | None, Meta(description="How long it stood, so far or until it was undone; null: reopened")
    ]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A holder the row says is informed, and whether it was."""

    holder: str
    told_at: Annotated[
        datetime | None,
        Meta(description="Of a body told through its people the last of them; of who decided, when they did"),
    ]
    position: int | None
    corrected_by: Corrector


class Later(Entry, frozen=True, kw_only=True):
    """Something that became of it."""

    what: str
    by: list[str]
    in_words: str
    ref: str | None


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """How long it took from one stage to the next, since the last reopening."""

    of: Annotated[str, Meta(description="The decision, or the initiative that has none")]
    from_: str = msgspec.field(name="from")
    to: str
    since: datetime
    until: Annotated[datetime | None, Meta(description="Null: not yet, or it never came there")]
    days: Annotated[Days | None, Meta(description="Null: skipped or out of order; `in_words` says which")]
    in_words: str
    entries: list[int]


class Learnt(Entry, frozen=True, kw_only=True):
    """A debrief, lesson or experiment about it."""

    subject: str
    about: str | None
    what: str
    in_words: str
    ends_at: Annotated[datetime | None, Meta(description="When the experiment was to end, if that was said")]
    texts: Annotated[dict[str, list[str]], Meta(description="What was written down, by member")]


class Shared(Entry, frozen=True, kw_only=True):
    """A session of a space in which it was shared."""

    space: str
    name: str | None
    attendees: int


class Based(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the matrix that rests on it or on what was learnt from it."""

    domain: str
    position: int
    stated: datetime
    basis: str


class Raised(Entry, frozen=True, kw_only=True):
    """A knot that somebody named about it."""

    knot: str
    pattern: str
    by: str
    entries: list[int]
    responses: list[str]


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in one line."""

    decision: str
    title: str | None
    state: State
    in_words: str
    at: datetime | None
    position: int | None
    corrected_by: Corrector
    deciders: list[str]
    in_mandate: Answer | None


class InitiativeBrief(msgspec.Struct, frozen=True, kw_only=True):
    """The initiative it belongs to."""

    initiative: str
    title: str | None
    proposed_at: datetime | None
    position: int | None
    corrected_by: Corrector
    proposers: list[str]
    others: Annotated[list[str], Meta(description="Its other decisions, by id; the first hundred")]


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where more is said, as paths below the service's address."""

    domain: str | None
    remit: str | None
    knots: str | None
    authority: str | None


class _Whole(msgspec.Struct, frozen=True, kw_only=True):
    TABLE: ClassVar[str] = "timeline"

    rests_on: RestsOn
    title: str | None
    in_words: Annotated[str, Meta(description="Where it stands, in a sentence")]
    domains: Annotated[list[str], Meta(description="The first is its home")]
    stakes: str | None
    proposers: list[str]
    consultations: list[Asked]
    mandates: Annotated[list[Lent], Meta(description="Ever given for the initiative or a decision of it")]
    debriefs: list[Learnt]
    lessons: list[Learnt]
    experiments: list[Learnt]
    shared_in: list[Shared]
    changed_rows: list[Based]
    raised: Annotated[list[Raised], Meta(description="Knots that people named about it")]
    legs: list[Leg]
    timeline: Annotated[list[Happened], Meta(description="Everything, in the order in which it occurred")]
    links: Links
    why_null: dict[str, str]


class DecisionDossier(_Whole, frozen=True, kw_only=True):
    """One decision whole."""

    decision: str
    state: State
    initiative: InitiativeBrief | None
    question: Annotated[Question | None, Meta(description="As last opened; null: nobody put it")]
    rounds: Annotated[list[Later], Meta(description="How the question was changed")]
    positions: list[Stance]
    passed_on: list[Passed]
    words: Annotated[list[Word], Meta(description="Every word that decides, in turn")]
    informed: Annotated[list[Told], Meta(description="Whom the row says to inform of the last word")]
    afterwards: list[Later]
    superseded_by: str | None
    supersedes: list[str]


class Pause(Entry, frozen=True, kw_only=True):
    """Work stopped for a while."""

    reason: str
    waiting_on: str | None
    until: datetime | None
    ended_by: int | None
    days: Days


class InitiativeDossier(_Whole, frozen=True, kw_only=True):
    """One initiative whole."""

    initiative: str
    state: Literal["unknown", "proposed", "started", "paused", "completed", "withdrawn"]
    outcome: Annotated[str | None, Meta(description="How it was completed, where that is said")]
    body: str | None
    ref: str | None
    joined: list[Later]
    pauses: list[Pause]
    decisions: list[Brief]
    limits: Annotated[list[Limits], Meta(description="Of its experiments")]
