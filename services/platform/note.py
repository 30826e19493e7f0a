"""Notes as C2SP signed-note has them, signed with Ed25519, and cosignature/v1 of tlog-cosignature. Pure.

A note is read strictly: one text, one way of writing it. Whoever holds a note may believe it only after
`Note.signed_by` has found the signature of a key they trust.
"""

import binascii
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519: Final = 1  # the type of a log's signature
COSIGNATURE: Final = 4  # the type of a witness's: Ed25519 over the text and the time
_DASH = "— "
PRIVATE = "PRIVATE+KEY+"
_KEY_SIZE = 32
_SIGNATURE_SIZE = {ED25519: 64, COSIGNATURE: 8 + 64}
_MOST_SIGNATURES = 64
_MOST_BYTES = 1 << 20


class BadNote(ValueError):
    """It is no note or no key, or a signature in it is wrong; the message says which and why."""


class NotSigned(BadNote):
    """Nobody who is trusted signed it."""


def fit_name(name: str) -> bool:
    """Whether a key may have this name: text, not empty, without spaces, control characters or `+`."""
    return bool(name) and not any(one.isspace() or one == "+" or _unfit(one) for one in name)


def _unfit(one: str) -> bool:
    """A control character, or one that no UTF-8 has: half a pair, as stands for bytes of a command line."""
    return one < " " or "\ud800" <= one <= "\udfff"


