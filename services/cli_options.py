"""Options that several verbs share."""

import re
from collections.abc import Callable
from pathlib import Path

import rich_click as click

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    callback=lambda ctx, _, value: value or ctx.find_root().obj,  # may stand before the verb as well
    help="Data directory of the system [LOCUS_DATA].",
)


def ledger_name(_ctx: click.Context, _parameter: click.Parameter, given: str) -> str:
    """The name of a ledger; it becomes part of addresses, so it is only what a name can be."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,62}", given):
        raise click.BadParameter(
            "a ledger's name has 2 to 63 lower-case letters, digits and hyphens, a letter first"
        )
    return given


_SCOPES = click.Choice(["publish", "history", "views", "admin"])


def allowed_options(verb: Callable[..., None]) -> Callable[..., None]:
    """What somebody may do: scopes, ledgers, sources."""
    for option in (
        click.option(
            "--source", "sources", multiple=True, default=("*",), help="As whom it may speak; prefix*."
        ),
        click.option(
            "--for-ledger", "ledgers", multiple=True, default=("*",), help="What it may touch (*: any)."
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
