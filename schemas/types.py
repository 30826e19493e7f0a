"""The words every kind shares: how ids, holders, amounts, texts and rules are written.

Constraints live in the types: decoding refuses what is malformed, and the generated JSON Schema says the
same. `extra={"names": …}` marks a value that names an actor, body or domain (see `mentions.py`);
`personal(…)` marks a field whose content belongs to a person: it is published in plain and stored sealed.
"""

import typing
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

MAX_LIST = 2_000
MAX_AMOUNT = 2**53  # beyond it neighbouring integers are the same number to most JSON readers

# `\Z`, because `$` would let a trailing newline through; the JSON Schemas say `$`, which means it there.
_CONTROL = r"\x00-\x1f\x7f-\x9f"
ID_LENGTH = "{1,200}"  # of an id, in each pattern that has one
_ID = rf"[^/@{_CONTROL}]{ID_LENGTH}"
PATTERNS: dict[str, str] = {}  # each pattern, and what it asks for in words, for whoever has to mend an event


def _pattern(pattern: str, words: str) -> str:
    PATTERNS[pattern] = words
    return pattern


def _id_of(kinds: str, words: str) -> str:
    return _pattern(rf"^({kinds})/{_ID}\Z", words)


_LINE = Meta(pattern=_pattern(rf"^[^{_CONTROL}]*\Z", "one line without control characters"))
_NO_NUL = Meta(pattern=_pattern(r"^[^\x00]*\Z", "text without NUL"))
SUBJECT = _id_of("[a-z][a-z_-]{0,39}", "a subject: `kind/id`")


# The collector need not look at what is frozen: it can hold no cycle, and readers hold very many.
class Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What an event says beyond its subject. Readers ignore members they do not know."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What several members of data say together."""


def personal(plain: typing.Any) -> Meta:
    """Marks a personal member; `plain` is what publishers send, while readers find it sealed."""
    return Meta(extra={"personal": plain}, extra_json_schema={"$comment": "personal: sealed when stored"})


# No longer than a stored line: what limits the plain text must not bite the sealed one.
Sealed = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=65_535,
        description="Sealed: `sealed.v1.` and base64url; only an entry of format 0 has it in plain",
    ),
]

Id = Annotated[
    str,
    Meta(
        pattern=_pattern(rf"^{_ID}\Z", "an id of 1 to 200 characters without '/' or '@'"),
        description="An opaque id, without '/' or '@'",
    ),
]
ActorId = Annotated[Id, Meta(description="The bare id of an actor", extra={"names": "actor"})]
BodyId = Annotated[Id, Meta(description="The bare id of a body", extra={"names": "body"})]
DomainId = Annotated[Id, Meta(description="The bare id of a domain", extra={"names": "domain"})]
InitiativeId = Annotated[Id, Meta(description="The bare id of an initiative")]
DecisionId = Annotated[Id, Meta(description="The bare id of a decision")]

Holder = Annotated[
    str,
    Meta(
        pattern=_id_of("actor|body", "a holder: `actor/<id>` or `body/<id>`"),
        description="An actor or a body, written as its subject: `actor/a-1`, `body/b-2`",
        examples=["actor/a-1", "body/b-2"],
        extra={"names": "subject"},
    ),
]
Ref = Annotated[
    str,
    Meta(
        pattern=SUBJECT,
        description="Any subject, `kind/id`",
        examples=["decision/d-7"],
        extra={"names": "subject"},
    ),
]
Scope = Annotated[
    str,
    Meta(
        pattern=_id_of(
            "domain|initiative|decision", "a scope: `domain/<id>`, `initiative/<id>` or `decision/<id>`"
        ),
        description="The domain, initiative or decision that authority is lent for",
        examples=["domain/pricing"],
        extra={"names": "subject"},
    ),
]
Basis = Annotated[
    str,
    Meta(
        pattern=_id_of("decision|lesson", "`decision/<id>` or `lesson/<id>`"),
        description="The decision or lesson this rests on",
    ),
]

