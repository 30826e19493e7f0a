"""Where authority sits, and where it is moving. Pure."""

from collections.abc import Iterator
from typing import Final

from services.projections.evidence import positions
from services.projections.history import History
from services.projections.knots.wording import domain_name
from services.projections.overview.answer import ByStakes, Closeness, Holder, Move, Moving, Sits
from services.projections.overview.period import PeriodOf, Shares, closeness, marks, of
from services.projections.overview.wording import as_if, per_cent, points, risen
from services.projections.views.answer import NOTHING_DECIDED, BothLenses, concentration
from services.projections.views.question import LENSES, Lens, Question, Window
from services.projections.views.roster import Rosters
from services.projections.wording import listed, numbered

_LARGEST: Final = 5
_MOVES: Final = 10
_DOMAINS: Final = 5
_LEAST: Final = 5
"""Decisions of a domain in each period: of fewer, one more or less would be a movement."""
_NOTABLE: Final = 0.05
"""Of smaller changes of a share, and of those of one decision, no sentence speaks."""
_ORDER: Final = ("strategic", "high", "medium", "low", "none")
_NONE_BEFORE: Final = f"{NOTHING_DECIDED} in the period before"
_NONE_OF_THESE: Final = "nothing of these stakes was decided by anybody known in the period before"


class Authority:
    """Two periods of one history, seen under one lens."""

    def __init__(
        self,
        history: History,
        question: Question,
        windows: tuple[Window, Window],
        periods: tuple[PeriodOf, PeriodOf],
    ) -> None:
        self._history, self._question = history, question
        self._windows = windows
        self._before, self._now = periods
        self._lens: Lens = question.lens

    def sits(self, link: str) -> Sits:
        """Where it sits."""
        before, now = (self._both(place) for place in (0, 1))
        return Sits(
            in_words=_sits(now, before),
            concentration=now,
            before=before,
            largest=list(self._largest()),
            by_stakes=[self._stakes(one) for one in _ORDER if one in self._now.by_stakes],
            closeness=self._closeness(),
            link=link,
        )

    def _both(self, place: int) -> BothLenses:
        period = (self._before, self._now)[place]
        roster = Rosters(self._history.structure, self._history.at).of(self._question, self._windows[place])
        return BothLenses(
            node=concentration(period.all.units["node"], None),
            seat=concentration(period.all.units["seat"], roster),
        )

    def _largest(self) -> Iterator[Holder]:
        now, before = self._now.all, self._before.all
        ranked = sorted(now.units[self._lens].items(), key=lambda item: (-item[1], item[0]))
        for holder, _ in ranked[:_LARGEST]:
            theirs = [act for act in now.acts if holder in of(act, self._lens)]
            yield Holder(
                holder=holder,
                share=now.share(holder, self._lens),
                before=before.share(holder, self._lens) if before.n else None,
                decisions=len(theirs),
                inferred=sum(act.inferred for act in theirs),
                why_null={} if before.n else {"before": _NONE_BEFORE},
                entries=positions(marks(theirs)),
            )

    def _stakes(self, stakes: str) -> ByStakes:
        now, before = self._now.by_stakes[stakes], self._before.by_stakes.get(stakes, Shares())
        effective = {lens: (now.effective(lens), before.effective(lens)) for lens in LENSES}
        seat, seat_before = effective["seat"]
        null = () if before.n else ("effective_node_before", "effective_seat_before")
        return ByStakes(
            stakes=stakes,
            decisions=now.n,
            before=before.n,
            effective_node=effective["node"][0],
            effective_seat=seat,
            effective_node_before=effective["node"][1],
            effective_seat_before=seat_before,
            in_words=numbered("{n} {n:decision|decisions} of ", n=now.n)
            + f"{'no known' if stakes == 'none' else stakes} stakes, {risen(seat, seat_before)}",
            why_null=dict.fromkeys(null, _NONE_OF_THESE),
            entries=positions(marks(now.acts)),
        )

    def _closeness(self) -> Closeness:
        now, before = (closeness(self._history, period.all) for period in (self._now, self._before))
        none = "nobody who decided has anybody above or below"
        why = {name: none for name, value in (("now", now), ("before", before)) if value is None}
        words = None
        if now is not None and before is not None:
            where = "closer to the field than" if now > before else "as close to the field as"
            where = where if now >= before else "further from the field than"
            words = (
                f"decided {where} the period before: {now:.2f}, {before:.2f} then (0 is the top, 1 the field)"
            )
        else:
            why["in_words"] = "it takes both periods to compare"
        return Closeness(now=now, before=before, in_words=words, why_null=why)

    def moving(self, link: str) -> Moving:
        """Where it is moving."""
        if not (self._now.all.n and self._before.all.n):
            why = "it takes decisions in both periods to tell"
            return Moving(in_words=why, overall=[], by_domain=[], why_null={"overall": why}, link=link)
        overall = sorted(self._moves(None, self._before.all, self._now.all), key=_by_change)
        domains = self._in_domains()
        words = [*(f"of all decisions, {said}" for said in _notable(overall)), *_where_most(domains)]
        return Moving(
            in_words="; ".join(words)
            or ("nothing moved notably" if overall or domains else "no share changed"),
            overall=overall[:_MOVES],
            by_domain=[move for moves in domains[:_DOMAINS] for move in _ends(moves)],
            why_null={},
            link=link,
        )

    def _in_domains(self) -> list[list[Move]]:
        """The moves in each domain, first where most decisions would have been another's."""
        found: list[list[Move]] = []
        for domain, now in self._now.by_domain.items():
            before = self._before.by_domain.get(domain)
            if before is not None and min(now.n, before.n) >= _LEAST:
                moves = sorted(self._moves(domain, before, now), key=_by_change)
                found += [moves] if moves else []
        return sorted(found, key=_by_decisions)

    def _moves(self, domain: str | None, before: Shares, now: Shares) -> Iterator[Move]:
        lens = self._lens
        name = None if domain is None else domain_name(self._history, domain)
        for holder in sorted(now.units[lens].keys() | before.units[lens].keys()):
            had, has = before.share(holder, lens), now.share(holder, lens)
            if had != has:
                shown = [*before.marks(holder, lens), *now.marks(holder, lens)]
                yield Move(
                    holder=holder,
                    domain=domain,
                    name=name,
                    before=had,
                    now=has,
                    change=has - had,
                    decisions=now.n,
                    decisions_before=before.n,
                    in_words=f"{holder} went from {per_cent(had)} to {per_cent(has)}",
                    entries=positions(shown),
                )


