"""The shape of the answer of `flow`. Published names stay."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from services.projections.evidence import Counted, Entries, Rate
from services.projections.views.answer import Concentration, Count, RestsOn, Share
from services.projections.views.question import Question

Days = Annotated[float, Meta(ge=0)]
Longest = Annotated[
    list[int], Meta(description="Positions of the entries that begin and end the longest, in their order.")
]


class Lasting(msgspec.Struct, frozen=True, kw_only=True):
    """How long some things lasted, those that last still taken into account (Kaplan & Meier 1958)."""

    n: Annotated[Count, Meta(description="All that began, ended or not.")]
    censored: Annotated[Count, Meta(description="Of these, those that had not come to their end.")]
    p50_days: Annotated[float | None, Meta(description="Half lasted no longer; null if not reached.")]
    p90_days: Annotated[float | None, Meta(description="Nine in ten lasted no longer; null if not reached.")]
    in_words: str | None
    why_null: dict[str, str]
    entries: Longest


class Leg(Lasting, frozen=True, kw_only=True):
    """The way from one stage to another, of the work that came to the first in the window."""

    from_: str = msgspec.field(name="from")
    to: str
    skipped: Annotated[Counted, Meta(description="Came to a later stage without `to`; outside n.")]
    out_of_order: Annotated[Counted, Meta(description="Came to `to` before `from`; outside n.")]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A point of the curve of one group of decisions: the share that stands so long."""

    by: Annotated[str, Meta(description="`all`, `level` or `stakes`, as in `hold`.")]
    key: Annotated[str | None, Meta(description="Which level or stakes; null: not known.")]
    days: int
    share: Annotated[Share | None, Meta(description="Null where nothing was seen for so long.")]
    at_risk: Annotated[Count, Meta(description="How many had stood until then and were seen.")]
    why_null: dict[str, str]


class Hold(Lasting, frozen=True, kw_only=True):
    """How long decisions made in the window stood, until they were overridden, reversed or reopened."""

    by: Annotated[str, Meta(description="`all`, `level` or `stakes`.")]
    key: Annotated[str | None, Meta(description="Which level (0 = top) or stakes; null: not known.")]
    overridden: Annotated[Counted, Meta(description="Others decided.")]
    reversed: Annotated[Counted, Meta(description="The same decided again.")]
    reopened: Counted


class OpenItem(msgspec.Struct, frozen=True, kw_only=True):
    """An initiative or a decision without a standing decision."""

    subject: str
    title: str | None
    home: Annotated[str | None, Meta(description="Its first domain.")]
    since: datetime
    age_days: Days
    waiting_on: Annotated[list[str], Meta(description="Who was being waited on for it or its initiative.")]
    entries: Entries


class OpenWork(msgspec.Struct, frozen=True, kw_only=True):
    """What was open when the window closed, the oldest first."""

    n: Count
    median_age_days: Days | None
    oldest_days: Days | None
    in_words: str | None
    why_null: dict[str, str]
    entries: Annotated[list[int], Meta(description="Positions of the entries that began the oldest.")]
    rows: Annotated[list[OpenItem], Meta(description="The oldest; `n` says how many there are.")]


class Waited(Lasting, frozen=True, kw_only=True):
    """Waits for one holder. `n` and the quantiles are of those that began in the window, the days of all that
    reached into it."""

    holder: str
    days: Annotated[Days, Meta(description="Days waited in the window, all its items together.")]
    open: Annotated[Count, Meta(description="Of these, those that still waited when the window closed.")]
    oldest_open_days: Days | None
    advice: Annotated[Days, Meta(description="Of the days, those from asked to advice, closed or made.")]
    position: Annotated[Days, Meta(description="Of the days, those an elector's position was waited for.")]
    pause: Annotated[Days, Meta(description="Of the days, those a pause waited on the holder.")]
    escalation: Annotated[Days, Meta(description="Of the days, those from escalated to made.")]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Waiting days by who was waited on, the most first."""

    holders: Annotated[Count, Meta(description="How many were waited on.")]
    items: Annotated[Count, Meta(description="How many waits there were.")]
    days: Days
    median_days: Annotated[Days | None, Meta(description="The median of the holders' days.")]
    in_words: str | None
    why_null: dict[str, str]
    entries: Longest
    rows: Annotated[list[Waited], Meta(description="The most waited on; `holders` says how many there are.")]


class Escalation(msgspec.Struct, frozen=True, kw_only=True):
    """How often one holder's questions were passed on to another."""

    from_: str = msgspec.field(name="from")
    to: str
    escalations: Count
    open: Annotated[Count, Meta(description="Of these, those that were not decided yet.")]
    entries: Entries


class Escalations(msgspec.Struct, frozen=True, kw_only=True):
    """Questions passed on to another holder in the window."""

    escalated: Counted
    decisions: Annotated[Count, Meta(description="How many decisions they are about.")]
    in_words: str | None
    why_null: dict[str, str]
    rows: list[Escalation]


class Proposer(msgspec.Struct, frozen=True, kw_only=True):
    """One proposer's part."""

    holder: str
    share: Share
    proposals: Annotated[Count, Meta(description="Those it has a part in.")]
    entries: Entries


class ProposerLevel(msgspec.Struct, frozen=True, kw_only=True):
    """The part of all proposals that came from one level."""

    level: Annotated[int, Meta(description="Depth in the lines of reporting; 0 is the top.")]
    share: Share
    entries: Entries


class Proposing(msgspec.Struct, frozen=True, kw_only=True):
    """Who proposed in the window: initiatives, and decisions opened outside any."""

    n: Annotated[Count, Meta(description="Proposals with a known proposer.")]
    unknown: Annotated[Count, Meta(description="Proposals nobody knows the proposer of; outside n.")]
    concentration: Concentration
    mean_depth: Annotated[float | None, Meta(description="Of the proposers who have a level, by their parts")]
    coverage: Annotated[Share | None, Meta(description="The part that came from somebody with a level.")]
    in_words: str | None
    why_null: dict[str, str]
    entries: Entries
    levels: list[ProposerLevel]
    rows: Annotated[list[Proposer], Meta(description="The largest parts.")]


class Balanced(msgspec.Struct, frozen=True, kw_only=True):
    """Whether what comes in goes out: L = λW (Little 1961)."""

    days: Annotated[Days | None, Meta(description="The length of the window, from the first work on.")]
    arrivals: Annotated[Count, Meta(description="Work begun or reopened.")]
    departures: Annotated[Count, Meta(description="Work decided, superseded, withdrawn or completed.")]
    mean_open: Annotated[float | None, Meta(description="L: how much was open on average.")]
    arrivals_per_day: Annotated[float | None, Meta(description="λ")]
    mean_days: Annotated[float | None, Meta(description="W: how long what departed had been open.")]
    expected_open: Annotated[float | None, Meta(description="λW: what L would be if all went out so soon.")]
    in_words: str | None
    why_null: dict[str, str]
    entries: Annotated[list[int], Meta(description="By which work came in or went out: the latest.")]


class FlowWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    inferred: Annotated[
        Rate, Meta(description="Of the decisions of the window, those whose deciders were inferred")
    ]
    legs: list[Leg]
    hold: list[Hold]
    hold_curve: Annotated[
        list[Standing], Meta(description="After a week, 30, 90, 180 days, a year and two, of each of `hold`.")
    ]
    open_work: OpenWork
    waiting: Waiting
    escalations: Escalations
    proposing: Proposing
    balance: Balanced


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: one window, or one an interval."""

    rests_on: RestsOn
    question: Question
    level: int | None
    windows: list[FlowWindow]
