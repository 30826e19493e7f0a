"""`locus rejected`: what was refused over NATS, as a list, one by one, and published again."""

from pathlib import Path
from typing import Any

import rich_click as click

from services.cli_options import data_option, json_option, ledger_option


@click.group()
def rejected() -> None:
    """Messages refused over NATS, kept for 30 days; needs a token with the scope admin."""


@rejected.command("list")
@ledger_option
@data_option
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@json_option
def list_(ledger: str, data: Path | None, limit: int, *, as_json: bool) -> None:
    """List them, the newest first: when, whose, why."""
    from rich.console import Console

    from services.cli_drawing import rows
    from services.cli_words import printable
    from services.client import ledger_api

    answer = ledger_api(data).get(_path(ledger), limit=limit)
    if as_json:
        _print_json(answer)
        return
    cells = []
    for one in answer["rejected"]:
        sent = (one["id"], one["at"][:19], one["publisher"], one["reason"])
        cells.append([*map(printable, (*sent, one.get("subject", ""), one.get("event_id", "")))])
    rows(Console(), ("id", "at", "publisher", "reason", "subject", "event"), (), cells, len(cells))
    if not cells:
        click.echo("no refused message is kept")
    if answer["next"]:
        Console(stderr=True).print(f"… the newest {limit}; see --limit", style="dim")


@rejected.command("show")
@click.argument("id", callback=lambda _context, _parameter, given: _known_form(given))
@ledger_option
@data_option
@json_option
def show(id: str, ledger: str, data: Path | None, *, as_json: bool) -> None:
    """Show one: what was sent, and what was wrong with it. That you read it is put on record."""
    from rich.console import Console

    from services.cli_words import printable
    from services.client import ledger_api

    answer = ledger_api(data).get(f"{_path(ledger)}/{id}")
    if as_json:
        _print_json(answer)
        return
    kept, problem = answer["kept"], answer["problem"]
    said = Console(highlight=False, markup=False, soft_wrap=True)
    said.print(f"{kept['at'][:19]}  from {kept['publisher']}, kept until {kept['expires'][:10]}")
    said.print(printable(f"{problem['title']}: {problem.get('detail', '')}"))
    for name in ("where", "hint"):
        if problem.get(name):
            said.print(printable(f"  {name}: {problem[name]}"))
    for name, value in answer["headers"].items():
        said.print(printable(f"{name}: {value}"))
    said.print(printable(answer.get("body") or f"(base64) {answer.get('body_base64', '')}"))


@rejected.command("retry")
@click.argument("id", callback=lambda _context, _parameter, given: _known_form(given))
@ledger_option
@data_option
@json_option
def retry(id: str, ledger: str, data: Path | None, *, as_json: bool) -> None:
    """Publish one again, as you; if it is refused again, it stays."""
    from services.client import ledger_api

    answer = ledger_api(data).post(f"{_path(ledger)}/{id}/retry", None)
    if as_json:
        _print_json(answer)
        return
    for receipt in answer["receipts"]:
        was = " (it had been before)" if receipt["duplicate"] else ""
        click.echo(f"recorded at position {receipt['position']}: {receipt['subject']}{was}")


def _known_form(given: str) -> str:
    if not given.isalnum() or not given.isascii():
        raise click.BadParameter("an id is digits and letters; see: locus rejected list")
    return given


def _path(ledger: str) -> str:
    return f"/v1/ledgers/{ledger}/rejected"


def _print_json(answer: Any) -> None:
    from services.cli_words import json_text

    click.echo(json_text(answer))
