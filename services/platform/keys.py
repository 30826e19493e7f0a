"""Files of signing keys: one key a line, the first is the one announced, all of them sign."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from services.platform import durable
from services.platform.note import COSIGNATURE, ED25519, PRIVATE, BadNote, Signer

ANY_LOG = "locus"  # the name in the file: each log's own name takes its place


class KeyFileUnusable(Exception):
    """The key file cannot be used; the message names the file and says why, never what is in it."""


def is_key(given: str) -> bool:
    """Whether it is a key itself rather than the path of a file."""
    return given.startswith(PRIVATE)


def read(given: str) -> tuple[Signer, ...]:
    """The keys in a file, or in the text itself. Raises KeyFileUnusable."""
    if is_key(given):
        return _parsed(given, "the key given")
    path = Path(given)
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFileUnusable(f"others may read {path}; make it private: chmod 600 {path}")
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "it is not text"
        cure = "name the FILE, or the directory of `locus up` (--data); or make one: locus key new FILE"
        raise KeyFileUnusable(f"the key file {path} cannot be read: {told}; {cure}") from None
    return _parsed(text, f"the key file {path}")


def new(name: str = ANY_LOG, *, witness: bool = False) -> Signer:
    """A key from 256 random bits."""
    return Signer(name, secrets.token_bytes(32), COSIGNATURE if witness else ED25519)


def write(path: Path, signers: Sequence[Signer]) -> None:
    """Keep these keys in a file for its owner alone, in the place of those it had."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = Path(os.path.realpath(path))  # a link stays: whoever signs may read its target by name
    durable.replace(kept, "".join([f"{one.secret()}\n" for one in signers]).encode())


def _parsed(text: str, shown: str) -> tuple[Signer, ...]:
    try:
        signers = tuple([Signer.parse(line) for line in text.split() if line])
    except BadNote as error:
        raise KeyFileUnusable(f"{shown} is unusable: {error}") from None
    if not signers:
        raise KeyFileUnusable(f"{shown} is empty")
    return signers
