"""Every threshold of the knots, with its default."""

from datetime import timedelta
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

Days: TypeAlias = Annotated[int, Meta(ge=0, le=36_500)]
Times: TypeAlias = Annotated[int, Meta(ge=1, le=1_000_000)]
Part: TypeAlias = Annotated[float, Meta(ge=0, le=1)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it takes to raise a knot; `LOCUS_KNOTS` replaces some, as one JSON object."""

    shadow_least: Annotated[Times, Meta(description="Decisions of one actor out of mandate.")] = 3
    shadow_part: Annotated[Part, Meta(description="Of the scope's decisions, to be exceeded.")] = 0.1
    tested_days: Annotated[Days, Meta(description="The window that tested knots look back on.")] = 180
    tested_q: Annotated[Part, Meta(description="The rate of false findings, by knot and ledger.")] = 0.05
    tested_notice_p: Annotated[Part, Meta(description="Below this, a tested knot is a notice.")] = 0.001
    tested_hits: Annotated[Times, Meta(description="Findings in a row that raise a tested knot.")] = 2
    tested_misses: Annotated[Times, Meta(description="Misses in a row that close a tested knot.")] = 2
    dominance_least: Annotated[Times, Meta(description="Decisions under `any`, made alone.")] = 10
    influence_least: Annotated[Times, Meta(description="Pieces of advice.")] = 10
    exclusion_least: Annotated[Times, Meta(description="Times in an electorate or mandatory.")] = 10
    stalled_days: Annotated[Days, Meta(description="Without a decision, at the least.")] = 90
    stalled_gaps: Annotated[Times, Meta(description="Earlier gaps it takes to judge by them.")] = 10
    stalled_percentile: Annotated[int, Meta(ge=1, le=100, description="Of the earlier gaps.")] = 95
    overlap_least: Annotated[Times, Meta(description="Decisions made alone, by each.")] = 3
    overlap_days: Annotated[Days, Meta(description="Within which turns follow each other.")] = 90
    retroactive_info_hours: Annotated[int, Meta(ge=0, description="Less is info.")] = 24
    stale_days: Annotated[Days, Meta(description="A row may go on naming who has gone.")] = 30
    uninformed_days: Annotated[Days, Meta(description="To tell whom the row informs.")] = 14
    stamp_least: Annotated[Times, Meta(description="Approvals.")] = 35
    stamp_bound: Annotated[Part, Meta(description="Wilson's lower bound of the approving part.")] = 0.9
    stamp_minutes: Annotated[int, Meta(ge=0, description="The median response is quicker.")] = 60
    approval_least: Annotated[Times, Meta(description="Times asked up without need.")] = 3
    bottleneck_days: Annotated[Days, Meta(description="The window that waits are looked for in.")] = 365
    bottleneck_least_days: Annotated[Days, Meta(description="What is shorter is no long wait.")] = 2
    bottleneck_times: Annotated[Times, Meta(description="The peers' median waiting.")] = 3
    bottleneck_items: Annotated[Times, Meta(description="Items older than the percentile.")] = 5
    bottleneck_percentile: Annotated[int, Meta(ge=1, le=100, description="Of all waits.")] = 90
    undone_least: Annotated[Times, Meta(description="Decisions of a domain, to judge habits.")] = 10
    undone_part: Annotated[Part, Meta(description="Undone, to be exceeded.")] = 0.2
    silos_days: Annotated[Days, Meta(description="Within which two bodies share somebody.")] = 90
    unlearned_days: Annotated[Days, Meta(description="To conclude or debrief.")] = 30

    @property
    def tested(self) -> timedelta:
        """The window that tested knots look back on."""
        return timedelta(days=self.tested_days)
