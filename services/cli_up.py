"""`locus up`: PostgreSQL, NATS and all services on this machine, kept running until told to stop."""

import asyncio
import errno
import os
import shutil
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import click
import nats
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from services import cli_keys, running
from services.client import Api
from services.failures import FAILED, CommandFailed
from services.platform import auth, database, durable, lifetime, messaging, settings
from services.platform.embedded import Nats, Postgres
from services.platform.ports import chosen, reserved
from services.platform.supervisor import Service, Supervisor

_ROOT = Path(__file__).parents[1]  # so that children find this very code, from any directory
_HOST = "127.0.0.1"
_LEAST_ROOM = 200_000_000  # bytes; a new cluster takes 60 MB before the first event
_PATIENCE = 60.0
_PATIENCE_FOR_NATS = 5.0  # where it is not ours: it runs already
_MOST_DEATHS = 3  # before everything is ready
_TOKEN_LIFE = timedelta(days=90)
_PUBLISHER = "development"


def run(data: Path, port: int, *, demo: bool) -> None:
    """Start everything, say so in a line that begins with `ready`, stay until SIGINT or SIGTERM."""
    try:
        with running.kept(data):
            if shutil.disk_usage(data).free < _LEAST_ROOM:
                raise OSError(errno.ENOSPC, "less than 200 MB are free")
            lifetime.run(_up(data, port, demo=demo), asyncio.new_event_loop)
    except OSError as error:
        raise CommandFailed(_sentence(error, data), FAILED) from error


def _sentence(error: OSError, data: Path) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"there is no room left for {data} ({error.strerror}); free some, or name another --data"
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.ENOTDIR | errno.ENOENT | errno.EEXIST:
            return f"{data} cannot be written ({error.strerror}); name another directory with --data"
    return f"{error} (data: {data})"


def _tell(message: str) -> None:
    click.echo(f"locus: {message}", err=True)


async def _up(data: Path, port: int, *, demo: bool) -> None:
    async with AsyncExitStack() as stack:
        supervisor = Supervisor(_tell)
        stack.push_async_callback(supervisor.stop)
        given = settings.read()
        if given.nats_url:
            await _nats_answers(given.nats_url)
        database_url = given.database_url or await _private_postgres(supervisor, data)
        own = None if given.nats_url else await _private_nats(supervisor, data)
        await _migrate(database_url)
        token = await development_token(data, database_url)
        ledger, views = _ports(data, port)
        nats_url = own.url_of("publisher") if own else given.nats_url
        system = running.Running(os.getpid(), _url(ledger), _url(views), nats_url, database_url, token)
        for service in _services(data, system, own):
            await supervisor.keep(service)
        for url in (system.ledger_url, system.views_url):
            await _answers(url, token, supervisor)
        running.write(data, system)
        _greet(data, system)
        if demo:
            from services import cli_demo

            try:
                await asyncio.to_thread(cli_demo.show, data, system)
            except CommandFailed as failure:  # what runs is of use without it
                _tell(f"the demo cannot be shown: {failure}")
        await asyncio.Event().wait()  # until a signal cancels us


async def _private_postgres(supervisor: Supervisor, data: Path) -> str:
    postgres = Postgres(data, {"max_wal_size": "2GB"})
    await supervisor.keep(postgres)
    await database.ensure_locus(postgres.url("postgres"))
    return postgres.url("locus")


async def _private_nats(supervisor: Supervisor, data: Path) -> Nats:
    own = Nats(data)
    await supervisor.keep(own)
    return own


async def _nats_answers(url: str) -> None:
    """Raise CommandFailed if what was given is no NATS server with JetStream that lets us in."""
    last: Exception | str = "it does not answer"

    async def failed(error: Exception) -> None:
        nonlocal last
        last = error

    try:
        async with asyncio.timeout(_PATIENCE_FOR_NATS):
            inbox = messaging.inbox_of(url).encode()
            client = await nats.connect(url, name="locus up", inbox_prefix=inbox, error_cb=failed)
        async with client:
            await client.request("$JS.API.INFO")
    except NoRespondersError:
        raise CommandFailed(f"NATS at {_shown(url)} has no JetStream: start it with -js", FAILED) from None
    except NatsTimeoutError:
        return  # it answers, but this user may not ask about JetStream
    except (OSError, ValueError, NatsError) as error:
        why = last if isinstance(error, TimeoutError) else error
        told = f"NATS at {_shown(url)} cannot be used: {why}; start it, or mend or unset LOCUS_NATS_URL"
        raise CommandFailed(told, FAILED) from error


