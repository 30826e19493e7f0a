"""`locus show`: a view's answer as JSON, or as tables for people."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import click
from rich.console import Console

from services import cli_show_matrix, cli_show_shares
from services.cli_tables import Names
from services.client import Api
from services.failures import CommandFailed

_WRONG_USAGE = 2
_DRAW: Mapping[str, Callable[[Console, Names, Any], None]] = {
    "authority": cli_show_shares.authority,
    "drift": cli_show_shares.drift,
    "matrix": cli_show_matrix.matrix,
    "remit": cli_show_matrix.remit,
}


def show(
    views: Api, ledger_api: Api, ledger: str, view: str, question: Mapping[str, Any], *, as_json: bool
) -> None:
    """Ask, and print the answer."""
    given = {name: value for name, value in question.items() if value is not None}
    path = f"/v1/ledgers/{ledger}/{_remit_of(given) if view == 'remit' else view}"
    answer = views.get(path, **given)
    console = Console(highlight=False)
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    names = Names(ledger_api, views, ledger)
    names.learn(answer)
    _DRAW[view](console, names, answer)
    _foot(console, answer["rests_on"])


def _remit_of(question: dict[str, Any]) -> str:
    """The path of the one holder or domain asked about, taken out of the question."""
    named = [one for one in ("domain", "actor", "body") if one in question]
    if len(named) != 1:
        raise CommandFailed("remit takes one of --domain, --actor and --body", _WRONG_USAGE)
    plural = {"domain": "domains", "actor": "actors", "body": "bodies"}[named[0]]
    bare = question.pop(named[0]).rpartition("/")[2]
    return f"{plural}/{quote(bare, safe='', errors='surrogateescape')}/remit"


def _foot(console: Console, rests_on: Mapping[str, Any]) -> None:
    at = (rests_on["at"] or "nothing yet")[:19]
    known = f"{rests_on['view']} v{rests_on['version']} · as of {at} · {rests_on['ledger']} to position"
    console.print(f"[dim]{known} {rests_on['position']}, root {rests_on['root'][:16]}…[/]", soft_wrap=True)
