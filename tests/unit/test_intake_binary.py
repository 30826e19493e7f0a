"""Binary content mode: attributes in headers, data as the body."""

import json

import pytest

from services.ledger import intake
from services.ledger.intake_json import BadInput
from tests.unit.test_intake import MADE, read

DATA = json.dumps(MADE["data"]).encode()


def headers(**changes: str | None) -> list[tuple[bytes, bytes]]:
    said = {name: value for name, value in MADE.items() if name != "data"} | changes
    return [
        (b"host", b"localhost"),
        *((f"ce-{name}".encode(), value.encode()) for name, value in said.items() if value is not None),
    ]


def test_binary_mode_gives_the_event_of_structured_mode() -> None:
    assert intake.binary(headers(), DATA) == read(MADE)


def test_a_body_with_escapes_is_read_the_exact_way() -> None:
    assert intake.binary(headers(), DATA.replace(b"The price", b"\\u0054he price")) == read(MADE)


def test_header_values_are_percent_decoded_and_unquoted() -> None:
    event = intake.binary(headers(id="caf%C3%A9%20%25", source='"urn:a b"'), DATA)
    assert (event.id, event.source) == ("café %", "urn:a b")


def test_a_percent_sign_that_encodes_nothing_stands_for_itself() -> None:
    assert intake.binary(headers(id="100%"), DATA).id == "100%"


def test_an_expected_version_is_a_number_written_in_digits() -> None:
    assert intake.binary(headers(expectedversion="3"), DATA).expectedversion == 3


def test_no_body_is_no_data() -> None:
    event = intake.binary(headers(type="locus.actor.returned.v1", subject="actor/a-1"), b"")
    assert event.type == "locus.actor.returned.v1"


@pytest.mark.parametrize(
    ("given", "body", "where"),
    [
        (headers(time="2026-01-31T09:30:00"), DATA, "/time"),
        (headers(id=None), DATA, "/id"),
        (headers(id="%ff"), DATA, "/id"),
        ([*headers(), (b"ce-id", b"e-2")], DATA, "/id"),
        (headers(type="locus.decision.maid.v1"), DATA, "/type"),
        (headers(expectedversion="x"), DATA, "/expectedversion"),
        (headers(partitionkey="x"), DATA, "/partitionkey"),
        (headers(), DATA[:-1], "/data/size"),
        (headers(), DATA.replace(b'"parts": 2', b'"parts": "2"'), "/data/deciders/0/parts"),
        (headers(), DATA.replace(b'"parts": 2', b'"parts": 2, "parts": 2'), "/data/deciders/0/parts"),
        (headers(), b"", "/data/domains"),
    ],
)
def test_what_is_wrong_is_named_as_in_structured_mode(
    given: list[tuple[bytes, bytes]], body: bytes, where: str
) -> None:
    with pytest.raises(BadInput) as caught:
        intake.binary(given, body)
    assert caught.value.where == where
