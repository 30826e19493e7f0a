"""What is read of many events at once is what each of them names."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import TYPES, Event, mentions
from services.audit import naming
from services.audit.reading import Events
from tests.strategies import PUBLISHED, events


def rows(told: list[Event]) -> set[str]:
    return named(
        [one.type for one in told],
        [one.subject for one in told],
        [msgspec.Raw(msgspec.json.encode(one.data)) for one in told],
    )


def named(types: list[str], subjects: list[str], data: list[msgspec.Raw]) -> set[str]:
    places = range(1, len(types) + 1)
    return set(naming.rows(Events(places, (), types=types, subjects=subjects, data=data)))


def expected(told: list[Event]) -> set[str]:
    return {
        f"{at}\t{kind}\t{value}".replace("\\", r"\\")
        for at, one in enumerate(told, 1)
        for kind, value in mentions(one)
        if kind != "body"
    }


@pytest.mark.parametrize("type", PUBLISHED)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_each_type_names_the_same_read_in_part_as_read_whole(type: str, data: st.DataObject) -> None:
    told = data.draw(st.lists(events(type), max_size=4))
    assert rows(told) == expected(told)


@settings(max_examples=50, deadline=None)
@given(told=st.lists(events(), max_size=20))
def test_events_of_many_types_keep_their_positions(told: list[Event]) -> None:
    assert rows(told) == expected(told)


def test_an_event_that_cannot_be_read_names_nothing_and_those_beside_it_what_they_name() -> None:
    raws = [
        msgspec.Raw(b'{"title":"x","name":"Sales","parent":"all"}'),
        msgspec.Raw(b"5"),
        msgspec.Raw(b"{}"),
    ]
    kinds = ["locus.domain.defined.v1", "locus.domain.defined.v1", "locus.unknown.v1"]
    assert named(kinds, ["domain/a", "domain/b", "domain/c"], raws) == {"1\tdomain\ta", "1\tdomain\tall"}


@pytest.mark.parametrize("type", sorted(TYPES))
def test_every_type_can_be_read_in_part(type: str) -> None:
    assert named([type], ["actor/a"], [msgspec.Raw(b"{}")]) == {"1\tactor\ta"}


def test_what_a_row_escapes_is_told_apart() -> None:
    assert named(["locus.actor.left.v1"], ["actor/a\\\t\n"], [msgspec.Raw(b"{}")]) == {
        "1\tactor\ta\\\\\\t\\n"
    }
