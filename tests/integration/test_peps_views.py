"""What the views say about a quarter century of proposals, beside plain loops over the same clone.

Only where `LOCUS_PEPS` names a clone of the community's repository; nothing here shares code with the
connector: statuses are read from the texts again.
"""

import os
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.connectors.peps import read
from services.projections.cases import Cases
from services.projections.dossier import decision, initiative
from services.projections.flow.open_work import open_at, openings
from services.projections.history import Act, History
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS
from services.projections.knots.settings import Settings
from services.projections.undone import undoings
from services.projections.views.answer import RestsOn
from tests.pasts import past
from tests.peps import instant, now_known

REAL = os.environ.get("LOCUS_PEPS")
pytestmark = pytest.mark.skipif(REAL is None, reason="LOCUS_PEPS names no clone")
AT_ONCE = timedelta()
RESTS_ON = RestsOn(ledger="acme", position=1, root="", view="dossier", version=1, at=None, known_at=None)

Json = dict[str, Any]


def git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(REAL), *words], check=True, capture_output=True)
    return done.stdout.decode("latin-1")


@pytest.fixture(scope="module")
def told() -> list[Json]:
    return list(read(Path(str(REAL))))


@pytest.fixture(scope="module")
def history(told: list[Json]) -> History:
    return past(told, at=datetime.fromisoformat(git("log", "-1", "--format=%cI").strip()), every=AT_ONCE)


def number(subject: str) -> int:
    return int(subject[-4:])


def found(history: History, pattern: str) -> list[Found]:
    return list(PATTERNS[pattern].episodes(history, Settings()))


def since_until(knot: Found) -> tuple[str, str | None]:
    return f"{knot.since:%Y-%m-%d}", f"{knot.until:%Y-%m-%d}" if knot.until else None


def test_nobody_could_decide_between_the_bdfl_and_the_council_and_nothing_was(history: History) -> None:
    (vacant,) = found(history, "vacant")
    assert (vacant.scope, *since_until(vacant)) == ("domain/standards", "2018-07-12", "2019-02-04")
    (stalled,) = [
        knot
        for knot in found(history, "stalled")
        if knot.scope == "domain/standards" and knot.since < vacant.until < (knot.until or knot.since)
    ]
    assert since_until(stalled)[1] == "2019-03-12"
    assert stalled.sentence.startswith(
        "Nothing was decided on Standards Track from 12 July 2018 until 12 March"
    )


def test_packaging_was_never_stalled_by_itself_as_it_is_decided_under_the_row_of_standards(
    history: History,
) -> None:
    assert {knot.scope for knot in found(history, "stalled")} == {
        "domain/standards", "domain/process", "domain/informational"}  # fmt: skip


def test_mandates_stated_after_the_decision_are_named(history: History) -> None:
    late = {
        (number(history.decisions[act.decision].id), knot.severity): knot.figure
        for knot in found(history, "retroactive")
        for act in history.acts
        if act.position in knot.entries
    }
    assert set(late) == {(3151, "notice"), (445, "info"), (546, "info")}
    assert round(late[3151, "notice"]) == 206


def test_what_was_reopened_or_reversed_is_undone_and_what_was_confirmed_is_not(history: History) -> None:
    undone = defaultdict(set)
    for one in undoings(history):
        if one.at < instant("2026-08-22"):
            undone[one.how].add(number(one.decision))
    assert undone["reversed"] == {42, 308, 546, 708}
    assert undone["reopened"] == {232, 276, 289, 314, 343, 357, 366, 430, 452, 517, 757, 3106, 3144, 8001}
    assert not undone["overridden"]


def effective(acts: list[Act], lens: str) -> float:
    """1 / sum of squared shares, from the parts of each act."""
    shares: Counter[str] = Counter()
    for act in acts:
        parts = getattr(act, lens)
        for holder, part in parts.items():
            shares[holder] += part / sum(parts.values()) / len(acts)
    return 1 / sum(share**2 for share in shares.values())


