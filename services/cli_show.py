"""`locus show`: a view's answer drawn for people, or as JSON or CSV for programs."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from services import (
    cli_show_dossier,
    cli_show_flow,
    cli_show_influence,
    cli_show_knots,
    cli_show_learning,
    cli_show_matrix,
    cli_show_overview,
    cli_show_participation,
    cli_show_shares,
    cli_show_together,
    cli_show_trust,
)
from services.cli_drawing import chosen, mark_instant, note
from services.cli_tables import Names
from services.cli_words import for_programs, json_text, printable
from services.client import Api
from services.failures import CommandFailed

CSV = "text/csv"
Draw = Callable[[Console, Names, Any], None]
DRAW: Mapping[str, Draw] = {
    "overview": cli_show_overview.overview,
    "authority": cli_show_shares.authority,
    "drift": cli_show_shares.drift,
    "matrix": cli_show_matrix.matrix,
    "remit": cli_show_matrix.remit,
    "knots": cli_show_knots.knots,
    "flow": cli_show_flow.flow,
    "influence": cli_show_influence.influence,
    "participation": cli_show_participation.participation,
    "coordination": cli_show_together.coordination,
    "learning": cli_show_learning.learning,
    "trust": cli_show_trust.trust,
    "dossier": cli_show_dossier.dossier,
}


def answered(
    views: Api,
    ledger_api: Api,
    ledger: str,
    view: str,
    asked: tuple[str, Mapping[str, Any]],
    *,
    as_json: bool = False,
    table: str | None = None,
) -> Callable[[], None]:
    """Ask at a path; what prints the answer. `table` is printed as CSV; the empty name is the usual one."""
    path, question = asked
    if table is not None:
        written = for_programs(views.read(path, accept=CSV, table=table or None, **question))
        return lambda: click.echo(written, nl=False)
    answer = views.get(path, **question)
    if as_json:
        return lambda: click.echo(json_text(answer, indent=2))
    if view == "authority" and question.get("by") == "domain":
        answer["tree"] = _domains(views, ledger, question, answer)
    names = Names(ledger_api, views, ledger)
    names.learn(answer)
    return lambda: draw(Console(highlight=False, emoji=False), names, view, answer)


def draw(console: Console, names: Names, view: str, answer: Any) -> None:
    """The drawing of an answer, and below it what the answer rests on."""
    answer = _printable(answer)
    if "windows" in answer:
        mark_instant(answer["windows"], answer["rests_on"])
        note(console, chosen(answer["question"]))
    DRAW[view](console, names, answer)
    _foot(console, answer["rests_on"])


def _domains(views: Api, ledger: str, question: Mapping[str, Any], answer: Any) -> Any:
    """The domains as they were at the answer's moment, for the shape of their tree."""
    known_at = answer["rests_on"]["position"]
    with suppress(CommandFailed):  # a domain that was only ever decided in
        path = f"/v1/ledgers/{ledger}/matrix"
        return views.get(path, domain=question.get("domain"), at=question.get("at"), known_at=known_at)[
            "domains"
        ]
    return []


def _printable(answer: Any) -> Any:
    if isinstance(answer, str):
        return printable(answer)
    if isinstance(answer, list):
        return [_printable(one) for one in answer]
    if isinstance(answer, dict):
        return {name: _printable(value) for name, value in answer.items()}
    return answer


def _foot(console: Console, rests_on: Mapping[str, Any]) -> None:
    at = (rests_on["at"] or "nothing yet")[:19].removesuffix("T00:00:00")
    known = f"{rests_on['view']} v{rests_on['version']} · as of {at} · {rests_on['ledger']} to position"
    console.print(Text(f"{known} {rests_on['position']}, root {rests_on['root'][:12]}…", "dim"))
