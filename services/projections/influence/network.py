"""The network of who follows whose advice, as it is told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from math import isclose
from operator import attrgetter
from typing import Final

from services.projections.evidence import Mark, positions
from services.projections.influence import answer
from services.projections.influence.advice import Advice
from services.projections.influence.handover import Handover
from services.projections.measures import UNIT
from services.projections.measures_network import Edges, betweenness, pagerank
from services.projections.views.question import Lens
from services.projections.wording import listed, numbered

_ROWS: Final = 100
_FEW: Final = 4  # equals are named, more of them counted
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
    most, centres, brokers = (_foremost(nodes, by) for by in ("followed", "pagerank", "betweenness"))
    often = numbered("{times} {times:time|times}", times=round(most[0].followed))
    if len(most) == 1:
        said = f"{most[0].holder} was followed most, {often} by "
        said += numbered("{n} {n:decider|deciders}", n=most[0].deciders)
    else:
        said = f"{_equals(most, 'advisers')} were followed most, {often} each"
    if centres != most:
        is_ = "centre by PageRank is" if len(centres) == 1 else "centres by PageRank are"
        said += f"; the {is_} {_equals(centres, 'holders')}"
    if not brokers[0].betweenness:
        return f"{said}; nobody lies between others"
    lie = "lies" if len(brokers) == 1 else "lie"
    return f"{said}; {_equals(brokers, 'holders')} {lie} between others most often"


def _foremost(nodes: Sequence[answer.Node], by: str) -> list[answer.Node]:
    """All who have the most of it; sums of floats are equal but for their last bits."""
    of = attrgetter(by)
    most = max(map(of, nodes))
    return sorted((node for node in nodes if isclose(of(node), most)), key=attrgetter("holder"))


def _equals(nodes: Sequence[answer.Node], whom: str) -> str:
    """All of them: to name the first alone would set it above the others."""
    return listed(node.holder for node in nodes) if len(nodes) <= _FEW else f"{len(nodes)} {whom}"


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
