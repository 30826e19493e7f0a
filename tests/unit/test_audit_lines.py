"""What is wrong with a line by itself, and with lines kept in files: each is named with its position."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.audit import verifying
from services.audit.report import Report
from services.audit.verifying import Asked
from tests.audits import line

PLAIN = {"name": "Ada"}
SEALED = "sealed.v1.AAAA"


def checked(target: Path) -> Report:
    asked = Asked(target=str(target))
    return asyncio.run(verifying.of_files(target, asked, lambda _done, _all: None))


def kept(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(one + b"\n" for one in lines))
    return path


def said(type: str, data: dict[str, Any], subject: str) -> dict[str, Any]:
    return {"type": f"locus.{type}.v1", "data": data, "subject": subject}


CORRECTED = {"source": "urn:test", "id": "e-9", "reason": "a slip"}
LINES = [
    ("of another ledger", {"ledger": "beta"}, "ledger"),
    ("of no format we know", {"format": 7}, "format"),
    ("of the format in which nothing is sealed", {"format": 0}, "format"),
    ("occurred later than it was recorded", {"event": {"time": "2026-01-01T00:06:00Z"}}, "occurred"),
    ("a version left out", {"version": 3}, "version"),
    (
        "recorded before the one before",
        {"recorded": "2025-01-01T00:00:00Z", "event": {"time": "2025-01-01T00:00:00Z"}},
        "recorded",
    ),
    (
        "a profile in clear",
        {"event": said("actor.updated", {"kind": "person", "profile": PLAIN}, "actor/a-1"), "version": 1},
        "unsealed",
    ),
    (
        "a profile in clear in a correction",
        {
            "event": said(
                "event.corrected", {**CORRECTED, "data": {"kind": "person", "profile": PLAIN}}, "actor/a-1"
            ),
            "version": 1,
        },
        "unsealed",
    ),
    (
        "a reason in clear",
        {"event": {"type": "locus.decision.position_taken.v1", "data": {"value": "block", "reason": "x"}}},
        "unsealed",
    ),
]


@pytest.mark.parametrize(("what", "changes", "kind"), LINES, ids=[one[0] for one in LINES])
def test_a_line_that_is_wrong_is_named(tmp_path: Path, what: str, changes: dict[str, Any], kind: str) -> None:
    lines = [line(1), line(2), line(3), line(4, **changes), line(5)]
    report = checked(kept(tmp_path / "entries.ndjson", lines))
    assert [(fault.position, fault.kind) for fault in report.faults] == [(4, kind)], what


SOUND = [
    {"event": said("actor.updated", {"kind": "person", "profile": SEALED}, "actor/a-1"), "version": 1},
    {"event": {"type": "locus.decision.position_taken.v1", "data": {"by": "a-1", "value": "block"}}},
    {"event": {"type": "locus.decision.reopened.v1", "data": {"by": "a-1", "reason": "not personal"}}},
    {
        "event": said(
            "event.corrected", {**CORRECTED, "data": {"kind": "agent", "profile": SEALED}}, "actor/a-1"
        ),
        "version": 1,
    },
    {"event": said("event.retracted", CORRECTED, "decision/d-1")},
    {"event": said("event.corrected", {**CORRECTED, "data": {"by": "a-1", "reason": "no"}}, "decision/d-1")},
    {
        "format": 0,
        "event": said("actor.updated", {"kind": "person", "profile": PLAIN}, "actor/a-1"),
        "version": 1,
    },
]


@pytest.mark.parametrize("changes", SOUND)
def test_what_is_sealed_or_not_personal_is_right(tmp_path: Path, changes: dict[str, Any]) -> None:
    format = changes.get("format", 1)
    lines = [*(line(position, format=format) for position in (1, 2, 3)), line(4, **changes)]
    report = checked(kept(tmp_path / "entries.ndjson", lines))
    assert report.verdict == "right", report.told()


FILES = [
    ("one dropped", [1, 2, 4, 5], 3),
    ("the first dropped", [2, 3], 1),
    ("two swapped", [1, 3, 2, 4], 2),
    ("one twice", [1, 2, 2, 3], 2),
]


@pytest.mark.parametrize(("what", "positions", "wrong"), FILES, ids=[one[0] for one in FILES])
def test_lines_out_of_order_are_named(tmp_path: Path, what: str, positions: list[int], wrong: int) -> None:
    report = checked(kept(tmp_path / "entries.ndjson", [line(position) for position in positions]))
    assert (report.faults[0].position, report.root) == (wrong, None), what
    assert "order" in {fault.kind for fault in report.faults}


def test_a_directory_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    kept(tmp_path / "2.ndjson", [line(position) for position in range(201, 301)])
    kept(tmp_path / "1.ndjson", [line(position) for position in range(1, 201)])
    report = checked(tmp_path)
    assert (report.verdict, report.entries) == ("right", 300), report.told()
