"""The JSON Schemas and the AsyncAPI document: in step with the types, and as permissive as they are."""

import json
import re
import typing
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from referencing import Registry, Resource

import schemas
from schemas import TYPES, Event
from schemas.generate import documents
from tests.strategies import PUBLISHED, data, decoded, events, tree

HERE = Path(schemas.__file__).parent
FEW = settings(max_examples=15, deadline=None)
each_type = pytest.mark.parametrize("type", sorted(TYPES))


@cache
def schema(type: str) -> jsonschema.Draft202012Validator:
    tree = json.loads((HERE / "json" / f"{type}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(tree)
    return jsonschema.Draft202012Validator(tree)


@cache
def asyncapi() -> dict[str, typing.Any]:
    document: dict[str, typing.Any] = json.loads((HERE / "asyncapi.json").read_text())
    return document


@cache
def published() -> jsonschema.Draft202012Validator:
    """What the AsyncAPI document says a publisher may send, its references followed."""
    files = {path.name: json.loads(path.read_text()) for path in (HERE / "json").iterdir()}
    resources = [(f"json/{name}", Resource.from_contents(tree)) for name, tree in files.items()]
    registry: Registry[typing.Any] = Registry().with_resources(resources)
    return jsonschema.Draft202012Validator(
        asyncapi()["components"]["schemas"]["published"], registry=registry
    )


def test_the_generated_files_are_in_step_with_the_types() -> None:
    """If this fails: `python -m schemas.generate`."""
    found = {f"json/{path.name}": path.read_text() for path in (HERE / "json").iterdir()}
    found["asyncapi.json"] = (HERE / "asyncapi.json").read_text()
    expected = documents()
    assert set(found) == set(expected)
    assert [path for path in found if found[path] != expected[path]] == []


def test_no_schema_refers_to_what_is_not_in_it() -> None:
    problem = {
        "type": "urn:locus:problem:malformed",
        "title": "Malformed",
        "status": 422,
        "errors": [{"detail": "it is no number", "where": "/data/size"}, {"where": "/data/title"}],
    }
    assert [list(error.path) for error in schema("problem").iter_errors(problem)] == [["errors", 1]]
    for path in (HERE / "json").iterdir():
        said = json.loads(path.read_text())
        references = re.findall(r'"\$ref": "([^"]+)"', json.dumps(said))
        assert {ref for ref in references if ref != "#"} <= {f"#/$defs/{name}" for name in said["$defs"]}


@each_type
def test_every_schema_is_documented_and_identified(type: str) -> None:
    said = schema(type).schema
    assert said["$id"] == f"urn:locus:schema:{type}"
    assert said["description"] == TYPES[type].__doc__
    assert said["additionalProperties"] is False


@each_type
@FEW
@given(st.data())
def test_a_schema_accepts_what_the_struct_accepts(type: str, draw: st.DataObject) -> None:
    said = decoded(draw.draw(data(type)))
    assert list(schema(type).iter_errors(said)) == []
    said["unheard_of"] = 1
    assert not schema(type).is_valid(said)


@pytest.mark.parametrize(
    "rule",
    [{}, {"at_least": 1, "more_than": "1/2"}, {"at_least": None}, {"at_least": 0}, {"more_than": "half"}],
)
def test_a_schema_refuses_a_quota_that_means_nothing(rule: dict[str, typing.Any]) -> None:
    formed = {"name": "Guild", "kind": "circle", "rule": {"kind": "quota", **rule}}
    assert not schema("locus.body.formed.v1").is_valid(formed)


@settings(max_examples=100, deadline=None)
@given(events())
def test_the_asyncapi_document_accepts_what_publishers_may_send(event: Event) -> None:
    assert list(published().iter_errors(tree(event))) == []


@settings(max_examples=25, deadline=None)
@given(events("locus.decision.made.v1"))
def test_the_asyncapi_document_refuses_another_types_data_or_subject(event: Event) -> None:
    assert not published().is_valid({**tree(event), "type": "locus.decision.opened.v1"})
    assert not published().is_valid({**tree(event), "subject": "body/b-1"})
    assert not published().is_valid({**tree(event), "type": "locus.person.erased.v1"})


def test_the_asyncapi_document_names_every_channel_and_refers_to_nothing_missing() -> None:
    document = asyncapi()
    assert document["asyncapi"] == "3.0.0"
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {
        "locus.events.{ledger}.{kind}.{what}",
        "locus.intake.{ledger}",
        "/v1/ledgers/{ledger}/events",
    }
    assert set(document["channels"]["entries"]["messages"]) == set(TYPES)
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))
    assert [ref for ref in references if not _resolves(document, ref)] == []


def _resolves(document: dict[str, typing.Any], ref: str) -> bool:
    if not ref.startswith("#/"):
        return (HERE / ref).is_file()
    place: typing.Any = document
    for step in ref[2:].split("/"):
        place = place.get(step)
    return place is not None


def test_publishers_types_are_all_but_the_ledgers_own() -> None:
    known = asyncapi()["components"]["schemas"]["published"]["allOf"][1]
    assert sorted(known["properties"]["type"]["enum"]) == list(PUBLISHED)
