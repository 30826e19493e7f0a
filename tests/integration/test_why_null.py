"""In whole answers, no figure is null without a reason beside it, and no reason is of what is there."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import httpx
import pytest

from services.connectors import demo
from tests.conftest import Database
from tests.histories import history
from tests.integration.told_site import told
from tests.integration.views_site import LEDGER, site
from tests.questions import Asked, Questions

Json = dict[str, Any]
BY_NATURE = {
    "level": "of a question: it was not asked by level",
    "quorum": "of a rule: it states none",
    "at_least": "of a rule: it states none",
    "threshold": "of a knot: a fact alone is enough, as is described",
    "parts": "of a decider: the entry says none, all have equal parts",
    "days": "of a dossier's leg that was skipped or out of order: its `in_words` says which",
    "held_days": "of a reopening, which decides nothing that could hold, as is described",
    "position": "an entry: there is none",
    "closed_position": "an entry: there is none",
    "corrected_by": "an entry: there is none",
    "ended_by": "an entry: there is none",
}
"""Figures that may be null in objects without reasons, and why they need none."""
SAYS_ITSELF = {
    "from": "an instant: of a window without a beginning",
    "to": "an instant: of a window without an end",
    "key": "a name: all are meant, or those of which it is not known",
    "name": "a name: nobody gave one",
    "parent": "a name: the domain lies below none",
    "inherited_from": "a name: the row is the domain's own, or there is none",
    "superseded_by": "a name: nothing has taken its place",
    "stakes": "a word: of a domain of which nobody said it",
    "outcome": "a word: of an initiative that was not completed, or not said to have come to any",
}
"""What else may be null beside reasons without one of its own."""
WINDOWED = ("authority", "drift", "flow", "influence", "participation", "coordination", "learning", "trust")


def figures(schemas: Json) -> dict[str, set[str]]:
    """By object of the answers, its members that may be a number or null, and sentences that may be null."""
    return {
        name: {member for member, of in schema.get("properties", {}).items() if _may_be_null(member, of)}
        for name, schema in schemas.items()
    }


def _may_be_null(member: str, of: Json) -> bool:
    types = {one.get("type") for one in (*of.get("oneOf", ()), *of.get("anyOf", ()))}
    types |= set(of["type"]) if isinstance(of.get("type"), list) else set()
    return "null" in types and bool(member == "in_words" or types & {"number", "integer"})


def objects(answer: Any, where: str) -> Iterator[tuple[str, Json]]:
    """Every object of an answer."""
    if isinstance(answer, list):
        for one in answer:
            yield from objects(one, f"{where}[]")
    elif isinstance(answer, dict):
        yield where, answer
        for name, one in answer.items():
            yield from objects(one, f"{where}.{name}")


def unexplained(answer: Json, view: str) -> Iterator[str]:
    """What is null without a reason where reasons are given, and reasons of what is there."""
    for where, one in objects(answer, view):
        if "why_null" in one:
            null = {name for name, value in one.items() if value is None} - SAYS_ITSELF.keys()
            yield from (f"{where}.{name} is null" for name in null - one["why_null"].keys())
            yield from (
                f"{where}.{name} is {one[name]!r}" for name in one["why_null"] if one[name] not in (None, [])
            )


async def asked(client: httpx.AsyncClient, events: list[Json], times: int) -> list[tuple[str, Json]]:
    """Answers to questions to every view, those that most often come to nothing among them."""
    questions = Questions(events, Random(5))
    some = [Asked(view, {"interval": "month"}) for view in WINDOWED]
    some += [Asked("overview", {"at": questions.moment(), "days": 20}) for _ in range(times)]
    some += [one for _ in range(times) for one in questions.of_every_view()]
    some += [Asked(f"decisions/{id}", {}) for id in questions.ids["decision"][:40]]
    some += [Asked(f"initiatives/{id}", {}) for id in questions.ids["initiative"][:40]]
    told = []
    for path, given in some:
        answer = await client.get(f"/v1/ledgers/{LEDGER}/{path}", params=given)
        assert answer.status_code in (200, 404), (path, given, answer.text)
        told += [(path.partition("/")[0], answer.json())] if answer.status_code == 200 else []
    return told


@pytest.mark.parametrize(
    "events",
    [list(demo.events(3)), history(Random(6)), history(Random(6))[:2]],
    ids=["demo", "small", "hardly_any"],
)
async def test_what_is_null_says_why(database: Database, events: list[Json]) -> None:
    async with told(database, events) as client:
        answers = await asked(client, events, 4)
    wrong = Counter(it for view, answer in answers for it in unexplained(answer, view))
    assert not wrong, "\n".join(f"{times} times {it}" for it, times in wrong.most_common())


async def test_every_figure_that_may_be_null_has_reasons_beside_it(database: Database) -> None:
    async with site(database) as client:
        document = (await client.get("/schema/openapi.json")).json()
    objects = document["components"]["schemas"]
    silent = {
        f"{name}.{member}"
        for name, members in figures(objects).items()
        for member in members - BY_NATURE.keys()
        if "why_null" not in objects[name]["properties"]
    }
    assert not silent
