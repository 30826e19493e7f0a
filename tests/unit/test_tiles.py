"""Tiles and their addresses: C2SP's own examples, and every tree rebuilt from its tiles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.platform import merkle, tiles
from services.platform.tiles import ENTRIES, BadTile, Tile
from tests.unit.test_merkle_proofs import leaves_of, tree


def test_an_index_is_written_in_groups_of_three_digits() -> None:
    assert tiles.path(Tile(0, 1_234_067)) == "tile/0/x001/x234/067"
    assert tiles.path(Tile(ENTRIES, 1_234_067, 5)) == "tile/entries/x001/x234/067.p/5"
    assert tiles.path(Tile(63, 0)) == "tile/63/000"
    assert tiles.parse("tile/0/x001/x234/067") == Tile(0, 1_234_067)


def test_a_tree_of_70_000_has_the_tiles_that_the_specification_counts() -> None:
    found = list(tiles.tiles_of(70_000))
    full = [tile for tile in found if tile.width == 256]
    partial = [tile for tile in found if tile.width < 256]
    assert [len([tile for tile in full if tile.level == level]) for level in range(3)] == [273, 1, 0]
    assert partial == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]


def test_a_tree_of_256_has_a_full_tile_and_one_above_it() -> None:
    assert list(tiles.tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles.tiles_of(0)) == []


@given(st.integers(-1, 63), st.integers(0, (1 << 63) - 1), st.integers(1, 256))
def test_every_address_is_read_as_it_is_written(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert tiles.parse(tiles.path(tile)) == tile


@pytest.mark.parametrize(
    "text",
    [
        "tile/0/67",
        "tile/0/0067",
        "tile/0/x000/067",
        "tile/0/001/067",
        "tile/0/x067",
        "tile/00/067",
        "tile/64/067",
        "tile/-1/067",
        "tile/0/067.p/0",
        "tile/0/067.p/256",
        "tile/0/067.p/007",
        "tile/0/067.p/",
        "tile/0/067/",
        "/tile/0/067",
        "tile/0/٠٦٧",
        "tile/Entries/067",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/067\n",
        "",
    ],
)
def test_other_ways_of_writing_an_address_are_refused(text: str) -> None:
    with pytest.raises(BadTile, match="tile"):
        tiles.parse(text)


@given(st.text(alphabet="tile/0123456789x.pnrs-", max_size=40))
def test_whatever_is_read_is_written_back_the_same(text: str) -> None:
    try:
        tile = tiles.parse("tile/" + text)
    except BadTile:
        return
    assert tiles.path(tile) == "tile/" + text


@settings(deadline=None)
@given(st.integers(1, 1500), st.data())
def test_roots_and_proofs_can_be_made_from_tiles_alone(size: int, data: st.DataObject) -> None:
    kept = {
        tile: b"".join(tree(size)((8 * tile.level, tile.index * 256 + place)) for place in range(tile.width))
        for tile in tiles.tiles_of(size)
    }

    def hashes(node: merkle.Node) -> bytes:
        return tiles.node_in(node, kept[tiles.tile_of(node, size)])

    assert merkle.root(size, hashes) == merkle.root(size, tree(size))
    index = data.draw(st.integers(0, size - 1))
    assert merkle.inclusion_proof(index, size, hashes) == merkle.inclusion_proof(index, size, tree(size))
    old = data.draw(st.integers(0, size))
    assert merkle.consistency_proof(old, size, hashes) == merkle.consistency_proof(old, size, tree(size))


def test_a_hash_that_a_tile_does_not_reach_is_not_made_up() -> None:
    with pytest.raises(BadTile, match="ends before the hash of node 1 at level 2"):
        tiles.node_in((2, 1), b"".join(leaves_of(7)))


@pytest.mark.parametrize("size", [0, 31, 33, 257 * 32])
def test_a_tile_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(BadTile, match=f"{size} bytes are not 1 to 256 hashes"):
        tiles.split(bytes(size))