async def _migrate(url: str) -> None:
    """Raise CommandFailed if it cannot be done, or a newer version did: what we write might not fit."""
    try:
        newer = await database.unknown(url)
        if not newer:
            await database.migrate(url)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise CommandFailed(f"the database {_shown(url)} cannot be set up: {error}", FAILED) from error
    if newer:
        told = f"a newer Locus has migrated this data (unknown here: {', '.join(newer)})"
        raise CommandFailed(f"{told}; start that version, or name other data with --data", FAILED)


def _shown(url: str) -> str:
    """An address without its user and password."""
    return urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl()


async def development_token(data: Path, url: str) -> str:
    """The token in the data directory while it works for at least another day, else a new one."""
    secret = data / "token"
    connection = await database.administer(url)
    try:
        kept = secret.read_text().strip() if secret.exists() else ""
        found = await auth.find_in(connection)(auth.hashed(kept))
        if found is not None and found.expires_at > datetime.now(UTC) + timedelta(days=1):
            return kept
        ends = datetime.now(UTC) + _TOKEN_LIFE
        token = await auth.create(connection, _PUBLISHER, scopes=auth.SCOPES, expires_at=ends)
    finally:
        await connection.close()
    durable.replace(secret, token.encode())
    return token


def _ports(data: Path, wanted: int) -> tuple[int, int]:
    """The wanted port and its neighbour, else those of the last time if they are free, else any."""
    if wanted:
        for port in (wanted, wanted + 1):
            reserved(_HOST, port).close()
        return wanted, wanted + 1
    last = running.last_known(data)
    known = [urlsplit(url).port or 0 for url in (last.ledger_url, last.views_url)] if last else [0, 0]
    ledger = chosen(_HOST, known[0])
    views = chosen(_HOST, known[1] if known[1] != ledger else 0)
    return ledger, views


def _services(data: Path, system: running.Running, own: Nats | None) -> list[Service]:
    """Each process gets what its part needs: keys the ledger alone, our own NATS as a user of its own."""
    shared = {
        "LOCUS_DATABASE_URL": system.database_url,
        "LOCUS_HOST": _HOST,
        "PYTHONPATH": str(_ROOT),
    }
    keys = {"LOCUS_VAULT_KEYS": str(running.vault_keys(data))}
    if not settings.read().signing_key:
        cli_keys.ensure(cli_keys.usual(data))
        keys["LOCUS_SIGNING_KEY"] = str(cli_keys.usual(data))
    programs: list[tuple[str, tuple[str, str], str, str, dict[str, str]]] = [
        ("the ledger", ("ledger", "serve"), system.ledger_url, "intake", keys),
        ("the relay", ("ledger", "relay"), "", "ledger", {}),
        ("the worker", ("projections", "work"), "", "worker", {}),
        ("the views", ("projections", "serve"), system.views_url, "", {}),
    ]
    return [
        Service(
            name,
            [sys.executable, "-P", "-m", "services.cli", *words],
            shared
            | more
            | {"LOCUS_PORT": str(urlsplit(url).port or 0)}
            | ({"LOCUS_NATS_URL": own.url_of(user) if own else system.nats_url} if user else {}),
            data / f"{'-'.join(words)}.log",
        )
        for name, words, url, user, more in programs
    ]


def _url(port: int) -> str:
    return f"http://{_HOST}:{port}"


async def _answers(url: str, token: str, supervisor: Supervisor) -> None:
    """Wait until the service says that it is ready, unless its like die again and again."""
    api = Api(url, token)
    deadline = asyncio.get_running_loop().time() + _PATIENCE
    while True:
        try:
            await asyncio.to_thread(api.get, "/health/ready")
        except CommandFailed as failure:
            if asyncio.get_running_loop().time() > deadline or supervisor.deaths > _MOST_DEATHS:
                raise CommandFailed(f"not everything became ready: {failure}", FAILED) from failure
        else:
            return


def _greet(data: Path, system: running.Running) -> None:
    usual = data == running.data_directory(None, {})
    addresses = f"LOCUS_URL={system.ledger_url} LOCUS_VIEWS_URL={system.views_url}"
    click.echo(
        f"ready ledger {system.ledger_url} views {system.views_url}\n\n"
        f"Other commands find it{'' if usual else f' with --data {data}'}; Ctrl-C stops it.\n"
        f"For programs, and commands elsewhere:\n  export {addresses} LOCUS_TOKEN={system.token}\n\n"
        f"Over NATS, ask locus.intake.<ledger> at {system.nats_url} with the headers\n"
        f"  Authorization: Bearer {system.token}\n  Content-Type: application/cloudevents+json\n"
    )
    sys.stdout.flush()
