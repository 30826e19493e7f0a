"""PageRank and betweenness agree with their definitions, worked out exactly, and do not see names."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.measures_network import betweenness, nodes, pagerank

networks = st.dictionaries(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), st.integers(1, 5), max_size=18
)
Edges = dict[tuple[str, str], int]


def solved(edges: Edges) -> dict[str, Fraction]:
    """The ranks as the solution of their linear equations, by elimination."""
    names = nodes(edges)
    n, d = len(names), Fraction(85, 100)
    out = {x: sum(w for (a, b), w in edges.items() if a == x != b) for x in names}
    rows = []
    for to in names:
        parts = [
            Fraction(edges.get((a, to), 0), out[a]) if out[a] and a != to else Fraction(not out[a], n)
            for a in names
        ]
        rows.append([(a == to) - d * part for a, part in zip(names, parts, strict=True)] + [(1 - d) / n])
    for i in range(n):
        pivot = next(r for r in range(i, n) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for r in range(n):
            if r != i:
                rows[r] = [x - rows[r][i] * y for x, y in zip(rows[r], rows[i], strict=True)]
    return {name: row[-1] for name, row in zip(names, rows, strict=True)}


def ways(edges: Edges, source: str, target: str) -> list[tuple[str, ...]]:
    """The shortest ways from one to another, by trying all."""
    others = [name for name in nodes(edges) if name not in (source, target)]
    for between in range(len(others) + 1):
        found = [
            way for some in permutations(others, between) if _leads(edges, way := (source, *some, target))
        ]
        if found:
            return found
    return []


def _leads(edges: Edges, way: tuple[str, ...]) -> bool:
    return all(pair in edges for pair in pairwise(way))


def by_trying_all(edges: Edges) -> Iterator[tuple[str, Fraction]]:
    names = nodes(edges)
    pairs = max((len(names) - 1) * (len(names) - 2), 1)
    for name in names:
        whole = Fraction()
        for source, target in permutations([other for other in names if other != name], 2):
            if found := ways(edges, source, target):
                whole += Fraction(sum(name in way for way in found), len(found))
        yield name, whole / pairs


@given(networks)
def test_ranks_solve_their_equations_and_sum_to_one(edges: Edges) -> None:
    ranks = pagerank(edges)
    assert ranks == pytest.approx({name: float(rank) for name, rank in solved(edges).items()}, abs=1e-9)
    assert not ranks or sum(ranks.values()) == pytest.approx(1)


@given(networks)
def test_betweenness_is_the_share_of_shortest_ways_that_lead_through(edges: Edges) -> None:
    assert betweenness(edges) == pytest.approx({name: float(of) for name, of in by_trying_all(edges)})


@given(networks, st.permutations("abcdef"))
def test_names_and_their_order_change_no_bit(edges: Edges, names: list[str]) -> None:
    called = dict(zip("abcdef", names, strict=True))
    renamed = {(called[a], called[b]): w for (a, b), w in reversed(edges.items())}
    for measure in (pagerank, betweenness):
        assert {called[name]: of for name, of in measure(edges).items()} == measure(renamed)


def test_whoever_all_follow_is_the_centre_and_the_middle_of_a_chain_lies_between() -> None:
    star = {(leaf, "hub"): 1 for leaf in "abcd"}
    ranks = pagerank(star)
    assert max(ranks, key=ranks.__getitem__) == "hub"
    assert betweenness({("a", "b"): 1, ("b", "c"): 9}) == {"a": 0, "b": 0.5, "c": 0}
    assert pagerank({("a", "a"): 3}) == betweenness({}) == {}


def test_weights_say_whom_one_follows_more() -> None:
    ranks = pagerank({("a", "b"): 3, ("a", "c"): 1})
    assert ranks["b"] > ranks["c"]
