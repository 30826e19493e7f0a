"""A connector takes one file: the command finds it and its `read`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services import cli_publish, connectors
from services.cli import main

ONE_FILE = '''
"""Read a folder of minutes."""

from services.connectors import Unreadable

LEDGER = "minutes"


def read(path):
    if path.is_file():
        raise Unreadable("minutes are a folder")
    yield {"id": path.name}
'''


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[bytes]]]:
    """The file as if it stood among the connectors; what would have been published."""
    (tmp_path / "minutes.py").write_text(ONE_FILE)
    monkeypatch.setattr(connectors, "__path__", [*connectors.__path__, str(tmp_path)])
    published: list[tuple[str, list[bytes]]] = []

    def publish_all(_data: object, ledger: str, events: object, *_: object, **_more: object) -> None:
        published.append((ledger, list(events)))  # type: ignore[call-overload]  # an iterable, in truth

    monkeypatch.setattr(cli_publish, "publish_all", publish_all)
    return published


def test_a_new_file_is_a_new_verb(written: list[tuple[str, list[bytes]]], tmp_path: Path) -> None:
    folder = tmp_path / "f"
    folder.mkdir()
    shown = CliRunner().invoke(main, ["import", "--help"]).output
    assert "Read a folder of minutes." in shown
    assert "peps" in shown
    ended = CliRunner().invoke(main, ["import", "minutes", str(folder)])
    assert (ended.exit_code, ended.output) == (0, "")
    assert written == [("minutes", [b'{"id":"f"}'])]


def test_what_a_connector_cannot_read_is_said_in_one_line(
    written: list[tuple[str, list[bytes]]], tmp_path: Path
) -> None:
    ended = CliRunner().invoke(main, ["import", "minutes", str(tmp_path / "minutes.py")])
    assert (ended.exit_code, ended.output) == (6, "locus: minutes are a folder\n")
    assert written == []
