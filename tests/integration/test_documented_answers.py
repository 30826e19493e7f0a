"""What the documentation of the views shows is what the demo answers today."""

import asyncio
import json
import re
import shlex
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services import cli_show
from services.cli_show_asking import TAKEN, asked
from services.connectors import demo
from tests.conftest import Database
from tests.integration.test_cli_show import Bridge
from tests.integration.told_site import told

HERE = Path(__file__).parents[2]
VIEWS = (HERE / "services/projections/views/README.md").read_text()
ANSWER = re.compile(r"^`GET ([^`]+)`[^\n]*\n\n```(json|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DRAWN = re.compile(r"^```\n\$ locus show ([^\n]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "…"


class Directory:
    """Who is who, as the demo says."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        told = [one for one in events if "profile" in one["data"]]
        self.people = [{"actor": one["subject"][6:], "profile": one["data"]["profile"]} for one in told]

    def get(self, _: str, **__: Any) -> Any:
        return {"people": self.people, "next": None}


@pytest.fixture
async def client(database: Database) -> AsyncGenerator[httpx.AsyncClient]:
    async with told(database, list(demo.events(7)), "demo") as reader:
        yield reader


def unlike(shown: Any, answer: Any, where: str = "") -> Iterator[str]:
    """Where an answer is another than is shown. `…` stands for what was left out, and so do members that are
    not shown; what is shown of a list stands in the answer's in this order; numbers are rounded."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        for name, value in shown.items():
            if name != LEFT_OUT:
                yield from unlike(value, answer.get(name, "no such member"), f"{where}.{name}")
    elif isinstance(shown, list) and isinstance(answer, list):
        yield from _unlike_lists([one for one in shown if one != LEFT_OUT], answer, where)
    elif isinstance(shown, str) and isinstance(answer, str):
        pattern = ".*".join(map(re.escape, shown.split(LEFT_OUT)))
        if not re.fullmatch(pattern, answer):
            yield f"{where}: {shown!r} is {answer!r}"
    elif isinstance(shown, float) and isinstance(answer, float | int):
        if round(answer, len(str(shown).partition(".")[2])) != shown:
            yield f"{where}: {shown} is {answer}"
    elif shown != answer:
        yield f"{where}: {shown!r} is {answer!r}"


def _unlike_lists(shown: list[Any], answer: list[Any], where: str) -> Iterator[str]:
    begin = 0
    for place, one in enumerate(shown):
        found = (at for at in range(begin, len(answer)) if not any(unlike(one, answer[at])))
        at = next(found, None)
        if at is None:
            nearest = min((list(unlike(one, it)) for it in answer), key=len, default=[])
            yield f"{where}[{place}]: none is like it; nearest: {nearest}"
        else:
            begin = at + 1


def test_an_answer_is_unlike_what_is_shown_where_a_figure_order_or_word_is_another() -> None:
    answer = {"rows": [{"n": 1, "share": 0.0773}, {"n": 2, "share": None}], "said": "1 of 2, by a"}
    shown = {"rows": ["…", {"share": 0.077, "…": "…"}, {"n": 2, "share": None}], "said": "1 of 2…"}
    assert not list(unlike(shown, answer))
    for other in (
        {"said": "2 of 2…"},
        {"rows": [{"share": 0.078}]},
        {"rows": [{"n": 2}, {"n": 1}]},
        {"rows": [{"n": 1, "share": None}]},
        {"row": []},
    ):
        assert list(unlike(other, answer)), other


def test_every_view_shows_an_answer_and_how_to_read_it() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", VIEWS, re.MULTILINE | re.DOTALL))
    for view in TAKEN:
        assert ANSWER.search(sections.get(view, "")), f"{view} shows no answer"
        assert "\nHow to read it. " in sections[view], f"{view} does not say how to read it"


async def test_every_answer_and_drawing_that_is_shown_is_that_of_the_demo_today(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = [it for found in ANSWER.findall(VIEWS) for it in await _answered(client, *found)]
    monkeypatch.setenv("COLUMNS", "80")
    drawings = DRAWN.findall((HERE / "README.md").read_text())
    assert drawings
    for command, shown in drawings:
        await asyncio.to_thread(_draw, Bridge(client), command)
        told = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
        lines = [line for line in shown.splitlines() if line != LEFT_OUT]
        wrong += [f"locus show {command}: no line {line}" for line in lines if line not in told]
    assert not wrong, "\n".join(wrong)


async def _answered(client: httpx.AsyncClient, path: str, form: str, shown: str) -> list[str]:
    answer = await client.get(path, headers={"accept": "text/csv" if form == "csv" else "*/*"})
    assert answer.status_code == 200, (path, answer.text)
    if form == "json":
        return [f"{path} {it}" for it in unlike(json.loads(shown), answer.json())]
    told = answer.text.splitlines()
    return [f"{path}: no line {line}" for line in shown.splitlines() if line not in told]


def _draw(views: Any, command: str) -> None:
    """Print what a command prints; its options are written `--name value`."""
    view, *options = shlex.split(command)
    given = {name.removeprefix("--"): it for name, it in zip(options[::2], options[1::2], strict=True)}
    ledger = given.pop("ledger")
    directory: Any = Directory(list(demo.events(7)))
    cli_show.answered(views, directory, ledger, view, asked(ledger, view, given))()
