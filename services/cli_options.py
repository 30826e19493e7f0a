"""Options that several verbs share."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

Verb = TypeVar("Verb", bound=Callable[..., Any])

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    callback=lambda ctx, _, value: value or ctx.find_root().obj,  # may stand before the verb as well
    help="Data directory of the system [LOCUS_DATA].",
)

json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for programs.")


def ledger_name(_ctx: click.Context, _parameter: click.Parameter, given: str) -> str:
    """The callback of an option that names a ledger."""
    return named(given)


def named(given: str) -> str:
    """The name of a ledger; it becomes part of addresses, so it is only what a name can be."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,62}", given):
        raise click.BadParameter(
            "a ledger's name has 2 to 63 lower-case letters, digits and hyphens, a letter first"
        )
    return given


def _any_or_named(
    _ctx: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(one if one == "*" else named(one) for one in given)


_SCOPES = click.Choice(["publish", "history", "views", "admin"])


def allowed_options(verb: Callable[..., None]) -> Callable[..., None]:
    """What somebody may do: scopes, ledgers, sources."""
    for option in (
        click.option(
            "--source",
            "sources",
            multiple=True,
            default=("*",),
            show_default=True,
            help="As whom it may speak: a source, prefix*, or * for all.",
        ),
        click.option(
            "--for-ledger",
            "ledgers",
            multiple=True,
            default=("*",),
            show_default=True,
            callback=_any_or_named,
            help="What it may touch: a ledger, or * for all.",
        ),
        click.option("--scope", "scopes", multiple=True, required=True, type=_SCOPES, help="What it may do."),
    ):
        verb = option(verb)
    return verb


ledger_option = click.option(
    "--ledger",
    required=True,
    envvar="LOCUS_LEDGER",
    show_envvar=True,
    callback=ledger_name,
    help="The ledger.",
)


_FILTERS = (
    click.option("--after", type=int, help="Only entries behind this position."),
    click.option("--type", help="Only this type of event, such as locus.decision.made.v1."),
    click.option("--subject", help="Only this subject, such as decision/d-7."),
    click.option("--actor", help="Only entries that name this actor."),
    click.option("--domain", help="Only entries that name this domain."),
    click.option("--source", help="Only what this source published."),
    click.option("--occurred-from", help="Occurred at or after."),
    click.option("--occurred-to", help="Occurred before."),
    click.option("--recorded-from", help="Recorded at or after."),
    click.option("--recorded-to", help="Recorded before."),
)


def filter_options(verb: Verb) -> Verb:
    """The filters of the history, in the order of its help."""
    for option in reversed(_FILTERS):
        verb = option(verb)
    return verb
