"""What OpenAPI says of bodies and queries that we read ourselves, so that the framework cannot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIType,
    Parameter,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIFormat

from schemas import TYPES, Receipt
from schemas.registry import LEDGER_ONLY
from schemas.types import SUBJECT
from services.ledger.http_answers import EVENT_STREAM, JSON, NDJSON, TEXT
from services.platform.openapi import Told, also_given, described, otherwise

_EXAMPLE = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "https://forge.example/org",
    "type": "locus.decision.made.v1",
    "subject": "decision/d-7",
    "time": "2026-01-31T09:30:00Z",
    "data": {
        "title": "The price of the small plan",
        "domains": ["pricing"],
        "outcome": "accepted",
        "deciders": [{"holder": "actor/a-1"}],
        "attested": "recorded",
    },
}


def _text(
    *,
    least: int | None = None,
    most: int | None = None,
    pattern: str | None = None,
    format: OpenAPIFormat | None = None,
) -> Schema:
    return Schema(type=OpenAPIType.STRING, min_length=least, max_length=most, pattern=pattern, format=format)


_DATA = Schema(type=OpenAPIType.OBJECT)
_EVENT = Schema(
    title="CloudEvent",
    description="An event in structured mode; `schemas/json` has the JSON Schema of each type's data",
    type=OpenAPIType.OBJECT,
    required=["specversion", "id", "source", "type", "subject", "time"],
    additional_properties=False,
    properties={
        "specversion": _text(pattern=r"^1\.0$"),
        "id": _text(least=1, most=256),
        "source": _text(least=1, most=512),
        "type": Schema(type=OpenAPIType.STRING, enum=sorted(set(TYPES) - LEDGER_ONLY)),
        "subject": _text(pattern=r"^[a-z]+/[^/@]{1,200}$"),
        "time": _text(format=OpenAPIFormat.DATE_TIME),
        "data": _DATA,
        "datacontenttype": _text(),
        "dataschema": _text(),
        "expectedversion": Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=2**31 - 1),
        "correlationid": _text(),
        "causationid": _text(),
        "traceparent": _text(),
        "tracestate": _text(),
    },
)
_BINARY = [
    Parameter(
        name=f"ce-{name}",
        param_in="header",
        schema=_text(),
        description=f"In binary mode: the event's `{name}`, percent-encoded",
    )
    for name in _EVENT.properties or ()
    if name not in ("data", "datacontenttype")
]


@dataclass
class Publish(Told):
    """The operation with the bodies it takes."""

    def __post_init__(self) -> None:
        """Name every content mode."""
        super().__post_init__()
        batch = Schema(type=OpenAPIType.ARRAY, items=_EVENT)
        one = OpenAPIMediaType(schema=_EVENT, examples={"made": Example(value=_EXAMPLE)})
        many = OpenAPIMediaType(schema=batch)
        lines = OpenAPIMediaType(schema=_text())
        plain = OpenAPIMediaType(schema=Schema(any_of=[_EVENT, batch, _DATA]))
        self.request_body = RequestBody(
            required=True,
            description="Plain JSON is one event or a batch; or, in binary mode, with its attributes in `ce-`"
            " headers, the data of one",
            content={
                "application/cloudevents+json": one,
                "application/cloudevents-batch+json": many,
                NDJSON: lines,
                JSON: plain,
            },
        )
        self.parameters = [*(self.parameters or ()), *_BINARY]
        also_given(self, NDJSON)


@dataclass
class Create(Told):
    """The operation with the body it takes."""

    def __post_init__(self) -> None:
        """Name its members."""
        super().__post_init__()
        origin = _text(least=1, most=200, pattern=r"^[!-*,-~]+$")
        name = _text(least=2, most=63, pattern=r"^[a-z][a-z0-9-]{1,62}$")
        new = Schema(
            title="NewLedger",
            description="The name of a ledger to make, and of its log: in checkpoints, for good",
            type=OpenAPIType.OBJECT,
            required=["ledger"],
            additional_properties=False,
            properties={"ledger": name, "origin": origin},
        )
        self.request_body = _json(new)


@dataclass
class Hold(Told):
    """The operation with the body it takes."""

    def __post_init__(self) -> None:
        """Name its member."""
        super().__post_init__()
        why = Schema(
            title="Why",
            description="Why a person is held",
            type=OpenAPIType.OBJECT,
            required=["reason"],
            additional_properties=False,
            properties={"reason": _text(least=1, most=5_000)},
        )
        self.request_body = _json(why)


def _json(schema: Schema) -> RequestBody:
    return RequestBody(required=True, content={JSON: OpenAPIMediaType(schema=schema)})


class Receipts(msgspec.Struct, frozen=True):
    """Of a batch: a receipt for each event."""

    receipts: Sequence[Receipt]


REFUSED = {
    409: "The id or the version is taken, or the ledger is only read",
    413: "Too large",
    415: "Not a form that events are taken in",
    422: "Not an event known here, or impossible now",
}
PUBLISHED = otherwise(REFUSED | {404: "No such ledger", 408: "The body took too long"}) | {
    200: described(Receipt | Receipts, "Recorded before; of NDJSON: a receipt or a problem a line"),
    201: described(Receipt | Receipts, "Recorded"),
}


_TIME = _text(format=OpenAPIFormat.DATE_TIME)
_FILTERS: Mapping[str, tuple[Schema, str]] = {
    "after": (Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=2**53), "The position to go on after"),
    "limit": (Schema(type=OpenAPIType.INTEGER, minimum=1, maximum=2**53), "A page has 1,000 at most"),
    "type": (Schema(type=OpenAPIType.STRING, enum=list(TYPES)), "An event type: `locus.decision.made.v1`"),
    "subject": (_text(pattern=SUBJECT.replace(r"\Z", "$")), "A subject: `decision/d-7`"),
    "actor": (_text(least=1, most=512), "An actor that is named, by its id"),
    "domain": (_text(least=1, most=512), "A domain that is named, by its id"),
    "source": (_text(least=1, most=512), "A publisher's URI"),
    "occurred_from": (_TIME, "Occurred at or after; a date is its midnight in UTC"),
    "occurred_to": (_TIME, "Occurred before"),
    "recorded_from": (_TIME, "Recorded at or after"),
    "recorded_to": (_TIME, "Recorded before"),
}


def _filters(*left_out: str) -> list[Parameter]:
    return [
        Parameter(name=name, param_in="query", schema=schema, description=description)
        for name, (schema, description) in _FILTERS.items()
        if name not in left_out
    ]


@dataclass
class Read(Told):
    """The operation with the query it takes."""

    def __post_init__(self) -> None:
        """Name every filter."""
        super().__post_init__()
        last = Parameter(
            name="Last-Event-ID", param_in="header", schema=_text(pattern="^[0-9]{1,15}$"), description="Live"
        )
        self.parameters = [*(self.parameters or ()), *_filters(), last]
        also_given(self, NDJSON, EVENT_STREAM)


@dataclass
class Prove(Told):
    """The operation with its other form."""

    def __post_init__(self) -> None:
        """Name it."""
        super().__post_init__()
        also_given(self, TEXT)


@dataclass
class TakeAway(Told):
    """The operation with the query it takes."""

    def __post_init__(self) -> None:
        """Name every filter but those of pages."""
        super().__post_init__()
        self.parameters = [*(self.parameters or ()), *_filters("after", "limit")]
