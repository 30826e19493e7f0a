"""Verbs that look after people: `person` (erasure, legal hold) and `vault` (the keys of persons)."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import rich_click as click

from services.cli_options import data_option, json_option, ledger_option
from services.cli_words import json_text, printable


@click.group()
def person() -> None:
    """Show, erase or hold a person; needs the scope admin."""


def _people(data: Path | None, ledger: str, actor: str) -> tuple[Any, str]:
    from services.client import ledger_api

    return ledger_api(data), f"/v1/ledgers/{ledger}/people/{quote(actor.removeprefix('actor/'), safe='')}"


def _tell(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text(answer))
        return
    for name, value in answer.items():
        if value is not None and value != []:
            click.echo(printable(f"{name.replace('_', ' ')}: {_shown(value)}"))


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return " ".join(f"{key}={one}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


@person.command("show")
@click.argument("actor")
@ledger_option
@data_option
@json_option
def person_show(actor: str, ledger: str, data: Path | None, *, as_json: bool) -> None:
    """What is kept of ACTOR: whether anything is sealed or was refused, erasure, hold, other ids."""
    api, path = _people(data, ledger, actor)
    _tell(api.get(path), as_json=as_json)


@person.command("erase")
@click.argument("actor")
@ledger_option
@data_option
@click.option("--basis", required=True, help="Why; it stays in the ledger, so it names nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def person_erase(actor: str, ledger: str, data: Path | None, basis: str, *, yes: bool, as_json: bool) -> None:
    """Erase ACTOR for good, and every id merged into it: name, address, and every personal word of theirs."""
    api, path = _people(data, ledger, actor)
    if not yes:
        told = api.get(path)
        whom = ", ".join([actor, *told["aliases"]])
        if told["merged_into"]:
            whom += f" (merged into {told['merged_into']}, which is not erased with it)"
        click.confirm(printable(f"Erase {whom} from {ledger}? Nobody can undo it"), abort=True, err=True)
    _tell(api.delete(path, basis=basis), as_json=as_json)


@person.command("hold")
@click.argument("actor")
@ledger_option
@data_option
@click.option("--reason", required=True, help="Why, such as the number of a case.")
@json_option
def person_hold(actor: str, ledger: str, data: Path | None, reason: str, *, as_json: bool) -> None:
    """Keep ACTOR from being erased until it is lifted."""
    api, path = _people(data, ledger, actor)
    _tell(api.put(f"{path}/hold", {"reason": reason}), as_json=as_json)


@person.command("release")
@click.argument("actor")
@ledger_option
@data_option
@json_option
def person_release(actor: str, ledger: str, data: Path | None, *, as_json: bool) -> None:
    """Lift the legal hold on ACTOR."""
    api, path = _people(data, ledger, actor)
    _tell(api.delete(f"{path}/hold"), as_json=as_json)


@click.group()
def vault() -> None:
    """Look after the keys of persons [LOCUS_VAULT_KEYS, LOCUS_VAULT_URL, or --data]."""


@vault.command("turn")
@data_option
def vault_turn(data: Path | None) -> None:
    """Wrap every living key anew and destroy the old epoch: what was erased until now is final."""
    from services import cli_admin

    click.echo(f"epoch {cli_admin.turn_vault(data)} began; those before it are destroyed")
