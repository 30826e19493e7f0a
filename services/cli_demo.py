"""`locus up --demo`: a simulated organisation, and what its first views say."""

import json
import time
from datetime import datetime
from pathlib import Path

import click

from services import cli_show, running
from services.cli_events import encoded
from services.cli_publish import ensure_ledger, with_progress
from services.cli_show_asking import asked
from services.client import Api
from services.failures import FAILED, CommandFailed
from services.platform import durable

LEDGER = "demo"
_PATIENCE = 60.0  # seconds in which the views have to catch up


def show(data: Path, system: running.Running) -> None:
    """Publish the demo (again does no harm), wait for the views, show the first of them."""
    from services.connectors.demo import events, truth

    planted, told = data / "demo-truth.json", truth()
    durable.replace(planted, json.dumps(told, indent=2).encode())  # before anything is published
    ledger, views = Api(system.ledger_url, system.token), Api(system.views_url, system.token)
    ensure_ledger(ledger, LEDGER)
    summary = with_progress(ledger, LEDGER, encoded(events()), None, "demo")
    wait_for(views, LEDGER, summary.position)
    end = datetime.fromisoformat(told["at"])
    year = end.replace(year=end.year - 1)
    series = {"interval": "quarter", "to": told["at"]}
    for title, view, given in (
        ("Where authority sat, quarter by quarter", "authority", series),
        ("Who decided in the last year", "authority", {"from": year.date().isoformat(), "to": told["at"]}),
        ("How far that was from what was stated", "drift", series),
        ("Where authority sits now, where it is moving, what needs a conversation", "overview", {}),
    ):
        question = {"at": told["at"]} | given
        options = " ".join(f"--{name} {value}" for name, value in question.items())
        click.secho(f"\n{title}\n", bold=True)
        cli_show.answered(views, ledger, LEDGER, view, asked(LEDGER, view, question))()
        click.secho(f"locus show {view} --ledger {LEDGER} {options}", dim=True)
    click.echo(f"\nWhat was planted in it, to compare: {planted}")


def wait_for(views: Api, ledger: str, position: int) -> None:
    """Until the views know everything up to the position."""
    deadline = time.monotonic() + _PATIENCE
    while (known := _known(views, ledger)) < position:
        if time.monotonic() > deadline:
            raise CommandFailed(f"the views of {ledger} know {known} of {position} entries by now", FAILED)
        time.sleep(0.2)


def _known(views: Api, ledger: str) -> int:
    try:
        return int(views.get(f"/v1/ledgers/{ledger}/progress")["position"])
    except CommandFailed:
        return 0  # the worker has not met this ledger yet
