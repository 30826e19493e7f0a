"""Centres of a directed network, the same bit for bit however its nodes are named or ordered. Pure."""

import math
from collections.abc import Mapping, Sequence
from operator import mul
from typing import Final, TypeAlias

Edges: TypeAlias = Mapping[tuple[str, str], int]
"""(from, to) → weight, at least 1; a node's edge to itself says nothing and is left out."""

DAMPING: Final = 0.85
_CLOSE: Final = 1e-12
_TURNS: Final = 200  # 0.85 ** 200 is below _CLOSE


def nodes(edges: Edges) -> list[str]:
    """Everybody at either end of an edge, sorted."""
    return sorted({node for pair in edges if pair[0] != pair[1] for node in pair})


def pagerank(edges: Edges) -> dict[str, float]:
    """Where a reader ends up who follows edges by their weights (Brin & Page 1998); the ranks sum to 1.

    With chance 0.85 the next edge is followed, else, and where there is none to follow, any node is as
    likely. Power iteration until nothing moves; sums are rounded once, so that their order is nothing.
    """
    names = nodes(edges)
    out = _strengths(edges)
    into: dict[str, dict[str, float]] = {name: {} for name in names}
    for (node, to), weight in edges.items():
        if node != to:
            into[to][node] = weight / out[node]
    rank = dict.fromkeys(names, 1 / max(len(names), 1))
    for _ in range(_TURNS):
        before, rank = rank, _turn(rank, into, out)
        if math.fsum(abs(rank[name] - before[name]) for name in names) < _CLOSE:
            break
    return rank


def _strengths(edges: Edges) -> dict[str, int]:
    out: dict[str, int] = {}
    for (node, to), weight in edges.items():
        if node != to:
            out[node] = out.get(node, 0) + weight
    return out


def _turn(
    rank: Mapping[str, float], into: Mapping[str, Mapping[str, float]], out: Mapping[str, int]
) -> dict[str, float]:
    lost = math.fsum(held for name, held in rank.items() if name not in out)
    anywhere = (1 - DAMPING + DAMPING * lost) / max(len(rank), 1)
    of = rank.__getitem__
    return {
        name: anywhere + DAMPING * math.fsum(map(mul, map(of, parts), parts.values()))
        for name, parts in into.items()
    }


def betweenness(edges: Edges) -> dict[str, float]:
    """The share of pairs of others whose shortest ways lead through a node (Freeman 1977), 0 to 1.

    By Brandes' accumulation (2001) over unweighted, directed ways; several shortest ways between two share
    the pair. Divided by (n − 1)(n − 2), the pairs of others there are; all 0 below three nodes.
    """
    names = nodes(edges)
    place = {name: index for index, name in enumerate(names)}
    following: list[set[int]] = [set() for _ in names]
    before: list[set[int]] = [set() for _ in names]
    for node, to in edges:
        if node != to:
            following[place[node]].add(place[to])
            before[place[to]].add(place[node])
    found: list[list[float]] = [[] for _ in names]
    for source in range(len(names)):
        for passed, dependency in _dependencies(source, following, before).items():
            found[passed].append(dependency)
    pairs = max((len(names) - 1) * (len(names) - 2), 1)
    return {name: math.fsum(parts) / pairs for name, parts in zip(names, found, strict=True)}


def _dependencies(source: int, following: Sequence[set[int]], before: Sequence[set[int]]) -> dict[int, float]:
    """By node, the sum over all targets of the share of shortest ways from the source that pass it."""
    ways = {source: 1}
    ranks: list[tuple[set[int], set[int]]] = []  # the nodes at each distance, and those one step on
    rank = {source}
    while len(ways) < len(following) and (
        reached := set().union(*(following[node] for node in rank)) - ways.keys()
    ):
        ways |= {to: sum(map(ways.__getitem__, before[to] & rank)) for to in reached}
        ranks.append((rank, reached))
        rank = reached
    dependency = dict.fromkeys(ways, 0.0)
    for rank, reached in reversed(ranks):
        share = {to: (1 + dependency[to]) / ways[to] for to in reached}
        for node in rank:
            dependency[node] = ways[node] * math.fsum(map(share.__getitem__, following[node] & reached))
    del dependency[source]
    return dependency
