"""Who its people and bodies are, as the command line reads it from the ledger."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.client import Api

_PAGE = 1_000
_PAGES = 5  # of everybody; of a longer directory, from there on those who are wanted
_ASKED_AT_ONCE = 100


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


def bodies(ledger_api: Api, ledger: str) -> Iterator[tuple[str, str]]:
    """Ids with every name they were given, the last last. CommandFailed as of people."""
    for event in ("formed", "updated"):
        asked = {"type": f"locus.body.{event}.v1", "limit": _PAGE}
        for entry in ledger_api.get(f"/v1/ledgers/{ledger}/events", **asked)["entries"]:
            yield entry["event"]["subject"].removeprefix("body/"), entry["event"]["data"]["name"]
