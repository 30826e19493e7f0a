"""Who decided, under what authority, and who is who: small histories, each made for one trap."""

from pathlib import Path
from typing import Any

import pytest

from services.connectors.peps import read
from tests.peps import Repository, instant, now_known, pep, sketch, streams

Events = list[dict[str, Any]]


@pytest.fixture
def history(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "build")


def told(history: Repository) -> Events:
    return list(read(history.clone(history.path.parent / "clone")))


def one(events: Events, what: str, subject: str) -> dict[str, Any]:
    """The only fact of a subject that says `what`, as it holds now."""
    (fact,) = [fact for fact in streams(events)[subject] if fact["what"] == what]
    return fact


def test_offsets_are_gone_and_authority_ends_on_the_instant_of_the_resignation(
    history: Repository,
) -> None:
    history.commit("2018-07-13T00:59:59+10:00", pep(571, "Accepted"))
    history.commit("2018-07-13T01:00:00+10:00", pep(573, "Accepted"))
    history.commit("2019-02-03T23:59:59+00:00", pep(574, "Rejected"))
    history.commit("2019-02-03T19:00:00-05:00", pep(575, "Rejected"))
    events = told(history)
    assert sketch(events, "decision/pep-0571") == ["made 2018-07-12 accepted Guido"]
    assert sketch(events, "decision/pep-0573") == ["made 2018-07-12 accepted"]
    assert sketch(events, "decision/pep-0574") == ["made 2019-02-03 rejected"]
    assert sketch(events, "decision/pep-0575") == ["made 2019-02-04 rejected steering-council"]
    assert one(events, "decision.made", "decision/pep-0571")["first"]["time"] == "2018-07-12T14:59:59Z"


def test_the_row_is_the_bdfls_then_nobodys_then_the_councils(history: Repository) -> None:
    history.commit("2019-06-01T10:00:00+00:00", pep(590, "Draft"))
    rows = [
        (f"{fact['time']:%Y-%m-%dT%H:%M}", fact["what"])
        for fact in streams(told(history))["matrix/standards"]
    ]
    assert rows == [
        ("2000-06-13T00:00", "matrix.row_set"),
        ("2018-07-12T15:00", "matrix.row_cleared"),
        ("2019-02-04T00:00", "matrix.row_set"),
    ]


def test_a_clone_from_before_the_resignation_knows_nothing_of_it(history: Repository) -> None:
    history.commit("2018-07-01T10:00:00+00:00", pep(572, "Draft"))
    events = told(history)
    assert [fact["what"] for fact in streams(events)["matrix/standards"]] == ["matrix.row_set"]
    assert not any(event["subject"] == "body/steering-council" for event in events)


def test_a_delegate_named_before_decides_under_a_mandate(history: Repository) -> None:
    history.commit("2013-01-01T10:00:00+00:00", pep(425, "Draft", BDFL_Delegate="TBD"))
    history.commit("2013-02-01T10:00:00+00:00", pep(425, "Draft", BDFL_Delegate="Nick Coghlan <nc@e.org>"))
    history.commit("2013-03-01T10:00:00+00:00", pep(425, "Accepted", BDFL_Delegate="Nick Coghlan <nc@e.org>"))
    events = told(history)
    assert sketch(events, "decision/pep-0425") == ["made 2013-03-01 accepted Nick"]
    assert one(events, "decision.made", "decision/pep-0425")["data"]["attested"] == "observed"
    (mandate,) = [fact for fact in now_known(events) if fact["what"] == "mandate.delegated"]
    bdfl = streams(events)["matrix/standards"][0]["data"]["decides"][0]["holder"]
    assert mandate["time"] == instant("2013-02-01T10:00")
    assert (mandate["data"]["scope"], mandate["data"]["from"]) == ("initiative/pep-0425", bdfl)
    assert "effective_from" not in mandate["data"]


def test_a_delegate_named_after_the_decision_is_the_decider_from_the_decision_on(
    history: Repository,
) -> None:
    history.commit("2011-10-13T10:00:00+00:00", pep(3151, "Accepted"))
    history.commit("2012-05-06T10:00:00+00:00", pep(3151, "Final", BDFL_Delegate="Barry Warsaw"))
    events = told(history)
    assert sketch(events, "decision/pep-3151") == ["made 2011-10-13 accepted Barry", "executed 2012-05-06"]
    (mandate,) = [fact for fact in now_known(events) if fact["what"] == "mandate.delegated"]
    assert mandate["time"] == instant("2012-05-06T10:00")
    assert mandate["data"]["effective_from"] == "2011-10-13T10:00:00Z"


