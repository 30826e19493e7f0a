"""Every type, written and read: strictly as published, leniently as stored."""

import json
import typing
from copy import deepcopy
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import (
    TYPES,
    Data,
    Event,
    Malformed,
    UnknownTypeError,
    check,
    class_of,
    convert_data,
    decode_entry,
    read_data,
    strict,
    take_data,
    type_of,
)
from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import KINDS, SUBJECTS
from tests.strategies import PUBLISHED, data, decoded, events, tree

each_type = pytest.mark.parametrize("type", sorted(TYPES))
FEW = settings(max_examples=25, deadline=None)

MADE = "locus.decision.made.v1"
made = {
    "domains": ["pricing"],
    "outcome": "accepted",
    "deciders": [{"holder": "actor/a-1", "parts": 2}, {"holder": "body/b-1"}],
    "attested": "recorded",
}


def test_the_language_has_every_type_of_the_design() -> None:
    assert len(TYPES) >= 55
    assert len(KINDS) >= 16
    assert {name.split(".")[1] for name in TYPES} == set(KINDS)
    assert "locus.body.seat_taken.v1" in TYPES
    assert all(type_of(cls) == name for name, cls in TYPES.items())


@each_type
def test_every_type_documents_itself(type: str) -> None:
    cls = TYPES[type]
    assert (cls.__doc__ or "").endswith(".")
    assert cls.__struct_config__.frozen
    assert not cls.__struct_config__.forbid_unknown_fields


@each_type
@FEW
@given(st.data())
def test_every_type_round_trips(type: str, draw: st.DataObject) -> None:
    said = draw.draw(data(type))
    raw = msgspec.json.encode(said)
    assert take_data(type, raw) == said
    assert read_data(type, raw) == said
    assert convert_data(type, json.loads(raw)) == said
    assert msgspec.json.encode(take_data(type, raw)) == raw
    assert decoded(msgspec.json.decode(raw, type=strict(type))) == decoded(said)
    assert type_of(said) == type


@each_type
@FEW
@given(st.data())
def test_an_unknown_member_at_any_depth_is_refused_from_publishers_and_ignored_by_readers(
    type: str, draw: st.DataObject
) -> None:
    said = draw.draw(data(type))
    sent = decoded(said)
    path, place = draw.draw(st.sampled_from(list(_objects(said, sent, "$"))))
    place["unheard_of"] = draw.draw(st.sampled_from([1, None, "x", {}, []]))
    raw = json.dumps(sent).encode()
    expected = "unknown field `unheard_of`" + ("" if path == "$" else f" - at `{path}`")
    for refuse in (
        lambda: take_data(type, raw),
        lambda: convert_data(type, sent),
        lambda: msgspec.json.decode(raw, type=strict(type)),
    ):
        with pytest.raises(msgspec.ValidationError) as refusal:
            refuse()
        assert expected in str(refusal.value)
    assert read_data(type, raw) == said


def _objects(
    value: typing.Any, sent: typing.Any, path: str
) -> typing.Iterator[tuple[str, dict[str, typing.Any]]]:
    """Every object of `sent` that is a struct in `value`, with its path as the decoder writes it."""
    if isinstance(value, msgspec.Struct):
        yield path, sent
        for field in msgspec.structs.fields(value):
            if field.encode_name in sent:
                name = field.encode_name
                yield from _objects(getattr(value, field.name), sent[name], f"{path}.{name}")
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from _objects(item, sent[place], f"{path}[{place}]")


@FEW
@given(events())
def test_an_entry_is_read_with_members_it_does_not_know(event: Event) -> None:
    said = {**tree(event), "invented": 1}
    said["data"]["unheard_of"] = {"deep": [1]}
    recorded = event.time + timedelta(microseconds=1)
    line = {
        "format": 0,
        "ledger": "acme",
        "position": 7,
        "recorded": recorded,
        "version": 2,
        "publisher": "forge",
    }
    entry = decode_entry(msgspec.json.encode({**line, "event": said, "later": True}))
    assert entry.event == event
    assert (entry.position, entry.recorded, entry.publisher) == (7, recorded, "forge")


@each_type
@FEW
@given(st.data())
def test_what_is_valid_passes_the_checks(type: str, draw: st.DataObject) -> None:
    if type not in PUBLISHED:
        assert type == "locus.person.erased.v1"
        return
    event = draw.draw(events(type))
    check(event)
    assert event.kind == event.subject.split("/")[0]


def test_an_unknown_type_says_so() -> None:
    for ask in (class_of, strict, lambda name: read_data(name, b"{}"), lambda name: take_data(name, b"{}")):
        with pytest.raises(UnknownTypeError, match=r"locus\.decision\.guessed\.v1"):
            ask("locus.decision.guessed.v1")