def _by_change(move: Move) -> tuple[float, str]:
    return -abs(move.change), move.holder


def _by_decisions(moves: list[Move]) -> tuple[float, str]:
    return -_moved(moves), moves[0].domain or ""


def _moved(moves: list[Move]) -> float:
    """Twice the decisions that would have been another's, without the last bits of sums."""
    return round(sum(abs(move.change) for move in moves) * moves[0].decisions, 9)


def _ends(moves: list[Move]) -> list[Move]:
    """The largest fall and the largest rise, of moves in order of their size."""
    falls = [move for move in moves if move.change < 0][:1]
    return falls + [move for move in moves if move.change > 0][:1]


def _notable(moves: list[Move]) -> list[str]:
    """The largest fall and the largest rise worth telling, equals as one."""
    worth = [move for move in moves if _size(move) >= _NOTABLE and _size(move) > _of_one(move)]
    falls, rises = ([move for move in worth if (move.change < 0) == fell] for fell in (True, False))
    return [_told(side) for side in (falls, rises) if side]


def _size(move: Move) -> float:
    return round(abs(move.change), 9)


def _of_one(move: Move) -> float:
    """The share of one decision in the smaller period."""
    return round(1 / min(move.decisions, move.decisions_before), 9)


def _told(moves: list[Move]) -> str:
    """The largest of moves to one side, in order of their size."""
    alike = [move for move in moves if _size(move) == _size(moves[0])]
    if len(alike) == 1:
        return alike[0].in_words
    way = "down" if alike[0].change < 0 else "up"
    return f"{listed(move.holder for move in alike)} each went {way} by {points(_size(alike[0]))}"


def _where_most(domains: list[list[Move]]) -> list[str]:
    """The domain in which most moved notably, or those in which as much did."""
    told = [(moves, said) for moves in domains if (said := _notable(moves))]
    most = [(moves[0], said) for moves, said in told if _moved(moves) == _moved(told[0][0])]
    if len(most) > 1:
        return [f"most notably on {listed(move.name or move.domain or '' for move, _ in most)} alike"]
    return [f"most notably on {move.name}, where {' and '.join(said)}" for move, said in most]


def _sits(now: BothLenses, before: BothLenses) -> str:
    seat, node = now.seat.effective_deciders, now.node.effective_deciders
    if seat is None or node is None:
        return NOTHING_DECIDED
    words = f"{as_if(seat)} ({node:.1f} with bodies as one holder each)"
    if before.seat.effective_deciders is None:
        return f"{words}; nothing was decided in the period before"
    return f"{words}, {risen(seat, before.seat.effective_deciders, short=True)}"
