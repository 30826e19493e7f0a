"""`locus projections parked`: entries the views could not take, listed, shown, read anew or let be."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from services.cli_options import data_option, json_option, ledger_option
from services.failures import UNKNOWN, CommandFailed

if TYPE_CHECKING:
    from services.projections.parked import ParkedEntry

T = TypeVar("T")
_POSITION = click.argument("position", type=click.IntRange(min=1))


@click.group()
def parked() -> None:
    """Entries the views could not take; everything else goes on without them. Needs the database."""


@parked.command("list")
@ledger_option
@data_option
@json_option
def list_(ledger: str, data: Path | None, *, as_json: bool) -> None:
    """List them: position, subject, since when, why."""
    from rich.console import Console

    from services.cli_drawing import rows
    from services.cli_words import printable
    from services.projections import main

    found = _run(main.parked, data, ledger)
    if as_json:
        _print_json({"parked": [_members(entry) for entry in found]})
        return
    cells = []
    for entry in found:
        said = entry.error + (" (skipped)" if entry.skipped else "")
        since = f"{entry.parked:%Y-%m-%d %H:%M}"
        cells.append((str(entry.position), printable(entry.subject), since, printable(said)))
    columns = ("position", "subject", "since", "error")
    rows(Console(), columns, ("position",), cells, len(cells), "a wider terminal")
    if not cells:
        click.echo("nothing is parked")


@parked.command("show")
@_POSITION
@ledger_option
@data_option
@json_option
def show(position: int, ledger: str, data: Path | None, *, as_json: bool) -> None:
    """Show one: the error, and the entry as it is stored."""
    from rich.console import Console

    from services.cli_words import printable
    from services.projections import main

    found = _run(main.parked_entry, data, ledger, position)
    if found is None:
        raise _not_parked(ledger, position)
    entry, line = found
    if as_json:
        _print_json(_members(entry) | {"entry": line.decode(errors="replace")})
        return
    said = Console(highlight=False, markup=False, soft_wrap=True)
    subject = printable(entry.subject) or "of no subject that could be read"
    said.print(f"position {entry.position}, {subject}")
    skipped = ", skipped" if entry.skipped else ""
    said.print(f"parked {entry.parked:%Y-%m-%d %H:%M} UTC{skipped}: {printable(entry.error)}")
    click.echo(printable(line.decode(errors="replace")))


@parked.command("retry")
@ledger_option
@data_option
def retry(ledger: str, data: Path | None) -> None:
    """Read the whole ledger anew beside the rows that are served, which stay until the new ones are complete.

    An entry that can be taken now changes what was known from its own position on, so the rows differ, and
    are meant to.
    """
    from services import cli_rebuild

    cli_rebuild.rebuild(data, ledger, "parked entries are read anew")
    list_.callback(ledger, data, as_json=False)  # type: ignore[misc]  # a command has one


@parked.command("skip")
@_POSITION
@ledger_option
@data_option
def skip(position: int, ledger: str, data: Path | None) -> None:
    """Let one be: it stays out of every view and is no longer counted, not even when all is read anew."""
    from services.projections import main

    if not _run(main.skip, data, ledger, position):
        raise _not_parked(ledger, position)
    click.echo(f"the entry at position {position} is skipped")


def _members(entry: "ParkedEntry") -> dict[str, Any]:
    return {
        "position": entry.position,
        "subject": entry.subject,
        "since": entry.parked,
        "error": entry.error,
        "skipped": entry.skipped,
    }


def _print_json(answer: dict[str, Any]) -> None:
    import msgspec

    from services.cli_words import json_text

    click.echo(json_text(msgspec.to_builtins(answer)))


def _run(work: Callable[..., Coroutine[Any, Any, T]], data: Path | None, *asked: Any) -> T:
    from services.cli_admin import told_plainly, with_database
    from services.projections.views.ground import UnknownLedgerError

    try:
        with told_plainly():
            return asyncio.run(work(with_database(data), *asked))
    except UnknownLedgerError as error:
        raise CommandFailed(f"the views know no ledger {error}", UNKNOWN) from error


def _not_parked(ledger: str, position: int) -> CommandFailed:
    hint = f"`locus projections parked list --ledger {ledger}` lists what is"
    return CommandFailed(f"nothing is parked at position {position}; {hint}", UNKNOWN)
