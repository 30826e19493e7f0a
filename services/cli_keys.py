"""`locus key` and `locus witness`: the keys that sign checkpoints, and a witness of somebody else's."""

import os
import time
from pathlib import Path

import rich_click as click
from rich.console import Console

from services import running
from services.cli_words import json_text
from services.client import ledger_api
from services.failures import FAILED, REFUSED, USAGE, CommandFailed
from services.platform import faults, keys
from services.platform.note import COSIGNATURE, BadNote, Note, Signer, Verifier, fit_name

_out = Console(soft_wrap=True, highlight=False, markup=False)


def usual(data: Path | None) -> Path:
    """Where `locus up` keeps the key of checkpoints."""
    return running.data_directory(data) / "keys" / "signing-key"


def given(file: Path | None, data: Path | None) -> str:
    """The key file that is named; else LOCUS_SIGNING_KEY, as the ledger has it; else that of `locus up`."""
    return str(file) if file else os.environ.get("LOCUS_SIGNING_KEY") or str(usual(data))


def kept_in(file: Path | None, data: Path | None) -> Path:
    """The file of a key that is to be made or changed."""
    named = given(file, data)
    if keys.is_key(named):
        raise CommandFailed("LOCUS_SIGNING_KEY holds the key itself; name a FILE", USAGE)
    return Path(named)


def ensure(path: Path) -> None:
    """Make a key unless there is one."""
    if not path.exists():
        keys.write(path, [keys.new()])


def new(path: Path, witness: str | None) -> None:
    """Make a key in a file that is not there yet."""
    if path.exists():
        raise CommandFailed(f"{path} is there already; to change keys: locus key rotate", REFUSED)
    if witness is not None and not fit_name(witness):
        raise CommandFailed("a witness is named like an address, without spaces and `+`", USAGE)
    signer = keys.new(witness or keys.ANY_LOG, witness=witness is not None)
    keys.write(path, [signer])
    if witness is None:
        _out.print(f"kept in {path}; serve with LOCUS_SIGNING_KEY={path}")
        _out.print(f"what auditors need to know of it: locus key show {path} --ledger NAME")
    else:
        _out.print(str(signer.verifier))


def show(named: str, data: Path | None, ledger: str | None, origin: str | None, *, as_json: bool) -> None:
    """Print the public side of each key, the announced one first."""
    if origin is not None and not fit_name(origin):
        raise CommandFailed("a log is named like an address, without spaces and `+`", USAGE)
    held = keys.read(named)
    note = _checkpoint(data, ledger) if ledger and not origin else None
    name = note.text.partition("\n")[0] if note else origin
    if name is None and any(signer.algorithm != COSIGNATURE for signer in held):
        raise click.UsageError("say of which log: --ledger NAME, or --origin ORIGIN")
    shown = [(signer.named(name) if name else signer).verifier for signer in held]
    if note:
        _agree(note, shown, ledger)
    if as_json:
        click.echo(json_text({"keys": [str(verifier) for verifier in shown]}))
        return
    for verifier in shown:
        _out.print(str(verifier))


def rotate(path: Path, *, forget: bool) -> None:
    """Put a new key before the others, or forget all but the first."""
    held = keys.read(str(path))
    if forget:
        keys.write(path, held[:1])
        _out.print(f"{len(held) - 1} older forgotten; restart what signs")
        return
    made = keys.new(held[0].name, witness=held[0].algorithm == COSIGNATURE)
    keys.write(path, [made, *held])
    _out.print("a new key signs beside the older once what signs is restarted; announce it (locus key show)")
    _out.print("and when everybody has it: locus key rotate --forget")


def _checkpoint(data: Path | None, ledger: str) -> Note:
    try:
        return Note.parse(ledger_api(data).read(f"/v1/ledgers/{ledger}/log/checkpoint"))
    except BadNote as error:
        raise CommandFailed(f"the checkpoint of {ledger!r} cannot be read: {error}", FAILED) from None


def _agree(note: Note, shown: list[Verifier], ledger: str | None) -> None:
    """Whoever was handed the key of another system would take every checkpoint for a forgery."""
    try:
        note.signed_by(shown)
    except BadNote:
        told = f"the checkpoint of {ledger!r} is not signed with this key: name the --data of the system that"
        raise CommandFailed(
            f"{told} runs, or the FILE that is its LOCUS_SIGNING_KEY (restart what signs after a change)",
            REFUSED,
        ) from None


def witness(path: Path, logs: tuple[str, ...], state: Path, host: str, port: int) -> None:
    """Serve a witness until told to stop."""
    from services.platform import lifetime, serving, settings, telemetry
    from services.witness.main import Witness, app
    from services.witness.rules import logs_of

    telemetry.log_to_stderr(settings.read().log_level, "witness")
    signer: Signer = keys.read(str(path))[0]
    if signer.algorithm != COSIGNATURE:
        raise CommandFailed(f"{path} is the key of a log; make one: locus key new --witness NAME FILE", USAGE)
    try:
        watched = logs_of(logs)
    except BadNote as error:
        raise click.BadParameter(str(error), param_hint="--log") from error
    points = faults.commit_points(os.environ.get("LOCUS_FAULT"))
    served = app(Witness(signer, watched, state, now=time.time, commit_points=points))
    lifetime.run(serving.serve(served, host, port))
