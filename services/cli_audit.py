"""`locus verify` and `locus evidence`: checking a ledger from outside, and what an auditor takes away."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from services.cli_options import data_option, filter_options, ledger_option, named
from services.cli_words import printable
from services.failures import UNREACHABLE, USAGE, CommandFailed

if TYPE_CHECKING:
    from services.audit.report import Report
    from services.audit.verifying import Asked, Step

_EXIT_CODES = (
    "Exit codes: 0 right · 1 wrong, and the first wrong position is named · 2 wrong usage · "
    "3 it could not be checked (nothing answers, not allowed, not all of it came)"
)


@click.command(epilog=_EXIT_CODES)
@click.argument("target")
@click.option(
    "--ledger", envvar="LOCUS_LEDGER", show_envvar=True, help="The ledger, of an address or a database."
)
@data_option
@click.option("--key", "keys", multiple=True, help="A key of the log (a vkey): who must have signed.")
@click.option(
    "--checkpoint", "kept", multiple=True, type=click.Path(path_type=Path), help="One kept earlier."
)
@click.option("--witness", "witnesses", multiple=True, help="A witness's key (a vkey) that must have signed.")
@click.option("--policy", type=click.Path(path_type=Path), help="Logs, witnesses and quorum: tlog-policy.")
@click.option("--answer", "answers", multiple=True, type=click.Path(path_type=Path), help="A view's JSON.")
@click.option("--json", "as_json", is_flag=True, help="The report for programs.")
def verify(target: str, ledger: str | None, data: Path | None, *, as_json: bool, **against: Any) -> None:
    """Check a whole ledger: every byte, and whatever was told of it.

    TARGET is the address of a running ledger (http://…), a database (postgresql://…), a file or directory of
    entries as NDJSON, or an evidence bundle. A checkpoint kept from earlier (--checkpoint) shows that nothing
    before it was changed since, whoever changed it; a key (--key or --policy) shows who vouches for it.
    """
    asked = _asked(target, **against)
    with _could_be_checked():
        report = _verified(asked, ledger, data)
    click.echo(_json(report) if as_json else printable(report.told()))
    sys.exit(0 if report.verdict == "right" else 1)


def _verified(asked: "Asked", ledger: str | None, data: Path | None) -> "Report":
    if asked.target.startswith(("postgresql://", "postgres://", "http://", "https://")):
        return _of_ledger(asked, _needed(ledger), data)
    if re.match(r"[\w+.-]+://", asked.target):
        told = "is no address of a ledger (http://…, https://…) or a database (postgresql://…)"
        raise CommandFailed(f"{asked.target} {told}; a file is named by its path alone", USAGE)
    return _of_path(Path(asked.target), asked)


def _of_ledger(asked: "Asked", ledger: str, data: Path | None) -> "Report":
    import uvloop

    from services.audit import verifying
    from services.audit.workers import forked

    with forked() as workers, _progress() as step:
        if asked.target.startswith("postgres"):
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                return runner.run(verifying.of_database(asked.target, ledger, asked, step, workers))
        from services.audit.website import Website
        from services.client import api_at

        site = Website(api_at(asked.target, data), ledger)
        return asyncio.run(verifying.of_website(site, asked, step, workers))


def _of_path(path: Path, asked: "Asked") -> "Report":
    from services.audit import bundle_checking, verifying
    from services.audit.bundle_reading import is_bundle, is_unpacked
    from services.audit.workers import forked

    if is_bundle(path):
        with _progress() as step:
            return asyncio.run(bundle_checking.of_bundle(path, asked, step))
    if is_unpacked(path):
        raise CommandFailed(f"{path} is an unpacked bundle; name the file that it came in", UNREACHABLE)
    with forked() as workers, _progress() as step:
        return asyncio.run(verifying.of_files(path, asked, step, workers))


def _asked(
    target: str, keys: tuple[str, ...], kept: tuple[Path, ...], witnesses: tuple[str, ...], **files: Any
) -> "Asked":
    from services.audit.trust import answer, trusted, whole
    from services.audit.verifying import Asked

    trust = trusted(keys, witnesses, files["policy"])
    notes = [(f"the checkpoint in {path}", whole(path)) for path in kept]
    return Asked(
        target=target, trust=trust, checkpoints=notes, claims=[answer(path) for path in files["answers"]]
    )


@click.command()
@ledger_option
@data_option
@filter_options
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file."
)
@click.option("--key", "keys", multiple=True, help="The log's key (a vkey); else as it says.")
@click.option("--witness", "witnesses", multiple=True, help="A witness's key (a vkey), for the policy.")
@click.option("--policy", type=click.Path(path_type=Path), help="The policy itself: C2SP tlog-policy.")
def evidence(ledger: str, data: Path | None, output: Path, **given: Any) -> None:
    """Write a file that proves entries to somebody else: the entries, their proofs, the checkpoint, the keys.

    Which entries is up to the filters; without one, every entry. Whoever has the file checks it with
    `locus verify FILE`, or with another tool: its README.txt says how.
    """
    from services.audit.evidence import make
    from services.audit.trust import trusted
    from services.audit.website import Website
    from services.client import ledger_api

    if not output.parent.is_dir():
        raise CommandFailed(f"there is no directory {output.parent} for the file", USAGE)
    if os.path.lexists(output) and not output.is_file():
        raise CommandFailed(f"{output} is there and is no regular file: name another", USAGE)
    trust = trusted(given.pop("keys"), given.pop("witnesses"), given.pop("policy"))
    filters = {name: str(value) for name, value in given.items() if value is not None}
    api = ledger_api(data)
    with _progress() as step, api.understood():
        manifest, last = make(Website(api, ledger), trust, filters, output, lambda done: step(done, None))
    several = "1 entry" if manifest.entries == 1 else f"{manifest.entries:,} entries"
    click.echo(f"{several}, proven at size {manifest.size:,}; check it: locus verify {output}")
    if manifest.size < last:
        click.echo(f"of {last:,} entries those after {manifest.size:,} are not signed: not in it", err=True)
    if not manifest.entries:
        click.echo("no entry passed the filters", err=True)


def _needed(ledger: str | None) -> str:
    if ledger is None:
        raise click.UsageError("name the ledger: --ledger, or LOCUS_LEDGER")
    return named(ledger)


@contextmanager
def _could_be_checked() -> Iterator[None]:
    """Whatever keeps us from reading the target is the same to whoever asks: it could not be checked."""
    import asyncpg

    try:
        yield
    except CommandFailed as failure:
        asked_wrongly = failure.code == USAGE and not failure.status
        raise CommandFailed(str(failure), USAGE if asked_wrongly else UNREACHABLE) from failure
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandFailed(f"it could not be checked: {_told(error)}", UNREACHABLE) from error


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


@contextmanager
def _progress() -> Iterator["Step"]:
    """A bar on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("checking", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _json(report: "Report") -> bytes:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(report))
