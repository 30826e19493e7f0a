"""What every answer says: what it rests on, how many decisions, how concentrated. Published names stay."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

from services.projections import measures
from services.projections.measures import UNIT

Count: TypeAlias = Annotated[int, Meta(ge=0)]
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]


class RestsOn(msgspec.Struct, frozen=True, kw_only=True):
    """With the entries up to `position`, whose tree has this `root`, anybody can recompute the answer."""

    ledger: str
    position: Annotated[int, Meta(description="The last entry that was known; 0 if the ledger is empty.")]
    root: Annotated[str, Meta(description="The RFC 6962 root of the first `position` entries, hex.")]
    view: str
    version: Annotated[
        int, Meta(description="Of the view: it is raised when the same entries lead to another answer.")
    ]
    at: Annotated[datetime | None, Meta(description="What had occurred by then was taken into account.")]
    known_at: Annotated[datetime | None, Meta(description="When the entry at `position` was recorded.")]


class Concentration(msgspec.Struct, frozen=True, kw_only=True):
    """How decisions were spread over holders. What cannot be known is null; `why_null` says why, by field."""

    holders: Annotated[int, Meta(description="Holders with a share.")]
    effective_deciders: Annotated[float | None, Meta(description="1/HHI: as if so many had decided equally.")]
    in_words: str | None
    hhi: Annotated[
        float | None,
        Meta(description="The sum of squared shares: the chance that two random parts belong to one holder."),
    ]
    evenness: Annotated[float | None, Meta(description="1 when all who decided have equal shares.")]
    k50: Annotated[int | None, Meta(description="The fewest holders whose shares reach half.")]
    gini: Annotated[
        float | None,
        Meta(description="Inequality over the roster, zero shares included; seat lens only"),
    ]
    roster: Annotated[int | None, Meta(description="How many actors `gini` compares.")]
    why_null: dict[str, str]


class BothLenses(msgspec.Struct, frozen=True, kw_only=True):
    """Bodies as holders (`node`), and their parts split over their seats (`seat`)."""

    node: Concentration
    seat: Concentration


class HolderShare(msgspec.Struct, frozen=True, kw_only=True):
    """One holder's part of the decisions asked about."""

    holder: str
    share: float
    decisions: Annotated[int, Meta(description="The decisions it has a part in.")]
    inferred: Annotated[int, Meta(description="Of these, the decisions whose deciders were inferred.")]


class Held(msgspec.Struct):
    """What holders have of some decisions, under one lens: units, decisions, of these inferred."""

    units: dict[str, int]
    decisions: dict[str, int]
    inferred: dict[str, int]

    def add(self, holder: str, units: int, decisions: int, inferred: int) -> None:
        """Adds what one holder has."""
        self.units[holder] = self.units.get(holder, 0) + units
        self.decisions[holder] = self.decisions.get(holder, 0) + decisions
        self.inferred[holder] = self.inferred.get(holder, 0) + inferred


def nothing_held() -> Held:
    """Nobody decided anything."""
    return Held({}, {}, {})


NOTHING_DECIDED = "nothing was decided by anybody known"
_ONE_HOLDER = "it takes two holders to compare"
_SEATS_ONLY = "only the seat lens compares people"


def concentration(
    units: Mapping[str, int], roster: frozenset[str] | None, *, why_no_roster: str = _SEATS_ONLY
) -> Concentration:
    """The measures of one distribution. `roster` are the actors, as subjects, who could have had a share."""
    held = [part for part in units.values() if part]
    if not held:
        return _nothing(roster, why_no_roster)
    effective = measures.effective_deciders(held)
    evenness = measures.evenness(held)
    why = {} if evenness is not None else {"evenness": _ONE_HOLDER}
    compared: list[int] = []
    if roster is None:
        why["gini"] = why["roster"] = why_no_roster
    else:
        compared = [part for holder, part in units.items() if holder.startswith("actor/")]
        compared += [0] * len(roster - units.keys())
    spread = measures.gini(compared)
    if roster is not None and spread is None:
        why["gini"] = "no part could be given to a person or agent"
    return Concentration(
        holders=len(held),
        effective_deciders=effective,
        in_words=None if effective is None else _words(effective, len(held)),
        hhi=measures.herfindahl(held),
        evenness=evenness,
        k50=measures.k50(held),
        gini=spread,
        roster=None if roster is None else len(compared),
        why_null=why,
    )


def _nothing(roster: frozenset[str] | None, why_no_roster: str) -> Concentration:
    fields = ("effective_deciders", "in_words", "hhi", "evenness", "k50", "gini")
    why = dict.fromkeys(fields, NOTHING_DECIDED)
    if roster is None:
        why["gini"] = why["roster"] = why_no_roster
    return Concentration(
        holders=0,
        effective_deciders=None,
        in_words=None,
        hhi=None,
        evenness=None,
        k50=None,
        gini=None,
        roster=None if roster is None else len(roster),
        why_null=why,
    )


def _words(effective: float, holders: int) -> str:
    if holders == 1:
        return "one holder decided everything"
    return f"as if {effective:.1f} decided equally"


def ranked(held: Held, decisions: int) -> list[HolderShare]:
    """Shares of so many decisions, the largest first, ties by holder."""
    return [
        HolderShare(
            holder=holder,
            share=units / (decisions * UNIT),
            decisions=held.decisions[holder],
            inferred=held.inferred[holder],
        )
        for holder, units in sorted(held.units.items(), key=lambda item: (-item[1], item[0]))
        if units
    ]
