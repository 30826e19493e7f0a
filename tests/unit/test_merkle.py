"""The tree against Certificate Transparency's published vectors and the RFC's own recursive definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.platform.merkle import EMPTY_ROOT, Frontier, leaf_hash, node_hash

# The reference leaves and roots of the Certificate Transparency test suite.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(entries: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word: split at the largest power of two smaller than n."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, len(CT_LEAVES) + 1))
def test_roots_are_those_of_the_certificate_transparency_vectors(size: int) -> None:
    frontier = Frontier()
    for entry in CT_LEAVES[:size]:
        frontier = frontier.add(leaf_hash(entry))
    assert frontier.root().hex() == CT_ROOTS[size - 1]
    assert frontier.size == size


def test_a_leaf_can_never_pass_for_a_node() -> None:
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@given(st.lists(st.binary(max_size=12), max_size=70))
def test_the_grown_root_is_the_recursive_one(entries: list[bytes]) -> None:
    assert Frontier().extend(map(leaf_hash, entries)).root() == naive_root(entries)


@given(st.lists(st.binary(max_size=4), max_size=70), st.data())
def test_growing_in_steps_and_through_bytes_changes_nothing(
    entries: list[bytes], data: st.DataObject
) -> None:
    leaves = [leaf_hash(entry) for entry in entries]
    cut = data.draw(st.integers(0, len(leaves)))
    first = Frontier().extend(leaves[:cut])
    kept = Frontier.from_bytes(cut, first.to_bytes())
    assert kept == first
    assert kept.extend(leaves[cut:]) == Frontier().extend(leaves)


def test_adding_leaves_the_old_frontier_as_it_was() -> None:
    before = Frontier().add(leaf_hash(b"a"))
    after = before.add(leaf_hash(b"b"))
    assert (before.size, after.size) == (1, 2)
    assert before.root() == leaf_hash(b"a")


def test_bytes_that_do_not_fit_the_size_are_refused() -> None:
    with pytest.raises(ValueError, match="3 leaves has 2 frontier hashes"):
        Frontier.from_bytes(3, b"\0" * 32)
