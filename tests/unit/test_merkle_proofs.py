"""Proofs against the RFC's own recursive definitions, and against sigstore's independent implementation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sigstore._internal import merkle as independent
from sigstore.errors import VerificationError

from services.platform import merkle
from services.platform.merkle import (
    EMPTY_ROOT,
    Frontier,
    NotProven,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
)

SIZES = [1, 2, 3, 255, 256, 257]
LARGE = [65_535, 65_536, 100_000]


def split(size: int) -> int:
    part = 1
    while part * 2 < size:
        part *= 2
    return part


def naive_root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    at = split(len(leaves))
    return node_hash(naive_root(leaves[:at]), naive_root(leaves[at:]))


def naive_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1."""
    if len(leaves) == 1:
        return []
    at = split(len(leaves))
    if index < at:
        return [*naive_path(index, leaves[:at]), naive_root(leaves[at:])]
    return [*naive_path(index - at, leaves[at:]), naive_root(leaves[:at])]


def naive_subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2."""
    if old == len(leaves):
        return [] if whole else [naive_root(leaves)]
    at = split(len(leaves))
    if old <= at:
        return [*naive_subproof(old, leaves[:at], whole), naive_root(leaves[at:])]
    return [*naive_subproof(old - at, leaves[at:], False), naive_root(leaves[:at])]


def entry(number: int) -> bytes:
    return b"entry %d" % number


@cache
def leaves_of(size: int) -> tuple[bytes, ...]:
    return tuple([leaf_hash(entry(number)) for number in range(size)])


@cache
def tree(size: int) -> Callable[[merkle.Node], bytes]:
    return merkle.in_memory(leaves_of(size))


@given(st.integers(1, 90).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_an_inclusion_proof_is_the_recursive_one_and_holds(case: tuple[int, int]) -> None:
    index, size = case
    leaves = list(leaves_of(size))
    proof = inclusion_proof(index, size, tree(size))
    assert proof == naive_path(index, leaves)
    check_inclusion(leaves[index], index, size, proof, naive_root(leaves))


@given(st.integers(1, 90).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))))
def test_a_consistency_proof_is_the_recursive_one_and_holds(case: tuple[int, int]) -> None:
    old, new = case
    leaves = list(leaves_of(new))
    proof = consistency_proof(old, new, tree(new))
    assert proof == naive_subproof(old, leaves, True)
    check_consistency(old, new, proof, naive_root(leaves[:old]), naive_root(leaves))


@given(st.integers(0, 90), st.integers(0, 90))
def test_a_proof_of_a_larger_tree_can_be_made_from_its_nodes_at_any_smaller_size(old: int, more: int) -> None:
    size = old + more
    assert merkle.root(old, tree(size)) == naive_root(list(leaves_of(old)))


@given(st.integers(1, 60).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))), st.data())
def test_a_proof_with_anything_changed_is_refused(case: tuple[int, int], data: st.DataObject) -> None:
    index, size = case
    leaf, root = leaves_of(size)[index], merkle.root(size, tree(size))
    proof = inclusion_proof(index, size, tree(size))
    for bad_leaf, at, of, path, head in [
        (flipped(leaf, data), index, size, proof, root),
        (leaf, index, size, proof, flipped(root, data)),
        (leaf, index, size, [*proof, root], root),
        (leaf, size, size, proof, root),
        (leaf, -1, size, proof, root),
        (leaf, index, size, proof[:-1], root) if proof else (root, 0, 0, [], root),
        *[
            (leaf, index, size, [*proof[:place], flipped(one, data), *proof[place + 1 :]], root)
            for place, one in enumerate(proof)
        ],
        *[(leaf, other, size, proof, root) for other in range(size) if other != index],
    ]:
        with pytest.raises(NotProven):
            check_inclusion(bad_leaf, at, of, path, head)


@given(st.integers(1, 60).flatmap(lambda size: st.tuples(st.integers(1, size), st.just(size))), st.data())
def test_a_consistency_proof_with_anything_changed_is_refused(
    case: tuple[int, int], data: st.DataObject
) -> None:
    old, new = case
    before, after = merkle.root(old, tree(new)), merkle.root(new, tree(new))
    proof = consistency_proof(old, new, tree(new))
    for first, second, path, old_root, new_root in [
        (old, new, proof, flipped(before, data), after),
        (old, new, proof, before, flipped(after, data)),
        (old, new, [*proof, before], before, after),
        (new + 1, new, proof, before, after),
        (-1, new, proof, before, after),
        *[
            (old, new, [*proof[:place], flipped(one, data), *proof[place + 1 :]], before, after)
            for place, one in enumerate(proof)
        ],
    ]:
        with pytest.raises(NotProven):
            check_consistency(first, second, path, old_root, new_root)


def flipped(hash: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(hash) * 8 - 1))
    return (int.from_bytes(hash, "big") ^ (1 << at)).to_bytes(len(hash), "big")


def test_from_an_empty_tree_nothing_has_to_be_proven() -> None:
    check_consistency(0, 3, [], EMPTY_ROOT, merkle.root(3, tree(3)))
    with pytest.raises(NotProven, match="root of the empty tree"):
        check_consistency(0, 3, [], leaf_hash(b""), merkle.root(3, tree(3)))
    with pytest.raises(NotProven, match="1 hashes instead of 0"):
        check_consistency(0, 3, [EMPTY_ROOT], EMPTY_ROOT, merkle.root(3, tree(3)))


def test_two_trees_of_one_size_must_be_the_same() -> None:
    with pytest.raises(NotProven, match="two trees of 3 leaves have different roots"):
        check_consistency(3, 3, [], EMPTY_ROOT, merkle.root(3, tree(3)))


@settings(deadline=None)
@given(st.lists(st.integers(0, 700), max_size=6))
def test_growing_tells_which_tiles_became_complete_and_their_hashes(steps: list[int]) -> None:
    size = sum(steps)
    frontier, completed = Frontier(), list[tuple[merkle.Node, bytes]]()
    for step in steps:
        leaves = leaves_of(size)[frontier.size : frontier.size + step]
        frontier, more = frontier.grow(leaves)
        completed += more
    assert frontier == Frontier().extend(leaves_of(size))
    assert completed == [((8, tile), tree(size)((8, tile))) for tile in range(size >> 8)]


def test_growing_completes_a_tile_of_tiles() -> None:
    _, completed = Frontier().grow(leaves_of(65_536))
    assert completed[-1] == ((16, 0), tree(65_536)((16, 0)))
    assert len(completed) == 256 + 1


@dataclass
class Proof:
    """As much of sigstore's entry as its check reads."""

    log_index: int
    tree_size: int
    hashes: list[bytes]
    root_hash: bytes
    body: bytes

    def check(self) -> None:
        class Inner:
            inclusion_proof = self
            canonicalized_body = self.body

        class Entry:
            _inner = Inner

        independent.verify_merkle_inclusion(cast("Any", Entry))


