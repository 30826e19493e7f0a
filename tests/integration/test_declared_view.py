"""A view takes one file: what a newcomer would write is found, served and documented."""

import sys
from collections.abc import AsyncGenerator, Iterator
from importlib import reload
from pathlib import Path

import httpx
import pytest

from services.projections import api, main, views
from services.projections.connection import pool
from tests.conftest import Database
from tests.integration.test_api import EVENTS
from tests.integration.test_worker_histories import built
from tests.integration.views_site import LEDGER, asked, site
from tests.recorded import Recorded, entries

ONE_FILE = '''
"""Which bodies there are, and how many actors sit in each."""

from typing import Annotated

import msgspec
from msgspec import Meta

from services.projections.views.answer import RestsOn
from services.projections.views.question import BadParameterError
from services.projections.views.view import View


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    least: Annotated[int, Meta(description="Only bodies with so many seats.")] = 0

    def __post_init__(self) -> None:
        if self.least < 0:
            raise BadParameterError("least", "there are no fewer than none")


class Seats(msgspec.Struct, frozen=True, kw_only=True):
    rests_on: RestsOn
    bodies: dict[str, int]


async def ask(asked, connection, ground, structures):
    """How many sit in each body at the instant asked about."""
    structure = await structures.of(connection, ground)
    seats = {body: structure.bodies.seating(body, ground.as_of).weights for body in structure.bodies.ids()}
    bodies = {body: len(held) for body, held in seats.items() if len(held) >= asked.least}
    return Seats(rests_on=ground.rests_on("seats", 1), bodies=bodies)


VIEWS = (View(name="seats", version=1, question=Asked, answer=Seats, ask=ask),)
'''


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The file, as if it stood in the package of views when the service started."""
    (tmp_path / "seats_in_bodies.py").write_text(ONE_FILE)
    monkeypatch.setattr(views, "__path__", [*views.__path__, str(tmp_path)])
    reload(api)
    reload(main)
    yield
    monkeypatch.undo()
    sys.modules.pop(f"{views.__name__}.seats_in_bodies")
    reload(api)
    reload(main)


@pytest.fixture
async def client(database: Database, written: None) -> AsyncGenerator[httpx.AsyncClient]:
    connection = await database.connect()
    recorded = Recorded(connection, LEDGER, entries(LEDGER, EVENTS))
    await recorded.create()
    await recorded.append(len(EVENTS))
    async with pool(database.url, 2) as connections:
        number = await built(connections, LEDGER, 50, len(EVENTS))
    await connection.execute(
        "UPDATE projections.generations SET serving = true WHERE generation = $1", number
    )
    await connection.close()
    async with site(database) as reader:
        yield reader


async def test_it_is_served_as_of_any_moment_and_says_what_it_rests_on(client: httpx.AsyncClient) -> None:
    answer = await asked(client, "seats")
    assert answer["bodies"] == {"board": 2}
    assert answer["rests_on"]["view"] == "seats"
    assert (await asked(client, "seats", at="2024-01-01"))["bodies"] == {"board": 0}


async def test_it_has_tags_and_refuses_what_it_was_not_declared_to_take(client: httpx.AsyncClient) -> None:
    path = f"/v1/ledgers/{LEDGER}/seats"
    first = await client.get(path, params={"least": 2})
    tag = {"if-none-match": first.headers["etag"]}
    assert (await client.get(path, params={"least": 2}, headers=tag)).status_code == 304
    assert (await client.get(path, params={"least": 3}, headers=tag)).status_code == 200
    for wrong, named in (({"least": "many"}, "least"), ({"least": "-1"}, "least"), ({"most": "1"}, "most")):
        refused = await client.get(path, params=wrong)
        assert (refused.status_code, refused.json()["where"]) == (400, named)


async def test_it_is_in_the_published_documentation(client: httpx.AsyncClient) -> None:
    described = (await client.get("/schema/openapi.json")).json()
    operation = described["paths"]["/v1/ledgers/{ledger}/seats"]["get"]
    parameters = {one["name"]: one.get("description", "") for one in operation["parameters"]}
    assert set(parameters) == {"ledger", "least", "at", "known_at", "table", "If-None-Match"}
    assert parameters["least"] == "Only bodies with so many seats."
    assert operation["description"] == "How many sit in each body at the instant asked about."
