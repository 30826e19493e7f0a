"""Events are read from any JSON spelling, without ever holding them all."""

import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli_events import read_events
from services.failures import CommandFailed

EVENT = {"id": "1", "data": {"text": 'a [b], {c}\n"d" ü'}, "n": 1.50}


def read(text: str | bytes) -> list[object]:
    content = text if isinstance(text, bytes) else text.encode()
    lines = list(read_events(io.BytesIO(content)))
    assert all(b"\n" not in line for line in lines)
    return [json.loads(line) for line in lines]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
events = st.lists(
    st.dictionaries(st.text(max_size=4), json_values, min_size=1, max_size=3), min_size=1, max_size=6
)


@given(events, st.sampled_from([None, 1, 4]), st.booleans())
def test_an_array_gives_its_elements_however_it_is_laid_out(
    given_events: list[object], indent: int | None, ascii_only: bool
) -> None:
    assert read(json.dumps(given_events, indent=indent, ensure_ascii=ascii_only)) == given_events


@given(events)
def test_lines_give_themselves_and_blank_ones_nothing(given_events: list[object]) -> None:
    assert read("\n\n".join(map(json.dumps, given_events)) + "\n \n") == given_events


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_event_may_span_lines(indent: int | None) -> None:
    assert read(json.dumps(EVENT, indent=indent)) == [EVENT]


def test_a_byte_order_mark_is_no_part_of_the_first_event() -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(EVENT).encode()) == [EVENT]


def test_a_malformed_line_is_passed_on_for_the_ledger_to_judge() -> None:
    lines = list(read_events(io.BytesIO(b'{"id":"1"}\n{"id":\n{"id":"3"}\n')))
    assert lines == [b'{"id":"1"}', b'{"id":', b'{"id":"3"}']


def test_numbers_keep_their_spelling() -> None:
    assert list(read_events(io.BytesIO(b'[{"n": 1.50, "m": 12345678901234567890}]'))) == [
        b'{"n": 1.50, "m": 12345678901234567890}'
    ]


@pytest.mark.parametrize(
    "text",
    [
        '[{"id":"1"}, {"id":',
        '[{"id":"1"}',
        '[{"id":"1"} nonsense]',
        '[{"id":"1"}] nonsense',
        '[{"id":"1"}] "2"',
        '[{"id":"1"},]',
        "[,,]",
        '[{"id":"1"},,{"id":"2"}]',
        '{\n"id":"1"}\nnonsense',
    ],
)
def test_an_array_that_breaks_off_or_is_followed_by_what_is_none_is_said_to(text: str) -> None:
    with pytest.raises(CommandFailed, match="the JSON is malformed near"):
        read(text)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("between", ["", "\n", " \n "])
def test_what_follows_an_array_or_an_object_is_read_as_well(indent: int | None, between: str) -> None:
    one, other = json.dumps([EVENT], indent=indent), json.dumps(EVENT, indent=2)
    assert read(between.join([one, "[]", one, other, other, one])) == [EVENT] * 5
    assert read(between.join([other, one, other])) == [EVENT] * 3


def test_an_object_longer_than_what_is_read_at_once_is_read_whole() -> None:
    long = {"text": "x" * 200_000}
    assert read(json.dumps(long, indent=2) + json.dumps(long, indent=2)) == [long, long]


@pytest.mark.parametrize("first", ["# exported today", '{"id": nonsense', "{"])
def test_a_first_line_that_is_no_json_is_one_of_many(first: str) -> None:
    lines = b'{"id":"2"}\n' * 400_000  # more than is held to find out
    assert sum(1 for _ in read_events(io.BytesIO(first.encode() + b"\n" + lines))) == 400_001


class Endless(io.RawIOBase):
    """An array without an end; counts what was taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return (b"[" if self.taken == size else b"") + (b'{"id":"x"},' * (size // 11 + 1))[: size // 11 * 11]


def test_only_as_much_is_read_as_is_needed() -> None:
    source = Endless()
    found: Iterator[bytes] = read_events(source)  # type: ignore[arg-type]  # as much of a file as is read
    assert [next(found) for _ in range(10_000)][-1] == b'{"id":"x"}'
    assert source.taken < 200_000


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":\n' * 100_000])
def test_what_is_nested_too_deep_to_be_read_is_no_traceback(text: str) -> None:
    with pytest.raises(CommandFailed, match="nested too deep"):
        read(text)
