"""Whether anybody has ever named what a view is asked about: of a misspelt id there is nothing to find."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

from services.cli_directory import named, people
from services.client import Api
from services.failures import UNKNOWN, CommandFailed

_DONE: Final = {
    "domain": "named a domain",
    "actor": "named an actor",
    "body": "formed a body",
    "space": "opened a space",
    "decision": "opened or made a decision",
}
_MOST: Final = 3


class Served(NamedTuple):
    """Where a ledger is asked."""

    views: Api
    ledger_api: Api
    ledger: str


@contextmanager
def checked(served: Served, options: Mapping[str, Any]) -> Iterator[None]:
    """Once it is answered, or refused as unknown: CommandFailed if nobody has named what it is about."""
    refused: CommandFailed | None = None
    try:
        yield
    except CommandFailed as failure:
        if failure.code != UNKNOWN:
            raise
        refused = failure
    for kind in _DONE:
        given = (options.get(kind) or "").rpartition("/")[2]
        if given and not _is_named(served, kind, given):
            told = f"in {served.ledger} nobody has ever {_DONE[kind]} {given}{_meant(served, kind, given)}"
            raise CommandFailed(told, UNKNOWN)
    if refused is not None:
        raise refused


def _is_named(served: Served, kind: str, given: str) -> bool:
    """One indexed look at the history; True where this token may not look."""
    filters = {kind: given} if kind in ("domain", "actor") else {"subject": f"{kind}/{given}"}
    home = f"/v1/ledgers/{served.ledger}"
    with suppress(CommandFailed):
        if served.ledger_api.get(f"{home}/events", limit=1, **filters)["entries"]:
            return True
        if kind != "body":
            return False
        windows = served.views.get(f"{home}/authority", body=given)["windows"]
        return any(window["decisions"] for window in windows)  # a body may decide that nobody has formed
    return True


def _meant(served: Served, kind: str, given: str) -> str:
    """The nearest, by id or by name."""
    spelt: dict[str, dict[str, str]] = {}  # by how an id or a name is spelt: ids, each as it is told
    with suppress(CommandFailed):
        for id, name in _there_are(served, kind):
            told = f"{id}, whose name is {name}" if name else id
            for spelling in (id, name or id, *(name or "").split()):
                spelt.setdefault(spelling.casefold(), {})[id] = told
    near = get_close_matches(given.casefold(), spelt)
    meant = list({id: told for spelling in near for id, told in spelt[spelling].items()}.values())
    return f"; did you mean {' or '.join(meant[:_MOST])}?" if meant else ""


def _there_are(served: Served, kind: str) -> Iterator[tuple[str, str | None]]:
    """Ids with their names."""
    home = f"/v1/ledgers/{served.ledger}"
    if kind == "domain":
        for domain in served.views.get(f"{home}/matrix")["domains"]:
            yield domain["domain"], domain["name"]
    elif kind == "actor":
        for one in people(served.ledger_api, served.ledger):
            yield one["actor"], one.get("profile", {}).get("name")
    else:
        yield from named(kind, served.ledger_api, served.ledger)