REFUSED: list[tuple[str, dict[str, typing.Any], str]] = [
    (MADE, {"domains": []}, "domains"),
    (MADE, {"outcome": "maybe"}, "outcome"),
    (MADE, {"deciders": [{"holder": "a-1"}]}, "deciders[0].holder"),
    (MADE, {"deciders": [{"holder": "domain/a-1"}]}, "deciders[0].holder"),
    (MADE, {"deciders": [{"holder": "actor/a/1"}]}, "deciders[0].holder"),
    (MADE, {"deciders": [{"holder": "actor/a-1", "parts": 0}]}, "deciders[0].parts"),
    (MADE, {"deciders": [{"holder": "actor/a-1", "parts": 1_001}]}, "deciders[0].parts"),
    (MADE, {"deciders": [{"holder": "actor/a-1", "parts": 1.5}]}, "deciders[0].parts"),
    (MADE, {"deciders": [{"holder": "actor/a-1"}] * 2_001}, "deciders"),
    (MADE, {"by": "actor/a-1"}, "by"),
    (MADE, {"by": "a@b"}, "by"),
    (MADE, {"by": "a\n"}, "by"),
    (MADE, {"by": ""}, "by"),
    (MADE, {"by": "a" * 201}, "by"),
    (MADE, {"title": "t" * 501}, "title"),
    (MADE, {"choice": "c" * 20_001}, "choice"),
    (MADE, {"choice": "NUL \0"}, "choice"),
    (MADE, {"review_on": "2026-01-01T00:00:00"}, "review_on"),
    (MADE, {"review_on": "2026-01-01"}, "review_on"),
    (MADE, {"size": {"amount": -1, "unit": "EUR"}}, "size.amount"),
    (MADE, {"size": {"amount": 2**53 + 2, "unit": "EUR"}}, "size.amount"),
    (MADE, {"emergency": {}}, "emergency"),
    ("locus.pulse.recorded.v1", {"respondents": 4}, "respondents"),
    ("locus.pulse.recorded.v1", {"experienced": 1.01}, "experienced"),
    ("locus.space.opened.v1", {"cadence": "P"}, "cadence"),
    ("locus.space.opened.v1", {"cadence": "PT"}, "cadence"),
    ("locus.space.opened.v1", {"cadence": "weekly"}, "cadence"),
    ("locus.mandate.delegated.v1", {"scope": "actor/a-1"}, "scope"),
    ("locus.mandate.delegated.v1", {"to": []}, "to"),
    ("locus.matrix.row_set.v1", {"decides": []}, "decides"),
    ("locus.matrix.row_set.v1", {"rule": {"kind": "majority"}}, "rule.kind"),
    ("locus.matrix.row_set.v1", {"rule": {}}, "rule"),
    ("locus.matrix.row_set.v1", {"basis": "actor/a-1"}, "basis"),
]
SOUND: dict[str, dict[str, typing.Any]] = {
    MADE: made,
    "locus.pulse.recorded.v1": {"body": "b", "question": "trust", "experienced": 0.5, "respondents": 5},
    "locus.space.opened.v1": {"name": "Guild", "kind": "community"},
    "locus.mandate.delegated.v1": {"scope": "domain/d", "from": "actor/a", "to": ["body/b"]},
    "locus.matrix.row_set.v1": {"by": [], "decides": [{"holder": "actor/a"}], "rule": {"kind": "any"}},
}


@pytest.mark.parametrize(("type", "change", "where"), REFUSED)
def test_what_is_malformed_is_refused_with_its_place(
    type: str, change: dict[str, typing.Any], where: str
) -> None:
    assert isinstance(convert_data(type, SOUND[type]), Data)
    with pytest.raises(msgspec.ValidationError) as refusal:
        convert_data(type, {**SOUND[type], **change})
    assert str(refusal.value).endswith(f" - at `$.{where}`")


@pytest.mark.parametrize("duration", ["P14D", "PT1H", "P1Y2M3DT4H5M6S", "P2W", "P1M", "PT36H"])
def test_durations_of_iso_8601_are_taken(duration: str) -> None:
    said = convert_data("locus.space.opened.v1", {**SOUND["locus.space.opened.v1"], "cadence": duration})
    assert decoded(said)["cadence"] == duration


def test_wire_names_that_python_keeps_for_itself_stay_as_published() -> None:
    said = convert_data("locus.mandate.delegated.v1", SOUND["locus.mandate.delegated.v1"])
    assert decoded(said) == SOUND["locus.mandate.delegated.v1"]
    joined = {"actor": "a-1", "as": "sponsor"}
    assert decoded(convert_data("locus.initiative.joined.v1", joined)) == joined
    taken = {"by": "a-1", "for": "body/b-1", "value": "block"}
    assert decoded(convert_data("locus.decision.position_taken.v1", taken)) == taken


def test_null_is_absent() -> None:
    assert convert_data(MADE, {**made, "stakes": None}) == convert_data(MADE, made)


def test_personal_members_are_those_the_design_marks() -> None:
    assert dict(PERSONAL_MEMBERS) == {
        "locus.actor.registered.v1": ("profile",),
        "locus.actor.updated.v1": ("profile",),
        "locus.consultation.advice_given.v1": ("text",),
        "locus.decision.position_taken.v1": ("reason",),
        "locus.knot.raised.v1": ("note",),
        "locus.knot.answered.v1": ("note",),
    }


def test_structs_without_free_json_can_be_kept_in_sets() -> None:
    same = [convert_data(MADE, deepcopy(made)) for _ in range(2)]
    assert len(set(same)) == 1


def test_a_malformed_event_names_its_place() -> None:
    assert (Malformed("/data/by", "is odd").where, str(Malformed("/x", "is odd"))) == (
        "/data/by",
        "/x: is odd",
    )
    assert SUBJECTS["locus.matrix.row_set.v1"] == "matrix/"
