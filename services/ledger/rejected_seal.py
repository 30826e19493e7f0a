"""Sealing refused messages with a key from a file: AES-SIV (RFC 5297), the key never in the database."""

import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

_BYTES = 64


class SealsWithFile:
    """Seals with the key in a file of mode 0600; the ledger and the holder are bound in."""

    def __init__(self, path: Path) -> None:
        key = path.read_bytes()
        if len(key) != _BYTES:
            raise ValueError(f"{path} is not a key of {_BYTES} bytes")
        self._key = AESSIV(key)

    def __repr__(self) -> str:
        return "<a key>"

    async def seal(self, ledger: str, holder: str, plain: bytes, about: Sequence[bytes]) -> bytes:
        """The sealed form."""
        return self._key.encrypt(plain, [ledger.encode(), holder.encode(), *about])

    async def open(self, ledger: str, holder: str, sealed: bytes, about: Sequence[bytes]) -> bytes:
        """What was sealed. Raises ValueError."""
        try:
            return self._key.decrypt(sealed, [ledger.encode(), holder.encode(), *about])
        except InvalidTag:
            raise ValueError("it was sealed with another key, or changed since") from None


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
