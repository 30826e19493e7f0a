"""The envelope: CloudEvents 1.0 attributes, the event, the entry it becomes, and what the ledger answers."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.types import SUBJECT, Data, EventId, Label, Moment, Source

MAX_BYTES = {"id": 256, "source": 512, "subject": 256}

Subject = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=256,
        pattern=SUBJECT,
        description="What the event is about, `kind/id`",
        examples=["decision/d-7"],
    ),
]
Type = Annotated[
    str,
    Meta(max_length=100, description="`locus.<kind>.<what>.v1`", examples=["locus.decision.made.v1"]),
]
Version = Annotated[int, Meta(ge=0, le=2**31 - 1)]


class Attributes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """CloudEvents context attributes and the extensions Locus knows; a misspelt one is refused."""

    specversion: Literal["1.0"]
    id: EventId
    source: Source
    type: Type
    subject: Subject
    time: Annotated[
        Moment, Meta(description="When it occurred, with offset; beyond the microsecond it is rounded")
    ]
    datacontenttype: Annotated[Label, Meta(description="JSON, the default")] | None = None
    dataschema: Annotated[Source, Meta(description="Where the data's schema is; kept by nobody")] | None = (
        None
    )
    expectedversion: (
        Annotated[Version, Meta(description="The subject's version this builds on; 0: it must not exist")]
        | None
    ) = None
    correlationid: Annotated[EventId, Meta(description="What it belongs together with")] | None = None
    causationid: Annotated[EventId, Meta(description="The event that led to it")] | None = None
    traceparent: Annotated[EventId, Meta(description="W3C trace context")] | None = None
    tracestate: Annotated[Source, Meta(description="W3C trace context; kept by nobody")] | None = None


class Structured(Attributes, frozen=True, kw_only=True):
    """An event in structured content mode, its data not yet read."""

    data: msgspec.Raw


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact somebody published. `time` is UTC."""

    id: str
    source: str
    type: str
    subject: str
    time: Moment
    data: Data
    expectedversion: int | None = None
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None

    @property
    def kind(self) -> str:
        """The subject's kind, the part before the slash."""
        return self.subject.partition("/")[0]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An event as recorded. `recorded` is UTC; `version` counts the subject's events from 1."""

    format: int
    ledger: str
    position: int
    recorded: Moment
    version: int
    publisher: str
    event: Event


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger's word that an event is stored. `duplicate`: it had been, by an earlier publication."""

    ledger: str
    position: int
    recorded: Moment
    subject: str
    version: int
    source: str
    id: str
    duplicate: bool
    leaf: Annotated[
        str,
        Meta(description="SHA-256 leaf hash of the entry, in hex: what its place in the log is proven of"),
    ]


class Flaw(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of several things wrong: `where` is a JSON pointer, an attribute or a parameter."""

    detail: str
    where: str | None = None


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457: what was wrong, where (an attribute or a JSON pointer), and what to do about it (`hint`)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    where: str | None = None
    hint: str | None = None
    errors: tuple[Flaw, ...] = ()
