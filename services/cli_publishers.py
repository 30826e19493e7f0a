"""`locus publisher`: who of the organisation's own issuer may do what, and how much at once."""

from pathlib import Path
from typing import Any

import rich_click as click

from services.cli_options import allowed_options, data_option, json_option
from services.failures import UNKNOWN, CommandFailed


@click.group()
def publisher() -> None:
    """Publishers by tokens of your issuer, and limits; needs the database (--data, or LOCUS_DATABASE_URL)."""


@publisher.command("add")
@click.argument("name")
@click.option("--issuer", required=True, help="As LOCUS_OIDC_ISSUER, and the token's `iss`.")
@click.option("--subject", required=True, help="The token's `sub`.")
@allowed_options
@data_option
def add(name: str, data: Path | None, **given: Any) -> None:
    """Let a subject of the issuer be the publisher NAME; the same name again is set anew."""
    from services.cli_admin import with_owner
    from services.platform import publishers

    with_owner(data, lambda connection: publishers.add(connection, name, **given))
    click.echo(f"{name} set")


@publisher.command("limit")
@click.argument("name")
@click.option("--body", type=click.IntRange(1), help="Bytes of an event or a batch.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Events a second.")
@click.option("--burst", type=click.IntRange(1), help="Events at once.")
@click.option("--in-flight", type=click.IntRange(1), help="Requests at once.")
@data_option
def limit(name: str, data: Path | None, **given: Any) -> None:
    """Limit the publisher NAME, whichever token it comes with; what is left out is as for everybody."""
    from services.cli_admin import with_owner
    from services.platform import publishers

    with_owner(data, lambda connection: publishers.limit(connection, name, **given))
    click.echo(f"{name} set")


@publisher.command("list")
@data_option
@json_option
def list_(data: Path | None, *, as_json: bool) -> None:
    """List who of the issuer is which publisher, what they may do, and limits."""
    from rich.console import Console

    from services.cli_admin import with_owner
    from services.cli_drawing import rows
    from services.cli_words import json_text
    from services.platform import publishers

    columns = ("publisher", "issuer", "subject", "scopes", "ledgers", "sources", "limits")
    limited = ("body", "rate", "burst", "in_flight")
    found = with_owner(data, publishers.listed)
    if as_json:
        told = [
            {name: row[name] for name in columns[:-1]} | {"limits": {name: row[name] for name in limited}}
            for row in found
        ]
        click.echo(json_text({"publishers": told}))
        return
    cells = []
    for row in found:
        words = (", ".join(row[column] or ()) for column in ("scopes", "ledgers", "sources"))
        limits = [f"{name} {row[name]:g}" for name in limited if row[name]]
        who = (row["publisher"], row["issuer"] or "", row["subject"] or "")
        cells.append((*who, *words, ", ".join(limits)))
    rows(Console(), columns, (), cells, len(cells), "a wider terminal")
    if not cells:
        click.echo("no publisher is set")


@publisher.command("remove")
@click.argument("name")
@data_option
def remove(name: str, data: Path | None) -> None:
    """Let the subject of the publisher NAME be nobody; takes effect within seconds. Its limits stay."""
    from services.cli_admin import with_owner
    from services.platform import publishers

    if not with_owner(data, lambda connection: publishers.remove(connection, name)):
        raise CommandFailed(f"no subject of an issuer is the publisher {name!r}", UNKNOWN)
    click.echo(f"{name} removed")
