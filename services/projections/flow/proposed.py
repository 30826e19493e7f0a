"""How proposing was spread over proposers and levels. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

from services.projections.evidence import Mark, positions
from services.projections.flow import answer
from services.projections.flow.proposing import Proposal
from services.projections.measures import UNIT
from services.projections.views.answer import Concentration, concentration
from services.projections.wording import numbered

_ROWS: Final = 100
_NOBODY: Final = "nothing was proposed by anybody known"
_NO_LEVEL: Final = "no proposer has a level"


def proposing(proposals: Sequence[Proposal]) -> answer.Proposing:
    """Of the proposals of one window."""
    known = [proposal for proposal in proposals if proposal.parts]
    units: dict[str, int] = defaultdict(int)
    marks: dict[str, list[Mark]] = defaultdict(list)
    depths: dict[int, int] = defaultdict(int)
    of_depth: dict[int, list[Mark]] = defaultdict(list)
    for proposal in known:
        for holder, part in proposal.parts.items():
            units[holder] += part
            marks[holder].append((proposal.at, proposal.position))
        for depth, part in proposal.depths.items():
            depths[depth] += part
            of_depth[depth].append((proposal.at, proposal.position))
    whole, levelled = len(known) * UNIT, sum(depths.values())
    mean = sum(depth * part for depth, part in depths.items()) / levelled if levelled else None
    spread = concentration(units, None, why_no_roster="proposers are compared with one another only")
    if spread.in_words is not None:
        spread = msgspec.structs.replace(spread, in_words=_as_if(spread))
    why = {} if levelled else {"mean_depth": _NO_LEVEL if known else _NOBODY}
    if not known:
        why |= dict.fromkeys(("coverage", "in_words"), _NOBODY)
    return answer.Proposing(
        n=len(known),
        unknown=len(proposals) - len(known),
        concentration=spread,
        mean_depth=mean,
        coverage=levelled / whole if known else None,
        in_words=numbered("{n} {n:proposal|proposals}, ", n=len(known)) + f"{spread.in_words}"
        if known
        else None,
        why_null=why,
        entries=positions((proposal.at, proposal.position) for proposal in known),
        levels=[
            answer.ProposerLevel(level=level, share=part / levelled, entries=positions(of_depth[level]))
            for level, part in sorted(depths.items())
        ],
        rows=[
            answer.Proposer(
                holder=holder,
                share=part / whole,
                proposals=len(marks[holder]),
                entries=positions(marks[holder]),
            )
            for holder, part in sorted(units.items(), key=lambda item: (-item[1], item[0]))[:_ROWS]
        ],
    )


def _as_if(spread: Concentration) -> str:
    if spread.holders == 1:
        return "all by one"
    return f"by {spread.holders}, as if {spread.effective_deciders:.1f} proposed equally"
