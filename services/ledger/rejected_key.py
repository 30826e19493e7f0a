"""A keyring of one key in a file, never in the database, for where there is no vault."""

import hmac
import os
from collections.abc import Collection, Mapping
from pathlib import Path

_BYTES = 64


class FileKeyring:
    """Gives every holder of every ledger a key of its own, made from the one in the file (mode 0600)."""

    def __init__(self, path: Path) -> None:
        self._key = path.read_bytes()
        if len(self._key) != _BYTES:
            raise ValueError(f"{path} is not a key of {_BYTES} bytes")

    def __repr__(self) -> str:
        return "<a key>"

    async def keys(self, ledger: str, holders: Collection[str]) -> Mapping[str, bytes | None]:
        """The key of each, 64 bytes."""
        return {one: hmac.digest(self._key, f"{ledger}\0{one}".encode(), "sha512") for one in holders}


def make_key(path: Path) -> None:
    """Make a key, unless there is one; if we crash here, there is none or a whole one."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(os.urandom(_BYTES))
    unfinished.replace(path)
