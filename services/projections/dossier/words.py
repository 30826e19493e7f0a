"""The words that decide, each with what it is to the one before and what was stated then. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.decision import Made, Reopened
from schemas.types import Data
from services.projections.dossier import parts
from services.projections.dossier.answer import Deciding, Part, Word
from services.projections.dossier.judging import under
from services.projections.flow.hold import confirmed, others
from services.projections.history import Act, Decision, History, Step
from services.projections.measures import UNIT

VERBS: Final = {
    "decision": "decided",
    "made anew": "decided anew",
    "confirmation": "confirmed it",
    "override": "overrode it",
    "reversal": "reversed it",
}
_NOBODY_KNOWN: Final = "nobody knows who decided"
_NOBODY_STATED: Final = "no row that was in force gave anybody authority"


def last_named(decision: Decision) -> str:
    """What the last word, which decides, is to the one before it."""
    acts = {act.position: act for act in decision.acts}
    before, last = ([None, *decision.words])[-2:]
    assert last is not None, "there is one"  # noqa: S101 — as called
    earlier = acts.get(before.position) if before else None
    return str(_named(last.data, acts.get(last.position), before, earlier))


def outcome(data: Data) -> str:
    """Of a word; an override that gives none is void."""
    return getattr(data, "outcome", None) or "void"


def words_of(history: History, decision: Decision) -> Iterator[Word]:
    """Every word that decides, in turn."""
    acts = {act.position: act for act in decision.acts}
    words = decision.words
    for before, step, following in zip([None, *words], words, [*words[1:], None], strict=False):
        yield _word(history, decision, step, before, acts, following.at if following else None)


def _word(
    history: History,
    decision: Decision,
    step: Step,
    before: Step | None,
    acts: Mapping[int, Act],
    end: datetime | None,
) -> Word:
    act, data = acts.get(step.position), step.data
    earlier = acts.get(before.position) if before else None
    return Word(
        word="reopened" if isinstance(data, Reopened) else "made" if isinstance(data, Made) else "overridden",
        named=_named(data, act, before, earlier),
        outcome=None if isinstance(data, Reopened) else outcome(data),
        by=None if (by := getattr(data, "by", None)) is None else history.who(f"actor/{by}"),
        reason=getattr(data, "reason", None),
        stands=act is not None and act.stands,
        attested=None if isinstance(data, Reopened) else getattr(data, "attested", None) or "recorded",
        deciders=[_deciding(history, one) for one in getattr(data, "deciders", ())],
        node=_parts(act.node, act.stated_node) if act else [],
        seat=_parts(act.seat, act.stated_seat) if act else [],
        under=under(history, decision, act, step) if act else None,
        stakes=act.stakes if act else None,
        held_days=None if act is None else parts.days(step.at, end or history.at),
        **parts.entry(history, step)
        | {
            name: getattr(data, name, None)
            for name in ("choice", "formality", "size", "emergency", "review_on", "ref")
        },
    )


def _named(data: Data, act: Act | None, before: Step | None, earlier: Act | None) -> Any:
    """What a word is to the one before it."""
    if isinstance(data, Reopened):
        return "reopening"
    if before is None:
        return "decision"
    if isinstance(before.data, Reopened):
        return "made anew"
    if act is None or earlier is None or (earlier.status == "apart" and isinstance(data, Made)):
        return "decision"
    if confirmed(earlier, act):
        return "confirmation"
    return "override" if others(earlier, act) else "reversal"


def _deciding(history: History, one: Any) -> Deciding:
    return Deciding(holder=history.who(one.holder), parts=one.parts, under=one.under)


def _parts(actual: Mapping[str, int], stated: Mapping[str, int]) -> list[Part]:
    holders = sorted(actual.keys() | stated.keys(), key=lambda h: (-actual.get(h, 0), -stated.get(h, 0), h))
    why = {} if actual else {"actual": _NOBODY_KNOWN}
    why |= {} if stated else {"stated": _NOBODY_STATED}
    return [
        Part(
            holder=holder,
            actual=actual.get(holder, 0) / UNIT if actual else None,
            stated=stated.get(holder, 0) / UNIT if stated else None,
            why_null=why,
        )
        for holder in holders
    ]
