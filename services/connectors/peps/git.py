"""A clone's history: commits, parents first, and the texts they hold. Nothing here knows what a PEP says."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, Self

from services.connectors import Unreadable

_FILE = re.compile(r"^(?:peps/)?(?:pep-\d{4}/)?pep-(\d{4})\.(?:txt|rst)$")
_INDEX, _PLACEHOLDER = 0, 9999  # the generated index, and the number given to drafts that have none yet
_COMMIT = "commit %H %ct %P%nauthor %an%x09%ae"


class UnreadableClone(Unreadable):
    """The path is no clone whose whole history can be read; the message says what to do."""


class Commit(NamedTuple):
    """One commit: when it was committed (UTC), whose work it is, and the PEPs it left in another state.

    `changes` maps a PEP's number to the blob of its text, as compared with the first parent alone.
    """

    id: str
    time: datetime
    author: str
    email: str
    parents: tuple[str, ...]
    changes: dict[int, str]


def commits(path: Path) -> list[Commit]:
    """Everything reachable from HEAD and no other ref, parents before children, else oldest first.

    The committer's date is taken, as it says when the community's repository came to say so; git gives
    it in seconds since 1970, so offsets are gone. Raises UnreadableClone.
    """
    if _ask(path, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise UnreadableClone(f"{path} is a shallow clone: run `git fetch --unshallow` there first")
    options = ("--raw", "--no-abbrev", "--no-renames", "--no-color", "--diff-merges=first-parent")
    log = _ask(path, "log", *options, "--date-order", "--reverse", f"--format={_COMMIT}", "HEAD", "--")
    return list(_parsed(log))


def _parsed(log: str) -> Iterator[Commit]:
    commit: Commit | None = None
    for line in log.split("\n"):
        if line.startswith("commit "):
            if commit is not None:
                yield commit
            _, id_, seconds, *parents = line.split()
            time = datetime.fromtimestamp(int(seconds), UTC)
            commit = Commit(id_, time, "", "", tuple(parents), {})
        elif commit is not None and line.startswith("author "):
            name, _, email = line.removeprefix("author ").partition("\t")
            commit = commit._replace(author=name, email=email)
        elif commit is not None and line.startswith(":"):
            _note_change(line, commit.changes)
    if commit is not None:
        yield commit


def _note_change(line: str, changes: dict[int, str]) -> None:
    """Take the new text of a PEP. A renamed file is one deleted and one added; a PEP is never forgotten."""
    meta, _, name = line.partition("\t")
    file = _FILE.match(name)
    _, _, _, blob, status = meta.split()
    if file is None or status == "D" or int(file[1]) in (_INDEX, _PLACEHOLDER):
        return
    changes[int(file[1])] = blob


def _ask(path: Path, *words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 — git itself, told a path and fixed words
            _command(path, *words), capture_output=True, check=False, env=_environment()
        )
    except FileNotFoundError as error:
        raise UnreadableClone("git is needed to read a clone, and is not installed") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise UnreadableClone(f"{path} cannot be read as a clone: {said}")
    return done.stdout.decode(errors="replace")


def _command(path: Path, *words: str) -> list[str]:
    # The path was given by who runs this, and may be another user's: git is told that it is meant.
    # Nothing is fetched: where texts were left out, reading would take one request for each of thousands.
    return ["git", "-c", "safe.directory=*", "-c", "protocol.allow=never", "-C", str(path), *words]


def _environment() -> dict[str, str]:
    """A surrounding git command (a hook, say) must not point us at its own repository."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"}


class Blobs:
    """Reads texts by their blob id, through one running `git cat-file --batch`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lifetime = ExitStack()

    def __enter__(self) -> Self:
        process = subprocess.Popen(  # noqa: S603 — as above
            _command(self._path, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self._lifetime.enter_context(process)
        if process.stdin is None or process.stdout is None:
            raise UnreadableClone("git cat-file gave no pipes")
        self._ask: IO[bytes] = process.stdin
        self._answer: IO[bytes] = process.stdout
        return self

    def __exit__(self, *raised: object) -> None:
        self._lifetime.close()  # closes both pipes, at which git ends, and waits for it

    def text(self, blob: str) -> str:
        """The text of a blob. Newer files are UTF-8, old ones mostly Latin-1 (of which cp1252 has more)."""
        self._ask.write(blob.encode() + b"\n")
        self._ask.flush()
        _, *said = self._answer.readline().split() or [b""]
        if said[:1] != [b"blob"]:
            raise UnreadableClone(
                f"{self._path} lacks the text {blob}: fetch the whole history, or clone it without a filter"
            )
        size = said[1:]
        raw = self._answer.read(int(size[0]))
        self._answer.read(1)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("cp1252", errors="replace")
