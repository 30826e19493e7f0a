"""What every fuzz test shares: damage done to what is valid, and how long to look for trouble."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

_PHASES = [Phase.generate, Phase.shrink]
_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Property(NamedTuple):
    """What must hold of any input drawn: `holds` raises if it does not."""

    inputs: st.SearchStrategy[Any]
    holds: Callable[[Any], None]
    few: int = 100  # examples when there is no time


def hunt(name: str, sought: Property) -> None:
    """Try a few inputs. They follow from LOCUS_SEED."""
    _round(name, sought, sought.few, 0)


def hunt_for(seconds: float, name: str, sought: Property) -> int:
    """Try inputs until the time is over; how many it were."""
    begun = time.monotonic()
    for number in count():
        _round(name, sought, 10 * sought.few, number)
        if time.monotonic() - begun > seconds:
            break
    return (number + 1) * 10 * sought.few


def _round(name: str, sought: Property, examples: int, number: int) -> None:
    @seed(f"{os.environ['LOCUS_SEED']} {name} {number}")
    @settings(
        max_examples=examples, deadline=None, database=None, phases=_PHASES, suppress_health_check=_CHECKS
    )
    @given(sought.inputs)
    def holds(drawn: Any) -> None:
        sought.holds(drawn)

    holds()


@st.composite
def damaged(draw: st.DrawFn, whole: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Something valid, in which up to four places were cut out, doubled, swapped, overwritten or grown."""
    raw = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(0, 4))):
        at, length = draw(st.integers(0, len(raw))), draw(st.sampled_from([0, 0, 1, 2, 8, 64]))
        other = draw(st.sampled_from(whole))
        start = draw(st.integers(0, len(other)))
        put = draw(
            st.sampled_from(words)
            | st.binary(max_size=3)
            | st.just(other[start : start + draw(st.integers(1, 80))])
        )
        raw = raw[:at] + put + raw[at + length :]
    return raw


def inputs(whole: Sequence[bytes], words: Sequence[bytes], longest: int = 200) -> st.SearchStrategy[bytes]:
    """Damaged valid inputs, words in a row, any bytes."""
    jumbled = st.lists(st.sampled_from(words), max_size=30).map(b"".join)
    return st.one_of(
        damaged(whole, words),
        damaged(whole, words),
        damaged(whole, words),
        jumbled,
        st.binary(max_size=longest),
    )


def in_words(refusal: Exception) -> None:
    """Whoever is refused is told why, in text that can be sent."""
    assert str(refusal).encode()


def pieces(raw: bytes) -> Iterator[bytes]:
    """The lines of an input, as words."""
    yield from raw.splitlines(keepends=True)
