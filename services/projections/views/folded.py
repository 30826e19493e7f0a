"""What tallies come to, read from cells: as fast however many decisions there are, for plain questions."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.projections import generations
from services.projections.cells import COUNTS, Cell, Share
from services.projections.connection import Connection
from services.projections.facts.fact import FOREVER
from services.projections.sums import Wanted, summed
from services.projections.views.answer import Held
from services.projections.views.ground import Ground, Structures
from services.projections.views.question import FIRST, Lens, Question, Window
from services.projections.views.tally import Counts, Sides

_MOST_WINDOWS: Final = 60  # beyond, one pass over the acts is quicker


def answers(ground: Ground, question: Question, windows: Sequence[Window]) -> bool:
    """Whether cells tell: known now, no filter within the scope, groups that one sum holds.

    Cells of another version may lack some: until new ones are built, the acts are read.
    """
    if ground.facts_version != generations.FACTS_VERSION:
        return False
    filtered = question.actor or question.stakes or question.attested != "all" or question.level is not None
    two_scopes = question.domain is not None and question.body is not None
    return ground.now and not filtered and not two_scopes and len(windows) <= _MOST_WINDOWS


async def shares(
    connection: Connection, ground: Ground, structures: Structures, question: Question, window: Window
) -> Cell:
    """Counts and shares of a window under both lenses."""
    return await summed(
        connection, _wanted(ground, question, window, shares=True, drift=None), structures.wholes
    )


async def sides(
    connection: Connection, ground: Ground, structures: Structures, question: Question, window: Window
) -> Cell:
    """Counts of a window and both sides under the question's lens."""
    return await summed(
        connection, _wanted(ground, question, window, shares=False, drift=question.lens), structures.wholes
    )


def counts_of(cell: Cell) -> Counts:
    """How many decisions of each sort."""
    return Counts(**dict(zip(COUNTS, cell.counts, strict=True)))


def held_of(shares: Mapping[str, Share]) -> Held:
    """Who has how much."""
    return Held(
        {holder: share[0] for holder, share in shares.items()},
        {holder: share[1] for holder, share in shares.items()},
        {holder: share[2] for holder, share in shares.items()},
    )


def levels_of(cell: Cell) -> dict[int, tuple[int, int]]:
    """Units and decisions by depth."""
    return {int(level): (share[0], share[1]) for level, share in cell.level.items()}


def sides_of(cell: Cell, lens: Lens) -> dict[str, Sides]:
    """Both sides by the domain of the row."""
    rows = cell.drift_seat if lens == "seat" else cell.drift_node
    return {domain: Sides(sides, counts[1], counts[2]) for domain, (counts, sides) in rows.items()}


def _wanted(
    ground: Ground, question: Question, window: Window, *, shares: bool, drift: Lens | None
) -> Wanted:
    return Wanted(
        ledger=ground.ledger,
        generation=ground.generation,
        position=ground.position,
        folded=ground.folded,
        as_of=ground.as_of,
        standing=question.tense == "standing",
        opens=window.start or FIRST,
        closes=window.end or FOREVER,
        domain=question.domain,
        body=question.body,
        shares=shares,
        drift=drift,
    )
