"""What is personal is sealed under its person's key, the same way each time, and opens where it belongs."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import Data, Event, actor, consultation, convert_data, decision, knot, read_data, strict
from schemas.event import Corrected
from schemas.personal import PERSONAL_MEMBERS
from schemas.registry import SUBJECTS, TYPES
from services.ledger.entries import prepare
from services.ledger.errors import Refused
from services.ledger.moment import Kept
from services.ledger.sealing import ERASED, PREFIX, Place, holders, opened, personal, seal
from tests.ledgers import SOURCE, event, now
from tests.strategies import events

KEY, OTHER = bytes(range(64)), bytes(range(1, 65))
ADA = actor.Registered(kind="person", profile=actor.Profile(name="Ada", handles=("forge:ada",)))
REGISTERED = event("1", "actor/a-1", ADA)
FEW = settings(max_examples=60, deadline=None)


def member(event: Event, name: str) -> Any:
    """Of the data, whichever type it is."""
    return getattr(event.data, name)


def sealed(said: Event, key: bytes | None = KEY, ledger: str = "acme") -> Event:
    return seal(said, ledger, dict.fromkeys(holders([said]), key))[0]


def position(reason: str | None, by: str = "a-1") -> Data:
    return decision.PositionTaken(by=by, value="block", reason=reason)


@pytest.mark.parametrize(
    ("said", "holder"),
    [
        (REGISTERED, "actor/a-1"),
        (event("2", "decision/d-1", position("Because", by="a-2")), "actor/a-2"),
        (event("3", "knot/k", knot.Answered(response="accept", by="a-3", note="Yes")), "actor/a-3"),
        (
            event("4", "consultation/c", consultation.AdviceGiven(by="a-4", stance="concern", text="No")),
            "actor/a-4",
        ),
        (
            event("5", "consultation/c", consultation.AdviceGiven(stance="concern", text="No")),
            "consultation/c",
        ),
    ],
)
def test_each_member_is_sealed_under_the_key_of_whoever_it_belongs_to(said: Event, holder: str) -> None:
    assert holders([said]) == {holder}
    member = PERSONAL_MEMBERS[said.type][0]
    value = getattr(sealed(said).data, member)
    assert value.startswith(PREFIX)
    plain = opened(value, KEY, Place("acme", holder, said.source, said.id, member))
    assert plain == msgspec.json.encode(getattr(said.data, member))


@FEW
@given(st.sampled_from(sorted(PERSONAL_MEMBERS)).flatmap(events))
def test_sealing_is_the_same_each_time_and_leaves_no_word_in_plain(said: Event) -> None:
    once = sealed(said)
    assert once == sealed(said)
    for member in PERSONAL_MEMBERS[said.type]:
        plain, value = getattr(said.data, member), getattr(once.data, member)
        assert (value is None) == (plain is None)
        assert value is None or value.startswith(PREFIX)
    stored = msgspec.json.encode(once.data)
    assert read_data(said.type, stored) == once.data
    unsealed = [name for name in said.data.__struct_fields__ if name not in PERSONAL_MEMBERS[said.type]]
    assert all(getattr(once.data, name) == getattr(said.data, name) for name in unsealed)


def test_what_is_not_personal_is_left_alone() -> None:
    said = event("1", "decision/d-1", position(None))
    assert holders([said]) == set()
    assert sealed(said) is said


@pytest.mark.parametrize("moved", ["ledger", "holder", "source", "id", "member"])
def test_a_sealed_value_opens_nowhere_else(moved: str) -> None:
    place = Place("acme", "actor/a-1", REGISTERED.source, REGISTERED.id, "profile")
    value = member(sealed(REGISTERED), "profile")
    assert opened(value, KEY, place) is not None
    assert opened(value, KEY, msgspec.structs.replace(place, **{moved: "another"})) is None


def test_a_sealed_value_opens_with_no_other_key_and_not_when_it_was_altered() -> None:
    place = Place("acme", "actor/a-1", REGISTERED.source, REGISTERED.id, "profile")
    value: str = member(sealed(REGISTERED), "profile")
    assert opened(value, OTHER, place) is None
    for altered in (
        value[:-3] + "AAA",
        value + "A",
        value[:30],
        PREFIX,
        "",
        "\u00e9",
        "sealed.v2." + value[10:],
    ):
        assert opened(altered, KEY, place) is None


def test_text_that_looks_sealed_is_sealed_like_any_other() -> None:
    first = sealed(event("1", "decision/d-1", position("Because")))
    value = member(first, "reason")
    again = sealed(event("1", "decision/d-1", position(value)))
    inner = member(again, "reason")
    assert inner not in (value, None)
    assert opened(inner, KEY, Place("acme", "actor/a-1", SOURCE, "1", "reason")) == msgspec.json.encode(value)


def test_publishers_send_plain_text_and_readers_take_what_is_sealed_however_long() -> None:
    longest = sealed(event("1", "decision/d-1", position("x" * 20_000)))
    assert len(member(longest, "reason")) > 20_000
    raw = msgspec.json.encode(longest.data)
    assert read_data(longest.type, raw) == longest.data
    with pytest.raises(msgspec.ValidationError, match="length <= 20000"):
        msgspec.json.decode(raw, type=strict(longest.type))
    with pytest.raises(msgspec.ValidationError, match=r"Expected `object`, got `str` - at `\$.profile`"):
        convert_data(REGISTERED.type, {"kind": "person", "profile": "sealed.v1.AAAA"})


def test_a_correction_is_sealed_as_the_event_that_it_names() -> None:
    data = {"kind": "person", "profile": {"name": "Ada L."}}
    said = event("c", "actor/a-1", Corrected(source=SOURCE, id="1", reason="a slip", data=data))
    assert holders([said]) == {"actor/a-1"}
    kept = member(sealed(said), "data")
    assert kept["kind"] == "person"
    plain = opened(kept["profile"], KEY, Place("acme", "actor/a-1", SOURCE, "1", "profile"))
    assert plain == b'{"name":"Ada L."}'


def test_a_correction_of_something_else_is_not_taken_for_personal() -> None:
    data = {"by": "a-1", "reason": "new facts"}
    said = event("c", "decision/d-1", Corrected(source=SOURCE, id="1", reason="a slip", data=data))
    assert personal(said) is None
    assert sealed(said) is said


@pytest.mark.parametrize("profile", ["sealed.v1.AAAA", "Ada"])
def test_a_correction_cannot_slip_a_text_into_the_place_of_a_profile(profile: str) -> None:
    data = {"kind": "person", "profile": profile}
    said = event("c", "actor/a-1", Corrected(source=SOURCE, id="1", reason="a slip", data=data))
    with pytest.raises(Refused) as caught:
        prepare(said, "acme", "tests", now(), {"actor/a-1": KEY})
    assert (caught.value.slug, caught.value.where) == ("malformed", "/data/data")


@FEW
@given(st.sampled_from(sorted(set(TYPES) - set(PERSONAL_MEMBERS))).flatmap(events))
def test_no_other_type_of_a_kind_has_the_form_of_one_with_personal_members(said: Event) -> None:
    """So a correction's form tells whether it is personal."""
    tree = msgspec.json.decode(msgspec.json.encode(said.data))
    amended = event("c", said.subject, Corrected(source=SOURCE, id="1", reason="r", data=tree))
    assert personal(amended) is None, SUBJECTS[said.type]


