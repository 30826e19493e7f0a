"""Plain loops for half of the knots, by the name of the pattern."""

from collections.abc import Callable

from tests.oracle.knots_b_bodies import silos
from tests.oracle.knots_b_facts import overdue, unanswered_agent, uninformed, unlearned
from tests.oracle.knots_b_ground import Facts, Ground, Knot
from tests.oracle.knots_b_heard import bypassed_consultation
from tests.oracle.knots_b_tested import dominance, hidden_influence

PATTERNS: dict[str, Callable[[Ground, Facts], list[Knot]]] = {
    "bypassed consultation": bypassed_consultation,
    "dominance": dominance,
    "hidden influence": hidden_influence,
    "overdue": overdue,
    "silos": silos,
    "unanswered agent": unanswered_agent,
    "uninformed": uninformed,
    "unlearned": unlearned,
}
