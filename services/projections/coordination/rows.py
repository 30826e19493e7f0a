"""Each space in one window: its sessions, its cadence, who came. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.projections.coordination.answer import Gap, SpaceRow
from services.projections.coordination.meetings import (
    Lasting,
    Session,
    attending,
    cadence,
    gaps,
    members,
    periods,
    spans,
)
from services.projections.evidence import Counted, Mark, Rate, counted, positions, ratio
from services.projections.history import History, Space

DAY = timedelta(days=1)
_KEPT = "it met in {count} of {of} {of:period|periods}"
_CAME = "{count} of {of} {of:place|places} of members {count:was|were} taken"
NO_SESSION = "no session with members was held"


class Span(NamedTuple):
    """From when to when, half-open; `last`: its end is as far as anything had occurred."""

    opens: datetime
    closes: datetime
    last: bool

    def holds(self, at: datetime) -> bool:
        return self.opens <= at and (at < self.closes or (self.last and at == self.closes))


class Kept(NamedTuple):
    """Periods met, of how many; the sessions."""

    met: int
    of: int
    marks: list[Mark]


class Came(NamedTuple):
    """Places of members taken, of how many; the sessions; places taken by others."""

    taken: int
    of: int
    marks: list[Mark]
    guests: int


class OfSpace:
    """One space over all windows."""

    def __init__(self, history: History, space: Space, met: Sequence[Session]) -> None:
        self._history, self._space, self._met = history, space, met
        self._spans = spans(space)
        self._periods = [periods(span, self._within(span), history.at) for span in self._spans]
        self._gaps = [
            (span, gap) for span in self._spans for gap in gaps(span, self._within(span), history.at)
        ]

    def _within(self, span: Lasting) -> list[Session]:
        end = span.end(self._history.at)
        return [session for session in self._met if span.opened.at <= session.step.at <= end]

    def here(self, window: Span) -> bool:
        """Whether it was open in a window, or met in it."""
        at = self._history.at
        lasted = any(
            (s.opened.at < window.closes or window.holds(s.opened.at)) and window.opens <= s.end(at)
            for s in self._spans
        )
        return lasted or any(window.holds(session.step.at) for session in self._met)

    def kept(self, window: Span) -> Kept | None:
        """None where it has no cadence to keep."""
        if not self._spans or all(found is None for found in self._periods):
            return None
        over = [one for found in self._periods for one in found or () if window.holds(one.end)]
        marks = [one.session.mark for one in over if one.session is not None]
        return Kept(len(marks), len(over), marks)

    def came(self, met: Sequence[Session]) -> Came:
        """Who came to some of its sessions."""
        taken = of = guests = 0
        marks = []
        for session in met:
            meant, came = self._meant(session.step.at), attending(self._history, session)
            taken += len(meant & came)
            of += len(meant)
            guests += len(came - meant)
            marks += [session.mark] if meant else []
        return Came(taken, of, marks, guests)

    def _meant(self, at: datetime) -> frozenset[str]:
        said = next((span.said for span in reversed(self._spans) if span.opened.at <= at), None)
        return frozenset() if said is None else members(self._history, said, at)

    def row(self, window: Span, met: Sequence[Session]) -> SpaceRow:
        """The space in one window, with its sessions there."""
        span = self._spans[-1] if self._spans else None
        said = span.said if span else None
        came = self.came(met)
        return SpaceRow(
            space=self._space.id,
            name=said.name if said else None,
            kind=said.kind if said else None,
            cadence=said.cadence if said else None,
            domains=list(said.domains) if said else [],
            opened_at=span.opened.at if span else None,
            closed_at=span.closed.at if span and span.closed else None,
            sessions=counted([session.mark for session in met]),
            kept=self._rate(self.kept(window)),
            gaps=[gap for gap in self._told() if _touches(gap, window)],
            attendance=ratio(came.taken, came.of, came.marks, _CAME, NO_SESSION),
            guests=came.guests,
            facilitators=sorted({self._history.who(s.held.facilitator) for s in met if s.held.facilitator}),
            shared=_raised(met, "decisions"),
            obstacles=_raised(met, "obstacles"),
            insights=_raised(met, "insights"),
            needs=_raised(met, "needs"),
            upcoming=_raised(met, "upcoming"),
        )

    def _rate(self, kept: Kept | None) -> Rate:
        if kept is None:
            why = "it has no cadence" if self._spans else "nobody said it was opened"
            if any(cadence(span.said) for span in self._spans):
                why = "its cadence has too many periods to count"
            return ratio(0, 0, (), _KEPT, why)
        return ratio(kept.met, kept.of, kept.marks, _KEPT, "no period of its cadence ended here")

    def _told(self) -> Iterable[Gap]:
        for span, (before, end, met) in self._gaps:
            over = met or span.closed is not None
            yield Gap(
                from_=before.at, to=end if over else None, days=(end - before.at) / DAY, entry=before.position
            )


def _touches(gap: Gap, window: Span) -> bool:
    """Whether a gap ended in a window, or lasts at its end."""
    if gap.to is not None and window.holds(gap.to):
        return True
    return gap.from_ < window.closes and (gap.to is None or gap.to >= window.closes)


def _raised(met: Sequence[Session], member: str) -> Counted:
    """How many were brought up, each once a session; the entries are those sessions."""
    marks = [session.mark for session in met if getattr(session.held, member)]
    return Counted(
        count=sum(len(set(getattr(session.held, member))) for session in met), entries=positions(marks)
    )


def overall(kept: Iterable[Kept | None]) -> Rate:
    """All spaces that have a cadence, together."""
    known = [one for one in kept if one is not None]
    marks = [mark for one in known for mark in one.marks]
    met, of = sum(one.met for one in known), sum(one.of for one in known)
    words = "spaces met in {count} of {of} {of:period|periods}"
    return ratio(met, of, marks, words, "no period of a cadence ended here")


def everybody(came: Iterable[Came]) -> Rate:
    """All spaces together."""
    known = list(came)
    marks = [mark for one in known for mark in one.marks]
    return ratio(sum(one.taken for one in known), sum(one.of for one in known), marks, _CAME, NO_SESSION)
