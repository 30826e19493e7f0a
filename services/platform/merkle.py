"""The Merkle tree of RFC 6962, grown leaf by leaf: pure; for whoever writes a log and whoever checks it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """`SHA-256(0x00 ‖ entry)`, RFC 6962 §2.1."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """`SHA-256(0x01 ‖ left ‖ right)`, RFC 6962 §2.1."""
    return sha256(b"\1" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree of `size` leaves: the roots of its perfect subtrees, largest first.

    It is all that growing needs: one hash for each bit set in `size`.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def add(self, leaf: bytes) -> Self:
        """The frontier with one more leaf hash at the right."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Self:
        """The frontier with these leaf hashes added in order; about one node hash a leaf."""
        size, nodes = self.size, list(self.nodes)
        for node in leaves:
            # A carry, as in binary addition: each trailing 1 of the old size is a subtree the leaf completes.
            carry = size
            while carry & 1:
                node = sha256(b"\1" + nodes.pop() + node).digest()  # noqa: PLW2901 — the carry itself
                carry >>= 1
            nodes.append(node)
            size += 1
        return type(self)(size, tuple(nodes))

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far; of none, `SHA-256("")`."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        """The nodes end to end, 32 bytes each; `size` is kept beside them."""
        return b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, size: int, nodes: bytes) -> Self:
        """The frontier `to_bytes` wrote for a tree of `size` leaves. ValueError if the two do not fit."""
        if len(nodes) != HASH_SIZE * size.bit_count():
            raise ValueError(
                f"a tree of {size} leaves has {size.bit_count()} frontier hashes, not {len(nodes)} bytes"
            )
        return cls(size, tuple(nodes[at : at + HASH_SIZE] for at in range(0, len(nodes), HASH_SIZE)))
