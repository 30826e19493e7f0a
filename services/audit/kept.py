"""The tree as it is stored or served, tile by tile, against the tree over the entries. Pure."""

from services.audit.faults import Faults
from services.audit.tree import Tree
from services.platform.merkle import HASH_SIZE, TILE_HEIGHT, Node
from services.platform.tiles import WIDTH, Tile, path, split


def of_tile(tile: Tile, served: bytes, tree: Tree, faults: Faults) -> None:
    """A full tile of any level."""
    if len(served) != WIDTH * HASH_SIZE:
        first, last = tile.start + 1, tile.size
        faults.add(first, "tile", f"the {path(tile)} served has {len(served)} bytes", last)
    elif tile.level == 0:
        of_leaves(tile.index, served, tree, faults)
    else:
        for number, hashed in enumerate(split(served)):
            of_node((tile.level * TILE_HEIGHT, tile.index * WIDTH + number), hashed, tree, faults)


def of_leaves(tile: int, stored: bytes, tree: Tree, faults: Faults) -> None:
    """A tile of leaf hashes: it names the very entry."""
    ours = tree.leaves(tile * WIDTH, WIDTH)
    name = path(Tile(0, tile))
    if ours == stored:
        return
    if len(ours) != len(stored):
        told = f"the {name} is stored, but the entries end before it does"
        faults.add(max(tile * WIDTH, tree.size) + 1, "tile", told, (tile + 1) * WIDTH)
        return
    for at in range(0, len(stored), HASH_SIZE):
        if ours[at : at + HASH_SIZE] != stored[at : at + HASH_SIZE]:
            position = tile * WIDTH + at // HASH_SIZE + 1
            faults.add(position, "tile", f"the {name} holds another hash for it")


def of_node(node: Node, stored: bytes, tree: Tree, faults: Faults) -> None:
    """The hash of a whole tile."""
    if tree.nodes.get(node) != stored:
        first, last = reach(node)
        told = f"the stored hash of {path(below(node))} is not that of its tile"
        faults.add(first, "tile", told, last)


def missing(found: set[Node], tree: Tree, faults: Faults) -> None:
    """Nodes of the tree that are not stored."""
    for node in sorted(tree.nodes.keys() - found):
        first, last = reach(node)
        faults.add(first, "tile", f"the hash of {path(below(node))} is not stored", last)


def below(node: Node) -> Tile:
    """The tile that a node is the root of."""
    return Tile(node[0] // TILE_HEIGHT - 1, node[1])


def reach(node: Node) -> tuple[int, int]:
    """The first and the last position under a node."""
    return (node[1] << node[0]) + 1, (node[1] + 1) << node[0]