def test_the_newest_header_names_the_decider_and_a_lost_one_changes_nothing(history: Repository) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(604, "Draft", PEP_Delegate="Ivan L"))
    history.commit("2020-02-01T10:00:00+00:00", pep(604, "Accepted", PEP_Delegate="Ivan L"))
    history.commit("2020-03-01T10:00:00+00:00", pep(604, "Accepted", PEP_Delegate="Olga M"))
    history.commit("2022-03-01T10:00:00+00:00", pep(604, "Final"))
    events = told(history)
    assert sketch(events, "decision/pep-0604") == ["made 2020-02-01 accepted Olga", "executed 2022-03-01"]
    mandates = [fact["data"] for fact in now_known(events) if fact["what"] == "mandate.delegated"]
    assert [mandate.get("effective_from") for mandate in mandates] == ["2020-02-01T10:00:00Z"]


def test_a_delegate_dropped_before_the_decision_had_no_part_in_it(history: Repository) -> None:
    history.commit("2025-01-01T10:00:00+00:00", pep(743, "Draft", PEP_Delegate="C API Working Group"))
    history.commit("2026-02-20T10:00:00+00:00", pep(743, "Rejected"))
    events = told(history)
    assert sketch(events, "decision/pep-0743") == ["made 2026-02-20 rejected steering-council"]
    assert [fact["what"] for fact in now_known(events) if fact["subject"].startswith("mandate/")] == [
        "mandate.delegated",
        "mandate.ended",
    ]


def test_the_bdfl_named_as_his_own_delegate_decides_as_the_bdfl(history: Repository) -> None:
    history.commit("2015-01-01T10:00:00+00:00", pep(483, "Accepted", BDFL_Delegate="GvR"))
    events = told(history)
    assert sketch(events, "decision/pep-0483") == ["made 2015-01-01 accepted Guido"]
    assert not [fact for fact in now_known(events) if fact["what"] == "mandate.delegated"]


def test_a_delegate_named_in_the_interregnum_has_the_councils_mandate(history: Repository) -> None:
    history.commit("2018-10-06T10:00:00+00:00", pep(544, "Draft", BDFL_Delegate="Ada King"))
    history.commit("2019-05-26T10:00:00+00:00", pep(544, "Accepted", BDFL_Delegate="Ada King"))
    (mandate,) = [fact for fact in now_known(told(history)) if fact["what"] == "mandate.delegated"]
    assert mandate["time"] == instant("2018-10-06T10:00")
    assert mandate["data"]["from"] == "body/steering-council"
    assert mandate["data"]["effective_from"] == "2019-02-04T00:00:00Z"


def test_a_changed_name_is_one_actor_whose_id_tells_no_name(history: Repository) -> None:
    history.commit("2013-01-01T10:00:00+00:00", pep(425, "Draft", Author="Nick Coghlan <nc@e.org>"))
    history.commit("2013-01-02T10:00:00+00:00", pep(426, "Draft", Author="Coghlan Nick"))
    renamed = pep(425, "Draft", Author="Alyssa Coghlan") | pep(
        426, "Draft", Author="Alyssa Coghlan <nc@e.org>"
    )
    history.commit("2023-10-11T10:00:00+00:00", renamed)
    history.commit("2023-10-12T10:00:00+00:00", pep(427, "Draft", Author="Alyssa Coghlan"))
    events = told(history)
    actors = {fact["subject"] for fact in now_known(events) if fact["what"] == "actor.registered"}
    (bdfl,) = streams(events)["matrix/standards"][0]["data"]["decides"]
    (coghlan,) = actors - {bdfl["holder"]}
    assert [fact["data"]["profile"]["name"] for fact in streams(events)[coghlan]] == [
        "Nick Coghlan",
        "Alyssa Coghlan",
    ]
    assert "oghlan" not in coghlan
    assert one(events, "initiative.proposed", "initiative/pep-0427")["data"]["proposers"] == [coghlan]


def test_two_known_names_found_to_be_one_person_are_merged(history: Repository) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author="Pablo Galindo <p@e.org>"))
    history.commit("2020-01-02T10:00:00+00:00", pep(2, "Draft", Author="Pablo Salgado"))
    history.commit("2020-01-03T10:00:00+00:00", pep(2, "Draft", Author="Pablo Salgado <p@e.org>"))
    (merged,) = [fact for fact in now_known(told(history)) if fact["what"] == "actor.merged"]
    assert merged["subject"] != f"actor/{merged['data']['into']}"


def test_a_name_like_another_in_its_place_is_a_name_that_changed(history: Repository) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author="Ada K, Ernest Durbin <e@e.org>"))
    history.commit("2020-01-02T10:00:00+00:00", pep(2, "Draft", Author="Ada K"))
    history.commit("2020-12-14T10:00:00+00:00", pep(1, "Draft", Author="Ada K, Ee Durbin <ee@e.org>"))
    history.commit("2020-12-15T10:00:00+00:00", pep(2, "Draft", Author="Ben L"))  # another takes over
    history.commit("2020-12-16T10:00:00+00:00", pep(1, "Draft", Author="Ada K, Ernest Durbin"))
    events = told(history)
    (merged,) = [fact for fact in now_known(events) if fact["what"] == "actor.merged"]
    assert _name(events, merged["subject"]) == "Ernest Durbin"
    assert _name(events, f"actor/{merged['data']['into']}") == "Ee Durbin"


