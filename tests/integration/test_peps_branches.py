"""Merges, moved files and clones that cannot be read: small histories, each made for one trap."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from services.connectors.peps import UnreadableClone, read
from tests.peps import Repository, pep, sketch, standing, streams, text

Events = list[dict[str, Any]]


@pytest.fixture
def history(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "build")


def told(history: Repository) -> Events:
    return list(read(history.clone(history.path.parent / "clone")))


RESOLVED = "https://mail.example.org/pipermail/dev/2012-May/1.html"


def one(events: Events, what: str, subject: str) -> dict[str, Any]:
    """The only fact of a subject that says `what`, as it holds now."""
    (fact,) = [fact for fact in streams(events)[subject] if fact["what"] == what]
    return fact


def test_a_rebased_commit_counts_from_when_it_was_committed(history: Repository) -> None:
    history.commit("2017-11-25T08:00:00+00:00", pep(549, "Rejected"), authored="2017-11-15T23:00:00+00:00")
    assert sketch(told(history), "decision/pep-0549") == ["made 2017-11-25 rejected Guido"]


def test_a_merge_brings_in_what_its_second_parent_decided_when_it_was_decided(history: Repository) -> None:
    fork = history.commit("2018-02-01T10:00:00+00:00", pep(101, "Active", kind="Process") | pep(572, "Draft"))
    upstream = history.commit("2018-03-01T10:00:00+00:00", pep(572, "Draft", Post_History="01-Mar-2018"))
    upstream = history.commit("2018-06-01T10:00:00+00:00", pep(572, "Accepted"), parents=(upstream,))
    local = history.commit("2018-02-04T10:00:00+00:00", {"notes.txt": "local"}, parents=(fork,))
    history.commit(
        "2018-07-20T10:00:00+00:00",
        pep(572, "Accepted") | {"notes.txt": "local"},
        parents=(local, upstream),
    )
    assert sketch(told(history), "decision/pep-0572") == ["made 2018-06-01 accepted Guido"]


def test_a_merge_that_keeps_its_first_parents_text_undoes_the_other(history: Repository) -> None:
    fork = history.commit("2012-01-01T10:00:00+00:00", pep(400, "Draft"))
    other = history.commit("2012-02-01T10:00:00+00:00", pep(400, "Rejected"), parents=(fork,))
    local = history.commit("2012-02-02T10:00:00+00:00", {"notes.txt": "local"}, parents=(fork,))
    history.commit("2012-03-01T10:00:00+00:00", {"more.txt": "x"}, parents=(local, other))
    assert sketch(told(history), "decision/pep-0400") == [
        "made 2012-02-01 rejected Guido",
        "reopened 2012-03-01",
    ]


def test_two_branches_that_both_decided_made_one_decision_when_the_first_of_them_did(
    history: Repository,
) -> None:
    fork = history.commit("2012-04-01T10:00:00+00:00", pep(418, "Draft"))
    other = history.commit("2012-04-29T10:00:00+00:00", pep(418, "Accepted"), parents=(fork,))
    other = history.commit("2012-04-30T10:00:00+00:00", pep(418, "Accepted", Resolution=RESOLVED))
    local = history.commit("2012-05-01T10:00:00+00:00", pep(418, "Final"), parents=(fork,))
    history.commit(
        "2012-05-24T10:00:00+00:00", pep(418, "Final", Resolution=RESOLVED), parents=(local, other)
    )
    events = told(history)
    assert sketch(events, "decision/pep-0418") == ["made 2012-04-29 accepted Guido", "executed 2012-05-01"]
    assert one(events, "decision.made", "decision/pep-0418")["data"]["ref"] == RESOLVED


def test_the_earlier_of_two_acceptances_counts_once_their_branches_meet(history: Repository) -> None:
    fork = history.commit("2012-01-01T10:00:00+00:00", pep(405, "Draft"))
    other = history.commit("2012-05-25T13:57:00+00:00", pep(405, "Accepted"), parents=(fork,))
    local = history.commit("2012-05-25T15:13:00+00:00", pep(405, "Accepted"), parents=(fork,))
    history.commit("2012-05-26T10:00:00+00:00", pep(405, "Accepted"), parents=(local, other))
    apart = list(read(history.clone(history.path.parent / "apart", local)))
    together = told(history)
    assert together[: len(apart)] == apart
    assert f"{one(apart, 'decision.made', 'decision/pep-0405')['time']:%H:%M}" == "15:13"
    assert f"{one(together, 'decision.made', 'decision/pep-0405')['time']:%H:%M}" == "13:57"


def test_a_moved_file_says_nothing(history: Repository) -> None:
    history.commit("2010-01-01T10:00:00+00:00", pep(382, "Accepted"))
    history.commit("2017-11-11T10:00:00+00:00", {"pep-0382.txt": None, "pep-0382.rst": text(382, "Accepted")})
    moved = {"pep-0382.rst": None, "peps/pep-0382.rst": text(382, "Accepted", body="Other prose.\n")}
    history.commit("2023-09-09T10:00:00+00:00", moved)
    nested = {"peps/pep-0382.rst": None, "peps/pep-0382/pep-0382.rst": text(382, "Final")}
    history.commit("2024-01-01T10:00:00+00:00", nested)
    events = told(history)
    assert sketch(events, "decision/pep-0382") == ["made 2010-01-01 accepted Guido", "executed 2024-01-01"]
    assert not [event for event in events if event["type"].startswith("locus.event.")]


def test_a_number_given_to_another_proposal_starts_afresh(history: Repository) -> None:
    first = {"Title": "No 2.8", "Author": "Barry W", "kind": "Informational"}
    history.commit("2011-11-09T10:00:00+00:00", pep(405, "Final", **first))
    history.commit("2011-11-13T10:00:00+00:00", pep(405, "Draft", Title="Environments", Author="Carl M"))
    history.commit("2012-05-25T10:00:00+00:00", pep(405, "Accepted", Title="Environments", Author="Carl M"))
    events = told(history)
    assert standing(events, "2011-01-01", "2012-01-01", ["informational", "standards"]) == {}
    assert standing(events, "2012-01-01", "2013-01-01", ["standards"]) == {"pep-0405": "bdfl"}
    assert one(events, "initiative.proposed", "initiative/pep-0405")["data"]["title"] == "Environments"


def test_nothing_said_of_another_proposal_of_that_number_is_left(history: Repository) -> None:
    former = {"Title": "About git", "Author": "Oleg B", "Discussions_To": "dev@e.org"}
    asked = {"Post_History": "12-Sep-2015, 25-Aug-2018"}
    history.commit("2015-09-14T10:00:00+00:00", pep(13, "Draft", **former, **asked))
    history.commit("2016-01-01T10:00:00+00:00", pep(13, "Deferred", **former | {"Author": "Oleg B, Ann C"}))
    history.commit("2016-02-01T10:00:00+00:00", pep(13, "Draft", **former | {"Author": "Oleg B, Ann C"}))
    history.commit("2016-03-01T10:00:00+00:00", pep(13, "Withdrawn", **former | {"Author": "Oleg B, Ann C"}))
    later = {"Title": "Governance", "Author": "Barry W", "kind": "Process", "Post_History": "25-Aug-2018"}
    history.commit("2018-08-25T10:00:00+00:00", pep(13, "Active", **later))
    found = streams(told(history))
    (proposed,) = found["initiative/pep-0013"]
    assert proposed["data"]["title"] == "Governance"
    assert f"{proposed['time']:%Y-%m-%d}" == "2018-08-25"
    (asking,) = [fact for of, facts in found.items() if of.startswith("consultation/") for fact in facts]
    assert asking["subject"] == "consultation/pep-0013-2018-08-25"
    assert f"actor/{asking['data']['by']}" in proposed["data"]["proposers"]


def test_nothing_decided_on_another_proposal_of_that_number_is_left(history: Repository) -> None:
    former, later = {"Title": "One", "Author": "Ann C"}, {"Title": "Two", "Author": "Ben D"}
    history.commit("2001-01-01T10:00:00+00:00", pep(7, "Rejected", **former))
    history.commit("2002-01-01T10:00:00+00:00", pep(7, "Final", **former, Replaced_By="9"))
    history.commit("2003-01-01T10:00:00+00:00", pep(7, "Final", **later))
    assert sketch(told(history), "decision/pep-0007") == [
        "made 2003-01-01 accepted Guido",
        "executed 2003-01-01",
    ]


def test_only_what_leads_to_head_is_read(history: Repository, tmp_path: Path) -> None:
    early = history.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    history.commit("2001-02-01T10:00:00+00:00", pep(201, "Accepted"))
    clone = history.clone(tmp_path / "early", early)
    assert sketch(list(read(clone)), "decision/pep-0201") == []


def test_the_index_and_placeholder_numbers_are_no_proposals(history: Repository) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(0, "Active") | pep(9999, "Draft") | pep(7, "Draft"))
    assert {event["subject"] for event in told(history) if "initiative/" in event["subject"]} == {
        "initiative/pep-0007"
    }


def test_what_is_no_clone_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableClone, match="cannot be read as a clone"):
        list(read(tmp_path))


def test_a_clone_of_something_else_is_named(history: Repository) -> None:
    history.commit("2001-01-01T10:00:00+00:00", {"README.txt": "Something else."})
    with pytest.raises(UnreadableClone, match="holds no PEP"):
        told(history)


def test_a_shallow_clone_says_how_to_complete_it(history: Repository, tmp_path: Path) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    clone = history.clone(tmp_path / "clone")
    (clone / "shallow").write_text((clone / "HEAD").read_text())
    with pytest.raises(UnreadableClone, match="--unshallow"):
        list(read(clone))


def test_a_clone_made_with_a_filter_is_refused_and_nothing_is_fetched(
    history: Repository, tmp_path: Path
) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    whole, partial = history.clone(tmp_path / "whole"), tmp_path / "partial"
    command = ["git", "-c", "uploadpack.allowFilter=true", "clone", "-q", "--bare", "--filter=blob:none"]
    subprocess.run(["git", "-C", str(whole), "config", "uploadpack.allowFilter", "true"], check=True)
    subprocess.run([*command, f"file://{whole}", str(partial)], check=True)
    with pytest.raises(UnreadableClone, match="without a filter"):
        list(read(partial))


def test_a_clone_that_lacks_a_text_says_so(history: Repository, tmp_path: Path) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    clone = history.clone(tmp_path / "clone")
    command = ["git", "-C", str(clone), "rev-parse", "HEAD:pep-0201.txt"]
    blob = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (history.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UnreadableClone, match=f"lacks the text {blob}"):
        list(read(clone))
