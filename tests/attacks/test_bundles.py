"""A bundle made to harm whoever checks it: `locus verify` names what is wrong with it, in bounded memory.

Changed, missing and forged members are in tests/unit/test_evidence.py.
"""

import json
import resource
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest

from services.platform import bundle as members
from tests import audits
from tests.attacks.place import ROOT

MEMORY = 350_000_000  # bytes of addresses; the program and its libraries take most of them
BOMB = 400_000_000


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """One that is right."""
    (tmp_path / "here").mkdir()
    return audits.bundle(tmp_path / "here" / "bundle.zip", 20)


def verified(path: Path) -> tuple[int, dict[str, Any]]:
    """`locus verify`, beside the bundle, with little memory: the exit code and the report."""
    ended = subprocess.run(
        [sys.executable, "-m", "services.cli", "verify", str(path), "--json"],
        capture_output=True,
        check=False,
        cwd=path.parent,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        timeout=120,
    )
    assert b"Traceback" not in ended.stderr, ended.stderr.decode()
    return ended.returncode, json.loads(ended.stdout or "{}")


def told(report: dict[str, Any]) -> str:
    return " ".join(fault["what"] for fault in report["faults"])


def test_a_bundle_that_nobody_touched_is_right_with_so_little_memory(bundle: Path) -> None:
    code, report = verified(bundle)
    assert (code, report["entries"]) == (0, 20), report


def test_members_that_would_be_written_elsewhere_are_named_and_written_nowhere(bundle: Path) -> None:
    names = [
        "../outside",
        "/tmp/locus-outside",  # noqa: S108 — nobody writes there
        "..\\outside",
        "a/../../outside",
        "entries.ndjson/../x",
        "\n",
    ]
    with zipfile.ZipFile(bundle, "a") as archive:
        for name in names:
            archive.writestr(name, "gotcha")
    code, report = verified(bundle)
    assert (code, {fault["kind"] for fault in report["faults"]}) == (1, {"member"}), report
    assert told(report).count("does not belong into a bundle") == len(names)
    assert [path.name for path in bundle.parent.parent.rglob("*")] == ["here", "bundle.zip"]
    assert not Path("/tmp/locus-outside").exists()  # noqa: S108 — that nobody made it


def test_members_that_are_there_twice_are_named_whichever_a_tool_would_read(bundle: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(bundle, "a") as archive:
        warnings.simplefilter("ignore")
        for name in members.MEMBERS:
            archive.writestr(name, archive.read(name))
    code, report = verified(bundle)
    assert code == 1
    for name in members.MEMBERS:
        assert f"the member {name} is there 2 times" in told(report)


@pytest.mark.parametrize("name", [members.CHECKPOINT, members.ENTRIES])
def test_a_member_that_unpacks_to_more_than_there_is_memory_is_refused(bundle: Path, name: str) -> None:
    bomb = packed(bundle, name, zipfile.ZIP_DEFLATED, bytes(BOMB))
    code, report = verified(bomb)
    assert (code, report["verdict"]) == (1, "wrong"), report
    assert name in told(report) or report["faults"][0]["kind"] == "unreadable"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_is_packed_in_a_way_that_unpacks_without_bounds_is_not_unpacked(
    bundle: Path, method: int
) -> None:
    with zipfile.ZipFile(bundle) as archive:
        entries = archive.read(members.ENTRIES)
    code, report = verified(packed(bundle, members.ENTRIES, method, entries))
    assert (code, "entries.ndjson cannot be read: it is not packed" in told(report)) == (1, True), report


def packed(bundle: Path, name: str, method: int, content: bytes) -> Path:
    """The bundle with other content in one member, packed in this way."""
    made = bundle.with_name("made.zip")
    with zipfile.ZipFile(bundle) as good, zipfile.ZipFile(made, "w") as archive:
        for one in members.MEMBERS:
            if one == name:
                archive.writestr(one, content, method, 1)
            else:
                archive.writestr(one, good.read(one), zipfile.ZIP_DEFLATED)
    return made


def test_what_only_looks_like_a_bundle_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cut.zip"
    path.write_bytes(audits.bundle(tmp_path / "whole.zip", 20).read_bytes()[200:])
    code, report = verified(path)
    assert code in (1, 3), report
