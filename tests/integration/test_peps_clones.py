"""Clones of different ages: a newer one adds to what an older one published, and a ledger takes it all.

`LOCUS_PEPS=<path>` points the same tests at a clone of the community's repository, and counts there.
"""

import os
import random
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schemas import Event, check, convert_data
from schemas.envelope import Receipt
from services.connectors.peps import read
from tests.conftest import Database
from tests.ledgers import appending, check_log, keeping
from tests.lifecycles import possible
from tests.peps import Repository, clone_at, counted, now_known, pep, standing, text

REAL = os.environ.get("LOCUS_PEPS")
real = pytest.mark.skipif(REAL is None, reason="LOCUS_PEPS names no clone")
STANDARDS = ("standards", "packaging")

Json = dict[str, Any]


def eventful(repository: Repository) -> list[int]:
    """A history in which most things happen, some on branches; the marks of all its commits."""
    by = "`03-Mar-2019 <https://d.org/5>`__"
    elected = "Results\n=======\n\n* Ann A\n* Ben B\n* Cleo C\n* Dan D\n* Eve E\n"
    marks = [repository.commit("2001-01-01T10:00:00+02:00", pep(1, "Draft", kind="") | pep(2, "Active"))]
    marks.append(repository.commit("2001-01-02T10:00:00+00:00", pep(1, "Acepted", kind="Process")))
    marks.append(repository.commit("2001-02-01T10:00:00+00:00", pep(2, "Final", BDFL_Delegate="Nick Five")))
    fork = repository.commit("2001-03-01T10:00:00+00:00", pep(2, "Draft") | pep(3, "Draft") | pep(4, "Draft"))
    marks.append(fork)
    local = repository.commit("2001-03-02T10:00:00+00:00", pep(4, "Deferred"), parents=(fork,))
    side = repository.commit("2001-03-03T10:00:00+00:00", pep(3, "Rejected"), parents=(fork,))
    side = repository.commit("2001-05-03T10:00:00+00:00", pep(3, "Accepted", Replaced_By="7"))
    merge = repository.commit(
        "2001-06-01T10:00:00+00:00", pep(3, "Accepted", Replaced_By="7"), parents=(local, side)
    )
    marks += [local, side, merge]
    moved = {"pep-0003.txt": None, "peps/pep-0003.rst": text(3, "Final", Author="Nick Five <n@e.org>")}
    marks.append(repository.commit("2018-08-01T10:00:00+00:00", moved | pep(5, "Draft", PEP_Delegate="Bo B")))
    marks.append(
        repository.commit("2018-12-17T10:00:00+00:00", pep(8016, "Accepted") | pep(8010, "Rejected"))
    )
    marks.append(repository.commit("2019-02-04T12:00:00+00:00", pep(8100, "Active", body=elected)))
    marks.append(repository.commit("2019-03-20T10:00:00+00:00", pep(5, "Provisional", PEP_Delegate="Bo B")))
    marks.append(
        repository.commit("2019-04-01T10:00:00+00:00", pep(5, "Final", PEP_Delegate="Bo B", Resolution=by))
    )
    marks.append(repository.commit("2019-05-01T10:00:00+00:00", pep(4, "Withdrawn", Author="Alyssa Five")))
    other = pep(4, "Draft", Title="Another of that number", Author="Ann A", Discussions_To="dev@e.org")
    other |= pep(3, "Accepted", Title="Another, decided at once", Author="Ann A")
    marks.append(repository.commit("2019-06-01T10:00:00+00:00", other))
    newest = pep(2, "Final", BDFL_Delegate="Alyssa Five", Author="Alyssa Five <n@e.org>", Topic="Packaging")
    marks.append(
        repository.commit("2023-10-11T10:00:00+00:00", newest | pep(4, "Draft", Post_History="1 May 2019"))
    )
    return marks


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "build")


def of_subjects(events: list[Json]) -> Mapping[str, list[Json]]:
    by_subject: dict[str, list[Json]] = defaultdict(list)
    for event in events:
        by_subject[event["subject"]].append(event)
    return by_subject


def refused(events: list[Json]) -> Iterator[str]:
    """Ids of events that a ledger would refuse, publishing in this order."""
    for stream in of_subjects(events).values():
        for length in range(1, len(stream) + 1):
            if not possible(stream[:length]):
                yield stream[length - 1]["id"]


def views(events: list[Json]) -> list[tuple[str, str, datetime, str]]:
    """What every view rests on: the facts that hold, without the order they were published in."""
    return sorted((f["subject"], f["what"], f["time"], str(f["data"])) for f in now_known(events))


def assert_grows(older: list[Json], newer: list[Json]) -> None:
    """Importing `older`, then `newer`, is importing `newer`."""
    ids = {event["id"]: event for event in newer}
    for event in older:
        assert ids[event["id"]] == event
    published = {event["id"] for event in older}
    both = older + [event for event in newer if event["id"] not in published]
    assert list(refused(both)) == []
    assert views(both) == views(newer)


