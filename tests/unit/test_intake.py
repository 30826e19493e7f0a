"""What publishers send becomes events, or a complaint that names the place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Event
from services.ledger import intake
from services.ledger.errors import TooLarge
from services.ledger.intake_json import BadInput, Unreadable
from services.ledger.intake_words import Unfit

MADE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "https://forge.example/org",
    "type": "locus.decision.made.v1",
    "subject": "decision/d-7",
    "time": "2026-01-31T09:30:00.25+02:00",
    "data": {
        "title": "The price of : the small plan",
        "domains": ["pricing", "discounts"],
        "outcome": "accepted",
        "deciders": [{"holder": "actor/a-1", "parts": 2}, {"holder": "body/b-2"}],
        "attested": "recorded",
        "size": {"amount": 1000, "unit": "EUR"},
    },
}
OTHERS: dict[str, dict[str, Any]] = {
    "matrix/pricing row_set": {
        "by": ["a-1"],
        "decides": [{"holder": "body/board", "weight": 3}],
        "rule": {"kind": "quota", "more_than": "1/2"},
        "contributes": [{"holder": "actor/a-2", "mandatory": True}],
        "min_wait": "P14D",
        "informs": ["body/sales"],
        "escalates_to": "body/board",
    },
    "actor/a-1 registered": {"kind": "person", "profile": {"name": "Ada", "handles": ["forge:ada"]}},
    "mandate/m-1 delegated": {"scope": "domain/pricing", "from": "body/board", "to": ["actor/a-1"]},
    "pulse/p-1 recorded": {"body": "board", "question": "trust", "experienced": 0.625, "respondents": 7},
    "decision/d-7 communicated": {"to": ["body/b-2"]},
    "actor/a-1 returned": {},
    "decision/d-7 event.corrected": {
        "source": "s",
        "id": "e-1",
        "reason": "r",
        "data": {"any": [{"thing": 1}]},
    },
}


def made(**changes: Any) -> dict[str, Any]:
    return {**MADE, **changes}


def other(name: str) -> dict[str, Any]:
    subject, _, what = name.partition(" ")
    kind = subject.partition("/")[0]
    full = what if "." in what else f"{kind}.{what}"
    return made(subject=subject, type=f"locus.{full}.v1", data=OTHERS[name])


EVENTS = [MADE, *(other(name) for name in OTHERS)]


def read(raw: bytes | dict[str, Any]) -> Event:
    return intake.event(raw if isinstance(raw, bytes) else json.dumps(raw).encode())


def complaint(raw: bytes | dict[str, Any]) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(raw)
    assert caught.value.hint
    assert caught.value.detail
    return caught.value


def test_an_event_is_read_with_its_time_in_utc() -> None:
    event = read(MADE)
    assert event.id == "e-1"
    assert event.time.isoformat() == "2026-01-31T07:30:00.250000+00:00"
    assert event.data.deciders[0].parts == 2  # type: ignore[attr-defined] — the data of a decision made


@pytest.mark.parametrize("way", [intake._swiftly, intake._exactly])
def test_a_time_of_more_digits_than_a_microsecond_is_rounded(way: Callable[[bytes], Event | None]) -> None:
    """Were it cut off, as one might wish, an event recorded before would not be known again."""
    event = way(json.dumps(made(time="2024-12-31T23:59:59.9999999Z")).encode())
    assert event is not None
    assert event.time.isoformat() == "2025-01-01T00:00:00+00:00"


@pytest.mark.parametrize("said", EVENTS, ids=lambda said: said["type"])
def test_the_swift_and_the_exact_way_give_the_same_event(said: dict[str, Any]) -> None:
    raw = json.dumps(said, indent=1).encode()
    exact = intake._exactly(raw)
    assert intake.event(raw) == exact
    if not said["type"].startswith("locus.event."):
        assert intake._swiftly(raw) == exact


@pytest.mark.parametrize("escaped", [True, False])
def test_text_outside_ascii_means_the_same_however_it_is_written(escaped: bool) -> None:
    data = MADE["data"] | {"title": "Größe 😀"}
    event = read(json.dumps(made(data=data), ensure_ascii=escaped).encode())
    assert event.data.title == "Größe 😀"  # type: ignore[attr-defined] — the data of a decision made


def test_members_that_are_null_and_whole_floats_are_taken_as_what_they_mean() -> None:
    data = MADE["data"] | {"stakes": None, "deciders": [{"holder": "actor/a-1", "parts": 2.0}]}
    plain = MADE["data"] | {"deciders": [{"holder": "actor/a-1", "parts": 2}]}
    assert read(made(data=data, traceparent=None)) == read(made(data=plain))


def test_optional_attributes_are_accepted_and_those_without_meaning_here_not_kept() -> None:
    said = made(
        datacontenttype="application/json; charset=utf-8",
        dataschema="https://example.org/s",
        expectedversion=0,
        correlationid="c",
        causationid="d",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    event = read(said)
    assert (event.expectedversion, event.correlationid, event.causationid) == (0, "c", "d")
    assert not hasattr(event, "dataschema")


def deep(levels: int) -> bytes:
    correction = other("decision/d-7 event.corrected")
    text = json.dumps({**correction, "data": {**correction["data"], "data": {"x": "HERE"}}})
    return text.replace('"HERE"', "[" * levels + "]" * levels).encode()


TEXT = json.dumps(MADE)
RAW = TEXT.encode()


@pytest.mark.parametrize(
    ("raw", "slug", "where"),
    [
        (b"", "not-json", ""),
        (b"{", "not-json", ""),
        (TEXT[:-1].encode(), "not-json", "/data"),
        (TEXT.replace('"accepted"', "accepted").encode(), "not-json", "/data/outcome"),
        (TEXT.replace('"parts": 2', '"parts": 02').encode(), "not-json", "/data/deciders/0/parts"),
        (TEXT.replace('"parts": 2', '"parts": NaN').encode(), "not-json", "/data/deciders/0/parts"),
        (TEXT.replace("body/b-2", "body/\\q").encode(), "not-json", "/data/deciders/1/holder"),
        (TEXT.replace("body/b-2", "body/\n").encode(), "not-json", "/data/deciders/1/holder"),
        (("\ufeff" + TEXT).encode(), "not-json", ""),
        ((TEXT + " x").encode(), "not-json", ""),
        (RAW.replace(b"body/b-2", b"body/\xff"), "invalid-utf-8", "/data/deciders/1/holder"),
        (RAW.replace(b"body/b-2", b"body/\xed\xa0\x80"), "invalid-utf-8", "/data/deciders/1/holder"),
        (TEXT.replace("body/b-2", "body/\\u0000").encode(), "bad-character", "/data/deciders/1/holder"),
        (TEXT.replace("body/b-2", "body/\\ud800").encode(), "bad-character", "/data/deciders/1/holder"),
        (TEXT.replace("body/b-2", "body/\\uDC00x").encode(), "bad-character", "/data/deciders/1/holder"),
        (RAW.replace(b'"parts": 2', b'"parts": 2, "parts": 3'), "duplicate-key", "/data/deciders/0/parts"),
        (TEXT.replace('"id": "e-1"', '"id": "e-1", "id" : "e-2"').encode(), "duplicate-key", "/id"),
        (TEXT.replace('"id": "e-1"', '"id": "e-1", "\\u0069d": "e-2"').encode(), "duplicate-key", "/id"),
        (TEXT.replace("1000", "9007199254740993").encode(), "number-too-large", "/data/size/amount"),
        (TEXT.replace("1000", "9007199254740993.0").encode(), "number-too-large", "/data/size/amount"),
        (TEXT.replace("1000", "1e400").encode(), "number-too-large", "/data/size/amount"),
        (TEXT.replace("1000", "1" * 5000).encode(), "number-too-large", "/data/size/amount"),
        (deep(40), "too-deep", "/data/data/x" + "/0" * 29),
        (deep(40_000), "too-deep", "/data/data/x" + "/0" * 29),
    ],
)  # fmt: skip
def test_what_is_not_json_with_one_meaning_is_unreadable_at_a_place(
    raw: bytes, slug: str, where: str
) -> None:
    error = complaint(raw)
    assert isinstance(error, Unreadable)
    assert (error.slug, error.where) == (slug, where)


def data(**changes: Any) -> dict[str, Any]:
    return made(data=MADE["data"] | changes)


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in MADE.items() if key != name}


@pytest.mark.parametrize(
    ("said", "slug", "where"),
    [
        (b"7", "wrong-type", ""),
        (b"[]", "wrong-type", ""),
        (without("id"), "missing-member", "/id"),
        (made(id=None), "missing-member", "/id"),
        (made(id=7), "wrong-type", "/id"),
        (made(id=""), "wrong-value", "/id"),
        (made(specversion="0.3"), "wrong-value", "/specversion"),
        (made(type="locus.decision.maid.v1"), "unknown-type", "/type"),
        (made(time="2026-01-31T09:30:00"), "no-offset", "/time"),
        (made(time="yesterday"), "wrong-value", "/time"),
        (made(time="0001-01-01T00:00:00+05:00"), "wrong-value", "/time"),
        (made(subject="nothing"), "wrong-value", "/subject"),
        (made(partitionkey="x"), "unknown-attribute", "/partitionkey"),
        (made(expectedversion="1"), "wrong-type", "/expectedversion"),
        (made(expectedversion=-1), "wrong-value", "/expectedversion"),
        (made(datacontenttype="text/plain"), "wrong-value", "/datacontenttype"),
        (made(data_base64="e30="), "wrong-type", "/data_base64"),
        (made(data=[1]), "wrong-type", "/data"),
        (made(data=None), "missing-member", "/data/domains"),
        (data(deciders=[{"holder": "actor/a", "parts": "2"}]), "wrong-type", "/data/deciders/0/parts"),
        (data(deciders=[{"holder": "actor/a", "parts": 0}]), "wrong-value", "/data/deciders/0/parts"),
        (data(deciders=[{"holder": "a"}]), "wrong-value", "/data/deciders/0/holder"),
        (data(deciders=[{"holder": "actor/a", "par/ts": 1}]), "unknown-member", "/data/deciders/0/par~1ts"),
        (data(choise="x"), "unknown-member", "/data/choise"),
        (data(outcome="maybe"), "wrong-value", "/data/outcome"),
        (data(review_on="2026-01-31T09:30:00"), "no-offset", "/data/review_on"),
        (data(domains=[]), "wrong-value", "/data/domains"),
    ],
)
def test_what_the_language_does_not_know_is_unfit_at_a_place(said: Any, slug: str, where: str) -> None:
    error = complaint(said)
    assert isinstance(error, Unfit)
    assert (error.slug, error.where) == (slug, where)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (data(deciders=[{"holder": "ada"}]), "a holder: `actor/<id>` or `body/<id>`"),
        (data(domains=["a/b"]), "an id of 1 to 200 characters without '/' or '@'"),
        (data(outcome="acepted"), "one of 'accepted', 'deferred', 'provisional', 'rejected', 'returned'"),
        (data(deciders=[{"holder": "actor/" + "a" * 203}]), "a shorter id"),
        (data(deciders=[{"holder": "actor/" + "a" * 203 + "/b"}]), "a holder: `actor/<id>` or `body/<id>`"),
        (data(domains=["a" * 201]), "a shorter id"),
        (made(subject="decision/" + "a" * 201), "a shorter id"),
        (made(subject="nothing"), "a subject: `kind/id`"),
        (made(specversion="0.3"), "one of '1.0'"),
        (
            other("matrix/pricing row_set")
            | {"data": OTHERS["matrix/pricing row_set"] | {"rule": {"kind": "anyone"}}},
            "one of 'any', 'all', 'consent', 'quota'",
        ),
    ],
)
def test_a_value_that_will_not_do_is_answered_with_what_will(said: dict[str, Any], hint: str) -> None:
    assert complaint(said).hint == f"send {hint}"


def test_an_unknown_type_is_answered_with_the_likeliest() -> None:
    assert "locus.decision.made.v1" in complaint(made(type="locus.decision.maid.v1")).hint


def test_a_batch_with_one_bad_event_names_its_index() -> None:
    body = json.dumps([MADE, MADE, data(outcome="maybe")]).encode()
    with pytest.raises(Unfit) as caught:
        intake.batch(body, 500)
    assert (caught.value.index, caught.value.where) == (2, "/data/outcome")


def test_a_batch_that_is_no_json_names_the_place_in_the_array() -> None:
    body = json.dumps([MADE, MADE]).replace('"parts": 2}, {"holder": "body/b-2"}]', '"parts": 2,]').encode()
    with pytest.raises(Unreadable) as caught:
        intake.batch(body, 500)
    assert caught.value.where.startswith("/0/data/deciders")


@pytest.mark.parametrize("body", [b"{}", b"7", json.dumps(MADE).encode()])
def test_a_batch_is_an_array(body: bytes) -> None:
    with pytest.raises(Unfit) as caught:
        intake.batch(body, 500)
    assert caught.value.slug == "wrong-type"


def test_a_batch_of_too_many_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLarge, match="3 events"):
        intake.batch(b"[1, 2, 3]", 2)


def spread(value: Any, chosen: int) -> tuple[str, int]:
    """The JSON of `value` with the `chosen`th member written twice; how many members were passed."""
    if isinstance(value, list):
        parts, passed = [], 0
        for one in value:
            text, inside = spread(one, chosen - passed)
            passed += inside
            parts.append(text)
        return f"[{','.join(parts)}]", passed
    if not isinstance(value, dict):
        return json.dumps(value), 0
    members, passed = [], 0
    for name, one in value.items():
        text, inside = spread(one, chosen - passed - 1)
        members.append(f"{json.dumps(name)} : {text}")
        if passed == chosen:
            members.append(members[-1])
        passed += inside + 1
    return "{" + ",\n".join(members) + "}", passed


@pytest.mark.parametrize("said", EVENTS, ids=lambda said: said["type"])
def test_a_member_named_twice_is_found_wherever_it_stands(said: dict[str, Any]) -> None:
    _, members = spread(said, -1)
    for chosen in range(members):
        assert complaint(spread(said, chosen)[0].encode()).slug == "duplicate-key"


@pytest.mark.parametrize("place", [0, 1])
def test_a_member_named_twice_is_found_in_a_batch_whatever_the_others_hold(place: int) -> None:
    title = '"title": "The price of : the small plan"'
    plain = json.dumps(made(data=MADE["data"] | {"title": ":"}))
    events = [plain, json.dumps(MADE).replace(title, f"{title}, {title}")]
    with pytest.raises(BadInput) as caught:
        intake.batch(f"[{events[place]}, {events[1 - place]}]".encode(), 500)
    assert (caught.value.slug, caught.value.index) == ("duplicate-key", 1 - place)


def damaged(said: Any, draw: st.DataObject) -> bytes:
    raw = bytearray(json.dumps(said).encode())
    for _ in range(draw.draw(st.integers(1, 3))):
        place = draw.draw(st.integers(0, len(raw) - 1))
        raw[place : place + draw.draw(st.integers(0, 2))] = draw.draw(
            st.binary(max_size=3)
            | st.sampled_from([b'"', b",", b":", b"{", b"]", b"\\u0000", b"null", b'"id":1,'])
        )
    return bytes(raw)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=3), st.data())
def test_no_damage_to_a_batch_gets_past_the_swift_way(
    said: list[dict[str, Any]], draw: st.DataObject
) -> None:
    body = damaged(said, draw)
    swift = intake._all_swiftly(body, intake._several.decode)
    if swift is not None:
        assert swift == [intake._exactly(bytes(one)) for one in intake._elements.decode(body)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EVENTS), st.data())
def test_no_damage_gets_past_the_swift_way_or_breaks_the_exact_one(
    said: dict[str, Any], draw: st.DataObject
) -> None:
    raw = damaged(said, draw)
    swift = intake._swiftly(raw)
    try:
        exact = intake._exactly(raw)
    except BadInput:
        assert swift is None
    else:
        assert swift in (None, exact)
