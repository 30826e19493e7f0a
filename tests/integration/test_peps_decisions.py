"""What became of proposals and when: small histories, each made for one trap."""

from pathlib import Path
from typing import Any

import pytest

from services.connectors.peps import read
from tests.peps import Repository, counted, instant, now_known, pep, sketch, standing, streams

Events = list[dict[str, Any]]


@pytest.fixture
def history(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "build")


def told(history: Repository) -> Events:
    return list(read(history.clone(history.path.parent / "clone")))


RESOLVED = "https://mail.example.org/pipermail/dev/2012-May/1.html"


def named(events: Events, name: str) -> str:
    """The holder registered under a name."""
    (found,) = [event["subject"] for event in events if event["data"].get("profile", {}).get("name") == name]
    return str(found)


def one(events: Events, what: str, subject: str) -> dict[str, Any]:
    """The only fact of a subject that says `what`, as it holds now."""
    (fact,) = [fact for fact in streams(events)[subject] if fact["what"] == what]
    return fact


def test_an_acceptance_is_made_and_final_carries_it_out(history: Repository) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(201, "Draft"))
    history.commit("2001-02-01T10:00:00+00:00", pep(201, "Acepted"))
    history.commit("2001-03-01T10:00:00+00:00", pep(201, "Final"))
    events = told(history)
    assert sketch(events, "initiative/pep-0201") == ["proposed 2001-01-01"]
    assert sketch(events, "decision/pep-0201") == ["made 2001-02-01 accepted Guido", "executed 2001-03-01"]
    assert one(events, "decision.made", "decision/pep-0201")["data"]["attested"] == "inferred"


def test_final_without_an_acceptance_decides(history: Repository) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(202, "Active"))
    history.commit("2001-02-01T10:00:00+00:00", pep(202, "Finished"))
    assert sketch(told(history), "decision/pep-0202") == [
        "made 2001-02-01 accepted Guido",
        "executed 2001-02-01",
    ]


def test_a_full_date_beside_the_resolution_is_when_it_was_decided(history: Repository) -> None:
    dated = "`12-Jan-2024 <https://discuss.example.org/t/1>`__"
    history.commit("2024-01-01T10:00:00+00:00", pep(701, "Draft") | pep(702, "Draft"))
    history.commit(
        "2024-01-20T10:00:00+00:00",
        pep(701, "Accepted", Resolution=dated) | pep(702, "Rejected", Resolution=RESOLVED),
    )
    events = told(history)
    assert sketch(events, "decision/pep-0701") == ["made 2024-01-12 accepted steering-council"]
    assert sketch(events, "decision/pep-0702") == ["made 2024-01-20 rejected steering-council"]
    made = one(events, "decision.made", "decision/pep-0701")["data"]
    assert (made["attested"], made["ref"]) == ("recorded", "https://discuss.example.org/t/1")


def test_a_date_written_years_later_corrects_the_fact_and_keeps_its_id(
    history: Repository, tmp_path: Path
) -> None:
    history.commit("2023-10-01T10:00:00+00:00", pep(703, "Draft"))
    first = history.commit("2023-10-28T10:00:00+00:00", pep(703, "Accepted", Resolution="https://d.org/9"))
    before = list(read(history.clone(tmp_path / "before", first)))
    history.commit(
        "2024-10-17T10:00:00+00:00", pep(703, "Final", Resolution="`24-Oct-2023 <https://d.org/9>`__")
    )
    after = list(read(history.clone(tmp_path / "after")))
    assert [event for event in after if event in before] == before
    (corrected,) = [event for event in after if event["type"] == "locus.event.corrected.v1"]
    assert corrected["data"]["id"] == one(before, "decision.made", "decision/pep-0703")["id"]
    assert corrected["time"] == "2024-10-17T10:00:00Z"
    assert sketch(after, "decision/pep-0703") == [
        "made 2023-10-24 accepted steering-council",
        "executed 2024-10-17",
    ]


def test_a_link_moved_to_https_restates_nothing(history: Repository) -> None:
    history.commit("2012-05-01T10:00:00+00:00", pep(415, "Accepted", Resolution=RESOLVED))
    history.commit(
        "2017-06-11T10:00:00+00:00", pep(415, "Accepted", Resolution=RESOLVED.replace("https", "http"))
    )
    assert not [event for event in told(history) if event["type"] == "locus.event.corrected.v1"]


