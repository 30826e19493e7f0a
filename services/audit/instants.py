"""Instants as PostgreSQL sends them, many at once: eight bytes each, microseconds since 2000."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

NEVER = datetime.min.replace(tzinfo=UTC)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE = (_EPOCH - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
_EXACT = 4 * 10**15  # microseconds around 1970 that are still told apart as seconds in floating point
_times = list[datetime]


def instants(sent: Sequence[bytes | None]) -> tuple[datetime | None, ...]:
    """One each; those that a datetime cannot hold, as infinity, are the nearest that it can."""
    if None in sent:
        return tuple(None if one is None else _instant(_number(one)) for one in sent)
    since = struct.unpack(f">{len(sent)}q", b"".join(filter(None, sent)))
    if not since or max(since) + _BEFORE > _EXACT or min(since) + _BEFORE < -_EXACT:
        return tuple(map(_instant, since))
    seconds = [(one + _BEFORE) / 1_000_000 for one in since]
    return tuple(msgspec.convert(seconds, _times, strict=False))  # in a fifth of the time


def _number(sent: bytes) -> int:
    return int.from_bytes(sent, "big", signed=True)


def _instant(since: int) -> datetime:
    try:
        return _EPOCH + since * _MICROSECOND
    except OverflowError:
        return (datetime.max if since > 0 else datetime.min).replace(tzinfo=UTC)
