"""Exports: CSV that no spreadsheet calculates, and an object-centric log that the standard's schema takes."""

import csv
import io
import json
import os
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas.registry import TYPES
from services.audit import ocel, spreadsheets
from services.audit.spreadsheets import COLUMNS, harmless
from services.connectors import demo
from tests import audits

KINDS = {"string", "time", "integer", "float", "boolean"}


def organisation(events: int = 3_000) -> list[bytes]:
    """The simulated organisation as entries."""
    simulated = islice(demo.events(7, decisions=400), events)
    return [
        audits.line(position, version=1, event=dict(event)) for position, event in enumerate(simulated, 1)
    ]


def read(lines: list[bytes]) -> list[dict[str, str]]:
    text = b"".join(spreadsheets.rows(lines)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "'=1"]
)
def test_a_cell_that_a_spreadsheet_would_calculate_gets_an_apostrophe(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    entry = audits.line(1, publisher=cell, event={"id": cell})
    row = read([entry])[0]
    assert (row["publisher"], row["id"]) == (f"'{cell}", f"'{cell}")


def test_a_harmless_cell_stays_as_it_is() -> None:
    assert [harmless(cell) for cell in ("a-1", "", "1", 'say "no", a=b')] == ["a-1", "", "1", 'say "no", a=b']


def test_csv_has_a_row_for_every_entry_in_the_columns_documented() -> None:
    lines = organisation()
    rows = read(lines)
    assert len(rows) == len(lines)
    assert tuple(rows[0]) == COLUMNS
    for row, line in zip(rows, lines, strict=True):
        entry = json.loads(line)
        assert int(row["position"]) == entry["position"]
        assert json.loads(row["data"]) == entry["event"]["data"]
        assert row["subject"] == entry["event"]["subject"]


def exported(lines: list[bytes]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(b"".join(ocel.log(lines)))
    return document


def check_structure(document: dict[str, Any]) -> None:
    """What the standard asks for: four lists, types declared, ids unique, relationships to what is there."""
    assert set(document) == {"events", "objects", "eventTypes", "objectTypes"}
    objects = {one["id"]: one["type"] for one in document["objects"]}
    assert len(objects) == len(document["objects"])
    assert set(objects.values()) == {one["name"] for one in document["objectTypes"]}
    kinds = {one["name"]: {a["name"]: a["type"] for a in one["attributes"]} for one in document["eventTypes"]}
    assert {kind for attributes in kinds.values() for kind in attributes.values()} <= KINDS
    assert len({one["id"] for one in document["events"]}) == len(document["events"])
    for event in document["events"]:
        assert {one["name"] for one in event["attributes"]} <= set(kinds[event["type"]])
        assert all(isinstance(one["value"], str) for one in event["attributes"])
        assert event["relationships"], event
        assert all(one["objectId"] in objects and one["qualifier"] for one in event["relationships"])


def test_the_object_centric_log_is_as_the_standard_wants_it() -> None:
    seat = {
        "type": "locus.body.seat_taken.v1",
        "subject": "body/b-1",
        "data": {"actor": "a-1", "role": "chair"},
    }
    lines = [*organisation(), audits.line(3_001, event=seat)]
    document = exported(lines)
    check_structure(document)
    assert len(document["events"]) == len(lines)
    assert {"person", "body", "decision", "domain", "role"} <= {
        one["name"] for one in document["objectTypes"]
    }
    qualifiers = {link["qualifier"] for event in document["events"] for link in event["relationships"]}
    assert {"decides", "advises", "holds seat in", "subject"} <= qualifiers
    schema = os.environ.get("LOCUS_OCEL_SCHEMA")
    if schema:
        jsonschema.Draft7Validator(json.loads(Path(schema).read_text())).validate(document)


def test_an_empty_object_centric_log_is_one_too() -> None:
    check_structure(exported([]))


def test_nothing_personal_is_an_attribute() -> None:
    data = {"by": "a-1", "value": "block", "reason": "private words", "for": "body/b-1"}
    said = {"type": "locus.decision.position_taken.v1", "data": data}
    document = exported([audits.line(1, event=said)])
    assert "private words" not in json.dumps(document)
    links = {(one["objectId"], one["qualifier"]) for one in document["events"][0]["relationships"]}
    assert {("actor/a-1", "takes position"), ("body/b-1", "is spoken for")} <= links


def test_every_type_of_event_can_be_exported() -> None:
    assert set(ocel._VISITS) == set(TYPES.values())