def agrees_with_sigstore(size: int, indices: list[int]) -> None:
    root = merkle.root(size, tree(size))
    assert root == Frontier().extend(leaves_of(size)).root()
    for index in indices:
        path = inclusion_proof(index, size, tree(size))
        Proof(index, size, path, root, entry(index)).check()
        check_inclusion(leaves_of(size)[index], index, size, path, root)
        wrong = bytes(32)
        tampered = [
            Proof(index, size, path, root, entry(index) + b"x"),
            Proof(index, size, path, wrong, entry(index)),
            *[
                Proof(index, size, [*path[:at], wrong, *path[at + 1 :]], root, entry(index))
                for at in range(len(path))
            ],
        ]
        if size > 1:
            tampered += [Proof(index ^ 1, size, path, root, entry(index))]
            tampered += [Proof(index, size * 2, path, root, entry(index))]
        for proof in tampered:
            with pytest.raises(VerificationError):
                proof.check()
            with pytest.raises(NotProven):
                check_inclusion(
                    leaf_hash(proof.body), proof.log_index, proof.tree_size, proof.hashes, proof.root_hash
                )


@pytest.mark.parametrize("size", SIZES)
def test_sigstore_takes_our_roots_and_proofs_and_refuses_them_tampered_with(size: int) -> None:
    agrees_with_sigstore(size, sorted({0, 1, size // 2, size - 1} & set(range(size))))


@pytest.mark.parametrize("size", LARGE)
def test_sigstore_takes_our_roots_and_proofs_of_large_trees(size: int) -> None:
    agrees_with_sigstore(size, [0, 1, 255, 256, 32_768, size // 2, size - 2, size - 1])
