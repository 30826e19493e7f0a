"""The network of who follows whose advice, as it is told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from services.projections.evidence import Mark, positions
from services.projections.influence import answer
from services.projections.influence.advice import Advice
from services.projections.influence.handover import Handover
from services.projections.measures import UNIT
from services.projections.measures_network import Edges, betweenness, pagerank
from services.projections.views.question import Lens
from services.projections.wording import numbered

_ROWS: Final = 100
_NOBODY: Final = "no advice was followed"


def network(pieces: Iterable[Advice], lens: Lens) -> answer.Network:
    """The network of the pieces that were followed."""
    edges: dict[tuple[str, str], int] = {}
    marks: dict[tuple[str, str], list[Mark]] = {}
    for piece in pieces:
        if piece.followed:
            for decider, units in (piece.act.node if lens == "node" else piece.act.seat).items():
                tie = decider, piece.adviser
                edges[tie] = edges.get(tie, 0) + units
                marks.setdefault(tie, []).append((piece.at, piece.position))
    nodes = _nodes(edges)
    return answer.Network(
        holders=len(nodes),
        ties=len(edges),
        in_words=_in_words(nodes) if nodes else None,
        why_null={} if nodes else {"in_words": _NOBODY},
        nodes=nodes[:_ROWS],
        edges=_edges(edges, marks)[:_ROWS],
    )


def _nodes(edges: Edges) -> list[answer.Node]:
    ranks, between = pagerank(edges), betweenness(edges)
    of: dict[str, list[int]] = {holder: [0, 0, 0, 0] for holder in ranks}
    for (decider, adviser), units in edges.items():
        of[adviser][0] += units
        of[adviser][2] += 1
        of[decider][1] += units
        of[decider][3] += 1
    nodes = [
        answer.Node(
            holder=holder,
            pagerank=rank,
            betweenness=between[holder],
            followed=of[holder][0] / UNIT,
            follows=of[holder][1] / UNIT,
            deciders=of[holder][2],
            advisers=of[holder][3],
        )
        for holder, rank in ranks.items()
    ]
    return sorted(nodes, key=lambda node: (-node.pagerank, node.holder))


def _edges(edges: Edges, marks: Mapping[tuple[str, str], Sequence[Mark]]) -> list[answer.Edge]:
    return [
        answer.Edge(
            decider=decider,
            adviser=adviser,
            weight=units / UNIT,
            followed=len(marks[decider, adviser]),
            entries=positions(marks[decider, adviser]),
        )
        for (decider, adviser), units in sorted(edges.items(), key=lambda edge: (-edge[1], edge[0]))
    ]


def _in_words(nodes: Sequence[answer.Node]) -> str:
    most = min(nodes, key=lambda node: (-node.followed, node.holder))
    broker = min(nodes, key=lambda node: (-node.betweenness, node.holder))
    words = "{times} {times:time|times} by {n} {n:decider|deciders}"
    often = numbered(words, times=round(most.followed), n=most.deciders)
    said = f"{most.holder} was followed most, {often}"
    if nodes[0].holder != most.holder:
        said = f"{said}; the centre by PageRank is {nodes[0].holder}"
    between = (
        f"{broker.holder} lies between most others" if broker.betweenness else "nobody lies between others"
    )
    return f"{said}; {between}"


def handed(handovers: Sequence[Handover]) -> answer.Handovers:
    """Handovers by whom to whom."""
    between: dict[tuple[str, str], list[Handover]] = {}
    for one in handovers:
        between.setdefault((one.by, one.to), []).append(one)
    ranked = sorted(between.items(), key=lambda item: (-len(item[1]), item[0]))
    return answer.Handovers(
        handovers=len(handovers),
        pairs=len(between),
        rows=[
            answer.Handed(
                from_=by,
                to=to,
                handovers=len(these),
                decisions=len({one.decision.id for one in these}),
                entries=positions((one.at, one.position) for one in these),
            )
            for (by, to), these in ranked[:_ROWS]
        ],
    )
