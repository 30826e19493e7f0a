"""Asked as of an instant, no view says anything of what occurred later: it may as well not have come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.conftest import Database
from tests.histories import history
from tests.integration.test_arrival import OURS, SEEDS, THEIRS, apart
from tests.integration.twins import Ledger, differing, twins
from tests.questions import Questions
from tests.recorded import entries
from tests.stories import cooperative, faculty, forge, harbour, museum, orchestra, schools, startup, ward

Json = dict[str, Any]
HOUR = timedelta(hours=1)
STORIES = (cooperative, faculty, forge, harbour, museum, orchestra, schools, startup, ward)


def _occurred(event: Json) -> datetime:
    return datetime.fromisoformat(event["time"])


def _in_order(events: Sequence[Json]) -> list[Json]:
    """Without what is known for all times, whenever it came: corrections and merges."""
    known = ("locus.event.", "locus.actor.merged.")
    return sorted((e for e in apart(events) if not e["type"].startswith(known)), key=_occurred)


async def _holds(database: Database, events: Sequence[Json], rng: Random) -> None:
    told = _in_order(events)
    cut = rng.randrange(len(told) // 3, len(told))
    at = _occurred(told[cut - 1]) + timedelta(hours=rng.uniform(0, 40))
    before = [event for event in told if _occurred(event) <= at]
    ours = Ledger(OURS, entries(OURS, told, HOUR))
    theirs = Ledger(THEIRS, entries(THEIRS, before, HOUR))
    async with twins(database, ours, theirs) as client:
        for some in (one for _ in range(3) for one in Questions(before, rng).of_every_view()):
            asked = some._replace(parameters=some.parameters | {"at": at.isoformat()})
            status, one = await ours.ask(client, asked)
            again, other = await theirs.ask(client, asked)
            assert (status, differing(one, other)) == (again, []), asked


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_histories_do_not_know_their_future(database: Database, seed: int) -> None:
    rng = Random(seed)
    await _holds(database, history(rng), rng)


@pytest.mark.long
@pytest.mark.parametrize("story", STORIES, ids=[story.__name__.rpartition(".")[2] for story in STORIES])
async def test_stories_do_not_know_their_future(database: Database, story: Any) -> None:
    await _holds(database, story.told().events, Random(story.__name__))
