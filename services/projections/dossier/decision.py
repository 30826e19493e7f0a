"""One decision whole. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.decision import (
    Amended,
    Communicated,
    Escalated,
    Executed,
    Formalised,
    Made,
    Overridden,
    PositionTaken,
    Ratified,
    Reopened,
    Reviewed,
    Superseded,
)
from schemas.types import Data
from services.projections.dossier import parts
from services.projections.dossier.answer import (
    Brief,
    Deciding,
    DecisionDossier,
    Holding,
    InitiativeBrief,
    Part,
    Passed,
    Question,
    Stance,
    State,
    Told,
    Word,
)
from services.projections.dossier.judging import under
from services.projections.dossier.telling import listed
from services.projections.flow.hold import others
from services.projections.flow.told import in_days
from services.projections.history import Act, Decision, History, Step
from services.projections.measures import UNIT
from services.projections.views.answer import RestsOn
from services.projections.views.stated import in_words as rule_in_words
from services.projections.waits import speaks

_AFTERWARDS: Final = (Ratified, Formalised, Reviewed, Communicated, Executed, Superseded)
_MOST_OTHERS: Final = 100
_NEVER_SAID: Final = "nothing that was recorded says so"


def dossier(rests_on: RestsOn, history: History, id: str, others_of: Iterable[str] = ()) -> DecisionDossier:
    """The dossier of a decision that has entries; `others_of`: the other decisions of its initiative."""
    decision = history.decisions[id]
    words = list(_words(history, decision))
    subjects = _subjects(decision)
    first = next((step for step in decision.steps if isinstance(step.data, Made)), None)
    opened, told = decision.opened, decision.told
    superseded = decision.last(Superseded)
    stakes = words[-1].stakes if words else (told.stakes if told else None)
    return DecisionDossier(
        rests_on=rests_on,
        decision=id,
        title=decision.title,
        state=state(decision),
        in_words=_in_words(history, decision),
        domains=list(decision.domains),
        stakes=stakes,
        proposers=sorted(history.proposers(decision)),
        initiative=_initiative(history, decision, others_of),
        question=_question(history, decision) if opened else None,
        consultations=parts.consulted(history, subjects, first),
        rounds=[parts.later(history, step) for step, _ in decision.every(Amended)],
        positions=list(_positions(history, decision)),
        passed_on=[_passed(history, step, data) for step, data in decision.every(Escalated)],
        words=words,
        informed=_informed(history, decision, words),
        afterwards=[
            parts.later(history, step) for step in decision.steps if isinstance(step.data, _AFTERWARDS)
        ],
        superseded_by=superseded[1].by_decision if superseded else None,
        supersedes=sorted(_superseded(history, id)),
        mandates=parts.lent(history, f"decision/{id}"),
        shared_in=parts.shared(history, frozenset({id})),
        changed_rows=parts.based(history, frozenset(_bases(history, subjects))),
        raised=parts.raised(history, frozenset(subjects)),
        legs=parts.took(history, subjects[:1]),
        timeline=parts.timeline(history, _everything(history, decision, subjects)),
        links=parts.links(rests_on, decision.home, id),
        why_null=_why_null(decision, stakes),
        **parts.learnt(history, subjects),
    )


def _subjects(decision: Decision) -> list[str]:
    found = [f"decision/{decision.id}"]
    return [*found, f"initiative/{decision.initiative}"] if decision.initiative else found


def _bases(history: History, subjects: list[str]) -> Iterator[str]:
    yield from subjects
    yield from (one for one in parts.following(history, subjects) if one.startswith("lesson/"))


def _everything(history: History, decision: Decision, subjects: list[str]) -> Iterator[parts.Told]:
    yield from ((f"decision/{decision.id}", step) for step in decision.steps)
    initiative = history.initiatives.get(decision.initiative or "")
    if initiative is not None:
        yield from ((f"initiative/{initiative.id}", step) for step in initiative.steps)
    yield from parts.everything(history, subjects, frozenset({decision.id}))


def state(decision: Decision) -> State:
    """What is now true of it."""
    if decision.last(Superseded) is not None:
        return "superseded"
    if not decision.words:
        return "open"
    last = decision.words[-1].data
    if isinstance(last, Reopened):
        return "reopened"
    if isinstance(last, Overridden):
        return last.outcome or "void"
    assert isinstance(last, Made), "one of three"  # noqa: S101 — what `words` holds
    return last.outcome


def brief(history: History, decision: Decision) -> Brief:
    """One line of it."""
    last = decision.words[-1] if decision.words else None
    act = decision.acts[-1] if decision.acts else None
    return Brief(
        decision=decision.id,
        title=decision.title,
        state=state(decision),
        in_words=_in_words(history, decision),
        at=last.at if last else None,
        position=last.position if last else None,
        deciders=sorted(act.node) if act else [],
        in_mandate=act.mandate if act else None,
    )


def _in_words(history: History, decision: Decision) -> str:
    """Where it stands, in a sentence."""
    now = state(decision)
    if now == "open":
        began = parts.days(decision.steps[0].at, history.at)
        return f"open for {in_days(began)}, not decided yet"
    superseded = decision.last(Superseded)
    took_place = f"decision/{superseded[1].by_decision} took its place" if superseded else ""
    if not decision.words:
        return f"{took_place} before it was decided"
    last = decision.words[-1]
    act = decision.acts[-1] if decision.acts else None
    by = listed(sorted(act.node)) if act and act.node else "somebody unknown"
    on = f"{last.at.day} {last.at:%B %Y}"
    if isinstance(last.data, Reopened):
        return f"reopened on {on}, and {took_place or 'not decided anew'}"
    told = f"{by} {_VERBS[_last_named(decision)]} on {on}: {_outcome(last.data)}"
    anew = sum(isinstance(step.data, Reopened) for step in decision.words)
    told += f"; it had been reopened {'once' if anew == 1 else f'{anew} times'}" if anew else ""
    return told + (f"; {took_place}" if took_place else "")


_VERBS: Final = {
    "decision": "decided",
    "made anew": "decided anew",
    "confirmation": "confirmed it",
    "override": "overrode it",
    "reversal": "reversed it",
}


def _last_named(decision: Decision) -> str:
    """What the last word, which decides, is to the one before it."""
    acts = {act.position: act for act in decision.acts}
    before, last = ([None, *decision.words])[-2:]
    assert last is not None, "there is one"  # noqa: S101 — as called
    earlier = acts.get(before.position) if before else None
    return str(_named(last.data, acts.get(last.position), before, earlier))


def _outcome(data: Data) -> str:
    return getattr(data, "outcome", None) or "void"


def _why_null(decision: Decision, stakes: str | None) -> dict[str, str]:
    why = {}
    if decision.title is None:
        why["title"] = _NEVER_SAID
    if stakes is None:
        why["stakes"] = "neither the decision nor any of its domains says"
    if decision.opened is None:
        why["question"] = "it was recorded as made, without having been put to anybody before"
    if decision.initiative is None:
        why["initiative"] = "it belongs to none"
    return why


def _initiative(history: History, decision: Decision, others_of: Iterable[str]) -> InitiativeBrief | None:
    if decision.initiative is None:
        return None
    known = history.initiatives.get(decision.initiative)
    proposed = known.proposed if known else None
    return InitiativeBrief(
        initiative=decision.initiative,
        title=proposed[1].title if proposed else None,
        proposed_at=proposed[0].at if proposed else None,
        position=proposed[0].position if proposed else None,
        proposers=parts.proposers(history, proposed[1] if proposed else None),
        others=sorted(set(others_of) - {decision.id})[:_MOST_OTHERS],
    )


def _question(history: History, decision: Decision) -> Question:
    assert decision.opened is not None, "asked for only if there is one"  # noqa: S101 — as called
    step, said = decision.opened
    return Question(
        at=step.at,
        position=step.position,
        by=history.who(f"actor/{said.by}"),
        electorate=[
            Holding(holder=history.who(one.holder), weight=one.weight or 1) for one in said.electorate
        ],
        rule=said.rule,
        rule_in_words=rule_in_words(said.rule, len(said.electorate)),
        due=said.due,
    )


def _positions(history: History, decision: Decision) -> Iterator[Stance]:
    """Every position taken, and whether it stood at the decision that followed it, or stands now."""
    for place, step in enumerate(decision.steps):
        data = step.data
        if isinstance(data, PositionTaken):
            holder = data.for_ or f"actor/{data.by}"
            why_not = _why_not(decision, place, holder)
            yield Stance(
                at=step.at,
                position=step.position,
                by=history.who(f"actor/{data.by}"),
                for_=history.who(holder),
                value=data.value,
                explained=data.reason is not None,
                counted=why_not is None,
                why_not=why_not,
            )


def _why_not(decision: Decision, place: int, holder: str) -> str | None:
    for step in decision.steps[place + 1 :]:
        match step.data:
            case Amended():
                return "the question was changed after it"
            case PositionTaken() as taken if (taken.for_ or f"actor/{taken.by}") == holder:
                return "a later position took its place"
            case Made():
                return None
    made = decision.made
    return "it came after the decision" if made is not None and made[0] in decision.steps[:place] else None


def _passed(history: History, step: Step, data: Escalated) -> Passed:
    return Passed(
        at=step.at,
        position=step.position,
        by=history.who(f"actor/{data.by}"),
        from_=history.who(data.from_),
        to=history.who(data.to),
        reason=data.reason,
    )


def _words(history: History, decision: Decision) -> Iterator[Word]:
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
        at=step.at,
        position=step.position,
        word="reopened" if isinstance(data, Reopened) else "made" if isinstance(data, Made) else "overridden",
        named=_named(data, act, before, earlier),
        outcome=None if isinstance(data, Reopened) else _outcome(data),
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
        **{
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
    if isinstance(data, Made) and earlier.outcome == "provisional" and act.outcome == "accepted":
        return "confirmation"
    return "override" if others(earlier, act) else "reversal"


def _deciding(history: History, one: Any) -> Deciding:
    return Deciding(holder=history.who(one.holder), parts=one.parts, under=one.under)


def _parts(actual: Mapping[str, int], stated: Mapping[str, int]) -> list[Part]:
    holders = sorted(actual.keys() | stated.keys(), key=lambda h: (-actual.get(h, 0), -stated.get(h, 0), h))
    return [
        Part(
            holder=holder,
            actual=actual.get(holder, 0) / UNIT if actual else None,
            stated=stated.get(holder, 0) / UNIT if stated else None,
        )
        for holder in holders
    ]


def _informed(history: History, decision: Decision, words: list[Word]) -> list[Told]:
    """Whom the row of the last word informs: told in person, or as a seat of a body that was told."""
    last = next((word for word in reversed(words) if word.under is not None), None)
    if last is None or last.under is None or last.under.row is None:
        return []
    told = [(step, data) for step, data in decision.every(Communicated) if step.at >= last.at]
    return [_told(history, one.holder, told) for one in last.under.row.informs]


def _told(history: History, holder: str, told: list[tuple[Step, Communicated]]) -> Told:
    for step, data in told:
        to = set(map(history.who, data.to))
        if holder in to or any(_sits(history, holder, body, step.at) for body in to):
            return Told(holder=holder, told_at=step.at, position=step.position)
    return Told(holder=holder, told_at=None, position=None)


def _sits(history: History, holder: str, body: str, at: datetime) -> bool:
    return holder.startswith("actor/") and body.startswith("body/") and speaks(history, holder[6:], body, at)


def _superseded(history: History, id: str) -> Iterator[str]:
    for other in history.decisions.values():
        if any(data.by_decision == id for _, data in other.every(Superseded)):
            yield other.id
