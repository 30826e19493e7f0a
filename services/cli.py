"""The `locus` command: thin verbs over the services, loaded when they are used."""

import sys
from pathlib import Path
from typing import Any

import rich_click as click

from services import (
    __version__,
    cli_audit,
    cli_import,
    cli_people,
    cli_proof,
    cli_publishers,
    cli_rejected,
    cli_services,
)
from services.cli_options import data_option, filter_options, json_option, ledger_option
from services.cli_show_asking import TAKEN, asked, options_of_views, question_options
from services.cli_words import forgiving, printable
from services.failures import FAILED, USAGE, CommandFailed

_EXIT_CODES = (
    "Exit codes: 0 all well · 1 something was refused · 2 wrong usage or settings · 3 nothing answers · "
    "4 the token does not allow it · 5 no such ledger or thing · 6 anything else"
)
# Errors that carry a sentence for the user, by name: importing their modules would slow every command.
_TOLD = {
    "ChildFailed",
    "PortTaken",
    "SettingsError",
    "AlreadyRunning",
    "Unreadable",
    "KeyFileUnusable",
    "UnknownTypeError",
    "ConnectionClosedError",
}
_SETTINGS = {"SettingsError", "KeyFileUnusable"}


class Locus(click.RichGroup):
    """The command group; turns known failures into one line and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Read the command line and run it."""
        forgiving()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except CommandFailed as failure:
            _fail(str(failure), failure.code)
        except KeyboardInterrupt:
            _fail("interrupted", 130)  # as shells have it: nothing was found out, neither right nor wrong
        except BrokenPipeError:
            sys.stderr.close()  # whoever read us has enough
            sys.exit(0)
        except SystemExit as ended:
            if isinstance(ended.__context__, BrokenPipeError):  # rich has told nobody and says 1
                sys.exit(0)
            raise
        except OSError as error:
            _fail(str(error), FAILED)  # the disk, the network: nothing that a traceback would explain
        except Exception as caught:
            cause = _alone(caught)
            if _TOLD.isdisjoint(kind.__name__ for kind in type(cause).__mro__):
                raise
            _fail(str(cause), USAGE if type(cause).__name__ in _SETTINGS else FAILED)


def _alone(error: Exception) -> Exception:
    """What is in a group of one: task groups wrap whatever ends them."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _fail(message: str, code: int) -> None:
    click.echo(f"locus: {printable(message)}", err=True)
    sys.exit(code)


@click.group(cls=Locus, epilog=_EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data", type=click.Path(path_type=Path), help="Data directory of the system [LOCUS_DATA].")
@click.version_option(__version__, message="%(version)s")
@click.pass_context
def main(ctx: click.Context, data: Path | None) -> None:
    """Locus: where authority actually sits over time, beside where it is said to sit."""
    ctx.obj = data


for group in (
    cli_services.ledger,
    cli_services.projections,
    cli_services.token,
    cli_publishers.publisher,
    cli_import.import_,
    cli_people.person,
    cli_people.vault,
    cli_proof.key,
    cli_proof.witness,
    cli_audit.verify,
    cli_audit.evidence,
    cli_rejected.rejected,
):
    main.add_command(group)


@main.command()
@data_option
@click.option(
    "--port",
    type=click.IntRange(0, 65_534),
    default=0,
    show_default="a free one",
    help="Port of the ledger; the views take the next.",
)
@click.option("--demo", is_flag=True, help="Publish a simulated organisation and show its first views.")
def up(data: Path | None, port: int, demo: bool) -> None:
    """Start everything on this machine, until Ctrl-C."""
    from services import cli_up, running

    cli_up.run(running.data_directory(data), port, demo=demo)


@main.command()
def migrate() -> None:
    """Bring the database to this version's schema [LOCUS_DATABASE_URL]; safe to repeat."""
    from services import cli_admin

    cli_admin.migrate()


@main.command()
@click.argument("file", type=click.File("rb"))
@ledger_option
@data_option
@click.option("--create", is_flag=True, help="Create the ledger if there is none.")
def publish(file: Any, ledger: str, data: Path | None, create: bool) -> None:
    """Publish events from FILE (-: standard input): NDJSON, JSON arrays, or objects.

    Safe to repeat: what is known already is not recorded twice.
    """
    from services.cli_events import read_events
    from services.cli_publish import publish_all

    path = Path(file.name)
    size = path.stat().st_size if path.is_file() else None
    publish_all(data, ledger, read_events(file), size, "publish", create=create)


@main.command()
@ledger_option
@data_option
@filter_options
@click.option("--limit", type=click.IntRange(min=1), help="At most so many entries.")
@click.option("--follow", is_flag=True, help="Go on as entries come.")
@click.option("--json", "as_json", is_flag=True, help="The entries themselves, one a line.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv", "ocel"]),
    help="The entries as they are stored (--json), a row each, or an object-centric log (OCEL 2.0 JSON).",
)
def history(ledger: str, data: Path | None, *, as_json: bool, form: str | None, **question: Any) -> None:
    """Show what was recorded, in order. Times are ISO 8601."""
    from services import cli_history
    from services.client import ledger_api

    if form == "ocel" and question["follow"]:
        raise click.UsageError("an object-centric log has an end: --format ocel does not go with --follow")
    if as_json and form not in (None, "ndjson"):
        raise click.UsageError(f"--json and --format {form} are two forms of the same entries: choose one")
    wanted = form or ("ndjson" if as_json else None)
    cli_history.show(ledger_api(data), ledger, form=wanted, **question)


@main.command(
    help=f"Show a view of a ledger: {', '.join(TAKEN)}. Each takes some of the options below.",
    epilog=options_of_views(),
)
@click.argument("view", type=click.Choice(list(TAKEN)), metavar="VIEW")
@ledger_option
@data_option
@question_options
@json_option
@click.option(
    "--csv", "table", is_flag=False, flag_value="", metavar="[TABLE]", help="One of its tables as CSV."
)
def show(
    view: str, ledger: str, data: Path | None, *, as_json: bool, table: str | None, **question: Any
) -> None:
    from services import cli_show
    from services.cli_show_named import Served, checked
    from services.client import ledger_api, views_api

    asking = asked(ledger, view, question)
    if as_json and table is not None:
        raise click.UsageError("--json and --csv are two forms of the same answer: choose one")
    served = Served(views_api(data), ledger_api(data), ledger)
    with checked(served, question):
        tell = cli_show.answered(*served, view, asking, as_json=as_json, table=table)
    tell()


if __name__ == "__main__":
    main(prog_name="locus")
