"""Plain loops for half of the knots, by the name of the pattern."""

from collections.abc import Callable

from tests.oracle.knots_b_bodies import silos
from tests.oracle.knots_b_excluded import exclusion
from tests.oracle.knots_b_facts import overdue, unanswered_agent, uninformed, unlearned
from tests.oracle.knots_b_ground import Facts, Ground, Knot
from tests.oracle.knots_b_habits import approval_habit, rubber_stamp
from tests.oracle.knots_b_heard import bypassed_consultation
from tests.oracle.knots_b_tested import dominance, hidden_influence
from tests.oracle.knots_b_waits import bottleneck

PATTERNS: dict[str, Callable[[Ground, Facts], list[Knot]]] = {
    "approval habit": approval_habit,
    "bottleneck": bottleneck,
    "bypassed consultation": bypassed_consultation,
    "dominance": dominance,
    "exclusion": exclusion,
    "hidden influence": hidden_influence,
    "overdue": overdue,
    "rubber stamp": rubber_stamp,
    "silos": silos,
    "unanswered agent": unanswered_agent,
    "uninformed": uninformed,
    "unlearned": unlearned,
}
