"""What OpenAPI says of bodies and queries that we read ourselves, so that the framework cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Example,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)
from litestar.openapi.spec.enums import OpenAPIFormat

from schemas import TYPES, Problem, Receipt
from schemas.registry import LEDGER_ONLY
from schemas.types import SUBJECT

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
        "data": Schema(type=OpenAPIType.OBJECT),
        "datacontenttype": _text(),
        "dataschema": _text(),
        "expectedversion": Schema(type=OpenAPIType.INTEGER, minimum=0, maximum=2**31 - 1),
        "correlationid": _text(),
        "causationid": _text(),
        "traceparent": _text(),
        "tracestate": _text(),
    },
)


@dataclass
class Publish(Operation):
    """The operation with the bodies it takes."""

    def __post_init__(self) -> None:
        """Name every content mode."""
        one = OpenAPIMediaType(schema=_EVENT, examples={"made": Example(value=_EXAMPLE)})
        many = OpenAPIMediaType(schema=Schema(type=OpenAPIType.ARRAY, items=_EVENT))
        lines = OpenAPIMediaType(schema=_text())
        self.request_body = RequestBody(
            required=True,
            description="Or binary mode: attributes in `ce-` headers, the data as the body",
            content={
                "application/cloudevents+json": one,
                "application/cloudevents-batch+json": many,
                "application/x-ndjson": lines,
            },
        )


@dataclass
class Create(Operation):
    """The operation with the body it takes."""

    def __post_init__(self) -> None:
        """Name its members."""
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
        content = {"application/json": OpenAPIMediaType(schema=new)}
        self.request_body = RequestBody(required=True, content=content)


PUBLISHED = {
    200: ResponseSpec(Receipt, description="Recorded before: the first receipt"),
    201: ResponseSpec(Receipt, description="Recorded; of a batch: {receipts: […]}"),
    400: ResponseSpec(Problem, description="Not JSON that means one thing"),
    409: ResponseSpec(Problem, description="The id or the version is taken"),
    413: ResponseSpec(Problem, description="Too large"),
    415: ResponseSpec(Problem, description="Not a form that events are taken in"),
    422: ResponseSpec(Problem, description="Not an event known here, or impossible now"),
    503: ResponseSpec(Problem, description="Busy: retry the same, after Retry-After"),
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


@dataclass
class Read(Operation):
    """The operation with the query it takes."""

    def __post_init__(self) -> None:
        """Name every filter."""
        filters = [
            Parameter(name=name, param_in="query", schema=schema, description=description)
            for name, (schema, description) in _FILTERS.items()
        ]
        last = Parameter(
            name="Last-Event-ID", param_in="header", schema=_text(pattern="^[0-9]{1,15}$"), description="Live"
        )
        self.parameters = [*(self.parameters or ()), *filters, last]
