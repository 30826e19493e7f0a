"""What reads strangers' bytes: the documented refusal or one meaning, never anything else."""

from typing import Any

import pytest

from tests import audits
from tests.fuzz import envelopes, evidence, proofs, witnessing
from tests.fuzz.hunting import Property, hunt, hunt_for

PROPERTIES: dict[str, Property] = {
    **proofs.PROPERTIES,
    **witnessing.PROPERTIES,
    **evidence.PROPERTIES,
    **envelopes.PROPERTIES,
}
# What was found by looking for long, each mended since.
FOUND: list[tuple[str, Any]] = [
    ("key", proofs.KEYS[0].replace("example", "ex\udc80ample")),
    ("stored line", audits.line(1, event={"type": "odd"}).replace(b"odd", b"\x80")),
    ("stored line", envelopes.LINES[2].replace(b"sealed.v1.", b"\xff")),
    ("stored line", envelopes.LINES[3].replace(b"sealed.v1.", b"\xff")),
    ("secret", proofs.SECRETS[0].replace("example", "ex\udc80ample")),
]
SECONDS = 3_600 / len(PROPERTIES)  # an hour in all


@pytest.mark.parametrize("name", PROPERTIES)
def test_nothing_that_is_fed_to_it_breaks_a_parser(name: str) -> None:
    hunt(name, PROPERTIES[name])


@pytest.mark.parametrize(("name", "found"), FOUND)
def test_what_once_broke_a_parser_does_not_any_more(name: str, found: Any) -> None:
    PROPERTIES[name].holds(found)


@pytest.mark.long
@pytest.mark.parametrize("name", PROPERTIES)
def test_nothing_that_is_fed_to_it_for_long_breaks_a_parser(name: str, record_property: Any) -> None:
    record_property("fuzzed", f"{hunt_for(SECONDS, name, PROPERTIES[name]):,} inputs")
