"""What the connector says of small histories, each made for one trap."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.connectors.peps import UnreadableClone, read
from tests.peps import Repository, counted, instant, now_known, pep, sketch, standing, streams, text

Events = list[dict[str, Any]]
History = Callable[[Repository], object]

RESOLVED = "https://mail.example.org/pipermail/dev/2012-May/1.html"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "build")


@pytest.fixture
def told(repository: Repository, tmp_path: Path) -> Callable[[], Events]:
    return lambda: list(read(repository.clone(tmp_path / "clone")))


def one(events: Events, what: str, subject: str) -> dict[str, Any]:
    """The only fact of a subject that says `what`, as it holds now."""
    (fact,) = [fact for fact in streams(events)[subject] if fact["what"] == what]
    return fact


def test_an_acceptance_is_made_and_final_carries_it_out(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    repository.commit("2001-02-01T10:00:00+00:00", pep(201, "Acepted"))
    repository.commit("2001-03-01T10:00:00+00:00", pep(201, "Final"))
    events = told()
    assert sketch(events, "initiative/pep-0201") == ["proposed 2001-01-01"]
    assert sketch(events, "decision/pep-0201") == ["made 2001-02-01 accepted Guido", "executed 2001-03-01"]
    assert one(events, "decision.made", "decision/pep-0201")["data"]["attested"] == "inferred"


def test_final_without_an_acceptance_decides(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit("2001-01-01T10:00:00+00:00", pep(202, "Active"))
    repository.commit("2001-02-01T10:00:00+00:00", pep(202, "Finished"))
    assert sketch(told(), "decision/pep-0202") == ["made 2001-02-01 accepted Guido", "executed 2001-02-01"]


def test_a_full_date_beside_the_resolution_is_when_it_was_decided(
    repository: Repository, told: Callable[[], Events]
) -> None:
    dated = "`12-Jan-2024 <https://discuss.example.org/t/1>`__"
    repository.commit("2024-01-01T10:00:00+00:00", pep(701, "Draft") | pep(702, "Draft"))
    repository.commit(
        "2024-01-20T10:00:00+00:00",
        pep(701, "Accepted", Resolution=dated) | pep(702, "Rejected", Resolution=RESOLVED),
    )
    events = told()
    assert sketch(events, "decision/pep-0701") == ["made 2024-01-12 accepted steering-council"]
    assert sketch(events, "decision/pep-0702") == ["made 2024-01-20 rejected steering-council"]
    made = one(events, "decision.made", "decision/pep-0701")["data"]
    assert (made["attested"], made["ref"]) == ("recorded", "https://discuss.example.org/t/1")


def test_a_date_written_years_later_corrects_the_fact_and_keeps_its_id(
    repository: Repository, tmp_path: Path
) -> None:
    repository.commit("2023-10-01T10:00:00+00:00", pep(703, "Draft"))
    first = repository.commit("2023-10-28T10:00:00+00:00", pep(703, "Accepted", Resolution="https://d.org/9"))
    before = list(read(repository.clone(tmp_path / "before", first)))
    repository.commit(
        "2024-10-17T10:00:00+00:00", pep(703, "Final", Resolution="`24-Oct-2023 <https://d.org/9>`__")
    )
    after = list(read(repository.clone(tmp_path / "after")))
    assert [event for event in after if event in before] == before
    (corrected,) = [event for event in after if event["type"] == "locus.event.corrected.v1"]
    assert corrected["data"]["id"] == one(before, "decision.made", "decision/pep-0703")["id"]
    assert corrected["time"] == "2024-10-17T10:00:00Z"
    assert sketch(after, "decision/pep-0703") == [
        "made 2023-10-24 accepted steering-council",
        "executed 2024-10-17",
    ]


def test_a_link_moved_to_https_restates_nothing(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit("2012-05-01T10:00:00+00:00", pep(415, "Accepted", Resolution=RESOLVED))
    repository.commit(
        "2017-06-11T10:00:00+00:00", pep(415, "Accepted", Resolution=RESOLVED.replace("https", "http"))
    )
    assert not [event for event in told() if event["type"] == "locus.event.corrected.v1"]


def test_offsets_are_gone_and_authority_ends_on_the_instant_of_the_resignation(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2018-07-13T00:59:59+10:00", pep(571, "Accepted"))
    repository.commit("2018-07-13T01:00:00+10:00", pep(573, "Accepted"))
    repository.commit("2019-02-03T23:59:59+00:00", pep(574, "Rejected"))
    repository.commit("2019-02-03T19:00:00-05:00", pep(575, "Rejected"))
    events = told()
    assert sketch(events, "decision/pep-0571") == ["made 2018-07-12 accepted Guido"]
    assert sketch(events, "decision/pep-0573") == ["made 2018-07-12 accepted"]
    assert sketch(events, "decision/pep-0574") == ["made 2019-02-03 rejected"]
    assert sketch(events, "decision/pep-0575") == ["made 2019-02-04 rejected steering-council"]
    assert one(events, "decision.made", "decision/pep-0571")["first"]["time"] == "2018-07-12T14:59:59Z"


def test_a_rebased_commit_counts_from_when_it_was_committed(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2017-11-25T08:00:00+00:00", pep(549, "Rejected"), authored="2017-11-15T23:00:00+00:00")
    assert sketch(told(), "decision/pep-0549") == ["made 2017-11-25 rejected Guido"]


def test_the_row_is_the_bdfls_then_nobodys_then_the_councils(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2019-06-01T10:00:00+00:00", pep(590, "Draft"))
    rows = [(f"{fact['time']:%Y-%m-%dT%H:%M}", fact["what"]) for fact in streams(told())["matrix/standards"]]
    assert rows == [
        ("2000-06-13T00:00", "matrix.row_set"),
        ("2018-07-12T15:00", "matrix.row_cleared"),
        ("2019-02-04T00:00", "matrix.row_set"),
    ]


def test_a_clone_from_before_the_resignation_knows_nothing_of_it(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2018-07-01T10:00:00+00:00", pep(572, "Draft"))
    events = told()
    assert [fact["what"] for fact in streams(events)["matrix/standards"]] == ["matrix.row_set"]
    assert not any(event["subject"] == "body/steering-council" for event in events)


def test_a_delegate_named_before_decides_under_a_mandate(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2013-01-01T10:00:00+00:00", pep(425, "Draft", BDFL_Delegate="TBD"))
    repository.commit("2013-02-01T10:00:00+00:00", pep(425, "Draft", BDFL_Delegate="Nick Coghlan <nc@e.org>"))
    repository.commit(
        "2013-03-01T10:00:00+00:00", pep(425, "Accepted", BDFL_Delegate="Nick Coghlan <nc@e.org>")
    )
    events = told()
    assert sketch(events, "decision/pep-0425") == ["made 2013-03-01 accepted Nick"]
    assert one(events, "decision.made", "decision/pep-0425")["data"]["attested"] == "observed"
    (mandate,) = [fact for fact in now_known(events) if fact["what"] == "mandate.delegated"]
    bdfl = streams(events)["matrix/standards"][0]["data"]["decides"][0]["holder"]
    assert mandate["time"] == instant("2013-02-01T10:00")
    assert (mandate["data"]["scope"], mandate["data"]["from"]) == ("decision/pep-0425", bdfl)
    assert "effective_from" not in mandate["data"]


def test_a_delegate_named_after_the_decision_is_the_decider_from_the_decision_on(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2011-10-13T10:00:00+00:00", pep(3151, "Accepted"))
    repository.commit("2012-05-06T10:00:00+00:00", pep(3151, "Final", BDFL_Delegate="Barry Warsaw"))
    events = told()
    assert sketch(events, "decision/pep-3151") == ["made 2011-10-13 accepted Barry", "executed 2012-05-06"]
    (mandate,) = [fact for fact in now_known(events) if fact["what"] == "mandate.delegated"]
    assert mandate["time"] == instant("2012-05-06T10:00")
    assert mandate["data"]["effective_from"] == "2011-10-13T10:00:00Z"


def test_the_newest_header_names_the_decider_and_a_lost_one_changes_nothing(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2020-01-01T10:00:00+00:00", pep(604, "Draft", PEP_Delegate="Ivan L"))
    repository.commit("2020-02-01T10:00:00+00:00", pep(604, "Accepted", PEP_Delegate="Ivan L"))
    repository.commit("2020-03-01T10:00:00+00:00", pep(604, "Accepted", PEP_Delegate="Olga M"))
    repository.commit("2022-03-01T10:00:00+00:00", pep(604, "Final"))
    events = told()
    assert sketch(events, "decision/pep-0604") == ["made 2020-02-01 accepted Olga", "executed 2022-03-01"]
    mandates = [fact["data"] for fact in now_known(events) if fact["what"] == "mandate.delegated"]
    assert [mandate.get("effective_from") for mandate in mandates] == ["2020-02-01T10:00:00Z"]


def test_a_delegate_dropped_before_the_decision_had_no_part_in_it(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2025-01-01T10:00:00+00:00", pep(743, "Draft", PEP_Delegate="C API Working Group"))
    repository.commit("2026-02-20T10:00:00+00:00", pep(743, "Rejected"))
    events = told()
    assert sketch(events, "decision/pep-0743") == ["made 2026-02-20 rejected steering-council"]
    assert [fact["what"] for fact in now_known(events) if fact["subject"].startswith("mandate/")] == [
        "mandate.delegated",
        "mandate.ended",
    ]


def test_the_bdfl_named_as_his_own_delegate_decides_as_the_bdfl(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2015-01-01T10:00:00+00:00", pep(483, "Accepted", BDFL_Delegate="GvR"))
    events = told()
    assert sketch(events, "decision/pep-0483") == ["made 2015-01-01 accepted Guido"]
    assert not [fact for fact in now_known(events) if fact["what"] == "mandate.delegated"]


def test_a_delegate_named_in_the_interregnum_has_the_councils_mandate(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2018-10-06T10:00:00+00:00", pep(544, "Draft", BDFL_Delegate="Ada King"))
    repository.commit("2019-05-26T10:00:00+00:00", pep(544, "Accepted", BDFL_Delegate="Ada King"))
    (mandate,) = [fact for fact in now_known(told()) if fact["what"] == "mandate.delegated"]
    assert mandate["time"] == instant("2018-10-06T10:00")
    assert mandate["data"]["from"] == "body/steering-council"
    assert mandate["data"]["effective_from"] == "2019-02-04T00:00:00Z"


def test_a_changed_name_is_one_actor_whose_id_tells_no_name(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2013-01-01T10:00:00+00:00", pep(425, "Draft", Author="Nick Coghlan <nc@e.org>"))
    repository.commit("2013-01-02T10:00:00+00:00", pep(426, "Draft", Author="Coghlan Nick"))
    renamed = pep(425, "Draft", Author="Alyssa Coghlan") | pep(
        426, "Draft", Author="Alyssa Coghlan <nc@e.org>"
    )
    repository.commit("2023-10-11T10:00:00+00:00", renamed)
    repository.commit("2023-10-12T10:00:00+00:00", pep(427, "Draft", Author="Alyssa Coghlan"))
    events = told()
    actors = {fact["subject"] for fact in now_known(events) if fact["what"] == "actor.registered"}
    (bdfl,) = streams(events)["matrix/standards"][0]["data"]["decides"]
    (coghlan,) = actors - {bdfl["holder"]}
    assert [fact["data"]["profile"]["name"] for fact in streams(events)[coghlan]] == [
        "Nick Coghlan",
        "Alyssa Coghlan",
    ]
    assert "oghlan" not in coghlan
    assert one(events, "initiative.proposed", "initiative/pep-0427")["data"]["proposers"] == [coghlan]


def test_two_known_names_found_to_be_one_person_are_merged(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author="Pablo Galindo <p@e.org>"))
    repository.commit("2020-01-02T10:00:00+00:00", pep(2, "Draft", Author="Pablo Salgado"))
    repository.commit("2020-01-03T10:00:00+00:00", pep(2, "Draft", Author="Pablo Salgado <p@e.org>"))
    (merged,) = [fact for fact in now_known(told()) if fact["what"] == "actor.merged"]
    assert merged["subject"] != f"actor/{merged['data']['into']}"


def test_a_strangers_name_beside_an_address_is_a_slip(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2001-01-01T10:00:00+00:00", pep(1, "Draft", Author="guido@python.org (Jeremy Hylton)"))
    actors = {fact["subject"] for fact in now_known(told()) if fact["what"] == "actor.registered"}
    assert len(actors) == 2


def test_no_name_or_address_leaves_the_profiles(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit(
        "2020-01-01T10:00:00+00:00",
        pep(600, "Rejected", Author="Ada King <ada@example.org>", PEP_Delegate="Paul Moore <pm@example.org>"),
    )
    repository.commit("2020-02-01T10:00:00+00:00", pep(600, "Draft"), by="Paul Moore <pm@example.org>")
    said = [event for event in told() if not event["type"].startswith("locus.actor.")]
    assert "locus.decision.reopened.v1" in {event["type"] for event in said}
    assert not any(name in str(said) for name in ("Ada", "King", "Moore", "example.org"))


def test_a_merge_brings_in_what_its_second_parent_decided_when_it_was_decided(
    repository: Repository, told: Callable[[], Events]
) -> None:
    fork = repository.commit(
        "2018-02-01T10:00:00+00:00", pep(101, "Active", kind="Process") | pep(572, "Draft")
    )
    upstream = repository.commit("2018-03-01T10:00:00+00:00", pep(572, "Draft", Post_History="01-Mar-2018"))
    upstream = repository.commit("2018-06-01T10:00:00+00:00", pep(572, "Accepted"), parents=(upstream,))
    local = repository.commit("2018-02-04T10:00:00+00:00", {"notes.txt": "local"}, parents=(fork,))
    repository.commit(
        "2018-07-20T10:00:00+00:00",
        pep(572, "Accepted") | {"notes.txt": "local"},
        parents=(local, upstream),
    )
    assert sketch(told(), "decision/pep-0572") == ["made 2018-06-01 accepted Guido"]


def test_a_merge_that_keeps_its_first_parents_text_undoes_the_other(
    repository: Repository, told: Callable[[], Events]
) -> None:
    fork = repository.commit("2012-01-01T10:00:00+00:00", pep(400, "Draft"))
    other = repository.commit("2012-02-01T10:00:00+00:00", pep(400, "Rejected"), parents=(fork,))
    local = repository.commit("2012-02-02T10:00:00+00:00", {"notes.txt": "local"}, parents=(fork,))
    repository.commit("2012-03-01T10:00:00+00:00", {"more.txt": "x"}, parents=(local, other))
    assert sketch(told(), "decision/pep-0400") == ["made 2012-02-01 rejected Guido", "reopened 2012-03-01"]


def test_two_branches_that_both_decided_made_one_decision(
    repository: Repository, told: Callable[[], Events]
) -> None:
    fork = repository.commit("2012-04-01T10:00:00+00:00", pep(418, "Draft"))
    other = repository.commit("2012-04-29T10:00:00+00:00", pep(418, "Accepted"), parents=(fork,))
    other = repository.commit("2012-04-30T10:00:00+00:00", pep(418, "Accepted", Resolution=RESOLVED))
    local = repository.commit("2012-05-01T10:00:00+00:00", pep(418, "Final"), parents=(fork,))
    repository.commit(
        "2012-05-24T10:00:00+00:00", pep(418, "Final", Resolution=RESOLVED), parents=(local, other)
    )
    events = told()
    assert sketch(events, "decision/pep-0418") == ["made 2012-05-01 accepted Guido", "executed 2012-05-01"]
    assert one(events, "decision.made", "decision/pep-0418")["data"]["ref"] == RESOLVED


def test_reopened_decisions_stand_only_when_made_anew(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2001-01-15T10:00:00+00:00", pep(232, "Final") | pep(343, "Accepted"))
    repository.commit("2001-02-20T10:00:00+00:00", pep(232, "Draft") | pep(343, "Deferred"))
    repository.commit("2001-03-28T10:00:00+00:00", pep(232, "Final"))
    events = told()
    assert [line.split()[0] for line in sketch(events, "decision/pep-0232")] == [
        "made",
        "executed",
        "reopened",
        "made",
        "executed",
    ]
    assert standing(events, "2001-01-01", "2002-01-01", ["standards"]) == {"pep-0232": "bdfl"}


def test_the_opposite_outcome_overrides(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit("2003-08-13T10:00:00+00:00", pep(308, "Rejected"))
    repository.commit("2005-09-30T10:00:00+00:00", pep(308, "Accepted"))
    assert sketch(told(), "decision/pep-0308") == [
        "made 2003-08-13 rejected Guido",
        "overridden 2005-09-30 accepted Guido",
    ]


def test_a_provisional_acceptance_is_made_anew_when_final(
    repository: Repository, told: Callable[[], Events]
) -> None:
    dated = "`17-Jul-2024 <https://d.org/1>`__"
    repository.commit("2024-07-18T10:00:00+00:00", pep(740, "Provisional", Resolution=dated))
    repository.commit("2024-12-03T10:00:00+00:00", pep(740, "Final", Resolution=dated))
    assert sketch(told(), "decision/pep-0740") == [
        "made 2024-07-17 provisional steering-council",
        "made 2024-12-03 accepted steering-council",
        "executed 2024-12-03",
    ]


def test_accepted_reworded_as_provisional_is_no_new_decision(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2015-05-23T10:00:00+00:00", pep(484, "Accepted"))
    repository.commit("2018-07-08T10:00:00+00:00", pep(484, "Provisional"))
    assert sketch(told(), "decision/pep-0484") == ["made 2015-05-23 provisional Guido"]


def test_active_decides_for_a_process_and_for_nothing_else(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit(
        "2005-01-01T10:00:00+00:00",
        pep(8, "Active", kind="Process")
        | pep(257, "Active", kind="Informational")
        | pep(307, "Active")
        | pep(1, "Active", kind="Informational")
        | pep(573, "Active", kind="Process"),
    )
    repository.commit("2007-01-01T10:00:00+00:00", pep(1, "Active", kind="Process"))
    repository.commit("2007-01-02T10:00:00+00:00", pep(573, "Active"))
    repository.commit("2007-01-03T10:00:00+00:00", pep(573, "Draft"))
    events = told()
    assert sketch(events, "decision/pep-0008") == ["made 2005-01-01 accepted Guido"]
    assert sketch(events, "decision/pep-0001") == ["made 2005-01-01 accepted Guido"]
    for undecided in ("0257", "0307", "0573"):
        assert sketch(events, f"decision/pep-{undecided}") == []


def test_a_type_or_topic_stated_later_moves_the_decision(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2000-08-03T10:00:00+00:00", pep(201, "Accepted", kind="") | pep(440, "Accepted"))
    repository.commit("2000-08-23T10:00:00+00:00", pep(201, "Accepted"))
    repository.commit(
        "2022-06-14T10:00:00+00:00",
        pep(440, "Accepted", Topic="Packaging") | pep(514, "Draft", kind="Informational", Topic="Packaging"),
    )
    events = told()
    assert one(events, "decision.made", "decision/pep-0201")["first"]["data"]["domains"] == ["unclassified"]
    assert one(events, "decision.made", "decision/pep-0201")["data"]["domains"] == ["standards"]
    assert one(events, "decision.made", "decision/pep-0440")["data"]["domains"] == ["packaging"]
    assert one(events, "initiative.proposed", "initiative/pep-0514")["data"]["domains"] == ["informational"]
    assert one(events, "domain.defined", "domain/packaging")["data"]["parent"] == "standards"


def test_a_moved_file_says_nothing(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit("2010-01-01T10:00:00+00:00", pep(382, "Accepted"))
    repository.commit(
        "2017-11-11T10:00:00+00:00", {"pep-0382.txt": None, "pep-0382.rst": text(382, "Accepted")}
    )
    moved = {"pep-0382.rst": None, "peps/pep-0382.rst": text(382, "Accepted", body="Other prose.\n")}
    repository.commit("2023-09-09T10:00:00+00:00", moved)
    nested = {"peps/pep-0382.rst": None, "peps/pep-0382/pep-0382.rst": text(382, "Final")}
    repository.commit("2024-01-01T10:00:00+00:00", nested)
    events = told()
    assert sketch(events, "decision/pep-0382") == ["made 2010-01-01 accepted Guido", "executed 2024-01-01"]
    assert not [event for event in events if event["type"].startswith("locus.event.")]


def test_a_number_given_to_another_proposal_starts_afresh(
    repository: Repository, told: Callable[[], Events]
) -> None:
    first = {"Title": "No 2.8", "Author": "Barry W", "kind": "Informational"}
    repository.commit("2011-11-09T10:00:00+00:00", pep(405, "Final", **first))
    repository.commit("2011-11-13T10:00:00+00:00", pep(405, "Draft", Title="Environments", Author="Carl M"))
    repository.commit(
        "2012-05-25T10:00:00+00:00", pep(405, "Accepted", Title="Environments", Author="Carl M")
    )
    events = told()
    assert standing(events, "2011-01-01", "2012-01-01", ["informational", "standards"]) == {}
    assert standing(events, "2012-01-01", "2013-01-01", ["standards"]) == {"pep-0405": "bdfl"}
    assert one(events, "initiative.proposed", "initiative/pep-0405")["data"]["title"] == "Environments"


def test_an_april_fools_joke_decided_nothing(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit("2009-04-01T10:00:00+00:00", pep(401, "Accepted", kind="Process"))
    repository.commit("2009-04-06T10:00:00+00:00", pep(401, "April Fool!", kind="Process"))
    assert sketch(told(), "decision/pep-0401") == []


def test_deferred_and_withdrawn_concern_the_initiative(
    repository: Repository, told: Callable[[], Events]
) -> None:
    for day, status in enumerate(["Draft", "Deferred", "Draft", "Withdrawn", "Draft", "Withdrawal"], 1):
        repository.commit(f"2005-01-0{day}T10:00:00+00:00", pep(274, status))
    events = told()
    assert sketch(events, "initiative/pep-0274") == [
        "proposed 2005-01-01",
        "paused 2005-01-02",
        "resumed 2005-01-03",
        "withdrawn 2005-01-06",
    ]
    assert sketch(events, "decision/pep-0274") == []


def test_a_successor_is_named_once_and_may_be_renamed(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2006-01-01T10:00:00+00:00", pep(215, "Rejected", Replaced_By="PEP 292"))
    repository.commit("2011-03-04T10:00:00+00:00", pep(215, "Superseded", Superseded_By="293, 749"))
    superseded = one(told(), "decision.superseded", "decision/pep-0215")
    assert superseded["data"] == {"by_decision": "pep-0293"}
    assert superseded["time"] == instant("2006-01-01T10:00")


def test_postings_and_discussions_ask_anyone(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit(
        "2010-03-01T10:00:00+00:00", pep(3148, "Draft", Post_History="TBD", Discussions_To="TBD")
    )
    headers = {"Post_History": "20-Feb-2010, 1-Mar-2010", "Discussions_To": "dev@example.org"}
    repository.commit("2010-03-02T10:00:00+00:00", pep(3148, "Draft", **headers))
    repository.commit(
        "2010-03-03T10:00:00+00:00", pep(3148, "Draft", **headers | {"Post_History": "20-Feb-2010"})
    )
    asked = [fact for fact in now_known(told()) if fact["what"] == "consultation.requested"]
    assert [(fact["subject"], f"{fact['time']:%m-%d}") for fact in asked] == [
        ("consultation/pep-3148-2010-02-20", "02-20"),
        ("consultation/pep-3148-discussion", "03-02"),
    ]
    assert asked[0]["data"]["asked"] == []
    assert asked[0]["data"]["about"] == "decision/pep-3148"


def test_the_core_developers_voted_on_governance(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit("2018-12-17T10:00:00+00:00", pep(8016, "Accepted") | pep(8010, "Rejected"))
    events = told()
    assert sketch(events, "decision/pep-8016") == ["made 2018-12-17 accepted core-developers"]
    assert one(events, "decision.made", "decision/pep-8010")["data"]["attested"] == "recorded"


def results(*names: str) -> str:
    return "Results\n=======\n\nThe top five:\n\n" + "".join(f"* {name}\n" for name in names)


def test_seats_follow_the_elections_and_a_rewritten_one_moves_nobody(
    repository: Repository, told: Callable[[], Events]
) -> None:
    first = ("Ann One", "Ben Two", "Cleo Three", "Dan Four", "Nick Five")
    repository.commit("2019-01-03T10:00:00+00:00", pep(8100, "Active", body=results("TBD")))
    repository.commit("2019-02-04T12:00:00+00:00", pep(8100, "Active", body=results(*first)))
    second = results("Ann One", "Ben Two", "Cleo Three", "Dan Four", "Eve Six")
    repository.commit("2019-12-16T12:00:00+00:00", pep(8101, "Active", body=second))
    renamed = results("Ann One", "Ben Two", "Cleo Three", "Dan Four", "Alyssa (Nick) Five")
    repository.commit("2023-10-11T12:00:00+00:00", pep(8100, "Final", body=renamed))
    seats = [fact for fact in streams(told())["body/steering-council"] if "seat" in fact["what"]]
    assert [(fact["what"], f"{fact['time']:%Y-%m-%d}") for fact in seats] == [
        *[("body.seat_taken", "2019-02-04")] * 5,
        ("body.seat_vacated", "2019-12-16"),
        ("body.seat_taken", "2019-12-16"),
    ]


def test_old_texts_in_latin_1_are_read(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit(
        "2001-01-01T10:00:00+00:00", pep(224, "Draft", Author="Marc-André L", Note="\x00latin-1")
    )
    names = [
        fact["data"]["profile"]["name"] for fact in now_known(told()) if fact["what"] == "actor.registered"
    ]
    assert "Marc-André L" in names


def test_only_what_leads_to_head_is_read(repository: Repository, tmp_path: Path) -> None:
    early = repository.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    repository.commit("2001-02-01T10:00:00+00:00", pep(201, "Accepted"))
    clone = repository.clone(tmp_path / "early", early)
    assert sketch(list(read(clone)), "decision/pep-0201") == []


def test_the_index_and_placeholder_numbers_are_no_proposals(
    repository: Repository, told: Callable[[], Events]
) -> None:
    repository.commit("2001-01-01T10:00:00+00:00", pep(0, "Active") | pep(9999, "Draft") | pep(7, "Draft"))
    assert {event["subject"] for event in told() if "initiative/" in event["subject"]} == {
        "initiative/pep-0007"
    }


def test_counts_by_who_decided(repository: Repository, told: Callable[[], Events]) -> None:
    repository.commit(
        "2012-01-01T10:00:00+00:00", pep(1, "Accepted") | pep(2, "Rejected", BDFL_Delegate="Bo B")
    )
    repository.commit("2018-10-01T10:00:00+00:00", pep(3, "Accepted"))
    repository.commit("2019-10-01T10:00:00+00:00", pep(4, "Accepted", Topic="Packaging"))
    events = told()
    domains = ["standards", "packaging"]
    assert counted(standing(events, "2000-01-01", "2018-07-13", domains)) == {"bdfl": 1, "delegate": 1}
    assert counted(standing(events, "2018-07-13", "2019-03-11", domains)) == {"unknown": 1}
    assert counted(standing(events, "2019-02-04", "2026-09-01", domains)) == {"council": 1}


def test_what_is_no_clone_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableClone, match="cannot be read as a clone"):
        list(read(tmp_path))


def test_a_shallow_clone_says_how_to_complete_it(repository: Repository, tmp_path: Path) -> None:
    repository.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    clone = repository.clone(tmp_path / "clone")
    (clone / "shallow").write_text((clone / "HEAD").read_text())
    with pytest.raises(UnreadableClone, match="--unshallow"):
        list(read(clone))


def test_a_clone_that_lacks_a_text_says_so(repository: Repository, tmp_path: Path) -> None:
    repository.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    clone = repository.clone(tmp_path / "clone")
    command = ["git", "-C", str(clone), "rev-parse", "HEAD:pep-0201.txt"]
    blob = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    (repository.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(UnreadableClone, match=f"lacks the text {blob}"):
        list(read(clone))
