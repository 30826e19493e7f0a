"""Patterns of the `knots` view recomputed in plain loops, by name."""

from collections.abc import Callable, Iterator, Mapping

from tests.oracle.knots_acts import (
    overlap,
    retroactive,
    self_approval,
    shadow_authority,
    unformalised,
    unstated,
)
from tests.oracle.knots_rows import meta_authority, stale_statement, vacant
from tests.oracle.knots_undone import churn, incoherence, override_habit, stalled
from tests.oracle.knots_world import Episode, Knotted

PATTERNS: Mapping[str, Callable[[Knotted], Iterator[Episode]]] = {
    "churn": churn,
    "incoherence": incoherence,
    "meta-authority": meta_authority,
    "overlap": overlap,
    "override habit": override_habit,
    "retroactive": retroactive,
    "self-approval": self_approval,
    "shadow authority": shadow_authority,
    "stale statement": stale_statement,
    "stalled": stalled,
    "unformalised": unformalised,
    "unstated": unstated,
    "vacant": vacant,
}
