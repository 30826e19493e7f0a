"""Verbs of whoever signs checkpoints, and of whoever watches that: `key`, `witness`."""

from pathlib import Path

import rich_click as click

from services.cli_options import data_option, json_option, ledger_name

_FILE = click.Path(path_type=Path, dir_okay=False)
_file = click.argument("file", required=False, type=_FILE)


@click.group()
def key() -> None:
    """Make, show and change the keys that sign; without FILE, LOCUS_SIGNING_KEY, or that of `locus up`."""


@key.command("new")
@_file
@click.option("--witness", metavar="NAME", help="For a witness of this name, such as witness.example/w1.")
@data_option
def key_new(file: Path | None, witness: str | None, data: Path | None) -> None:
    """Make a key in FILE, for its owner alone."""
    from services import cli_keys

    if witness is not None and file is None:
        raise click.UsageError("a witness's key is not that of a log: name a FILE for it")
    cli_keys.new(cli_keys.kept_in(file, data), witness)


@key.command("show")
@_file
@click.option("--ledger", callback=lambda c, p, v: v and ledger_name(c, p, v), help="The key of this ledger.")
@click.option("--origin", help="The key of the log with this name.")
@data_option
@json_option
def key_show(
    file: Path | None, ledger: str | None, origin: str | None, data: Path | None, *, as_json: bool
) -> None:
    """Print what others verify with: C2SP verifier keys, the announced one first."""
    from services import cli_keys

    cli_keys.show(cli_keys.given(file, data), data, ledger, origin, as_json=as_json)


@key.command("rotate")
@_file
@click.option("--forget", is_flag=True, help="Forget all keys but the newest.")
@data_option
def key_rotate(file: Path | None, forget: bool, data: Path | None) -> None:
    """Put a new key first; the older ones sign beside it until they are forgotten."""
    from services import cli_keys

    cli_keys.rotate(cli_keys.kept_in(file, data), forget=forget)


@click.command()
@click.option("--key", "file", required=True, type=_FILE, help="Made by: locus key new --witness NAME FILE")
@click.option("--log", "logs", required=True, multiple=True, help="The verifier key of a log to watch.")
@click.option("--state", required=True, type=click.Path(path_type=Path), help="Where to keep what it saw.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, show_default="a free one", help="Where to listen."
)
def witness(file: Path, logs: tuple[str, ...], state: Path, host: str, port: int) -> None:
    """Cosign other people's checkpoints: C2SP tlog-witness, with a small state directory."""
    from services import cli_keys

    cli_keys.witness(file, logs, state, host, port)
