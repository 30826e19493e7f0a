"""A bundle is written beside what is there, and takes the place of nothing but a file."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.failures import UNKNOWN, CommandFailed
from tests import audits


def test_a_bundle_takes_the_place_of_an_older_one_and_of_nothing_beside_it(tmp_path: Path) -> None:
    target, other = tmp_path / "b.zip", tmp_path / "b.zip.new"
    target.write_text("older")
    other.write_text("somebody else's")
    audits.bundle(target, 9)
    assert target.read_bytes().startswith(b"PK")
    assert other.read_text() == "somebody else's"
    assert sorted(tmp_path.iterdir()) == [target, other]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "elsewhere" / "b.zip", tmp_path / "link"
    target.parent.mkdir()
    target.write_text("older")
    link.symlink_to(target)
    audits.bundle(link, 9)
    assert link.is_symlink()
    assert target.read_bytes().startswith(b"PK")


def test_a_bundle_of_nothing_takes_no_file_s_place(tmp_path: Path) -> None:
    target = audits.bundle(tmp_path / "b.zip", 9)
    good = target.read_bytes()
    with pytest.raises(CommandFailed, match=r"no entry passed the filters: .* stays as it was") as refused:
        audits.bundle(target, 9, [])
    assert refused.value.code == UNKNOWN
    assert target.read_bytes() == good
    assert list(tmp_path.iterdir()) == [target]
    assert audits.bundle(tmp_path / "new.zip", 9, []).exists()


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere")], ids=["pipe", "link"])
def test_what_is_no_file_is_refused_before_anything_is_asked(tmp_path: Path, make: object) -> None:
    path = tmp_path / "there"
    make(path)  # type: ignore[operator]
    before = path.lstat()
    asked = ("evidence", "--ledger", "acme", "-o", str(path))
    ended = CliRunner().invoke(main, asked, env={"LOCUS_URL": "http://127.0.0.1:9", "LOCUS_TOKEN": "t"})
    told = f"locus: {path} is there and is no regular file: name another\n"
    assert (ended.exit_code, ended.output) == (2, told)
    assert path.lstat() == before
