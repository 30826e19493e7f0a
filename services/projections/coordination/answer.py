"""The shape of what `coordination` answers. Published names stay."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from services.projections.evidence import Counted, Rate
from services.projections.lasting import Took


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which at least one meeting was left out: no session for two cadences or more."""

    from_: datetime = msgspec.field(name="from")
    to: Annotated[datetime | None, Meta(description="Null: it has not met since")]
    days: Annotated[
        float, Meta(description="Up to the next session, the space's end, or the answer's instant")
    ]
    entry: Annotated[int, Meta(description="The session before it, or the opening")]


class SpaceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One space in one window."""

    space: str
    name: str | None
    kind: str | None
    cadence: Annotated[str | None, Meta(description="How often it means to meet, ISO 8601")]
    domains: list[str]
    opened_at: datetime | None
    closed_at: datetime | None
    sessions: Counted
    kept: Annotated[
        Rate,
        Meta(
            description="Periods of one cadence each, from the opening on, that ended in the window: those in"
            " which it met at least once; entries are these sessions"
        ),
    ]
    gaps: Annotated[list[Gap], Meta(description="Those that ended in the window, or last at its end")]
    attendance: Annotated[
        Rate, Meta(description="Members' places in the sessions: taken, of all; bodies by their seats")
    ]
    guests: Annotated[int, Meta(ge=0, description="Places taken by others than members")]
    facilitators: Annotated[list[str], Meta(description="Who facilitated, each once")]
    shared: Annotated[Counted, Meta(description="Decisions shared, each once a session")]
    obstacles: Counted
    insights: Counted
    needs: Counted
    upcoming: Counted


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """Whether decisions made in the window were shared in a session afterwards, and how soon."""

    shared: Annotated[Rate, Meta(description="Of the decisions made; entries are of those decisions")]
    how_soon: Annotated[Took, Meta(description="From made to the first session that shared it")]
    not_shared: Annotated[Counted, Meta(description="The decisions that no session has shared since")]
    shared_before: Annotated[
        Counted, Meta(description="Decisions that a session spoke of before they were made")
    ]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two bodies that decide in the same domain, or in one and its parent, and where they meet."""

    bodies: Annotated[list[str], Meta(description="Two bare ids, in order")]
    domains: Annotated[
        list[str], Meta(description="Where both decide, or one decides beside the other's parent")
    ]
    decisions: Annotated[Counted, Meta(description="Of either, in these domains")]
    sessions: Annotated[Counted, Meta(description="Sessions with somebody of each")]
    seats: Annotated[
        list[str], Meta(description="Actors who sat in both at once; none where one space is asked about")
    ]
    asked: Annotated[
        Counted,
        Meta(
            description="Requests for advice on a decision of one that named the other; none where one space"
            " is asked about"
        ),
    ]
    apart: Annotated[bool, Meta(description="No session, seat or request joined them in the window")]
    last_met: Annotated[
        datetime | None, Meta(description="The last session with somebody of each up to the window's end")
    ]
    in_words: str


class Raised(msgspec.Struct, frozen=True, kw_only=True):
    """Something said in sessions, the same words but for case, spaces and full stops counted together."""

    text: Annotated[str, Meta(description="As it was first said")]
    sessions: Counted
    spaces: list[str]
    first: datetime
    last: datetime


class Followed(Raised, frozen=True, kw_only=True):
    """A need, or a decision that was announced, and what became of it as far as a title tells."""

    became: Annotated[
        Literal["decided", "opened"] | None,
        Meta(description="A decision, or its initiative, that bears this title and came after"),
    ]
    decision: str | None
    decided_at: datetime | None
    why_null: dict[str, str]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What sessions brought up, the most often said first, at most fifty of each."""

    obstacles_repeated: Annotated[list[Raised], Meta(description="Obstacles of two sessions or more")]
    obstacles: list[Raised]
    insights: list[Raised]
    needs: list[Followed]
    upcoming: list[Followed]


class CoordinationWindow(msgspec.Struct, frozen=True, kw_only=True):
    """One window of time."""

    from_: datetime | None = msgspec.field(name="from")
    to: datetime | None
    inferred: Annotated[
        Rate, Meta(description="Of the decisions of the window, those whose deciders were inferred")
    ]
    sessions: Counted
    kept: Annotated[Rate, Meta(description="Of all spaces that have a cadence together")]
    attendance: Rate
    sharing: Sharing
    met: Annotated[
        Rate,
        Meta(
            description="Of the pairs of bodies that decide side by side, those that met; entries are the"
            " sessions, the requests, and the taking of seats that joined them"
        ),
    ]
    spaces: Annotated[list[SpaceRow], Meta(description="By id: open in the window, or met in it")]
    bodies: Annotated[list[Pair], Meta(description="Pairs that decide side by side, those apart first")]
    said: Said
