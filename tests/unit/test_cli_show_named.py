"""Who asks about what nobody has ever named is told so, and what may be meant."""

from collections.abc import Mapping
from typing import Any

import pytest

from services.cli_show_named import Served, checked
from services.failures import NOT_ALLOWED, UNKNOWN, USAGE, CommandFailed

DOMAINS = {"budget": "Budget", "bu-2": None, "people": "People and money"}
PEOPLE = {"a-9": "Ines Rahman", "a-59": "Ines Rahman", "a-1": None}
BODIES = {"b-1": "Circle"}
SPACES = {"s-1": "Forum"}


class Ledger:
    """What is recorded in a ledger, and its matrix; `closed`: to this token the history is not open."""

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed

    def get(self, path: str, **asked: Any) -> Any:
        if path.endswith("/matrix"):
            return {"domains": [{"domain": id, "name": name} for id, name in DOMAINS.items()]}
        if path.endswith("/authority"):
            return {"windows": [{"decisions": int(asked["body"] == "never-formed")}]}
        if self.closed:
            raise CommandFailed("not yours", NOT_ALLOWED)
        if path.endswith("/directory"):
            named = [
                {"actor": id} | ({"profile": {"name": name}} if name else {}) for id, name in PEOPLE.items()
            ]
            return {"people": named, "next": None}
        return {"entries": list(self.entries(asked))}

    def entries(self, asked: Mapping[str, Any]) -> Any:
        if asked.get("type") == "locus.body.formed.v1":
            return [
                {"event": {"subject": f"body/{id}", "data": {"name": name}}} for id, name in BODIES.items()
            ]
        if asked.get("type") == "locus.space.opened.v1":
            return [
                {"event": {"subject": f"space/{id}", "data": {"name": name}}} for id, name in SPACES.items()
            ]
        known = {"domain": DOMAINS, "actor": {**PEOPLE, "never-registered": None}}
        known["subject"] = dict.fromkeys(("decision/d-1", "space/s-1", *(f"body/{id}" for id in BODIES)))
        return [1 for kind, ids in known.items() if asked.get(kind) in ids]


def told(*, closed: bool = False, refused: CommandFailed | None = None, **options: str | None) -> str:
    """What is said after an answer, or after a view has refused to give one; nothing: all is well."""
    ledger: Any = Ledger(closed=closed)
    try:
        with checked(Served(ledger, ledger, "acme"), options):
            if refused is not None:
                raise refused
    except CommandFailed as failure:
        return f"{failure.code}: {failure}"
    return ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"domain": "budjet"},
            "in acme nobody has ever named a domain budjet; did you mean budget, whose name is Budget?",
        ),
        (
            {"domain": "people and mony"},
            "in acme nobody has ever named a domain people and mony;"
            " did you mean people, whose name is People and money?",
        ),
        (
            {"actor": "actor/Ines Rahman"},
            "in acme nobody has ever named an actor Ines Rahman;"
            " did you mean a-9, whose name is Ines Rahman or a-59, whose name is Ines Rahman?",
        ),
        (
            {"actor": "Rahman"},
            "in acme nobody has ever named an actor Rahman;"
            " did you mean a-9, whose name is Ines Rahman or a-59, whose name is Ines Rahman?",
        ),
        ({"actor": "zzz", "domain": None}, "in acme nobody has ever named an actor zzz"),
        (
            {"body": "circle"},
            "in acme nobody has ever formed a body circle; did you mean b-1, whose name is Circle?",
        ),
        (
            {"space": "form"},
            "in acme nobody has ever opened a space form; did you mean s-1, whose name is Forum?",
        ),
        ({"decision": "d-2"}, "in acme nobody has ever opened or made a decision d-2"),
    ],
)
def test_what_nobody_has_named_is_told_with_the_nearest_ids_and_names(
    options: dict[str, str | None], said: str
) -> None:
    assert told(**options) == f"5: {said}"
    assert told(refused=CommandFailed("404", UNKNOWN), **options) == f"5: {said}"


def test_what_somebody_has_named_passes() -> None:
    assert told(domain="domain/budget", actor="never-registered", body="body/b-1") == ""
    assert told(body="never-formed") == ""
    assert told(space="s-1", decision="decision/d-1") == ""
    assert told() == ""


def test_the_refusal_of_a_view_is_passed_on_where_there_is_nothing_to_add() -> None:
    later = CommandFailed("not yet at this time", UNKNOWN)
    assert told(refused=later, domain="budget") == "5: not yet at this time"
    assert told(refused=CommandFailed("no id", USAGE), domain="budjet") == "2: no id"


def test_a_token_for_views_alone_is_answered_as_ever() -> None:
    assert told(closed=True, domain="budjet", actor="nobody") == ""
