"""How decisions were treated, whole and by body. Pure.

Rules decided here:
- A decision is of a body that made it as one, and of every body in which somebody who made it in their own
  name had a seat then. What its people proposed is told by the seats of the proposers when it was decided.
- Overrides, reversals and reopenings count in the window of the decision they undid, whenever they came.
- What several proposed was decided alone if no one else had a part, asked up if each of them asked up.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.decision import Escalated
from services.projections.chosen import seated
from services.projections.evidence import Mark, counted, rate
from services.projections.history import Act, History
from services.projections.initiative_taken import Manner, taken
from services.projections.trust.answer import BodySigns, Signs
from services.projections.undone import How, undoings

_NONE_DECIDED: Final = "nothing was decided here"
_NONE_UP: Final = "nothing was asked up here"
_NONE_PROPOSED: Final = "nothing that was decided here has known proposers"


class Fate(NamedTuple):
    """One `made`, what became of it, and whose it was."""

    act: Act
    undone: frozenset[How]
    manner: Manner | None
    """None: its proposers are not known."""
    could_alone: bool
    """It was asked up, though the row in force let a proposer decide."""
    escalated: bool
    deciding: frozenset[str]
    proposing: frozenset[str]
    """Bodies, by bare ids."""

    @property
    def mark(self) -> Mark:
        return self.act.at, self.act.position


class Fates:
    """What became of each act of one history."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._undone: dict[int, set[How]] = defaultdict(set)
        self._overriding: set[int] = set()
        for one in undoings(history):
            self._undone[one.before.position].add(one.how)
            if one.how == "overridden":
                self._overriding.add(one.position)

    def of(self, act: Act) -> Fate:
        """What became of a `made`."""
        history, decision = self._history, self._history.decisions[act.decision]
        found = list(taken(history, decision, act))
        manner = _manner({one.manner for one in found})
        return Fate(
            act=act,
            undone=frozenset(self._undone.get(act.position, ())),
            manner=manner,
            could_alone=manner == "asked_up" and any(one.could_alone for one in found),
            escalated=any(
                (step.at, step.position) < (act.at, act.position) for step, _ in decision.every(Escalated)
            ),
            deciding=frozenset(self._bodies(act.node, act)),
            proposing=frozenset(self._bodies(history.proposers(decision), act)),
        )

    def overrides(self, act: Act) -> bool:
        """Whether an act put its word in the place of one of others."""
        return act.position in self._overriding

    def bodies(self, act: Act) -> frozenset[str]:
        """The bodies an act is of."""
        return frozenset(self._bodies(act.node, act))

    def _bodies(self, holders: Iterable[str], act: Act) -> Iterator[str]:
        for holder in holders:
            if holder.startswith("body/"):
                yield holder[5:]
            else:
                yield from seated(self._history, holder, act.at)


def _manner(manners: set[Manner]) -> Manner | None:
    found: tuple[Manner, ...] = ("alone", "with_others", "asked_up")
    return next((one for one in found if one in manners), None)


def signs(
    history: History, decided: Sequence[Fate], proposed: Sequence[Fate], overrode: Sequence[Mark]
) -> Signs:
    """Of these decisions, and those of them (or others) that were proposed here."""
    return Signs(**_figures(history, decided, proposed, overrode))


def by_body(
    history: History,
    fates: Sequence[Fate],
    overrode: Mapping[str, Sequence[Mark]],
    names: Mapping[str, str | None],
    only: str | None,
) -> list[BodySigns]:
    """Each body that decided, or whose people proposed; or one."""
    decided: dict[str, list[Fate]] = defaultdict(list)
    proposed: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        for body in fate.deciding:
            decided[body].append(fate)
        for body in fate.proposing:
            proposed[body].append(fate)
    return [
        BodySigns(
            body=body,
            name=names.get(body),
            **_figures(history, decided.get(body, ()), proposed.get(body, ()), overrode.get(body, ())),
        )
        for body in sorted({*decided, *proposed, *overrode})
        if only in (None, body)
    ]


def _figures(
    history: History, decided: Sequence[Fate], proposed: Sequence[Fate], overrode: Sequence[Mark]
) -> dict[str, Any]:
    known = [fate for fate in proposed if fate.manner is not None]

    def of(several: Sequence[Fate], words: str, test: Callable[[Fate], bool]) -> Any:
        marks = [fate.mark for fate in several if test(fate)]
        why = _NONE_DECIDED if several is decided else _NONE_PROPOSED
        return rate(marks, len(several), "{count} of {of} {count:was|were} " + words, why)

    up = [fate for fate in known if fate.manner == "asked_up"]
    could = [fate.mark for fate in up if fate.could_alone]
    closeness = _closeness(history, decided)
    why = "nobody who decided has anybody above or below" if decided else _NONE_DECIDED
    return {
        "decided": counted([fate.mark for fate in decided]),
        "overridden": of(decided, "overridden", lambda fate: "overridden" in fate.undone),
        "reversed": of(decided, "reversed", lambda fate: "reversed" in fate.undone),
        "reopened": of(decided, "reopened", lambda fate: "reopened" in fate.undone),
        "overrode": counted(overrode),
        "proposed": counted([fate.mark for fate in known]),
        "escalated": of(known, "escalated", lambda fate: fate.escalated),
        "alone": of(known, "decided by their proposers", lambda fate: fate.manner == "alone"),
        "with_others": of(known, "decided together", lambda fate: fate.manner == "with_others"),
        "asked_up": of(known, "asked up", lambda fate: fate.manner == "asked_up"),
        "could_alone": rate(could, len(up), "{count} of {of} they could have decided alone", _NONE_UP),
        "closeness": closeness,
        "why_null": {} if closeness is not None else {"closeness": why},
    }


def _closeness(history: History, fates: Sequence[Fate]) -> float | None:
    """Authority-weighted depth/(depth + height below), over actors who have a level."""
    lines: dict[tuple[int, int], int] = defaultdict(int)
    level = history.structure.actors.level
    for act in (fate.act for fate in fates):
        for holder, units in act.seat.items():
            if holder.startswith("actor/"):
                depth, height = level(holder[6:], act.at)
                if depth is not None:
                    lines[depth, depth + height] += units
    whole = sum(lines.values())
    if not whole:
        return None
    return sum(units * depth / line for (depth, line), units in sorted(lines.items())) / whole
