"""Whatever an auditor is given, they get an exit code and a sentence: never a traceback."""

import io
import json
import os
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli import main
from services.platform import bundle
from tests import audits

MANY = int(os.environ.get("LOCUS_FUZZ", "0"))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(max_examples=MANY or 20_000, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a bundle that is right."""
    return audits.bundle(tmp_path_factory.mktemp("right") / "b.zip", 20, [3, 4, 9]).read_bytes()


def verify(*arguments: object) -> Result:
    ended = CliRunner().invoke(main, ["verify", *map(str, arguments)])
    unexpected = ended.exception is not None and not isinstance(ended.exception, SystemExit)
    assert not unexpected, (ended.exception, ended.output)
    assert ended.exit_code in (0, 1, 2, 3), ended.output
    assert ended.output.strip()
    return ended


def changed(content: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Stretches replaced by others, wherever they fall."""
    for at, length, new in edits:
        start = at % (len(content) + 1)
        content = content[:start] + new + content[start + length :]
    return content


EDITS = st.lists(
    st.tuples(st.integers(0, 1 << 20), st.integers(0, 40), st.binary(max_size=40)), min_size=1, max_size=4
)


def check_archive(right: bytes, path: Path, edits: list[tuple[int, int, bytes]]) -> None:
    content = changed(right, edits)
    path.write_bytes(content)
    ended = verify(path)
    if ended.exit_code == 0:  # nothing of what counts was touched
        with ZipFile(io.BytesIO(content)) as ours, ZipFile(io.BytesIO(right)) as theirs:
            assert all(ours.read(name) == theirs.read(name) for name in bundle.MEMBERS)


def check_members(
    right: bytes, path: Path, name: str, edits: list[tuple[int, int, bytes]], packed: bool
) -> None:
    with ZipFile(io.BytesIO(right)) as old, ZipFile(path, "w", ZIP_DEFLATED if packed else ZIP_STORED) as new:
        before = old.read(name)
        after = changed(before, edits)
        for member in old.namelist():
            new.writestr(member, after if member == name else old.read(member))
    assert (verify(path).exit_code == 0) == (before == after)


@FEW
@given(edits=EDITS)
def test_an_archive_of_any_bytes_is_judged(
    right: bytes, tmp_path: Path, edits: list[tuple[int, int, bytes]]
) -> None:
    check_archive(right, tmp_path / "b.zip", edits)


@FEW
@given(name=st.sampled_from(bundle.MEMBERS), edits=EDITS, packed=st.booleans())
def test_members_of_any_bytes_are_judged(
    right: bytes, tmp_path: Path, name: str, edits: list[tuple[int, int, bytes]], packed: bool
) -> None:
    check_members(right, tmp_path / "b.zip", name, edits, packed)


LINES = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda edits: changed(audits.line(1), edits), EDITS),
    st.builds(
        lambda tree: json.dumps(tree).encode(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from(["event", "data", "position"]), inner)
            ),
            max_leaves=8,
        ),
    ),
)


@FEW
@given(lines=st.lists(LINES, max_size=5))
def test_files_of_any_lines_are_judged(tmp_path: Path, lines: list[bytes]) -> None:
    path = tmp_path / "entries.ndjson"
    path.write_bytes(b"\n".join(lines))
    verify(path)


OPTIONS = st.sampled_from(["--checkpoint", "--answer", "--policy"])


@FEW
@given(option=OPTIONS, content=st.one_of(st.binary(max_size=200), st.text().map(str.encode), LINES))
def test_whatever_an_auditor_brings_along_is_read_or_refused(
    tmp_path: Path, option: str, content: bytes
) -> None:
    entries, brought = tmp_path / "entries.ndjson", tmp_path / "brought"
    entries.write_bytes(audits.line(1) + b"\n")
    brought.write_bytes(content)
    verify(entries, option, brought)


@FEW
@given(edits=EDITS)
def test_a_checkpoint_that_was_changed_anywhere_is_never_right(
    tmp_path: Path, edits: list[tuple[int, int, bytes]]
) -> None:
    entries, brought = tmp_path / "entries.ndjson", tmp_path / "brought"
    entries.write_bytes(audits.line(1) + b"\n")
    note = audits.Site([audits.line(1)]).checkpoint() or b""
    text = changed(note, edits)
    brought.write_bytes(text)
    ended = verify(entries, "--checkpoint", brought, "--key", audits.LOG.verifier)
    assert ended.exit_code != 0 or text.partition(b"\n\n")[0] == note.partition(b"\n\n")[0]


@pytest.mark.long
@LONG
@given(edits=EDITS)
def test_an_archive_of_any_bytes_is_judged_for_long(
    right: bytes, tmp_path: Path, edits: list[tuple[int, int, bytes]]
) -> None:
    check_archive(right, tmp_path / "b.zip", edits)


@pytest.mark.long
@LONG
@given(name=st.sampled_from(bundle.MEMBERS), edits=EDITS, packed=st.booleans())
def test_members_of_any_bytes_are_judged_for_long(
    right: bytes, tmp_path: Path, name: str, edits: list[tuple[int, int, bytes]], packed: bool
) -> None:
    check_members(right, tmp_path / "b.zip", name, edits, packed)
