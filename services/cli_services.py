"""Verbs that run the services and look after them: `ledger`, `projections`, `token`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from services.cli_options import allowed_options, data_option, json_option, ledger_name, ledger_option
from services.cli_parked import parked

if TYPE_CHECKING:
    from services.platform.settings import Settings


def _settings(service: str) -> "Settings":
    from services.platform import settings, telemetry

    read = settings.read()
    telemetry.log_to_stderr(read.log_level, service)
    return read


@click.group()
def ledger() -> None:
    """Record events, serve history."""


@ledger.command("serve")
def ledger_serve() -> None:
    """Serve HTTP [LOCUS_DATABASE_URL, LOCUS_HOST, LOCUS_PORT]."""
    from services.ledger.main import app
    from services.platform import lifetime, serving

    settings = _settings("ledger")
    lifetime.run(serving.serve(app(settings), settings.host, settings.port))


@ledger.command("relay")
def ledger_relay() -> None:
    """Echo every ledger's entries into JetStream."""
    from services.ledger.main import relay
    from services.platform import lifetime

    lifetime.run(relay(_settings("relay")))


@ledger.command("create")
@click.argument("name", callback=ledger_name)
@data_option
@json_option
def ledger_create(name: str, data: Path | None, *, as_json: bool) -> None:
    """Create a ledger."""
    from services.cli_publish import ensure_ledger
    from services.cli_words import json_text
    from services.client import ledger_api

    created = ensure_ledger(ledger_api(data), name)
    if as_json:
        click.echo(json_text({"ledger": name, "created": created}))
        return
    click.echo(f"{name} {'created' if created else 'exists already'}")


@click.group()
def projections() -> None:
    """Build the views from the ledger, serve them."""


@projections.command("serve")
def projections_serve() -> None:
    """Serve the views over HTTP [LOCUS_DATABASE_URL, LOCUS_HOST, LOCUS_PORT]."""
    from services.platform import lifetime, serving
    from services.projections.main import app

    settings = _settings("projections")
    lifetime.run(serving.serve(app(settings), settings.host, settings.port))


@projections.command("work")
def projections_work() -> None:
    """Turn entries into facts and aggregates as they come."""
    from services.platform import lifetime
    from services.projections.worker import work

    lifetime.run(work(_settings("worker")))


@projections.command("rebuild")
@ledger_option
@data_option
@click.option("--sign-off", metavar="WHY", help="Let the new facts take over although they differ.")
def projections_rebuild(ledger: str, data: Path | None, sign_off: str | None) -> None:
    """Build a ledger's facts anew beside the old ones, and swap when they agree."""
    from services import cli_rebuild

    cli_rebuild.rebuild(data, ledger, sign_off)


projections.add_command(parked)


@click.group()
def token() -> None:
    """Make, list and withdraw tokens; needs the database (--data, or LOCUS_DATABASE_URL)."""


@token.command("create")
@click.argument("publisher")
@allowed_options
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 3650), help="Until it ends.")
@data_option
@json_option
def token_create(publisher: str, data: Path | None, *, as_json: bool, **allowed: Any) -> None:
    """Make a token for PUBLISHER and print it; it cannot be shown again."""
    from services import cli_admin

    cli_admin.create_token(data, publisher, as_json=as_json, **allowed)


@token.command("list")
@data_option
@json_option
def token_list(data: Path | None, *, as_json: bool) -> None:
    """List the tokens that still work, and what they allow."""
    from services import cli_admin

    cli_admin.list_tokens(data, as_json=as_json)


@token.command("revoke")
@click.argument("publisher", required=False)
@click.option("--id", help="Only the token that `locus token list` shows by this id.")
@data_option
def token_revoke(publisher: str | None, id: str | None, data: Path | None) -> None:
    """Withdraw every token of PUBLISHER, or the one with an id; takes effect within seconds."""
    from services import cli_admin

    if (publisher is None) == (id is None):
        raise click.UsageError("name a publisher, or a token with --id")
    if id is not None:
        cli_admin.revoke_token(data, id)
    if publisher is not None:
        cli_admin.revoke_tokens(data, publisher)
