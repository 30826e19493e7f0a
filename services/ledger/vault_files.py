"""Key-encryption keys: one file an epoch, in a directory outside every database and every backup of one.

epoch-00000001.key        64 random bytes, for its owner's eyes only
epoch-00000001.destroyed  left behind by a key that was destroyed on purpose; holds its SHA-256, in hex
"""

import hashlib
import os
import re
import secrets
from pathlib import Path

from services.platform.settings import SettingsError

KEY_BYTES = 64  # AES-256-SIV
_NAME = re.compile(r"epoch-(\d{8,})\.(key|destroyed)")


class KeysMissing(SettingsError):
    """The vault cannot work with this directory; the message says what is missing and what to do."""


class KeyFiles:
    """The directory; made, for its owner alone, when there is none. Files are read anew at each use."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for one in (directory.parent, directory):  # `parents` alone would leave the mode to the umask
            one.mkdir(mode=0o700, parents=True, exist_ok=True)

    def make(self) -> int:
        """A new epoch after every one that has been here; its key is on disk when this returns."""
        epoch = 1 + max(
            (int(found[1]) for found in map(_named, self.directory.iterdir()) if found), default=0
        )
        descriptor = os.open(self._key(epoch), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        _written(descriptor, secrets.token_bytes(KEY_BYTES))
        self._sync()
        return epoch

    def read(self, epoch: int) -> bytes | None:
        """The key; None: it was destroyed. Raises KeysMissing."""
        if self.destroyed(epoch):
            return None
        try:
            key = self._key(epoch).read_bytes()
        except FileNotFoundError:
            raise KeysMissing(
                f"LOCUS_VAULT_KEYS ({self.directory}) has no {self._key(epoch).name}, which opens what is"
                " personal: name the directory that has it, or put the file back from where it is kept"
            ) from None
        if len(key) != KEY_BYTES or self._key(epoch).stat().st_mode & 0o077:
            raise KeysMissing(
                f"{self._key(epoch)} is not {KEY_BYTES} bytes that only their owner may read:"
                " put the right file back, and chmod 600 it"
            )
        return key

    def destroyed(self, epoch: int) -> bool:
        """Whether it was here and was destroyed on purpose."""
        return self._mark(epoch).exists()

    def digest(self, epoch: int) -> bytes | None:
        """The SHA-256 of the key, be it destroyed; None: it is not there, nor what it was."""
        try:
            if self.destroyed(epoch):
                return bytes.fromhex(self._mark(epoch).read_text()) or None
            return hashlib.sha256(self._key(epoch).read_bytes()).digest()
        except (FileNotFoundError, ValueError):  # a mark may be half written
            return None

    def another(self, epoch: int) -> KeysMissing:
        """What to say of a key that is not the one it should be."""
        return KeysMissing(
            f"LOCUS_VAULT_KEYS ({self.directory}) has another vault's {self._key(epoch).name}: nothing was"
            " changed; name the directory that belongs to this database"
        )

    def destroy(self, epoch: int) -> None:
        """Overwrite the key and remove it, for good; any number of times.

        If we crash in here, the next call goes on; the mark, set first, says that it was meant.
        """
        if not self.destroyed(epoch):
            digest = (self.digest(epoch) or b"").hex().encode()
            _written(os.open(self._mark(epoch), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), digest)
        self._sync()
        try:
            _written(os.open(self._key(epoch), os.O_WRONLY | os.O_CLOEXEC), bytes(KEY_BYTES))
        except FileNotFoundError:
            return
        self._key(epoch).unlink(missing_ok=True)
        self._sync()

    def _key(self, epoch: int) -> Path:
        return self.directory / f"epoch-{epoch:08}.key"

    def _mark(self, epoch: int) -> Path:
        return self.directory / f"epoch-{epoch:08}.destroyed"

    def _sync(self) -> None:
        descriptor = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _named(path: Path) -> re.Match[str] | None:
    return _NAME.fullmatch(path.name)


def _written(descriptor: int, content: bytes) -> None:
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