def base64_of(text: str, size: int | None = None) -> bytes:
    """Standard base64 in its one way of writing, of `size` bytes if given. Raises BadNote."""
    try:
        found = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise BadNote(f"{text[:100]!r} is not base64") from None
    if b64encode(found).decode() != text or (size is not None and len(found) != size):
        raise BadNote(f"{text[:100]!r} is not the base64 of {size or 'any'} bytes")
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: whose, by which key, and what it wrote."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """As it stands under the note, with its newline."""
        return f"{_DASH}{self.name} {b64encode(self.key_id + self.value).decode()}\n"

    @classmethod
    def parse(cls, line: str) -> Self:
        """A line without its newline. Raises BadNote."""
        name, _, value = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not fit_name(name):
            raise BadNote(f"{line[:100]!r} is not a signature line: — <key name> <base64>")
        decoded = base64_of(value)
        if len(decoded) <= 4:
            raise BadNote(f"the signature of {name[:100]!r} is too short")
        return cls(name, decoded[:4], decoded[4:])


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under a name: what finds and checks its signatures. `str` gives its vkey."""

    name: str
    public: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(f"{self.name}\n".encode() + bytes((self.algorithm,)) + self.public).digest()[:4]

    def __str__(self) -> str:
        material = b64encode(bytes((self.algorithm,)) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """`<name>+<key id>+<base64>`; Ed25519 notes and cosignatures are known here. Raises BadNote."""
        name, key_id, material = _parts(vkey, vkey)
        found = cls(name, material[1:], material[0])
        if found.key_id.hex() != key_id:
            raise BadNote(f"the key id of {vkey[:100]!r} belongs to another key")
        try:
            Ed25519PublicKey.from_public_bytes(found.public)
        except ValueError:
            raise BadNote(f"{vkey[:100]!r} holds no Ed25519 key") from None
        return found

    def made(self, signature: Signature) -> bool:
        """Whether the line claims to be by this key."""
        return signature.name == self.name and signature.key_id == self.key_id

    def accepts(self, text: str, signature: Signature) -> bool:
        """Whether this key signed this text so."""
        if not self.made(signature) or len(signature.value) != _SIGNATURE_SIZE[self.algorithm]:
            return False
        message = text.encode()
        if self.algorithm == COSIGNATURE:
            if signature.value[0] > 0x7F:
                return False
            message = _timed(text, cosigned_at(signature))
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature.value[-64:], message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under a name. The seed shows neither in `repr` nor in logs; `secret` writes it out."""

    name: str
    seed: bytes = field(repr=False)
    algorithm: int = ED25519

    @property
    def verifier(self) -> Verifier:
        """The public side."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return Verifier(self.name, public, self.algorithm)

    def named(self, name: str) -> Self:
        """The same key as another log's."""
        return replace(self, name=name)

    def secret(self) -> str:
        """The key as text: `PRIVATE+KEY+<name>+<key id>+<base64>`."""
        material = b64encode(bytes((self.algorithm,)) + self.seed).decode()
        return f"{PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{material}"

    @classmethod
    def parse(cls, secret: str) -> Self:
        """What `secret` wrote, or another maker of note keys. Raises BadNote, which does not repeat it."""
        if not secret.startswith(PRIVATE):
            raise BadNote(f"a private key begins with {PRIVATE}")
        name, key_id, material = _parts(secret.removeprefix(PRIVATE), "the private key")
        found = cls(name, material[1:], material[0])
        if found.verifier.key_id.hex() != key_id:
            raise BadNote("the key id of the private key belongs to another key")
        return found

    def sign(self, text: str, at: int = 0) -> Signature:
        """The signature line under `text`; a cosigner says when: seconds since 1970."""
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        if self.algorithm == COSIGNATURE:
            value = at.to_bytes(8, "big") + key.sign(_timed(text, at))
        else:
            value = key.sign(text.encode())
        return Signature(self.name, self.verifier.key_id, value)


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it."""

    text: str  # with its last newline
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join([one.line() for one in self.signatures])}"

    @classmethod
    def parse(cls, data: bytes | str) -> Self:
        """A note, read strictly. Raises BadNote."""
        note = _readable(data)
        text, parted, lines = note.rpartition("\n\n")
        if not parted or not lines.endswith("\n"):
            raise BadNote("a note is a text, an empty line, and signature lines, each with its newline")
        signatures = [Signature.parse(line) for line in lines[:-1].split("\n")]
        if len(signatures) > _MOST_SIGNATURES:
            raise BadNote(f"{len(signatures)} signatures; at most {_MOST_SIGNATURES} are read")
        return cls(text + "\n", tuple(signatures))

    def signed_by(self, trusted: Iterable[Verifier]) -> list[tuple[Verifier, Signature]]:
        """A signature of each key that is trusted and signed it, all checked; others are passed over.

        Raises BadNote if one that claims to be by a trusted key is wrong, NotSigned if there is none.
        """
        known = {(one.name, one.key_id): one for one in trusted}
        found: dict[Verifier, Signature] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is None:
                continue
            if not key.accepts(self.text, signature):
                raise BadNote(f"the signature of {signature.name} ({signature.key_id.hex()}) is wrong")
            found[key] = signature
        if not found:
            raise NotSigned("no key that is trusted has signed this")
        return list(found.items())

    def with_signatures(self, more: Iterable[Signature]) -> Self:
        """The note with further signatures below those it has."""
        return replace(self, signatures=(*self.signatures, *more))


def signed(text: str, signers: Iterable[Signer]) -> Note:
    """The note of a text; the first signer's line comes first. BadNote if the text cannot be one."""
    note = Note(text, tuple([one.sign(text) for one in signers]))
    if Note.parse(str(note)) != note:
        raise BadNote("the text does not end with one newline")
    return note


def cosigned_at(signature: Signature) -> int:
    """The time in a cosignature, in seconds since 1970; worth nothing before the signature is checked."""
    return int.from_bytes(signature.value[:8], "big")


def _timed(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _parts(key: str, shown: str) -> tuple[str, str, bytes]:
    name, _, rest = key.partition("+")
    key_id, _, material = rest.partition("+")
    if not fit_name(name) or not material:
        raise BadNote(f"{shown[:100]!r} is not written as <name>+<key id>+<base64>")
    try:
        decoded = base64_of(material, 1 + _KEY_SIZE)
    except BadNote:
        raise BadNote(f"{shown[:100]!r} does not hold a key of {_KEY_SIZE} bytes") from None
    if decoded[0] not in _SIGNATURE_SIZE:
        raise BadNote(f"{shown[:100]!r} is a key of type {decoded[0]}; 1 and 4, of Ed25519, are known")
    return name, key_id, decoded


def _readable(data: bytes | str) -> str:
    try:
        raw = data.encode() if isinstance(data, str) else data
        note = raw.decode()
    except UnicodeError:
        raise BadNote("a note is text in UTF-8") from None
    if len(raw) > _MOST_BYTES:
        raise BadNote(f"{len(raw)} bytes; notes of at most {_MOST_BYTES} are read")
    if any(byte < 0x20 and byte != 0x0A for byte in raw):
        raise BadNote("a note holds no control characters but newlines")
    return note
