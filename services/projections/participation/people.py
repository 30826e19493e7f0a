"""One holder's part in one window. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.projections.evidence import Counted, Mark, counted, rate
from services.projections.lasting import median_days
from services.projections.measures import UNIT
from services.projections.participation.answer import Advising, Attending, Deciding, Part, Proposing, Waiting
from services.projections.participation.deeds import ACTIVE
from services.projections.participation.parts import NOTHING_DECIDED, Tally
from services.projections.structure import Structure
from services.projections.waits import Wait
from services.projections.wording import numbered


class People:
    """The parts of everybody in one window; `most` entries a figure."""

    def __init__(self, structure: Structure, tally: Tally, at: datetime, most: int) -> None:
        self._structure, self._tally, self._at, self._most = structure, tally, at, most
        self._node, self._seat = tally.units("node"), tally.units("seat")

    def part(self, holder: str) -> Part:
        """What one holder did, and was asked to do."""
        did = self._tally.deeds.get(holder, {})
        return Part(
            holder=holder,
            kind=self._kind(holder),
            proposing=self._proposing(did),
            advising=Advising(
                asked=self._counted(did, "asked"),
                silent=self._counted(did, "asked_silent"),
                open=self._counted(did, "asked_open"),
                not_asked=self._counted(did, "not_asked"),
                advised=self._counted(did, "advised"),
                unasked=self._counted(did, "advised_unasked"),
                late=self._counted(did, "advised_late"),
            ),
            deciding=self._deciding(holder, did),
            waiting=self._waiting(self._tally.waits.get(holder, ())),
            attending=Attending(
                attended=self._counted(did, "attended"),
                absent=self._counted(did, "absent"),
                facilitated=self._counted(did, "facilitated"),
            ),
            contribution={kind: self._counted(did, kind) for kind in sorted(did.keys() & ACTIVE)},
        )

    def _counted(self, did: Mapping[str, Sequence[Mark]], kind: str) -> Counted:
        return counted(did.get(kind, ()), self._most)

    def _kind(self, holder: str) -> str | None:
        of, _, id = holder.partition("/")
        if of == "body":
            body = self._structure.bodies.profile(id, self._at)
            return None if body is None else body.body_kind
        profile = self._structure.actors.profile(id, self._at)
        return None if profile is None else profile.actor_kind

    def _proposing(self, did: Mapping[str, Sequence[Mark]]) -> Proposing:
        alone, others = did.get("initiative_alone", ()), did.get("initiative_with_others", ())
        up = did.get("initiative_asked_up", ())
        return Proposing(
            proposed=self._counted(did, "proposed"),
            decided_alone=counted(alone, self._most),
            decided_with_others=counted(others, self._most),
            asked_up=counted(up, self._most),
            could_alone=self._counted(did, "initiative_could_alone"),
            without_asking_up=rate(
                [*alone, *others],
                len(alone) + len(others) + len(up),
                "{count} of {of} without asking up",
                "nothing they proposed was decided by anybody known",
                self._most,
            ),
        )

    def _deciding(self, holder: str, did: Mapping[str, Sequence[Mark]]) -> Deciding:
        n = len(self._tally.acts)
        return Deciding(
            decisions=self._counted(did, "decided"),
            share_node=self._node.get(holder, 0) / (n * UNIT) if n else None,
            share_seat=self._seat.get(holder, 0) / (n * UNIT) if n else None,
            positions=self._counted(did, "position"),
            elector_heard=self._counted(did, "elector_heard"),
            elector_silent=self._counted(did, "elector_silent"),
            why_null={} if n else dict.fromkeys(("share_node", "share_seat"), NOTHING_DECIDED),
        )

    def _waiting(self, waits: Sequence[Wait]) -> Waiting:
        still = [wait for wait in waits if wait.until is None]
        oldest = max((wait.days(self._at) for wait in still), default=None)
        median = median_days(((wait.since, wait.until) for wait in waits), self._at)
        why = {}
        if median is None:
            why["median_days"] = (
                "fewer than half have ended" if waits else "nothing began to wait on them here"
            )
        if oldest is None:
            why["oldest_open_days"] = why["in_words"] = "nothing waits on them"
        return Waiting(
            items=counted([(wait.since, wait.position) for wait in waits], self._most),
            days=sum(wait.days(self._at) for wait in waits),
            median_days=median,
            open=counted([(wait.since, wait.position) for wait in still], self._most),
            oldest_open_days=oldest,
            in_words=None if oldest is None else _still(len(still), oldest),
            why_null=why,
        )


def _still(n: int, oldest: float) -> str:
    words = "{n} still {n:waits|wait}, the oldest for {days} {days:day|days}"
    return numbered(words, n=n, days=round(oldest))
