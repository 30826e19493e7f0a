"""In which order independent subjects arrive, and under which names, makes no difference to any view."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from tests.conftest import Database
from tests.histories import history
from tests.integration.twins import GROUP, Ledger, as_sets, differing, relined, twins, without_knots_ids
from tests.questions import Asked, Questions
from tests.recorded import entries, spelt

Json = dict[str, Any]
SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 8))]
TIMES = 3
FURTHEST = 60
OURS, THEIRS = "acme", "acme-too"


def apart(events: Sequence[Json]) -> list[Json]:
    """The same events, no two in one instant: which of two came first is a matter of arrival then."""
    found = []
    for place, event in enumerate(events):
        data = event["data"]
        if "time" in data:
            data = data | {"time": _later(data["time"], place + 1_000)}
        found.append(event | {"time": _later(event["time"], place), "data": data})
    return found


def _later(text: str, microseconds: int) -> str:
    return spelt(datetime.fromisoformat(text) + timedelta(microseconds=microseconds))


def stored(events: Sequence[Json]) -> list[Json]:
    return [json.loads(line) for line in entries(OURS, events, timedelta(hours=40))]


def streamed(some: Sequence[Json]) -> dict[str, list[Json]]:
    """By subject, in their order."""
    streams: dict[str, list[Json]] = defaultdict(list)
    for entry in some:
        streams[entry["event"]["subject"]].append(entry)
    return streams


def shuffled(some: Sequence[Json], rng: Random) -> list[Json]:
    """In another order, that of each subject kept."""
    streams = streamed(some)
    subjects = [entry["event"]["subject"] for entry in some]
    rng.shuffle(subjects)
    return [streams[subject].pop(0) for subject in subjects]


def within_commits(told: Sequence[Json], rng: Random) -> list[Json]:
    groups = [told[n : n + GROUP] for n in range(0, len(told), GROUP)]
    return [entry for group in groups for entry in shuffled(group, rng)]


def anyhow(told: Sequence[Json], rng: Random) -> list[Json]:
    """All recorded after all had occurred, one after the other; in whatever order."""
    end = max(entry["recorded"] for entry in told)
    one_by_one = [spelt(datetime.fromisoformat(end) + timedelta(hours=n)) for n in range(len(told))]
    again = shuffled(told, rng)
    return [entry | {"recorded": at} for entry, at in zip(again, one_by_one, strict=True)]


def meanwhile(told: Sequence[Json], rng: Random) -> list[Json]:
    """Each some places earlier or later, in whatever commit that is, recorded while others still occur.

    None is recorded before it occurred, by its own time or a corrected one: facts would take that instant.
    """
    places = sorted(range(len(told)), key=lambda place: place + rng.uniform(0, FURTHEST))
    streams = streamed(told)
    again = [streams[told[place]["event"]["subject"]].pop(0) for place in places]
    recorded, found = datetime.min.replace(tzinfo=UTC), []
    for entry in again:
        said = entry["event"]["time"], entry["event"]["data"].get("time")
        occurred = max(datetime.fromisoformat(time) for time in said if time)
        recorded = max(recorded + timedelta(minutes=1), occurred)
        found.append(entry | {"recorded": spelt(recorded)})
    return found


def closing_together(*ledgers: list[Json]) -> None:
    """The last entries recorded in one instant: views look back from there."""
    end = max((told[-1]["recorded"] for told in ledgers), key=datetime.fromisoformat)
    for told in ledgers:
        told[-1] = told[-1] | {"recorded": end}


@pytest.mark.parametrize("seed", SEEDS)
async def test_entries_of_one_commit_may_come_in_any_order(database: Database, seed: int) -> None:
    rng = Random(seed)
    events = apart(history(rng))
    told = stored(events)
    ours = Ledger(OURS, relined(OURS, told))
    theirs = Ledger(THEIRS, relined(THEIRS, within_commits(told, rng)))
    await _same(database, ours, theirs, Questions(events, rng))


@pytest.mark.parametrize("seed", SEEDS)
async def test_entries_may_come_in_any_order_once_all_has_occurred(database: Database, seed: int) -> None:
    rng = Random(seed)
    events = apart(history(rng))
    told = stored(events)
    ours = Ledger(OURS, relined(OURS, anyhow(told, Random(0))))
    theirs = Ledger(THEIRS, relined(THEIRS, anyhow(told, rng)))
    await _same(database, ours, theirs, Questions(events, rng))


@pytest.mark.parametrize("seed", SEEDS[1:])
async def test_entries_may_come_in_other_commits_while_others_still_occur(
    database: Database, seed: int
) -> None:
    rng = Random(seed)
    events = apart(history(rng))
    told = meanwhile(stored(events), Random(0))
    again = meanwhile(stored(events), rng)
    closing_together(told, again)
    await _same(
        database,
        Ledger(OURS, relined(OURS, told)),
        Ledger(THEIRS, relined(THEIRS, again)),
        Questions(events, rng),
    )


async def _same(database: Database, ours: Ledger, theirs: Ledger, asking: Questions) -> None:
    async with twins(database, ours, theirs) as client:
        for asked in (one for _ in range(TIMES) for one in asking.of_every_view()):
            status, one = await ours.ask(client, asked)
            again, other = await theirs.ask(client, asked)
            assert (status, differing(one, other)) == (again, []), asked


IDS = re.compile(r"\b(?:[abimcsxflpk]-\d+|d-[a-d]|q-\d+)\b")


def renamed(events: Sequence[Json], rank: Callable[[int], int]) -> dict[str, str]:
    """A new name for each id."""
    ids = sorted(set(IDS.findall(json.dumps(events))))
    return {id: f"n{rank(place):03d}" for place, id in enumerate(ids)}


def written(told: Any, names: dict[str, str]) -> Any:
    """The same with other names, wherever they stand."""
    return json.loads(IDS.sub(lambda found: names.get(found[0], found[0]), json.dumps(told)))


async def _same_but_for_names(
    database: Database,
    seed: int,
    rank: Callable[[int], int],
    compared: Callable[[Any], Any],
    but: str | None = None,
) -> None:
    rng = Random(seed)
    events = [event for event in history(rng) if event["type"] != "locus.actor.merged.v1"]
    events = [event for event in events if not event["type"].startswith("locus.event.")]
    names = renamed(events, rank)
    ours = Ledger(OURS, relined(OURS, stored(events)))
    theirs = Ledger(THEIRS, relined(THEIRS, stored(written(events, names))))
    async with twins(database, ours, theirs) as client:
        asking = Questions(events, rng)
        for asked in (one for _ in range(TIMES) for one in asking.of_every_view()):
            if asked.path == but:
                continue
            status, one = await ours.ask(client, asked)
            again, other = await theirs.ask(client, Asked(*written(asked, names)))
            expected = compared(without_knots_ids(written(one, names)))
            assert status == again
            assert differing(expected, compared(without_knots_ids(other))) == [], asked


@pytest.mark.parametrize("seed", SEEDS)
async def test_names_in_the_same_order_change_names_alone(database: Database, seed: int) -> None:
    await _same_but_for_names(database, seed, lambda place: place, lambda told: told)


@pytest.mark.parametrize("seed", SEEDS)
async def test_names_in_another_order_change_the_order_alone(database: Database, seed: int) -> None:
    # The overview shows the first few of equals, and names decide who is first.
    await _same_but_for_names(database, seed, lambda place: 999 - place, as_sets, but="overview")
