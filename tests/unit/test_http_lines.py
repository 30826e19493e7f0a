"""Lines come out as they went in, whatever the pieces."""

from hypothesis import given
from hypothesis import strategies as st

from services.ledger.http_lines import LONGEST_LINE, Splitter


def split(pieces: list[bytes]) -> list[bytes]:
    splitter = Splitter()
    return [line for piece in pieces for line in splitter.feed(piece)] + splitter.end()


@given(st.lists(st.binary(max_size=5) | st.sampled_from([b"\n", b"a\nb", b" \r\n"])))
def test_pieces_do_not_show_in_the_lines(pieces: list[bytes]) -> None:
    assert split(pieces) == [line for line in b"".join(pieces).split(b"\n") if line.strip()]


def test_of_a_line_too_long_one_stump_is_kept_and_the_next_line_is_whole() -> None:
    pieces = [b"first\nlo", *[b"o" * 65_536] * 40, b"ng\nsecond\n", b"third"]
    first, stump, *rest = split(pieces)
    assert (first, rest) == (b"first", [b"second", b"third"])
    assert len(stump) == LONGEST_LINE + 1


def test_a_line_too_long_in_one_piece_is_a_stump_as_well() -> None:
    stump, last = split([b"x" * (LONGEST_LINE + 5) + b"\nlast"])
    assert (len(stump), last) == (LONGEST_LINE + 1, b"last")


def test_a_line_too_long_that_never_ends_is_one_stump() -> None:
    assert [len(line) for line in split([b"x" * 200_000] * 5)] == [LONGEST_LINE + 1]
