"""Hypothesis strategies, derived from the types themselves: valid data and events of any type.

`data(type)` and `events(type)` draw one of a type, or of any type that publishers may send. Actors, bodies
and domains are often drawn from a few ids, so that events meet.
"""

import re
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

import msgspec
from hypothesis import strategies as st

from schemas import TYPES, Data, Event, class_of
from schemas.registry import LEDGER_ONLY, SUBJECTS
from schemas.types import Quota

PUBLISHED = tuple(sorted(set(TYPES) - LEDGER_ONLY))
SOURCES = ("https://forge.example/acme", "urn:acme:meetings")

_UTF8 = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_FEW = {"actor": ("a-1", "a-2", "a-3"), "body": ("b-1", "b-2"), "domain": ("d-1", "d-2", "d-3")}


def instants() -> st.SearchStrategy[datetime]:
    """Instants of 2000 to 2025, at any offset."""
    return st.datetimes(datetime(2000, 1, 1), datetime(2025, 12, 30), timezones=_OFFSETS)


def data(type: str | None = None) -> st.SearchStrategy[Data]:
    """Valid data of a type."""
    if type is not None:
        return _struct(class_of(type))
    return st.sampled_from(PUBLISHED).flatmap(data)


def events(type: str | None = None) -> st.SearchStrategy[Event]:
    """Valid events of a type, as the ledger takes them: their time in UTC, 2000 to 2025."""
    if type is None:
        return st.sampled_from(PUBLISHED).flatmap(events)
    return st.builds(
        Event,
        id=_text(1, 30),
        source=st.sampled_from(SOURCES),
        type=st.just(type),
        subject=_subjects(type),
        time=instants().map(lambda moment: moment.astimezone(UTC)),
        data=data(type),
        correlationid=st.none() | _text(1, 30),
        causationid=st.none() | _text(1, 30),
    )


def tree(event: Event) -> dict[str, typing.Any]:
    """The event as structured mode sends it, decoded."""
    return {"specversion": "1.0", **decoded(event)}


def decoded(struct: msgspec.Struct) -> dict[str, typing.Any]:
    """The struct as JSON's own values."""
    said: dict[str, typing.Any] = msgspec.json.decode(msgspec.json.encode(struct))
    return said


def _subjects(type: str) -> st.SearchStrategy[str]:
    begins = SUBJECTS[type]
    prefixes = [p for p in set(SUBJECTS.values()) if p] if begins is None else [begins]
    pool = _FEW["domain"] if begins == "matrix/" else _FEW.get((begins or "").rstrip("/"), ("x-1", "x-2"))
    ids = st.sampled_from(pool) | _ids(40)
    return st.builds(str.__add__, st.sampled_from(sorted(prefixes)), ids)


def _ids(longest: int) -> st.SearchStrategy[str]:
    return st.text(_UTF8, min_size=1, max_size=longest).filter(lambda drawn: not set("/@") & set(drawn))


def _text(shortest: int, longest: int) -> st.SearchStrategy[str]:
    return st.text(_UTF8, min_size=shortest, max_size=longest)


@cache
def _struct(cls: type[msgspec.Struct]) -> st.SearchStrategy[typing.Any]:
    if cls is Quota:
        return _quotas()
    hints = typing.get_type_hints(cls, include_extras=True)
    members = {field.name: of_type(hints[field.name]) for field in msgspec.structs.fields(cls)}
    return st.builds(cls, **members)


def _quotas() -> st.SearchStrategy[Quota]:
    quorum = st.none() | st.integers(1, 1_000)
    wholes = st.integers(1, 999_999)
    fractions = wholes.flatmap(lambda whole: st.integers(0, whole - 1).map(lambda part: f"{part}/{whole}"))
    least = st.builds(Quota, at_least=st.integers(1, 1_000), quorum=quorum)
    return least | st.builds(Quota, more_than=fractions, quorum=quorum)


def of_type(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    """Values that a type and its constraints allow, mostly short ones."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _struct(hint)
    if hint is types.NoneType:
        return st.none()
    if hint is bool:
        return st.booleans()
    args = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Annotated:
            if plain := _merged(args[1:]).get("extra", {}).get("personal"):
                return of_type(plain)
            return _constrained(args[0], _merged(args[1:]))
        case typing.Literal:
            return st.sampled_from(args)
        case types.UnionType | typing.Union:
            return st.one_of([of_type(arg) for arg in args])
    return _constrained(hint, {})


def _merged(metas: tuple[msgspec.Meta, ...]) -> dict[str, typing.Any]:
    names = ("ge", "le", "min_length", "max_length", "pattern", "extra")
    said = [{n: getattr(meta, n) for n in names if getattr(meta, n) is not None} for meta in metas]
    return {name: value for one in said for name, value in one.items()}


def _constrained(hint: typing.Any, meta: Mapping[str, typing.Any]) -> st.SearchStrategy[typing.Any]:
    origin = typing.get_origin(hint)
    if origin is tuple:
        shortest = meta.get("min_length", 0)
        return st.lists(of_type(typing.get_args(hint)[0]), min_size=shortest, max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(
            _text(1, 8), st.none() | st.booleans() | st.integers(0, 9) | _text(0, 8), max_size=3
        )
    if hint is int:
        return st.integers(meta["ge"], meta["le"])
    if hint is float:
        return st.floats(meta["ge"], meta["le"])
    if hint is datetime:
        return instants()
    return _strings(meta) if hint is str else of_type(hint)


def _strings(meta: Mapping[str, typing.Any]) -> st.SearchStrategy[str]:
    names = meta.get("extra", {}).get("names", "")
    few = (
        [f"{kind}/{id}" for kind, ids in _FEW.items() for id in ids]
        if names == "subject"
        else _FEW.get(names, ())
    )
    pattern, shortest, longest = meta.get("pattern"), meta.get("min_length", 0), meta.get("max_length", 256)
    if pattern is None or pattern.startswith("^[^"):
        free = _text(shortest, min(longest, 30)) if "/@" not in (pattern or "") else _ids(30)
    else:
        free = st.from_regex(pattern, alphabet=_UTF8).filter(lambda text: len(text) <= longest)
    fitting = [one for one in few if pattern is None or re.search(pattern, one)]
    return st.sampled_from(fitting) | free if fitting else free
