"""The windows of `participation`, from a history. Pure."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import msgspec

from services.projections.chosen import Chosen, Windows
from services.projections.evidence import MOST
from services.projections.history import History
from services.projections.participation.answer import Among, PartWindow, Path, Spreads
from services.projections.participation.deeds import ACTIVE, Deed, pending, proposals
from services.projections.participation.parts import FEW, Tally, coverage, everything, spread, tallies
from services.projections.participation.paths import paths
from services.projections.participation.people import People
from services.projections.views.question import Question, Window, windows
from services.projections.views.roster import Rosters
from services.projections.waits import Wait

T = TypeVar("T")
_DID = "{half} of {people} did half of the "
_WAITED = "half of all waiting was for {half} of {people}"
NOBODY = "nobody is on the roster"


class Participation:
    """One history asked one question; `body` and `actor` choose whose parts are told, not what is counted."""

    def __init__(self, history: History, question: Question, level: int | None = None) -> None:
        self._history, self._question = history, question
        self._chosen = Chosen(history, msgspec.structs.replace(question, body=None, actor=None), level)
        self._rosters = Rosters(history.structure, history.at)

    @cached_property
    def _waits(self) -> list[Wait]:
        return pending(self._chosen)

    @cached_property
    def _deeds(self) -> list[Deed]:
        return everything(self._chosen, self._waits)

    def windows(self) -> list[PartWindow]:
        """One window, or one an interval from the first deed on."""
        asked = windows(self._question, self._first(), self._history.at)
        placed = Windows(asked, self._history.at)
        found = tallies(self._chosen, placed, self._deeds, self._waits)
        return [self._window(window, tally) for window, tally in zip(asked, found, strict=True)]

    def paths(self) -> list[Path]:
        """The paths of whoever is asked about."""
        every = paths(self._history.structure, self._history.at)
        if self._question.actor is not None:
            me = self._history.who(f"actor/{self._question.actor}")
            return [every[me]] if me in every else []
        roster = self._rosters.of(self._question, Window(self._question.start, self._question.end))
        narrowed = self._question.body is not None or self._question.domain is not None
        return [path for holder, path in every.items() if not narrowed or holder in roster]

    def _first(self) -> datetime | None:
        instants = [
            *(deed.at for deed in self._deeds),
            *(wait.since for wait in self._waits),
            *(at for at, _ in self._chosen.acts()),
            *(step.at for step, _ in proposals(self._chosen)),
        ]
        return min(instants, default=None)

    def _window(self, window: Window, tally: Tally) -> PartWindow:
        roster = self._rosters.of(self._question, window)
        active = {holder for holder, did in tally.deeds.items() if did.keys() & ACTIVE}
        idle = sorted(roster - active - tally.proposals.keys())
        advised = _advised(tally)
        shares, waited = tally.units("seat"), tally.waited(self._history.at)
        told = self._told(tally, roster)
        most = MOST if self._question.actor is not None else FEW
        people = People(self._history.structure, tally, self._history.at, most)
        within = roster if self._question.body is not None else None
        return PartWindow(
            from_=window.start,
            to=window.end,
            coverage=coverage(self._chosen, tally),
            spread=Spreads(
                deciding=spread(_only(shares, within), len(tally.acts), roster, _DID + "deciding"),
                advising=spread(_only(advised, within), sum(advised.values()), roster, _DID + "advising"),
                proposing=spread(_only(tally.proposals, within), tally.proposed, roster, _DID + "proposing"),
                waiting=spread(_only(waited, within), sum(map(len, tally.waits.values())), roster, _WAITED),
            ),
            took_part=Among(
                count=len(roster) - len(idle),
                of=len(roster),
                in_words=f"{len(idle)} of {len(roster)} took no part" if roster else None,
                why_null={} if roster else {"in_words": NOBODY},
            ),
            took_no_part=idle,
            parts=[people.part(holder) for holder in told],
        )

    def _told(self, tally: Tally, roster: frozenset[str]) -> list[str]:
        """Whose parts are listed: whoever did, was asked or waited on; of a body, its seats and itself."""
        if self._question.actor is not None:
            return [self._history.who(f"actor/{self._question.actor}")]
        found = tally.deeds.keys() | tally.waits.keys()
        if self._question.body is not None:
            found &= roster | {f"body/{self._question.body}"}
        return sorted(found)


def _advised(tally: Tally) -> dict[str, int]:
    return {
        holder: n
        for holder, did in tally.deeds.items()
        if (n := len(did.get("advised", ())) + len(did.get("advised_unasked", ())))
    }


def _only(parts: Mapping[str, T], roster: frozenset[str] | None) -> dict[str, T]:
    return {holder: part for holder, part in parts.items() if roster is None or holder in roster}
