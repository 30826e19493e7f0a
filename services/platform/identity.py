"""As whom PostgreSQL runs: it refuses root, so root lends it another identity."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from services.platform.process import ChildFailed

_NOBODY = 65534
_SHARED = Path("/var/lib/locus")
_NAMESPACE = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--")


@dataclass(frozen=True, slots=True)
class Identity:
    """How to start PostgreSQL's programs (`prefix`, `user`), from which `home`, with which `data` folder."""

    home: Path
    data: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None


def choose(data: Path, home: Path) -> Identity:
    """Ourselves; for root a user namespace, and where those are blocked the user `nobody`."""
    if os.geteuid() != 0 and has_name(os.geteuid()):
        return Identity(home, data)
    if namespace_reaches(data, home):
        return Identity(home, data, prefix=_NAMESPACE)
    if os.geteuid() != 0:
        raise ChildFailed(
            f"PostgreSQL wants a user with a name, and the user id {os.geteuid()} has none here: add it to"
            " /etc/passwd, or set LOCUS_DATABASE_URL to a server of your own"
        )
    if not may_change_user():
        raise ChildFailed(
            "PostgreSQL refuses to run as root, and here root may neither make a user namespace nor become"
            " another user: run Locus as an ordinary user, or set LOCUS_DATABASE_URL to a server of your own"
        )
    return as_nobody(data, home)


def has_name(user: int) -> bool:
    """Whether a user id stands in the system's list of users; in a container it may not."""
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def namespace_reaches(data: Path, home: Path) -> bool:
    """Whether we may make a user namespace (most containers forbid it) and reach our files from there."""
    check = '"$0" --version && test -w "$1"'
    command = [*_NAMESPACE, "sh", "-c", check, str(home / "bin" / "postgres"), str(data)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 — our own wheel's program
    except FileNotFoundError:
        return False


def may_change_user() -> bool:
    """Whether this root can become another user (a container may have taken that away)."""
    try:
        subprocess.run(["true"], user=_NOBODY, group=_NOBODY, extra_groups=[], check=True)  # noqa: S607 — found on PATH
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def as_nobody(data: Path, home: Path) -> Identity:
    """The user `nobody`, with the programs and, if need be, the data where that user can reach them."""
    programs = home if reachable(home) else _copied(home)
    if not reachable(data):
        data = _SHARED / sha256(str(data).encode()).hexdigest()[:12]
        data.mkdir(mode=0o755, parents=True, exist_ok=True)
    return Identity(programs, data, user=_NOBODY)


def reachable(path: Path) -> bool:
    """Whether everybody may walk to this folder."""
    folders = [folder for folder in (path, *path.parents) if folder.exists()]
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def _copied(home: Path) -> Path:
    """The programs and the libraries that they look for in the folder beside the package."""
    package = home.parent
    stamp = sha256(f"{home}{home.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = _SHARED / f"programs-{stamp}"
    if not target.exists():
        unfinished = target.with_suffix(f".{os.getpid()}")
        shutil.copytree(home, unfinished / package.name / home.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        try:
            unfinished.rename(target)  # if we crash before this, the next start copies again
        except OSError:
            shutil.rmtree(unfinished)  # somebody else finished first
    return target / package.name / home.name


def hand_over(directory: Path, identity: Identity) -> None:
    """Make the server's identity the owner of its folder and all in it (only root can, and needs to)."""
    owner = identity.user if identity.user is not None else os.geteuid()
    if os.geteuid() != 0 or directory.stat().st_uid == owner:
        return
    for path in (directory, *directory.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)