@pytest.mark.parametrize(
    ("old", "new"), [("David Goodger", "David Ascher"), ("Ada King", "Ada Team"), ("Ada King", "Ben Adams")]
)
def test_others_in_somebodys_place_are_others(history: Repository, old: str, new: str) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author=old))
    history.commit("2020-12-14T10:00:00+00:00", pep(1, "Draft", Author=new))
    assert not [fact for fact in now_known(told(history)) if fact["what"] == "actor.merged"]


def test_nobody_is_said_to_be_somebody_who_is_said_to_be_them(history: Repository) -> None:
    history.commit("2020-01-01T10:00:00+00:00", pep(1, "Draft", Author="Jim Fulton <jim@e.org>"))
    history.commit("2020-01-02T10:00:00+00:00", pep(1, "Draft", Author="James Fulton"))
    history.commit("2020-01-03T10:00:00+00:00", pep(1, "Draft", Author="James Fulton <jim@e.org>"))
    assert len([fact for fact in now_known(told(history)) if fact["what"] == "actor.merged"]) == 1


def _name(events: list[dict[str, Any]], subject: str) -> str:
    return str(streams(events)[subject][0]["data"]["profile"]["name"])


def test_a_strangers_name_beside_an_address_is_a_slip(history: Repository) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(1, "Draft", Author="guido@python.org (Jeremy Hylton)"))
    actors = {fact["subject"] for fact in now_known(told(history)) if fact["what"] == "actor.registered"}
    assert len(actors) == 2


def test_no_name_or_address_leaves_the_profiles(history: Repository) -> None:
    history.commit(
        "2020-01-01T10:00:00+00:00",
        pep(600, "Rejected", Author="Ada King <ada@example.org>", PEP_Delegate="Paul Moore <pm@example.org>"),
    )
    history.commit("2020-02-01T10:00:00+00:00", pep(600, "Draft"), by="Paul Moore <pm@example.org>")
    said = [event for event in told(history) if not event["type"].startswith("locus.actor.")]
    assert "locus.decision.reopened.v1" in {event["type"] for event in said}
    assert not any(name in str(said) for name in ("Ada", "King", "Moore", "example.org"))


def test_the_core_developers_voted_on_governance(history: Repository) -> None:
    history.commit("2018-12-17T10:00:00+00:00", pep(8016, "Accepted") | pep(8010, "Rejected"))
    events = told(history)
    assert sketch(events, "decision/pep-8016") == ["made 2018-12-17 accepted core-developers"]
    assert one(events, "decision.made", "decision/pep-8010")["data"]["attested"] == "recorded"


def results(*names: str) -> str:
    return "Results\n=======\n\nThe top five:\n\n" + "".join(f"* {name}\n" for name in names)


def test_seats_follow_the_elections_and_a_rewritten_one_moves_nobody(history: Repository) -> None:
    first = ("Ann One", "Ben Two", "Cleo Three", "Dan Four", "Nick Five")
    history.commit("2019-01-03T10:00:00+00:00", pep(8100, "Active", body=results("TBD")))
    history.commit("2019-02-04T12:00:00+00:00", pep(8100, "Active", body=results(*first)))
    second = results("Ann One", "Ben Two", "Cleo Three", "Dan Four", "Eve Six")
    history.commit("2019-12-16T12:00:00+00:00", pep(8101, "Active", body=second))
    renamed = results("Ann One", "Ben Two", "Cleo Three", "Dan Four", "Alyssa (Nick) Five")
    history.commit("2023-10-11T12:00:00+00:00", pep(8100, "Final", body=renamed))
    seats = [fact for fact in streams(told(history))["body/steering-council"] if "seat" in fact["what"]]
    assert [(fact["what"], f"{fact['time']:%Y-%m-%d}") for fact in seats] == [
        *[("body.seat_taken", "2019-02-04")] * 5,
        ("body.seat_vacated", "2019-12-16"),
        ("body.seat_taken", "2019-12-16"),
    ]


def test_old_texts_in_latin_1_are_read(history: Repository) -> None:
    history.commit("2001-01-01T10:00:00+00:00", pep(224, "Draft", Author="Marc-André L", Note="\x00latin-1"))
    names = [
        fact["data"]["profile"]["name"]
        for fact in now_known(told(history))
        if fact["what"] == "actor.registered"
    ]
    assert "Marc-André L" in names
