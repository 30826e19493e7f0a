"""Where a running system is found: `run.json` in its data directory, and the lock its keeper holds."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
import platformdirs

from services.platform import durable


class Running(msgspec.Struct, frozen=True):
    """The addresses of a running system, and the token made for whoever runs it."""

    pid: int
    ledger_url: str
    views_url: str
    nats_url: str
    database_url: str
    token: str


class AlreadyRunning(Exception):
    """Another process keeps this data directory."""


def data_directory(given: Path | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The directory asked for, else LOCUS_DATA, else the user's own."""
    named = given or environment.get("LOCUS_DATA")
    return Path(named).absolute() if named else platformdirs.user_data_path("locus")


def vault_keys(data: Path) -> Path:
    """The directory of the keys that wrap those of persons."""
    return data / "keys" / "vault"


@contextmanager
def kept(data: Path) -> Iterator[None]:
    """Be the only keeper of a data directory; the kernel lets go of the lock however we end."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_told(data)) from None
        yield
    finally:
        os.close(descriptor)


def _told(data: Path) -> str:
    running = last_known(data)
    where = f", at {running.ledger_url}" if running else ""
    return f"Locus is already running for {data}{where}; stop it with Ctrl-C, or use another --data"


def write(data: Path, running: Running) -> None:
    """Say where everything is; for the user's eyes only, since it holds a token."""
    durable.replace(data / "run.json", msgspec.json.format(msgspec.json.encode(running)))


def read(data: Path) -> Running | None:
    """Where everything is, if it runs."""
    try:
        descriptor = os.open(data / "up.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return last_known(data)
    finally:
        os.close(descriptor)
    return None


def last_known(data: Path) -> Running | None:
    """Where everything was when it last ran; stays after the end, so that the next start keeps its ports."""
    try:
        return msgspec.json.decode((data / "run.json").read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None  # not there yet, or half a file from a full disk: as good as none
