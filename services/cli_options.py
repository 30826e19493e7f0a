"""Options that several verbs share."""

from pathlib import Path

import rich_click as click

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    callback=lambda ctx, _, value: value or ctx.find_root().obj,  # may stand before the verb as well
    help="Data directory of the system [LOCUS_DATA].",
)
ledger_option = click.option(
    "--ledger", required=True, envvar="LOCUS_LEDGER", show_envvar=True, help="The ledger."
)
