"""`locus import SOURCE`: every connector that has a `read(path)` is a verb; the demo takes a seed instead."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeVar

import rich_click as click

from services.cli_options import data_option, ledger_name

F = TypeVar("F", bound=Callable[..., Any] | click.Command)


class Connectors(click.RichGroup):
    """The connectors in `services/connectors`, imported when one is used or help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all connectors."""
        return sorted({*super().list_commands(ctx), *_names()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of one connector."""
        own = super().get_command(ctx, cmd_name)
        if own is None and cmd_name in _names():
            return _verb(cmd_name, import_module(f"services.connectors.{cmd_name}"))
        return own


def _names() -> set[str]:
    from services import connectors

    return {module.name for module in iter_modules(connectors.__path__)}


def _ledger_option(default: str) -> Callable[[F], F]:
    return click.option(
        "--ledger",
        default=default,
        show_default=True,
        envvar="LOCUS_LEDGER",
        callback=ledger_name,
        help="The ledger.",
    )


def _verb(name: str, connector: ModuleType) -> click.Command:
    """`read(path)` as a command; the first line of its documentation is the help."""

    @click.command(name, help=(connector.__doc__ or "").partition("\n")[0])
    @click.argument("path", type=click.Path(exists=True, path_type=Path))
    @_ledger_option(getattr(connector, "LEDGER", name))
    @data_option
    def verb(path: Path, ledger: str, data: Path | None) -> None:
        from services.cli_events import encoded
        from services.cli_publish import publish_all

        publish_all(data, ledger, encoded(connector.read(path)), None, f"import {name}", create=True)

    return verb


@click.group("import", cls=Connectors)
def import_() -> None:
    """Read another system and publish what it knows; creates the ledger if there is none."""


@import_.command("demo")
@_ledger_option("demo")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same organisation.")
@data_option
def demo(ledger: str, seed: int, data: Path | None) -> None:
    """Simulate an organisation that moves from central to distributed decisions."""
    from services.cli_events import encoded
    from services.cli_publish import publish_all
    from services.connectors.demo import events

    publish_all(data, ledger, encoded(events(seed=seed)), None, "import demo", create=True)
