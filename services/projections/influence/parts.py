"""The windows of the answer of `influence`. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, Final, NamedTuple

from services.projections.cases import Cases, Narrowing
from services.projections.chosen import Windows, inferred
from services.projections.evidence import Mark, counted, positions
from services.projections.history import Act, History
from services.projections.influence import answer
from services.projections.influence.advice import LEFT_OUT, Advice, LeftOut, advice
from services.projections.influence.handover import Handover, handovers
from services.projections.influence.lift import Lift, Outcomes, lift, outcomes
from services.projections.influence.network import handed, network
from services.projections.views.question import Lens, Question, Window
from services.projections.wording import numbered

_ROWS: Final = 100
_NO_ADVICE: Final = "no advice of this kind was given before a decision"
_NOT_JUDGED: Final = "no support or objection in a domain with other decisions to compare with"


class Found(NamedTuple):
    """What a question takes. `acts` are those of known deciders, each with the instant that places it;
    `all_acts` are the same whatever domain, body, actor, stakes or level was asked about: rates are of them.
    """

    acts: list[tuple[datetime, Act]]
    all_acts: list[tuple[datetime, Act]]
    pieces: list[Advice]
    left_out: list[LeftOut]
    handovers: list[Handover]

    def first(self) -> datetime | None:
        """The first instant anything lies in."""
        instants = [placed for placed, _ in self.acts]
        instants += [one.at for one in self.left_out] + [one.at for one in self.handovers]
        return min(instants, default=None)


def found(history: History, question: Question, level: int | None) -> Found:
    """What of a history a question takes."""
    cases, narrowing = Cases(history), Narrowing.of(question, level)
    standing = question.tense == "standing"
    acts = [
        (act.first if standing else act.at, act)
        for act in history.acts
        if act.status == "counted"
        and (act.stands or not standing)
        and not (narrowing.recorded and act.inferred)
    ]
    taken = {act.position for _, act in acts if narrowing.takes(cases.act(act))}
    said = list(advice(history, acts))
    left = [one for one in said if isinstance(one, LeftOut)]
    everything = narrowing == Narrowing()

    def _takes(one: LeftOut) -> bool:
        """What nobody decided is of the question or initiative it is about."""
        if one.act is not None:
            return one.act.position in taken
        kind, _, id = one.about.partition("/")
        work = (history.decisions if kind == "decision" else history.initiatives).get(id)
        return work is not None and narrowing.takes(cases.work(work))

    return Found(
        acts=[one for one in acts if one[1].position in taken],
        all_acts=acts,
        pieces=[one for one in said if isinstance(one, Advice) and one.act.position in taken],
        left_out=[one for one in left if everything or _takes(one)],
        handovers=[
            one
            for one in handovers(history, question.lens)
            if everything or narrowing.takes(cases.work(one.decision))
        ],
    )


def influence(
    history: History, of: Found, windows: Sequence[Window], lens: Lens
) -> list[answer.InfluenceWindow]:
    """One answer a window. Advice is in the window of its decision; left out, of its own."""
    placed = Windows(windows, history.at)
    acts = placed.parted(of.acts)
    rates = placed.parted(of.all_acts)
    pieces = placed.parted((one.placed, one) for one in of.pieces)
    left = placed.parted((one.at, one) for one in of.left_out)
    handing = placed.parted((one.at, one) for one in of.handovers)
    return [
        _window(window, acts[place], outcomes(rates[place]), pieces[place], left[place], handing[place], lens)
        for place, window in enumerate(windows)
    ]


def _window(
    window: Window,
    acts: Sequence[Act],
    rates: Mapping[str, Outcomes],
    pieces: Sequence[Advice],
    left: Sequence[LeftOut],
    handing: Sequence[Handover],
    lens: Lens,
) -> answer.InfluenceWindow:
    by_adviser: dict[str, list[Advice]] = defaultdict(list)
    for piece in pieces:
        by_adviser[piece.adviser].append(piece)
    excess = {adviser: _excess(given, rates) for adviser, given in by_adviser.items()}
    ranked = sorted(by_adviser.items(), key=lambda item: (-excess[item[0]], -len(item[1]), item[0]))
    return answer.InfluenceWindow(
        from_=window.start,
        to=window.end,
        inferred=inferred(acts),
        decisions=len(acts),
        advised=len({piece.act.position for piece in pieces}),
        advice=answer.Heard(**_heard(pieces, rates)),
        left_out=answer.Left(**{why: counted(_marks(left, why)) for why in LEFT_OUT}),
        holders=len(ranked),
        advisers=[_adviser(adviser, given, rates) for adviser, given in ranked[:_ROWS]],
        network=network(pieces, lens),
        handover=handed(handing),
    )


def _excess(pieces: Sequence[Advice], rates: Mapping[str, Outcomes]) -> Fraction:
    """How many more outcomes were what an adviser was for than by the domains' rates."""
    of = lift(pieces, rates)
    return of.matches - of.expected


def _marks(left: Iterable[LeftOut], why: str) -> list[Mark]:
    return [(one.at, one.position) for one in left if one.why == why]


def _heard(pieces: Sequence[Advice], rates: Mapping[str, Outcomes]) -> dict[str, Any]:
    of = lift(pieces, rates)
    told = {
        "expected": float(of.expected) if of.n else None,
        "lift": None if of.value is None else float(of.value),
        "in_words": _in_words(of) if of.n else None,
    }
    why = _NOT_JUDGED if pieces else _NO_ADVICE
    return {
        "pieces": len(pieces),
        "followed": sum(piece.followed for piece in pieces),
        "judged": of.n,
        "matches": of.matches,
        "why_null": {name: why for name, figure in told.items() if figure is None},
        "entries": positions((piece.at, piece.position) for piece in pieces),
        **told,
    }


def _in_words(of: Lift) -> str:
    words = "{matches} of {n} {n:piece|pieces} of advice went with the outcome"
    said = numbered(words, matches=of.matches, n=of.n)
    return f"{said}, {float(of.expected):.1f} would by the domains' own rates: an association, not a cause"


def _adviser(adviser: str, pieces: Sequence[Advice], rates: Mapping[str, Outcomes]) -> answer.Adviser:
    by_domain: dict[str, list[Advice]] = defaultdict(list)
    for piece in pieces:
        by_domain[piece.act.home].append(piece)
    ranked = sorted(by_domain.items(), key=lambda item: (-len(item[1]), item[0]))
    stances: dict[str, Any] = {
        stance: sum(piece.stance == stance for piece in pieces)
        for stance in ("support", "concern", "objection", "information")
    }
    return answer.Adviser(
        adviser=adviser,
        integrated=sum(piece.answer == "integrated" for piece in pieces),
        declined=sum(piece.answer == "declined" for piece in pieces),
        domains=[answer.InDomain(domain=domain, **_heard(these, rates)) for domain, these in ranked],
        **stances,
        **_heard(pieces, rates),
    )
