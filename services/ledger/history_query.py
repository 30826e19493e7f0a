"""What a reader asks for, from the query string. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from schemas import TYPES
from schemas.registry import UPCASTERS
from schemas.types import SUBJECT
from services.ledger.history import Filters
from services.ledger.intake_words import unknown_type
from services.platform.problems import BAD_PARAMETER, Problem
from services.platform.web import no_others

MAX_POSITION = 2**53
MOST = 1_000
USUAL = 100

_TEXTS = ("type", "subject", "actor", "domain", "source")
_TIMES = ("occurred_from", "occurred_to", "recorded_from", "recorded_to")
_PAGES = frozenset({"after", "limit"})
_PREFIXES = {"actor": "actor/", "domain": "domain/"}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LONGEST = 512
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Query(msgspec.Struct, frozen=True):
    """Which entries, from where, how many (None: as the form of the answer has it)."""

    after: int | None
    limit: int | None
    filters: Filters


def query(given: Sequence[tuple[str, str]]) -> Query:
    """The query in these parameters. A parameter unknown or twice is a problem: it would filter nothing."""
    wanted = filters(given, _PAGES)
    said = dict(given)
    return Query(
        whole("after", said["after"]) if "after" in said else None,
        whole("limit", said["limit"], least=1) if "limit" in said else None,
        wanted,
    )


def filters(given: Sequence[tuple[str, str]], others: frozenset[str] = frozenset()) -> Filters:
    """The filters in these parameters; `others` may stand beside them."""
    no_others([name for name, _ in given], others.union(_TEXTS, _TIMES))
    said = dict(given)
    found: dict[str, Any] = {name: bare(name, said[name]) for name in _TEXTS if name in said}
    if "type" in found:
        _known_type(found["type"])
    if "subject" in found and re.fullmatch(SUBJECT, found["subject"]) is None:
        raise _bad("subject", f"{found['subject'][:100]!r} is no subject", "write kind/id: decision/d-7")
    found |= {name: _moment(name, said[name]) for name in _TIMES if name in said}
    _in_order(found, "occurred_from", "occurred_to")
    _in_order(found, "recorded_from", "recorded_to")
    return Filters(**found)


def bare(name: str, value: str) -> str:
    """A text as the database can compare it; `actor/a-1` is taken for `a-1` where a bare id is meant."""
    if not value or len(value) > _LONGEST or "\0" in value or not _encodable(value):
        raise _bad(
            name, f"not a text of 1 to {_LONGEST} characters", "give the value as it stands in entries"
        )
    return value.removeprefix(_PREFIXES.get(name, ""))


def _known_type(name: str) -> None:
    """Raise a problem for a type that no entry here can have."""
    if name not in TYPES and name not in UPCASTERS:
        unfit = unknown_type(name)
        raise _bad("type", unfit.detail, unfit.hint)


def _encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _moment(name: str, value: str) -> datetime:
    """An instant with its offset, or a date: its midnight in UTC. A `+` that became a space is a `+`."""
    text = f"{value}T00:00:00Z" if _DATE.fullmatch(value) else value.replace(" ", "+")
    try:
        return msgspec.convert(text, _Instant).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise _bad(
            name, "not an instant with its offset", "write 2026-01-31 or 2026-01-31T09:30:00Z"
        ) from None


def _in_order(filters: dict[str, Any], start: str, end: str) -> None:
    if start in filters and end in filters and filters[end] < filters[start]:
        raise _bad(end, f"`{end}` lies before `{start}`", f"the range is [{start}, {end})")


def whole(name: str, value: str, least: int = 0) -> int:
    """A whole number up to the highest position there can be."""
    if re.fullmatch(r"[0-9]{1,16}", value) is None or not least <= int(value) <= MAX_POSITION:
        detail = f"not a whole number from {least} to {MAX_POSITION}"
        after = "; the `next` of an answer is the `after` of the following" if name == "after" else ""
        raise _bad(name, detail, f"write it in digits{after}")
    return int(value)


def _bad(name: str, detail: str, hint: str) -> Problem:
    return Problem(BAD_PARAMETER, detail, where=name[:100], hint=hint)
