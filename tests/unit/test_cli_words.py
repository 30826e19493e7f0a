"""Whatever others wrote, nothing of it steers a terminal, and no terminal is too poor to be told."""

import io
import json
import sys

import pytest
import rich_click as click

from services.cli import Locus
from services.cli_words import for_programs, json_text, printable

HOSTILE = "\x1b[31mred \x9b2J \u202eevil\u2069 \x7f\r"


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_json_says_the_same_and_steers_nothing() -> None:
    told = json_text({"title": HOSTILE}, indent=2)
    assert printable(told) == told
    assert json.loads(told) == {"title": HOSTILE}


def test_csv_is_given_to_programs_as_it_is_and_to_a_terminal_without_what_steers_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = f"a,b\r\n{HOSTILE},2\r\n".encode()
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert for_programs(written) == written
    monkeypatch.setattr(sys, "stdout", Screen())
    shown = for_programs(written).decode()
    assert printable(shown) == shown
    assert shown.splitlines()[0] == "a,b"
    assert len(shown.splitlines()) == 2


def test_a_terminal_without_the_letters_is_told_what_it_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", out)

    @click.group(cls=Locus)
    def group() -> None:
        """Verbs."""

    @group.command()
    def bars() -> None:
        """Draw."""
        sys.stdout.write("█ é ▁\n")
        sys.stdout.write(json_text({"bar": "█"}))

    with pytest.raises(SystemExit) as ended:
        group.main(["bars"])
    assert ended.value.code == 0
    out.flush()
    assert out.buffer.getvalue() == b'? \xe9 ?\n{"bar": "\\u2588"}'  # type: ignore[attr-defined]  # BytesIO