def test_of_an_erased_person_only_a_repetition_is_known_again() -> None:
    keys = {"actor/a-1": None}
    prepared = prepare(REGISTERED, "acme", "tests", now(), keys)
    assert prepared.gone == ("/data/profile",)
    assert ERASED.encode() in prepared.body
    assert b"Ada" not in prepared.body
    kept = Kept(1, now(), 1, event=sealed(REGISTERED))
    assert kept.holds(prepared.event, prepared.gone)
    assert not kept.holds(prepared.event)
    other = msgspec.structs.replace(ADA, kind="agent")
    changed = prepare(event("1", "actor/a-1", other), "acme", "tests", now(), keys)
    assert not kept.holds(changed.event, changed.gone)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_cannot_be_written_is_refused_before_it_is_sealed(text: str) -> None:
    with pytest.raises(Refused) as caught:
        sealed(event("1", "decision/d-1", position(text)))
    assert (caught.value.slug, caught.value.where) == ("malformed", "/data/reason")


def test_nobody_speaks_as_the_ledger_itself() -> None:
    said = event("erase/a-1", "decision/d-1", position(None), source="urn:locus:ledger:acme")
    with pytest.raises(Refused) as caught:
        prepare(said, "acme", "tests", now())
    assert (caught.value.slug, caught.value.where) == ("reserved-source", "/source")
