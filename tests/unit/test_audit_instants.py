"""Instants read by the thousand are those that were sent."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.audit.instants import instants

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ANY = st.datetimes(timezones=st.just(UTC))
OURS = st.datetimes(datetime(1900, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def sent(time: datetime) -> bytes:
    return ((time - EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True)


@given(st.lists(OURS) | st.lists(ANY))
def test_each_is_read_to_the_microsecond(times: list[datetime]) -> None:
    assert instants(list(map(sent, times))) == tuple(times)


def test_what_is_no_instant_is_told_beside_those_that_are() -> None:
    ends = [b"\x7f" + b"\xff" * 7, b"\x80" + bytes(7)]  # infinity, and minus infinity
    furthest = tuple(end.replace(tzinfo=UTC) for end in (datetime.max, datetime.min))
    assert instants(ends) == furthest
    assert instants([ends[0], None, sent(EPOCH)]) == (furthest[0], None, EPOCH)
