"""What OpenAPI says of publishing, whose body is read before the web framework could describe it."""

from dataclasses import dataclass

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat

from schemas import Receipt
from services.platform.problems import Body

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
        "type": _text(pattern=r"^locus\.[a-z]+\.[a-z_]+\.v[0-9]+$"),
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


PUBLISHED = {
    200: ResponseSpec(Receipt, description="Recorded before: the first receipt"),
    201: ResponseSpec(Receipt, description="Recorded; of a batch: {receipts: […]}"),
    400: ResponseSpec(Body, description="Not JSON that means one thing"),
    409: ResponseSpec(Body, description="The id or the version is taken"),
    413: ResponseSpec(Body, description="Too large"),
    415: ResponseSpec(Body, description="Not a form that events are taken in"),
    422: ResponseSpec(Body, description="Not an event known here, or impossible now"),
    503: ResponseSpec(Body, description="Busy: retry the same, after Retry-After"),
}
