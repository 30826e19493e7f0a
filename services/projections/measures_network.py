"""Centres of a directed network, the same bit for bit however its nodes are named or ordered. Pure."""

import math
from collections.abc import Collection, Mapping
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
    if not names:
        return {}
    into: dict[str, list[tuple[str, float]]] = {name: [] for name in names}
    out = _strengths(edges)
    for (node, to), weight in edges.items():
        if node != to:
            into[to].append((node, weight / out[node]))
    rank = dict.fromkeys(names, 1 / len(names))
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
    rank: Mapping[str, float], into: Mapping[str, Collection[tuple[str, float]]], out: Mapping[str, int]
) -> dict[str, float]:
    lost = math.fsum(held for name, held in rank.items() if name not in out)
    anywhere = (1 - DAMPING + DAMPING * lost) / len(rank)
    return {
        name: anywhere + DAMPING * math.fsum(rank[node] * part for node, part in edges)
        for name, edges in into.items()
    }


def betweenness(edges: Edges) -> dict[str, float]:
    """The share of pairs of others whose shortest ways lead through a node (Freeman 1977), 0 to 1.

    By Brandes' accumulation (2001) over unweighted, directed ways; several shortest ways between two share
    the pair. Divided by (n − 1)(n − 2), the pairs of others there are; all 0 below three nodes.
    """
    following: dict[str, set[str]] = {name: set() for name in nodes(edges)}
    for node, to in edges:
        if node != to:
            following[node].add(to)
    found: dict[str, list[float]] = {name: [] for name in following}
    for source in following:
        for node, dependency in _dependencies(source, following).items():
            found[node].append(dependency)
    pairs = max((len(found) - 1) * (len(found) - 2), 1)
    return {node: math.fsum(parts) / pairs for node, parts in found.items()}


def _dependencies(source: str, following: Mapping[str, Collection[str]]) -> dict[str, float]:
    """By node, the sum over all targets of the share of shortest ways from the source that pass it."""
    ways = {source: 1}
    ranks: list[dict[str, set[str]]] = []  # by distance: each node and the nodes next on shortest ways
    rank: Collection[str] = {source}
    while rank:
        reached = set().union(*(following[node] for node in rank)) - ways.keys()
        onward = {node: reached & set(following[node]) for node in rank}
        for node, then in onward.items():
            for to in then:
                ways[to] = ways.get(to, 0) + ways[node]
        ranks.append(onward)
        rank = reached
    dependency: dict[str, float] = {}
    for onward in reversed(ranks):
        for node, then in onward.items():
            passed = math.fsum((1 + dependency[to]) / ways[to] for to in then)
            dependency[node] = ways[node] * passed
    del dependency[source]
    return dependency