def test_reopened_decisions_stand_only_when_made_anew(history: Repository) -> None:
    history.commit("2001-01-15T10:00:00+00:00", pep(232, "Final") | pep(343, "Accepted"))
    history.commit("2001-02-20T10:00:00+00:00", pep(232, "Draft") | pep(343, "Deferred"))
    history.commit("2001-03-28T10:00:00+00:00", pep(232, "Final"))
    events = told(history)
    assert [line.split()[0] for line in sketch(events, "decision/pep-0232")] == [
        "made",
        "executed",
        "reopened",
        "made",
        "executed",
    ]
    assert standing(events, "2001-01-01", "2002-01-01", ["standards"]) == {"pep-0232": "bdfl"}


def test_the_opposite_outcome_overrides(history: Repository) -> None:
    history.commit("2003-08-13T10:00:00+00:00", pep(308, "Rejected"))
    history.commit("2005-09-30T10:00:00+00:00", pep(308, "Accepted"))
    assert sketch(told(history), "decision/pep-0308") == [
        "made 2003-08-13 rejected Guido",
        "overridden 2005-09-30 accepted Guido",
    ]


def test_a_provisional_acceptance_is_made_anew_when_final(history: Repository) -> None:
    dated = "`17-Jul-2024 <https://d.org/1>`__"
    history.commit("2024-07-18T10:00:00+00:00", pep(740, "Provisional", Resolution=dated))
    history.commit("2024-12-03T10:00:00+00:00", pep(740, "Final", Resolution=dated))
    assert sketch(told(history), "decision/pep-0740") == [
        "made 2024-07-17 provisional steering-council",
        "made 2024-12-03 accepted steering-council",
        "executed 2024-12-03",
    ]


def test_a_date_written_beside_the_link_of_an_earlier_act_is_that_ones(history: Repository) -> None:
    history.commit("2024-07-01T10:00:00+00:00", pep(740, "Draft"))
    history.commit("2024-07-18T10:00:00+00:00", pep(740, "Provisional", Resolution="https://d.org/1"))
    dated = pep(740, "Final", Resolution="`17-Jul-2024 <https://d.org/1>`__")
    history.commit("2024-12-03T10:00:00+00:00", dated)
    assert sketch(told(history), "decision/pep-0740") == [
        "made 2024-07-17 provisional steering-council",
        "made 2024-12-03 accepted steering-council",
        "executed 2024-12-03",
    ]


def test_accepted_reworded_as_provisional_is_no_new_decision(history: Repository) -> None:
    history.commit("2015-05-23T10:00:00+00:00", pep(484, "Accepted"))
    history.commit("2018-07-08T10:00:00+00:00", pep(484, "Provisional"))
    assert sketch(told(history), "decision/pep-0484") == ["made 2015-05-23 provisional Guido"]


def test_active_decides_for_a_process_and_for_nothing_else(history: Repository) -> None:
    history.commit(
        "2005-01-01T10:00:00+00:00",
        pep(8, "Active", kind="Process")
        | pep(257, "Active", kind="Informational")
        | pep(307, "Active")
        | pep(1, "Active", kind="Informational")
        | pep(573, "Active", kind="Process"),
    )
    history.commit("2007-01-01T10:00:00+00:00", pep(1, "Active", kind="Process"))
    history.commit("2007-01-02T10:00:00+00:00", pep(573, "Active"))
    history.commit("2007-01-03T10:00:00+00:00", pep(573, "Draft"))
    events = told(history)
    assert sketch(events, "decision/pep-0008") == ["made 2005-01-01 accepted Guido"]
    assert sketch(events, "decision/pep-0001") == ["made 2005-01-01 accepted Guido"]
    for undecided in ("0257", "0307", "0573"):
        assert sketch(events, f"decision/pep-{undecided}") == []


def test_a_type_or_topic_stated_later_moves_the_decision(history: Repository) -> None:
    history.commit("2000-08-03T10:00:00+00:00", pep(201, "Accepted", kind="") | pep(440, "Accepted"))
    history.commit("2000-08-23T10:00:00+00:00", pep(201, "Accepted"))
    history.commit(
        "2022-06-14T10:00:00+00:00",
        pep(440, "Accepted", Topic="Packaging") | pep(514, "Draft", kind="Informational", Topic="Packaging"),
    )
    events = told(history)
    assert one(events, "decision.made", "decision/pep-0201")["first"]["data"]["domains"] == ["unclassified"]
    assert one(events, "decision.made", "decision/pep-0201")["data"]["domains"] == ["standards"]
    assert one(events, "decision.made", "decision/pep-0440")["data"]["domains"] == ["packaging"]
    assert one(events, "initiative.proposed", "initiative/pep-0514")["data"]["domains"] == ["informational"]
    assert one(events, "domain.defined", "domain/packaging")["data"]["parent"] == "standards"


