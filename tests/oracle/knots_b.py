"""Plain loops for half of the knots, by the name of the pattern."""

from collections.abc import Callable

from tests.oracle.knots_b_facts import overdue, unanswered_agent, uninformed, unlearned
from tests.oracle.knots_b_ground import Facts, Ground, Knot

PATTERNS: dict[str, Callable[[Ground, Facts], list[Knot]]] = {
    "overdue": overdue,
    "unanswered agent": unanswered_agent,
    "uninformed": uninformed,
    "unlearned": unlearned,
}
