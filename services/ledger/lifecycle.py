"""What may follow what within one subject: folds over its events in (occurred, position) order, pure.

The ledger refuses only what is impossible: a beginning twice; an ending, return or resumption of what is not
open; a word on a decision nobody made. A phase is the set of words now true of a subject, written sorted and
parted by spaces, so that it can be stored beside the entry it follows. Types without a rule are free and
never change it. Seats in a body have a fold of their own (seats.py).
"""

from collections.abc import Mapping
from functools import cache

import msgspec

from schemas import decision
from schemas.types import Data


class Refusal(msgspec.Struct, frozen=True):
    """Why an event cannot follow: `detail` is what is wrong, `hint` what would mend it.

    `early`: what it has to follow is not known yet.
    """

    detail: str
    hint: str
    early: bool = False


class Rule(msgspec.Struct, frozen=True):
    """One of `needs` must be true of the subject (none named: nothing must), and none of `unless`."""

    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()


def _rules(kind: str, **rules: Rule) -> dict[str, Rule]:
    return {f"locus.{kind}.{what}.v1": rule for what, rule in rules.items()}


_MADE = "locus.decision.made.v1"
_OVERRIDDEN = "locus.decision.overridden.v1"
_FINAL_OUTCOMES = ("accepted", "rejected")

RULES: Mapping[str, Rule] = (
    _rules(
        "actor",
        registered=Rule(unless=("registered", "left", "merged"), adds=("registered",)),
        updated=Rule(adds=("updated",)),
        left=Rule(needs=("registered", "updated"), unless=("left", "merged"), adds=("left",)),
        returned=Rule(needs=("left",), unless=("merged",), adds=("registered",), drops=("left",)),
        merged=Rule(unless=("merged",), adds=("merged",)),
    )
    | _rules(
        "body",
        formed=Rule(unless=("formed", "dissolved"), adds=("formed",)),
        updated=Rule(adds=("updated",)),
        dissolved=Rule(needs=("formed", "updated"), unless=("dissolved",), adds=("dissolved",)),
    )
    | _rules(
        "domain",
        defined=Rule(unless=("defined", "retired"), adds=("defined",)),
        updated=Rule(adds=("updated",)),
        retired=Rule(needs=("defined", "updated"), unless=("retired",), adds=("retired",)),
    )
    | _rules(
        "matrix",
        row_set=Rule(adds=("row_set",)),
        row_cleared=Rule(needs=("row_set",), drops=("row_set",)),
    )
    | _rules(
        "mandate",
        delegated=Rule(unless=("delegated",), adds=("delegated",)),
        ended=Rule(needs=("delegated",), unless=("ended",), adds=("ended",)),
    )
    | _rules(
        "initiative",
        proposed=Rule(unless=("proposed", "ended"), adds=("proposed",)),
        started=Rule(unless=("started", "ended"), adds=("started",)),
        paused=Rule(unless=("paused", "ended"), adds=("paused",)),
        resumed=Rule(needs=("paused",), unless=("ended",), drops=("paused",)),
        completed=Rule(needs=("proposed", "started"), unless=("ended",), adds=("ended",)),
        withdrawn=Rule(needs=("proposed", "started"), unless=("ended",), adds=("ended",)),
    )
    | _rules(
        "consultation",
        requested=Rule(unless=("requested",), adds=("requested",)),
        closed=Rule(needs=("requested",), unless=("closed",), adds=("closed",)),
    )
    | _rules(
        "decision",
        opened=Rule(unless=("opened", "made"), adds=("opened",)),
        made=Rule(unless=("settled",), adds=("made",), drops=("reopened",)),
        ratified=Rule(needs=("made",)),
        formalised=Rule(needs=("made",)),
        reopened=Rule(needs=("made",), unless=("reopened",), adds=("reopened",), drops=("settled",)),
        overridden=Rule(needs=("made",), drops=("reopened", "settled")),
    )
    | _rules(
        "space",
        opened=Rule(unless=("opened",), adds=("opened",)),
        closed=Rule(needs=("opened",), unless=("closed",), adds=("closed",)),
    )
    | _rules(
        "experiment",
        started=Rule(unless=("started",), adds=("started",)),
        concluded=Rule(needs=("started",), unless=("concluded",), adds=("concluded",)),
    )
)
_SETTLING = {
    name: msgspec.structs.replace(RULES[name], adds=("made", "settled"), drops=("reopened",))
    for name in (_MADE, _OVERRIDDEN)
}
# Nothing stands against these, nor do the words they add stand against anything, and no other event takes
# them back.
_WELCOME_LATE = frozenset(
    name
    for name, rule in RULES.items()
    if rule.adds == ("updated",) and not (rule.needs or rule.unless or rule.drops)
)
# What a word says of a subject, where "it is already …" would not read.
_SPOKEN = {
    "settled": "decided (accepted or rejected), and nothing reopened it",
    "ended": "completed or withdrawn",
    "row_set": "set",
}


def advance(phase: str, type: str, data: Data) -> str | Refusal:
    """The phase after one more event, or why it cannot follow. Not for late events: `refold` those."""
    rule = _rule(type, data)
    if rule is None:
        return phase
    after = _step(phase, rule)
    return _refusal(phase, type, rule) if after is None else after


def is_step(type: str) -> bool:
    """Whether events of this type can change, or be refused by, the phase of their subject."""
    return type in RULES


def is_welcome_late(type: str) -> bool:
    """Whether an event of this type does the same wherever in its subject's past it takes its place."""
    return type in _WELCOME_LATE


def _rule(type: str, data: Data) -> Rule | None:
    if isinstance(data, decision.Made | decision.Overridden) and data.outcome in _FINAL_OUTCOMES:
        return _SETTLING[type]
    return RULES.get(type)


@cache  # the words of a kind are few, so are their sets: the hot path is one look-up
def _step(phase: str, rule: Rule) -> str | None:
    words = set(phase.split())
    if (rule.needs and not words.intersection(rule.needs)) or words.intersection(rule.unless):
        return None
    return " ".join(sorted(words.union(rule.adds).difference(rule.drops)))


def _refusal(phase: str, type: str, rule: Rule) -> Refusal:
    kind, what = type.split(".")[1:3]
    held = [word for word in phase.split() if word in rule.unless]
    if held:
        spoken = _SPOKEN.get(held[0], held[0])
        return Refusal(
            f"{kind}.{what} cannot follow: it is already {spoken}",
            "If this is a fact already published, send it with its first id; if the earlier one is wrong, "
            "publish event.corrected or event.retracted; if it is another fact, use a new subject"
            + (", or publish decision.reopened first." if held[0] == "settled" else "."),
        )
    wanted = " or ".join(f"{kind}.{word}" for word in rule.needs)
    spoken = " or ".join(_SPOKEN.get(word, word) for word in rule.needs)
    return Refusal(
        f"{kind}.{what} cannot follow: it is not {spoken}",
        f"Publish {wanted} first, with an earlier `time`, or leave this event out.",
        early=True,
    )