def test_an_april_fools_joke_decided_nothing(history: Repository) -> None:
    history.commit("2009-04-01T10:00:00+00:00", pep(401, "Accepted", kind="Process"))
    history.commit("2009-04-06T10:00:00+00:00", pep(401, "April Fool!", kind="Process"))
    assert sketch(told(history), "decision/pep-0401") == []


def test_a_joke_is_no_open_work(history: Repository) -> None:
    history.commit("2009-04-01T10:00:00+00:00", pep(401, "Draft", kind="Process"))
    history.commit("2009-04-06T10:00:00+00:00", pep(401, "April Fool!", kind="Process"))
    assert sketch(told(history), "initiative/pep-0401") == ["proposed 2009-04-01", "withdrawn 2009-04-06"]


def test_what_another_replaced_before_it_was_decided_was_given_up(history: Repository) -> None:
    history.commit("2020-06-23T10:00:00+00:00", pep(622, "Draft") | pep(543, "Withdrawn"))
    history.commit(
        "2020-10-02T10:00:00+00:00",
        pep(622, "Superseded", Superseded_By="634") | pep(543, "Withdrawn", Superseded_By="748"),
    )
    events = told(history)
    assert sketch(events, "initiative/pep-0622") == ["proposed 2020-06-23", "withdrawn 2020-10-02"]
    assert sketch(events, "initiative/pep-0543") == ["proposed 2020-06-23", "withdrawn 2020-06-23"]
    assert sketch(events, "decision/pep-0622") == sketch(events, "decision/pep-0543") == []


def test_what_was_decided_and_then_replaced_is_not_withdrawn(history: Repository) -> None:
    history.commit("2005-01-01T10:00:00+00:00", pep(241, "Final"))
    history.commit("2006-01-01T10:00:00+00:00", pep(241, "Superseded", Superseded_By="314"))
    events = told(history)
    assert sketch(events, "initiative/pep-0241") == ["proposed 2005-01-01"]
    assert "superseded 2006-01-01" in sketch(events, "decision/pep-0241")


def test_who_is_named_first_proposed_what_nobody_had_signed(history: Repository) -> None:
    history.commit("2000-07-14T10:00:00+00:00", pep(205, "Draft", Author=""))
    history.commit("2000-07-20T10:00:00+00:00", pep(205, "Draft", Author="Fred Drake <fred@example.org>"))
    history.commit("2005-07-20T10:00:00+00:00", pep(205, "Draft", Author="Ann Other <ann@example.org>"))
    events = told(history)
    proposed = one(events, "initiative.proposed", "initiative/pep-0205")
    assert proposed["time"] == instant("2000-07-14T10:00")
    assert proposed["data"]["proposers"] == [named(events, "Fred Drake")]


def joined(events: Events, subject: str) -> list[tuple[str, str]]:
    """Who joined an initiative, and on which day."""
    names = {fact["subject"]: fact["data"]["profile"]["name"] for fact in events if "profile" in fact["data"]}
    return [
        (names[f"actor/{fact['data']['actor']}"], f"{fact['time']:%m-%d}")
        for fact in streams(events)[subject]
        if fact["what"] == "initiative.joined"
    ]


def test_authors_added_later_joined_whether_or_not_somebody_left_in_the_same_commit(
    history: Repository,
) -> None:
    ada, bo, cy, dee = (f"{name} <{name[:2]}@example.org>" for name in ("Ada K", "Bo B", "Cy C", "Dee D"))
    for day, authors in enumerate(([ada], [ada, bo], [ada, cy], [dee, "Ed E"], [ada, bo]), 1):
        history.commit(f"2018-05-0{day}T10:00:00+00:00", pep(572, "Draft", Author=", ".join(authors)))
    events = told(history)
    assert joined(events, "initiative/pep-0572") == [
        ("Bo B", "05-02"),
        ("Cy C", "05-03"),
        ("Dee D", "05-04"),
        ("Ed E", "05-04"),
    ]
    proposed = one(events, "initiative.proposed", "initiative/pep-0572")
    assert proposed["data"]["proposers"] == [named(events, "Ada K")]


