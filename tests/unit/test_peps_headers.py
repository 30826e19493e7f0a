"""What a header says, however it is spelt."""

from datetime import UTC, datetime

import pytest

from services.connectors.peps.headers import Resolution, elected, header
from services.connectors.peps.names import Person, key, kin, persons
from tests.peps import text


def status(written: str) -> str:
    found = header(text(1, written))
    assert found is not None
    return found.status


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Acepted", "accepted"),
        ("Approved", "accepted"),
        ("Complete", "final"),
        ("Finished", "final"),
        ("Incomplete", "draft"),
        ("Postponed", "deferred"),
        ("Replaced", "superseded"),
        ("Withdrawal", "withdrawn"),
        ("April Fool!", "april fool"),
        ("", ""),
        ("Under the sea", ""),
    ],
)
def test_a_status_is_understood_past_old_words_and_misspellings(written: str, meant: str) -> None:
    assert status(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Standards Track", "standards"),
        ("Standards", "standards"),
        ("Standard Track", "standards"),
        ("Standards Trap", "standards"),
        ("Standards Track or Informational ?????", "standards"),
        ("Information", "informational"),
        ("Process", "process"),
        ("Technical", ""),
        ("Draft", ""),
    ],
)
def test_a_type_is_understood_by_how_it_begins(written: str, meant: str) -> None:
    found = header(text(1, "Draft", kind=written))
    assert found is not None
    assert found.kind == meant


@pytest.mark.parametrize(
    ("written", "ref", "date"),
    [
        (
            "https://mail.example.org/2012-May/119467.html",
            "https://mail.example.org/2012-May/119467.html",
            None,
        ),
        (
            "`12-Jan-2024 <https://discuss.example.org/t/1>`__",
            "https://discuss.example.org/t/1",
            (2024, 1, 12),
        ),
        ("28-Feb-2023", "28-Feb-2023", (2023, 2, 28)),
        ("https://example.org/2001-02-03/x", "https://example.org/2001-02-03/x", None),
        ("31-Feb-2023 https://a.org/x", "https://a.org/x", None),
        ("Refer to PEP text", "Refer to PEP text", None),
    ],
)
def test_only_a_full_date_beside_the_link_dates_a_resolution(
    written: str, ref: str, date: tuple[int, int, int] | None
) -> None:
    found = header(text(1, "Accepted", Resolution=written))
    assert found is not None
    assert found.resolution == Resolution(ref, datetime(*date, tzinfo=UTC) if date else None)


@pytest.mark.parametrize("written", ["TBD", "n/a", "XXXX", "TODO", "", "?"])
def test_a_placeholder_states_nothing(written: str) -> None:
    found = header(text(1, "Draft", PEP_Delegate=written, Resolution=written, Discussions_To=written))
    assert found is not None
    assert (found.delegates, found.resolution, found.discussed) == ((), None, False)


def test_a_placeholder_with_an_address_names_nobody_yet() -> None:
    assert persons("TBD <donald@example.org>") == ()


def test_posting_dates_are_read_in_every_fashion_and_links_are_not_dates() -> None:
    found = header(
        text(
            1,
            "Draft",
            Post_History="27 May 2013, 2017-09-08,\n  `01-Oct-2015 <https://l.org/2012-Oct>`__, TBD",
        )
    )
    assert found is not None
    assert [f"{date:%Y-%m-%d}" for date in found.posted] == ["2013-05-27", "2015-10-01", "2017-09-08"]


def test_the_first_of_a_repeated_field_counts_and_stray_lines_are_passed_over() -> None:
    found = header("PEP 225\nTitle: Operators\nStatus: Draft\n$Date$\nStatus: Final\n\nStatus: Rejected\n")
    assert found is not None
    assert (found.title, found.status) == ("Operators", "draft")


def test_a_text_without_a_header_says_nothing() -> None:
    assert header("Just prose.\n") is None


def test_people_are_read_in_both_fashions_and_obfuscations() -> None:
    written = (
        "bw@b.com (Barry A. Warsaw),\n  Fred L. Drake, Jr. <F@D.org>, Ann and Bob Roe, vs at r.com (V. Sajip)"
    )
    assert persons(written) == (
        Person("Barry A. Warsaw", "bw@b.com"),
        Person("Fred L. Drake Jr.", "f@d.org"),
        Person("Ann"),
        Person("Bob Roe"),
        Person("V. Sajip", "vs@r.com"),
    )


def test_asides_are_no_part_of_a_name() -> None:
    assert persons("Brett Cannon (on behalf of the steering council)") == (Person("Brett Cannon"),)
    assert persons(b"Marc-Andr\x82 Lemburg".decode("cp1252")) == (Person("Marc-André Lemburg"),)


def test_a_working_group_is_a_body() -> None:
    assert [person.group for person in persons("C API Working Group, Ada King")] == [True, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Barry A. Warsaw", "Barry Warsaw"),
        ("INADA Naoki", "Naoki Inada"),
        ("Marc-André Lemburg", "Marc-Andre Lemburg"),
        ("GvR", "Guido van Rossum"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_a_changed_first_name_is_kin_and_a_stranger_is_not() -> None:
    assert kin(key("Nick Coghlan"), key("Alyssa Coghlan"))
    assert not kin(key("Guido van Rossum"), key("Jeremy Hylton"))


COUNCIL = "* Ann One\n* Ben Two\n* Cleo (Clem) Three\n* Dan Four\n* Eve Five\n"


def test_an_election_names_the_whole_council_or_nobody() -> None:
    shown = f"Title: x\n\nNominees\n========\n\n* Zoe Zero\n\nResults\n=======\n\nThe top five:\n\n{COUNCIL}"
    assert [person.name for person in elected(shown)] == [
        "Ann One",
        "Ben Two",
        "Cleo Three",
        "Dan Four",
        "Eve Five",
    ]
    assert elected(shown.replace("* Eve Five\n", "")) == ()
    assert elected("Results\n=======\n\n" + "* voting\n* has\n* not\n* completed\n* yet\n") == ()
