"""What an overview says. Published names stay. Holders are subjects, as they stand after merges."""

from datetime import datetime
from typing import Annotated, ClassVar, TypeAlias

import msgspec
from msgspec import Meta

from services.projections.evidence import Entries, Rate
from services.projections.knots.knot import Severity
from services.projections.views.answer import BothLenses, Count, RestsOn, Share
from services.projections.views.question import Attested, Lens

Change: TypeAlias = Annotated[float, Meta(ge=-1, le=1, description="now - before")]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """[from, to); the later one holds its last instant too, which is the answer's `at`."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    decisions: Annotated[Count, Meta(description="With an outcome that counts and a known decider")]


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """One of the largest shares."""

    holder: str
    share: Share
    before: Annotated[Share | None, Meta(description="In the period before; null: nothing was decided then")]
    decisions: Annotated[Count, Meta(description="The decisions it has a part in")]
    inferred: Annotated[Count, Meta(description="Of these, those whose deciders were inferred")]
    why_null: dict[str, str]
    entries: Entries


class ByStakes(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions of one level of stakes: many small ones hide no large ones."""

    stakes: Annotated[str, Meta(description="`none` where neither the decision nor any of its domains says")]
    decisions: Count
    before: Count
    effective_node: Annotated[float | None, Meta(description="As if so many had decided, bodies as one")]
    effective_seat: Annotated[float | None, Meta(description="The same, bodies split over their seats")]
    effective_node_before: float | None
    effective_seat_before: float | None
    in_words: str
    why_null: dict[str, str]
    entries: Entries


class Closeness(msgspec.Struct, frozen=True, kw_only=True):
    """How close to the field authority lay, 0 the top and 1 those whom nobody reports to."""

    now: Share | None
    before: Share | None
    in_words: str | None
    why_null: dict[str, str]


class Sits(msgspec.Struct, frozen=True, kw_only=True):
    """Where authority sits."""

    in_words: str
    concentration: BothLenses
    before: BothLenses
    largest: Annotated[list[Holder], Meta(description="Under the lens asked for, the largest first")]
    by_stakes: list[ByStakes]
    closeness: Closeness
    link: Annotated[str, Meta(description="Where more is said, as a path below the service's address")]


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A share that changed between the two periods."""

    holder: str
    domain: Annotated[str | None, Meta(description="The decisions' home domain; null: all of them")]
    name: Annotated[str | None, Meta(description="Of the domain")]
    before: Share
    now: Share
    change: Change
    decisions: Annotated[Count, Meta(description="Of the domain, now")]
    decisions_before: Count
    in_words: str
    entries: Annotated[Entries, Meta(description="Of its decisions, of both periods")]


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    """Where authority is moving."""

    in_words: str
    overall: Annotated[list[Move], Meta(description="Of all decisions, the largest change first")]
    by_domain: Annotated[
        list[Move],
        Meta(
            description="The largest fall and rise in single domains with at least five decisions in each"
            " period; first where most decisions would have been another's had nothing changed"
        ),
    ]
    why_null: Annotated[dict[str, str], Meta(description="Why `overall` is empty where nobody can tell")]
    link: str


class Apart(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions under one row, stated against actual."""

    domain: str
    name: str | None
    decisions: Count
    drift: Share | None
    noise: Annotated[float | None, Meta(description="What chance alone would give sole deciders")]
    before: Annotated[float | None, Meta(description="The drift of the period before")]
    more: Annotated[
        str | None,
        Meta(description="Who decided more than stated, the most of all; of equals, the first by id"),
    ]
    more_by: float | None
    less: Annotated[
        str | None,
        Meta(description="Who decided less than stated, the most of all; of equals, the first by id"),
    ]
    less_by: float | None
    in_words: str
    why_null: dict[str, str]
    entries: Entries


class Drifting(msgspec.Struct, frozen=True, kw_only=True):
    """How far what is done lies from what is stated."""

    in_words: str
    node: Annotated[Share | None, Meta(description="Mean over rows, by decisions")]
    seat: Share | None
    node_before: Share | None
    seat_before: Share | None
    out_of_mandate: Rate
    largest: Annotated[list[Apart], Meta(description="Under the lens asked for; drift times decisions")]
    why_null: dict[str, str]
    link: str


class Unsaid(msgspec.Struct, frozen=True, kw_only=True):
    """Decisions of one domain for which nothing, or nothing that works, is stated."""

    domain: str
    name: str | None
    unstated: Count
    vacant: Count
    entries: Entries


class Unstated(msgspec.Struct, frozen=True, kw_only=True):
    """What the matrix does not say."""

    in_words: str
    unstated: Rate
    vacant: Rate
    domains: Annotated[list[Unsaid], Meta(description="The most decisions first")]
    link: str


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A knot worth a conversation."""

    knot: str
    pattern: str
    severity: Severity
    scope: str
    actors: list[str]
    since: datetime
    sentence: str
    why: str
    question: str
    closes: str
    answered: str | None
    entries: list[int]
    entries_total: Count
    link: str


class Conversations(msgspec.Struct, frozen=True, kw_only=True):
    """What needs a conversation."""

    in_words: str
    counts: Annotated[dict[str, int], Meta(description="Open knots by severity")]
    raised: Annotated[Count, Meta(description="Knots that people raised; `link` shows them")]
    knots: Annotated[list[Conversation], Meta(description="Of each pattern the gravest; the gravest first")]
    link: str


class Flowing(msgspec.Struct, frozen=True, kw_only=True):
    """How work flows, in a line."""

    in_words: str
    proposed_to_made_days: Annotated[float | None, Meta(description="Half took no longer")]
    before_days: float | None
    open: Count
    oldest_days: float | None
    waited_on: Annotated[
        str | None, Meta(description="Whom most days were spent waiting on; of equals, the first by id")
    ]
    waited_days: float | None
    why_null: dict[str, str]
    entries: Entries
    link: str


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """How much of this is known, and how much was inferred."""

    in_words: str
    inferred: Rate
    unknown: Annotated[Rate, Meta(description="Decided, but nobody knows by whom; outside all shares")]
    deferred: Count
    returned: Count
    without_stakes: Rate
    unjudged: Annotated[Rate, Meta(description="Nobody can tell whether they were in mandate")]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Where authority sits here, where it is moving, what needs a conversation."""

    TABLE: ClassVar[str] = "sits.largest"

    rests_on: RestsOn
    domain: str | None
    body: str | None
    lens: Lens
    attested: Attested
    in_words: Annotated[list[str], Meta(description="The whole of it, a sentence each")]
    now: Period
    before: Period
    sits: Sits
    moving: Moving
    drifting: Drifting
    unstated: Unstated
    conversations: Conversations
    flow: Flowing
    coverage: Coverage