def test_a_name_that_changed_is_no_newcomer_and_a_group_does_not_join(history: Repository) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author="Ann A, Ethan Smith <e@e.org>"))
    history.commit("2020-01-02T10:00:00+00:00", pep(2, "Draft", Author="Oleg Broytmann <o@e.org>"))
    history.commit("2020-01-03T10:00:00+00:00", pep(1, "Draft", Author="Ann A, Emma Smith <emma@e.org>"))
    moved = pep(2, "Draft", Author="Oleg Broytman <o@e.org>") | pep(3, "Draft", Author="Emma Smith")
    history.commit("2020-01-04T10:00:00+00:00", moved)
    history.commit("2020-01-05T10:00:00+00:00", pep(1, "Draft", Author="Ann A, The Core Team"))
    events = told(history)
    assert [event["type"] for event in events if event["type"].startswith("locus.initiative.")] == [
        "locus.initiative.proposed.v1"
    ] * 3


def test_two_names_found_to_be_one_person_join_nothing(history: Repository) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author="Pablo Galindo <p@e.org>"))
    history.commit("2020-01-02T10:00:00+00:00", pep(2, "Draft", Author="Pablo Salgado"))
    history.commit("2020-01-03T10:00:00+00:00", pep(2, "Draft", Author="Pablo Salgado <p@e.org>"))
    assert joined(told(history), "initiative/pep-0002") == []


def test_deferred_and_withdrawn_concern_the_initiative(history: Repository) -> None:
    for day, status in enumerate(["Draft", "Deferred", "Draft", "Withdrawn", "Draft", "Withdrawal"], 1):
        history.commit(f"2005-01-0{day}T10:00:00+00:00", pep(274, status))
    events = told(history)
    assert sketch(events, "initiative/pep-0274") == [
        "proposed 2005-01-01",
        "paused 2005-01-02",
        "resumed 2005-01-03",
        "withdrawn 2005-01-06",
    ]
    assert sketch(events, "decision/pep-0274") == []


def test_a_successor_is_named_once_and_may_be_renamed(history: Repository) -> None:
    history.commit("2006-01-01T10:00:00+00:00", pep(215, "Rejected", Replaced_By="PEP 292"))
    history.commit("2011-03-04T10:00:00+00:00", pep(215, "Superseded", Superseded_By="293, 749"))
    superseded = one(told(history), "decision.superseded", "decision/pep-0215")
    assert superseded["data"] == {"by_decision": "pep-0293"}
    assert superseded["time"] == instant("2006-01-01T10:00")


def test_postings_and_discussions_ask_anyone(history: Repository) -> None:
    history.commit("2010-03-01T10:00:00+00:00", pep(3148, "Draft", Post_History="TBD", Discussions_To="TBD"))
    headers = {"Post_History": "20-Feb-2010, 1-Mar-2010", "Discussions_To": "dev@example.org"}
    history.commit("2010-03-02T10:00:00+00:00", pep(3148, "Draft", **headers))
    history.commit(
        "2010-03-03T10:00:00+00:00", pep(3148, "Draft", **headers | {"Post_History": "20-Feb-2010"})
    )
    asked = [fact for fact in now_known(told(history)) if fact["what"] == "consultation.requested"]
    assert [(fact["subject"], f"{fact['time']:%m-%d}") for fact in asked] == [
        ("consultation/pep-3148-2010-02-20", "02-20"),
        ("consultation/pep-3148-discussion", "03-02"),
    ]
    assert asked[0]["data"]["asked"] == []
    assert asked[0]["data"]["about"] == "initiative/pep-3148"


def test_dates_that_were_taken_out_of_the_header_were_wrong(history: Repository) -> None:
    dates = ("20-Sep-2001", "", "20-Sep-2001, 17-Aug-2013", "")
    for day, posted in enumerate(dates, 17):
        history.commit(f"2013-08-{day}T10:00:00+00:00", pep(452, "Draft", Post_History=posted))
        asked = [fact for fact in now_known(told(history)) if fact["what"] == "consultation.requested"]
        assert len(asked) == len(posted.split(", ") if posted else ())


def test_counts_by_who_decided(history: Repository) -> None:
    history.commit("2012-01-01T10:00:00+00:00", pep(1, "Accepted") | pep(2, "Rejected", BDFL_Delegate="Bo B"))
    history.commit("2018-10-01T10:00:00+00:00", pep(3, "Accepted"))
    history.commit("2019-10-01T10:00:00+00:00", pep(4, "Accepted", Topic="Packaging"))
    events = told(history)
    domains = ["standards", "packaging"]
    assert counted(standing(events, "2000-01-01", "2018-07-13", domains)) == {"bdfl": 1, "delegate": 1}
    assert counted(standing(events, "2018-07-13", "2019-03-11", domains)) == {"unknown": 1}
    assert counted(standing(events, "2019-02-04", "2026-09-01", domains)) == {"council": 1}
