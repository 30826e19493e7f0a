"""Who its people, bodies and spaces are, as the command line reads it from the ledger."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.client import Api

_PAGE = 1_000
_PAGES = 5  # of everybody; of a longer directory, from there on those who are wanted
_ASKED_AT_ONCE = 100
_NAMING = {"body": ("formed", "updated"), "space": ("opened",)}


def people(ledger_api: Api, ledger: str, wanted: Sequence[str] = ()) -> Iterator[Any]:
    """Everybody, so that namesakes are known. CommandFailed: a token for views alone may not read this."""
    path, after = f"/v1/ledgers/{ledger}/directory", "0"
    missing = dict.fromkeys(wanted)
    for _ in range(_PAGES):
        page = ledger_api.get(path, after=after, limit=_PAGE)
        for one in page["people"]:
            missing.pop(one["actor"], None)
            yield one
        after = page["next"]
        if after is None:
            return
    left = list(missing)
    for start in range(0, len(left), _ASKED_AT_ONCE):
        yield from ledger_api.get(path, actor=left[start : start + _ASKED_AT_ONCE])["people"]


def named(kind: str, ledger_api: Api, ledger: str) -> Iterator[tuple[str, str]]:
    """Ids of bodies or spaces with every name they were given, the last last. CommandFailed as of people."""
    for event in _NAMING.get(kind, ()):
        asked = {"type": f"locus.{kind}.{event}.v1", "limit": _PAGE}
        for entry in ledger_api.get(f"/v1/ledgers/{ledger}/events", **asked)["entries"]:
            yield entry["event"]["subject"].removeprefix(f"{kind}/"), entry["event"]["data"]["name"]