def typed(event: Json) -> Event:
    """As intake would decode it, strictly."""
    data = convert_data(event["type"], event["data"])
    occurred = datetime.fromisoformat(event["time"])
    decoded = Event(
        source=event["source"],
        id=event["id"],
        type=event["type"],
        subject=event["subject"],
        time=occurred,
        data=data,
    )
    check(decoded)
    return decoded


def test_the_same_clone_reads_the_same_with_ids_of_its_own(repository: Repository, tmp_path: Path) -> None:
    eventful(repository)
    events = list(read(repository.clone(tmp_path / "clone")))
    assert events == list(read(repository.clone(tmp_path / "again")))
    assert len({event["id"] for event in events}) == len(events)
    assert {event["type"].split(".")[1] for event in events} >= {"decision", "mandate", "event", "matrix"}


def test_every_older_clone_is_a_beginning_of_the_newest(repository: Repository, tmp_path: Path) -> None:
    marks = eventful(repository)
    newest = list(read(repository.clone(tmp_path / "newest")))
    assert list(refused(newest)) == []
    for mark in marks:
        assert_grows(list(read(repository.clone(tmp_path / f"at-{mark}", mark))), newest)


async def test_a_ledger_takes_every_event_once_however_often_and_from_whichever_clone(
    repository: Repository, tmp_path: Path, database: Database
) -> None:
    marks = eventful(repository)
    older = [typed(event) for event in read(repository.clone(tmp_path / "older", marks[8]))]
    newer = [typed(event) for event in read(repository.clone(tmp_path / "newer"))]
    async with (
        keeping(database.url, database.keys) as vault,
        appending(database.url, keys=vault.keys) as appender,
    ):
        for events, known in ((older, set()), (newer, {event.id for event in older}), (newer, None)):
            outcomes = await appender.submit_each("acme", events, "tests")
            receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
            assert len(receipts) == len(events)
            for event, receipt in zip(events, receipts, strict=True):
                assert receipt.duplicate == (known is None or event.id in known)
    assert len(await check_log(database.url)) == len(newer)


@pytest.fixture(scope="module")
def peps() -> list[Json]:
    began = time.monotonic()
    events = list(read(Path(str(REAL))))
    print(f"{len(events)} events in {time.monotonic() - began:.1f} s")
    return events


@real
def test_the_community_is_read_within_a_minute_and_is_legal(peps: list[Json]) -> None:
    began = time.monotonic()
    assert list(read(Path(str(REAL)))) == peps
    assert time.monotonic() - began < 60
    assert list(refused(peps)) == []
    assert all(typed(event) for event in peps)
    assert len({event["id"] for event in peps}) == len(peps)


@real
@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2000-01-01", "2018-07-13", {"bdfl": 245, "delegate": 35}),
        ("2019-02-04", "2026-09-01", {"council": 113, "delegate": 52}),
        ("2018-07-13", "2019-03-11", {}),
    ],
)
def test_the_standards_track_was_decided_by(
    peps: list[Json], start: str, end: str, expected: dict[str, int]
) -> None:
    seen = counted(standing(peps, start, end, STANDARDS))
    assert set(seen) == set(expected)
    for who, count in expected.items():
        assert abs(seen[who] - count) <= 0.02 * count


@real
def test_the_council_had_five_seats_in_every_term(peps: list[Json]) -> None:
    seated: set[str] = set()
    for fact in now_known(peps):
        if fact["what"] == "body.seat_vacated":
            seated.remove(fact["data"]["actor"])
        elif fact["what"] == "body.seat_taken":
            assert fact["data"]["actor"] not in seated
            seated.add(fact["data"]["actor"])
    taken = [fact["time"].date() for fact in now_known(peps) if fact["what"] == "body.seat_taken"]
    assert len(seated) == 5
    assert len(set(taken)) == 8


@real
def test_no_name_leaves_the_profiles_of_the_community(peps: list[Json]) -> None:
    said = str(
        [event["data"] for event in peps if event["type"].startswith(("locus.decision", "locus.mandate"))]
    )
    names = {event["data"]["profile"]["name"] for event in peps if "profile" in event["data"]}
    titles = {event["data"].get("title", "") for event in peps}
    assert len(names) > 300
    assert not [name for name in names if f"'{name}'" in said and name not in titles]


@real
def test_older_clones_of_the_community_are_beginnings_of_the_newest(peps: list[Json], tmp_path: Path) -> None:
    repository = Path(str(REAL))
    command = ["git", "-C", str(repository), "rev-list", "HEAD"]
    commits = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    for commit in random.Random(2).sample(commits, 3):
        assert_grows(list(read(clone_at(repository, tmp_path / commit, commit))), peps)