Name = Annotated[str, Meta(min_length=1, max_length=500), _LINE]
Label = Annotated[str, Meta(min_length=1, max_length=200), _LINE]
Reason = Annotated[str, Meta(min_length=1, max_length=5_000), _NO_NUL]
Text = Annotated[str, Meta(min_length=1, max_length=20_000), _NO_NUL]
Link = Annotated[
    str,
    Meta(min_length=1, max_length=2_000, description="Where it can be read: a URL or any other reference"),
    _LINE,
]
Source = Annotated[str, Meta(min_length=1, max_length=512, description="The publisher's URI"), _LINE]
EventId = Annotated[
    str, Meta(min_length=1, max_length=256, description="The id, unique within its source"), _LINE
]

Weight = Annotated[int, Meta(ge=1, le=1_000, description="An integer, so that every sum is exact")]
Position = Annotated[int, Meta(ge=1, le=2**53, description="A place in the ledger: 1, 2, 3 …")]
Amount = Annotated[float, Meta(ge=0, le=MAX_AMOUNT)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Moment = Annotated[datetime, Meta(tz=True, description="An instant, with its offset")]
Duration = Annotated[
    str,
    Meta(
        max_length=64,
        pattern=_pattern(
            r"^P(?=[0-9T])([0-9]{1,6}W|([0-9]{1,6}Y)?([0-9]{1,6}M)?([0-9]{1,6}D)?"
            r"(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?)\Z",
            "an ISO 8601 duration such as `P14D`",
        ),
        description="An ISO 8601 duration: `P14D`, `PT1H`",
        examples=["P14D"],
    ),
]

Actors = Annotated[tuple[ActorId, ...], Meta(max_length=MAX_LIST)]
Domains = Annotated[tuple[DomainId, ...], Meta(max_length=MAX_LIST)]
HomeDomains = Annotated[
    tuple[DomainId, ...], Meta(min_length=1, max_length=MAX_LIST, description="The first is the home domain")
]
Holders = Annotated[tuple[Holder, ...], Meta(max_length=MAX_LIST)]
Refs = Annotated[tuple[Ref, ...], Meta(max_length=MAX_LIST)]
Texts = Annotated[tuple[Reason, ...], Meta(max_length=MAX_LIST)]

Stakes = Literal["low", "medium", "high", "strategic"]
Attested = Literal["recorded", "observed", "inferred"]

Quorum = Annotated[
    int,
    Meta(
        ge=1,
        le=1_000,
        description="How many holders must have decided or taken a position for the rule to hold",
    ),
]


class Any(Part, frozen=True, kw_only=True, tag_field="kind", tag="any"):
    """Any one of the holders, alone."""

    quorum: Quorum | None = None


class All(Part, frozen=True, kw_only=True, tag_field="kind", tag="all"):
    """Every holder."""

    quorum: Quorum | None = None


class Consent(Part, frozen=True, kw_only=True, tag_field="kind", tag="consent"):
    """Nobody's block stands."""

    quorum: Quorum | None = None


class Quota(Part, frozen=True, kw_only=True, tag_field="kind", tag="quota"):
    """Enough weight: exactly one of `at_least` and `more_than`."""

    at_least: Annotated[Weight, Meta(description="The least sum of weights that decides")] | None = None
    more_than: (
        Annotated[
            str,
            Meta(
                pattern=_pattern(r"^[0-9]{1,6}/[1-9][0-9]{0,5}\Z", "a fraction such as `1/2`"),
                description="The part of the weights of those who are there to be exceeded, below 1",
                examples=["1/2", "2/3"],
            ),
        ]
        | None
    ) = None
    quorum: Quorum | None = None


Rule = Any | All | Consent | Quota


class Size(Part, frozen=True, kw_only=True):
    """How much a decision moves."""

    amount: Amount
    unit: Annotated[Label, Meta(description="A currency or any other unit: `EUR`, `people`")]


class Limits(Part, frozen=True, kw_only=True):
    """How far authority reaches: `max` and `stakes_up_to` are judged; with `text` alone it is *unknown*."""

    max: Size | None = None
    stakes_up_to: Stakes | None = None
    text: Text | None = None


class Emergency(Part, frozen=True, kw_only=True):
    """Why it could not wait, and until when it is to be ratified."""

    reason: Reason
    ratify_by: Moment | None = None


class Weighed(Part, frozen=True, kw_only=True):
    """A holder and its weight under the rule."""

    holder: Holder
    weight: Weight | None = None


Weighted = Annotated[tuple[Weighed, ...], Meta(max_length=MAX_LIST)]
SomeWeighted = Annotated[tuple[Weighed, ...], Meta(min_length=1, max_length=MAX_LIST)]
