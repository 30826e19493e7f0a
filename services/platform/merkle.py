"""The Merkle tree of RFC 6962, grown leaf by leaf: pure; for whoever writes a log and whoever checks it.

A *node* is a perfect subtree: `(level, index)` covers the leaves from `index · 2**level`, `2**level` of them.
Proofs are lists of hashes of ranges of leaves, and every such range is a few nodes: whoever keeps hashes of
nodes, in memory or in tiles, can make any proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

HASH_SIZE = 32
TILE_HEIGHT = 8  # of tiles, C2SP tlog-tiles: 256 leaves, 256 tiles, and so on
EMPTY_ROOT = sha256(b"").digest()

Node = tuple[int, int]
Hashes = Callable[[Node], bytes]
Range = tuple[int, int]  # of leaves: from, and before


class NotProven(ValueError):
    """The proof does not show what it should; the message says why."""


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

    def grow(self, leaves: Sequence[bytes]) -> tuple[Self, list[tuple[Node, bytes]]]:
        """As `extend`, and the nodes of level 8, 16 … that became complete, with their hashes, in order."""
        tile = 1 << TILE_HEIGHT
        grown, completed, at = self, list[tuple[Node, bytes]](), 0
        while at < len(leaves):
            before = at + tile - 1 - grown.size % tile
            grown = grown.extend(leaves[at:before])
            if before < len(leaves):
                completed += grown._completed_by(leaves[before])
                grown = grown.extend((leaves[before],))
            at = before + 1
        return grown, completed

    def join(self, other: Self) -> tuple[Self, list[tuple[Node, bytes]]]:
        """With the leaves of another tree at the right, and the nodes of level 8, 16 … that completes here.

        Our size must be a multiple of a power of two that the other's does not exceed; no leaf is needed.
        """
        if other.size < self.size & -self.size:  # it fits into what is still empty here
            return type(self)(self.size + other.size, self.nodes + other.nodes), []
        size, nodes, completed = self.size, list(self.nodes), list[tuple[Node, bytes]]()
        for (level, _), node in zip(nodes_of(0, other.size), other.nodes, strict=True):
            hashed, at, left = node, level, size >> level
            while left & 1:
                hashed, at, left = node_hash(nodes.pop(), hashed), at + 1, left >> 1
                if at % TILE_HEIGHT == 0:
                    completed.append(((at, left), hashed))
            nodes.append(hashed)
            size += 1 << level
        return type(self)(size, tuple(nodes)), completed

    def _completed_by(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        completed: list[tuple[Node, bytes]] = []
        node, level, left = leaf, 0, self.size
        for sibling in reversed(self.nodes):
            if not left & 1:
                break
            node, level, left = node_hash(sibling, node), level + 1, left >> 1
            if level % TILE_HEIGHT == 0:
                completed.append(((level, left), node))
        return completed

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far; of none, `SHA-256("")`."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for left in self.nodes[-2::-1]:
            root = sha256(b"\1" + left + root).digest()
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
        return cls(size, tuple([nodes[at : at + HASH_SIZE] for at in range(0, len(nodes), HASH_SIZE)]))


def nodes_of(start: int, end: int) -> list[Node]:
    """The fewest nodes that cover the leaves from `start` and before `end`, left to right."""
    found: list[Node] = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_hash(span: Range, hashes: Hashes) -> bytes:
    """The Merkle tree hash of a range of leaves that is a subtree of RFC 6962; of none, `SHA-256("")`."""
    nodes = nodes_of(*span)
    if not nodes:
        return EMPTY_ROOT
    result = hashes(nodes[-1])
    for node in reversed(nodes[:-1]):
        result = node_hash(hashes(node), result)
    return result


def root(size: int, hashes: Hashes) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return range_hash((0, size), hashes)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The ranges whose hashes prove a leaf in a tree: RFC 6962 §2.1.1. ValueError: it is not in there."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The ranges whose hashes prove that the tree of `new` leaves begins with that of `old`: RFC 6962 §2.1.2.

    None are needed from an empty tree, or if nothing was added. ValueError: `old` is larger, or negative.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves has not grown from one of {old}")
    if old in (0, new):
        return []
    ranges: list[Range] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(index: int, size: int, hashes: Hashes) -> list[bytes]:
    """What shows that a leaf is in a tree: from the leaf's sibling upwards."""
    return [range_hash(span, hashes) for span in inclusion_ranges(index, size)]


def consistency_proof(old: int, new: int, hashes: Hashes) -> list[bytes]:
    """What shows that a tree begins with another."""
    return [range_hash(span, hashes) for span in consistency_ranges(old, new)]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise NotProven unless `proof` puts this leaf hash at `index` of the tree of `size` leaves."""
    if not 0 <= index < size:
        raise NotProven(f"a tree of {size} leaves has no leaf {index}")
    _expect(proof, len(inclusion_ranges(index, size)))
    node, at, last = leaf, index, size - 1
    for sibling in proof:
        if at & 1 or at == last:
            node = node_hash(sibling, node)
            while not at & 1 and at:  # the right edge: levels where the subtree has no sibling
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if node != root:
        raise NotProven(f"the leaf at index {index} is not under the root of the tree of {size} leaves")


def check_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise NotProven unless `proof` shows that the tree of `new` leaves begins with that of `old`."""
    if not 0 <= old <= new:
        raise NotProven(f"a tree of {new} leaves has not grown from one of {old}")
    _expect(proof, len(consistency_ranges(old, new)))
    if old == 0 and old_root != EMPTY_ROOT:
        raise NotProven("the root of the empty tree is another")
    if old == new and old_root != new_root:
        raise NotProven(f"two trees of {new} leaves have different roots")
    if old in (0, new):
        return
    before, after = _both_roots(old, new, proof, old_root)
    if before != old_root:
        raise NotProven(f"the proof is not about the root of the tree of {old} leaves")
    if after != new_root:
        raise NotProven(f"the tree of {new} leaves does not begin with that of {old}")


def _both_roots(old: int, new: int, proof: Sequence[bytes], old_root: bytes) -> tuple[bytes, bytes]:
    """RFC 9162 §2.1.4.2: the two roots that the proof leads to."""
    hashes = iter(proof if old & (old - 1) else (old_root, *proof))
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = next(hashes)
    for sibling in hashes:
        if at & 1 or at == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        at, last = at >> 1, last >> 1
    return before, after


def in_memory(leaves: Sequence[bytes]) -> Hashes:
    """The nodes over these leaf hashes, as a reader."""
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        pairs = zip(below[::2], below[1::2], strict=False)
        levels.append([sha256(b"\1" + left + right).digest() for left, right in pairs])
    return lambda node: levels[node[0]][node[1]]


def subtree(hashes: Sequence[bytes]) -> bytes:
    """The hash over a power of two of nodes of one level, as those of a tile."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _split(size: int) -> int:
    """The largest power of two below `size`, where RFC 6962 parts a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def _expect(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise NotProven(f"the proof has {len(proof)} hashes instead of {length}")
    if any(len(one) != HASH_SIZE for one in proof):
        raise NotProven(f"the proof has a hash that is not {HASH_SIZE} bytes")