def test_authority_moved_from_one_to_a_council_of_five_and_its_delegates(history: History) -> None:
    acts = defaultdict(list)
    for act in history.acts:
        if act.status == "counted":
            acts[act.at.year].append(act)
    seen = {
        year: tuple(round(effective(acts[year], lens), 2) for lens in ("node", "seat"))
        for year in (2005, 2012, 2013, 2017, 2021, 2022, 2025)
    }
    assert seen == {
        2005: (1.0, 1.0),
        2012: (1.52, 1.52),
        2013: (3.74, 3.74),
        2017: (1.86, 1.86),
        2021: (1.57, 6.79),
        2022: (1.97, 8.18),
        2025: (1.32, 6.56),
    }


def test_what_is_written_down_nowhere_becomes_rare_over_the_years(told: list[Json]) -> None:
    made = [fact for fact in now_known(told) if fact["what"] == "decision.made"]
    whole = Counter(fact["time"].year for fact in made)
    without = Counter(fact["time"].year for fact in made if "ref" not in fact["data"])
    rates = {year: without[year] / whole[year] for year in (2005, 2009, 2013, 2017, 2025, 2026)}
    assert rates[2005] == rates[2009] == 1
    assert 0.15 < rates[2013] < rates[2017] < 0.35
    assert rates[2025] <= 0.1
    assert rates[2026] == 0


def test_a_resolution_written_later_heals_it_as_known_from_then_on(told: list[Json]) -> None:
    """As known just before a header told where the decision was announced, and just after."""
    place, subject = next(healed(told))
    before, after = (
        past(told, at=instant("2026-08-01"), known=known, every=AT_ONCE) for known in (place - 1, place)
    )
    assert subject in unwritten(before)
    assert unwritten(before) - unwritten(after) == {subject}


def healed(told: list[Json]) -> Iterator[tuple[int, str]]:
    """The position of each correction that first gave a decision its `ref`."""
    known: dict[str, Json] = {}
    for place, event in enumerate(told, 1):
        if event["type"] == "locus.decision.made.v1":
            known[event["id"]] = event["data"]
        elif event["type"] == "locus.event.corrected.v1" and event["data"]["id"] in known:
            data = event["data"].get("data", {})
            if "ref" in data and "ref" not in known[event["data"]["id"]]:
                yield place, event["subject"].partition("/")[2]
            known[event["data"]["id"]] = data


def unwritten(history: History) -> set[str]:
    entries = {entry for knot in found(history, "unformalised") if not knot.until for entry in knot.entries}
    return {act.decision for act in history.acts if act.position in entries}


def statuses() -> Iterator[tuple[int, str, str]]:
    """Number, status and type of every proposal, as the newest texts say."""
    for line in git("ls-tree", "-r", "HEAD").splitlines():
        meta, path = line.split("\t")
        if name := re.fullmatch(r"(?:peps/)?pep-(\d{4})\.(?:rst|txt)", path):
            head = git("cat-file", "blob", meta.split()[2]).split("\n\n")[0]
            (status,) = re.findall(r"^Status:\s*(\w+)", head, re.MULTILINE)
            (kind,) = re.findall(r"^Type:\s*(\w+)", head, re.MULTILINE)
            yield int(name[1]), status.lower(), kind.lower()


def test_open_is_what_the_newest_texts_leave_undecided(history: History) -> None:
    """Drafts, what was laid aside, and what is simply in force: nobody is recorded to have decided that."""
    undecided = {
        number
        for number, status, kind in statuses()
        if status in ("draft", "deferred") or (status == "active" and kind == "informational")
    }
    work = open_at(openings(Cases(history)), history.at)
    assert {number(lapse.of) for lapse in work} == undecided
    assert len(work) == len(undecided)


def test_whoever_was_asked_is_in_the_dossier_decided_or_not(history: History) -> None:
    asked = Counter(one.about for one in history.consultations.values() if one.requested)
    undecided = [f"initiative/{id}" for id in history.initiatives if id not in history.decided]
    assert sum(asked[subject] > 0 for subject in undecided) > 100
    for subject in undecided:
        whole = initiative.dossier(RESTS_ON, history, subject.removeprefix("initiative/"))
        assert len(whole.consultations) == asked[subject]
    for id in history.decisions:
        assert len(decision.dossier(RESTS_ON, history, id).consultations) == asked[f"initiative/{id}"]


def test_somebody_proposed_everything(history: History) -> None:
    unsigned = [
        one.id
        for one in history.initiatives.values()
        if one.proposed is None or not one.proposed[1].proposers
    ]
    assert unsigned == []
