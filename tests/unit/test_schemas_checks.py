"""What types cannot say of an event, and what an event mentions."""

import typing
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from schemas import Event, Malformed, check, convert_data, mentions, named
from tests.strategies import decoded, events, tree

ROW: dict[str, typing.Any] = {"by": [], "decides": [{"holder": "actor/a"}], "rule": {"kind": "any"}}
FORMED: dict[str, typing.Any] = {"name": "Guild", "kind": "circle"}
MADE: dict[str, typing.Any] = {
    "domains": ["d"],
    "outcome": "accepted",
    "deciders": [],
    "attested": "recorded",
}


def event(what: str, subject: str, data: dict[str, typing.Any], **attributes: typing.Any) -> Event:
    type = f"locus.{what}.v1"
    said = {"id": "e-1", "source": "urn:acme", "time": datetime(2024, 1, 1, tzinfo=UTC), **attributes}
    return Event(type=type, subject=subject, data=convert_data(type, data), **said)


def where(event: Event) -> str:
    with pytest.raises(Malformed) as refusal:
        check(event)
    assert refusal.value.detail
    return refusal.value.where


@pytest.mark.parametrize(
    ("what", "subject", "data"),
    [
        ("decision.made", "body/b-1", MADE),
        ("decision.made", "decisions/d-7", MADE),
        ("matrix.row_set", "domain/pricing", ROW),
        ("person.erased", "person/a-1", {"basis": "asked"}),
    ],
)
def test_a_subject_of_another_kind_is_refused(what: str, subject: str, data: dict[str, typing.Any]) -> None:
    assert where(event(what, subject, data)) == "/subject"


def test_corrections_may_be_about_any_subject() -> None:
    said = {"source": "urn:acme", "id": "e-0", "reason": "typo"}
    for subject in ("decision/d-7", "actor/a-1", "matrix/pricing"):
        retraction = event("event.retracted", subject, said)
        check(retraction)
        assert retraction.kind == subject.split("/")[0]
    erasure = event("person.erased", "actor/a-1", {"basis": "asked"})
    check(erasure)
    assert erasure.kind == "actor"


@pytest.mark.parametrize(("attribute", "limit"), [("id", 256), ("source", 512), ("subject", 256)])
def test_sizes_are_counted_in_bytes(attribute: str, limit: int) -> None:
    prefix = "decision/" if attribute == "subject" else ""
    fits = prefix + "é" * ((limit - len(prefix)) // 2)
    sound = {"subject": "decision/d-7", "id": "e-1", "source": "urn:acme"}
    check(event("decision.made", data=MADE, **{**sound, attribute: fits}))
    assert where(event("decision.made", data=MADE, **{**sound, attribute: fits + "é"})) == f"/{attribute}"


def test_a_lone_surrogate_is_refused() -> None:
    assert where(event("decision.made", "decision/d-7", MADE, id="e-\ud800")) == "/id"


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({}, "/data/rule"),
        ({"at_least": 2, "more_than": "1/2"}, "/data/rule"),
        ({"more_than": "1/1"}, "/data/rule/more_than"),
        ({"more_than": "3/2"}, "/data/rule/more_than"),
    ],
)
def test_a_quota_that_means_nothing_is_refused(rule: dict[str, typing.Any], place: str) -> None:
    quota = {"kind": "quota", **rule}
    assert where(event("body.formed", "body/b-1", {**FORMED, "rule": quota})) == place
    assert where(event("matrix.row_set", "matrix/d", {**ROW, "rule": quota})) == place
    amending = event("matrix.row_set", "matrix/d", {**ROW, "amend_rule": quota})
    assert where(amending) == place.replace("rule", "amend_rule", 1)


@pytest.mark.parametrize("rule", [{"at_least": 3}, {"more_than": "1/2", "quorum": 5}, {"more_than": "0/1"}])
def test_a_quota_that_means_something_is_taken(rule: dict[str, typing.Any]) -> None:
    formed = event("body.formed", "body/b-1", {**FORMED, "rule": {"kind": "quota", **rule}})
    check(formed)
    assert decoded(formed.data)["rule"] == {"kind": "quota", **rule}


def test_an_instant_that_utc_cannot_hold_is_refused() -> None:
    first, last = "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"
    assert where(event("decision.made", "decision/d", {**MADE, "review_on": first})) == "/data/review_on"
    emergency = {"reason": "fire", "ratify_by": last}
    late = event("decision.made", "decision/d", {**MADE, "emergency": emergency})
    assert where(late) == "/data/emergency/ratify_by"


ACTORS = {"actor", "by", "reports_to"}
DOMAINS = {"domains", "proposes_row"}
BODIES = {"body", "under"}
OWN_KIND = {"parent", "into"}  # the kind of the subject
NAMING = {"actor": "actor", "body": "body", "domain": "domain", "matrix": "domain"}
SUBJECTS = {
    "holder",
    "accountable",
    "informs",
    "escalates_to",
    "scope",
    "from",
    "to",
    "proposers",
    "waiting_on",
    "about",
    "asked",
    "for",
    "members",
    "attendees",
    "facilitator",
    "participants",
}


def plainly(value: typing.Any, member: str, kind: str) -> typing.Iterator[tuple[str, str]]:
    """What a tree mentions, by the names of its members alone."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from plainly(inner, name, kind)
    elif isinstance(value, list):
        for item in value:
            yield from plainly(item, member, kind)
    elif member in SUBJECTS:
        prefix, _, id = value.partition("/")
        if prefix in NAMING:
            yield NAMING[prefix], id
    else:
        fixed = {
            **dict.fromkeys(ACTORS, "actor"),
            **dict.fromkeys(DOMAINS, "domain"),
            **dict.fromkeys(BODIES, "body"),
        }
        if member in fixed or member in OWN_KIND:
            yield fixed.get(member, kind), value


@settings(max_examples=400, deadline=None)
@given(events())
def test_mentions_are_what_the_members_names_say(event: Event) -> None:
    said = tree(event)
    kind, _, id = event.subject.partition("/")
    expected = set() if event.type.startswith("locus.event.") else set(plainly(said["data"], "", event.kind))
    if kind in NAMING:
        expected.add((NAMING[kind], id))
    assert mentions(event) == expected


def test_a_corrections_data_can_be_asked_for_its_own_mentions() -> None:
    data = convert_data(
        "locus.decision.made.v1", {**MADE, "deciders": [{"holder": "actor/a-9", "under": "b-9"}]}
    )
    assert named("decision/d-7", data) == {("domain", "d"), ("actor", "a-9"), ("body", "b-9")}
