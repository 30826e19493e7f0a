"""`locus projections rebuild`: a ledger's facts built anew, through the database."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli_admin import told_plainly, with_database
from services.failures import REFUSED, UNKNOWN, CommandFailed
from services.projections import main
from services.projections.rebuilding import NothingBuiltError, RebuildError


def rebuild(data: Path | None, ledger: str, sign_off: str | None) -> None:
    """Have the facts built anew, and wait until they are served; to stop waiting stops nothing."""
    settings = with_database(data)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as shown, told_plainly():
            task = shown.add_task(f"building the facts of {ledger} anew", total=None)

            def come(position: int, head: int) -> None:
                shown.update(task, completed=position, total=head)

            asyncio.run(main.rebuild(settings, ledger, sign_off=sign_off, come=come))
    except NothingBuiltError as error:
        raise CommandFailed(str(error), UNKNOWN) from error
    except RebuildError as error:
        raise CommandFailed(str(error), REFUSED) from error
    Console(highlight=False).print(f"the new facts of {ledger} are served")
