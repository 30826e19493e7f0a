"""One decision whole. Pure."""

from collections.abc import Iterable, Iterator
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
from services.projections.cases import Cases
from services.projections.dossier import parts
from services.projections.dossier.answer import (
    Brief,
    DecisionDossier,
    Holding,
    InitiativeBrief,
    Passed,
    Question,
    Stance,
    State,
    Told,
    Word,
)
from services.projections.dossier.words import VERBS, last_named, outcome, words_of
from services.projections.flow.told import in_days
from services.projections.history import Act, Decision, History, Step
from services.projections.informed import knew
from services.projections.views.answer import RestsOn
from services.projections.views.stated import in_words as rule_in_words
from services.projections.wording import listed

_AFTERWARDS: Final = (Ratified, Formalised, Reviewed, Communicated, Executed, Superseded)
_MOST_OTHERS: Final = 100
_NEVER_SAID: Final = "nothing that was recorded says so"


def dossier(rests_on: RestsOn, history: History, id: str, others_of: Iterable[str] = ()) -> DecisionDossier:
    """The dossier of a decision that has entries; `others_of`: the other decisions of its initiative."""
    decision = history.decisions[id]
    words = list(words_of(history, decision))
    subjects = _subjects(decision)
    opened = decision.opened
    superseded = decision.last(Superseded)
    stakes = Cases(history).work(decision).stakes
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
        consultations=parts.consulted(history, subjects, [decision]),
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
        mandates=parts.lent(history, subjects),
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
        corrected_by=history.corrected.get(last.position) if last else None,
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
    told = f"{by} {VERBS[last_named(decision)]} on {on}: {outcome(last.data)}"
    anew = sum(isinstance(step.data, Reopened) for step in decision.words)
    told += f"; it had been reopened {'once' if anew == 1 else f'{anew} times'}" if anew else ""
    return told + (f"; {took_place}" if took_place else "")


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
        corrected_by=history.corrected.get(proposed[0].position) if proposed else None,
        proposers=parts.proposers(history, proposed[1] if proposed else None),
        others=sorted(set(others_of) - {decision.id})[:_MOST_OTHERS],
    )


def _question(history: History, decision: Decision) -> Question:
    assert decision.opened is not None, "asked for only if there is one"  # noqa: S101 — as called
    step, said = decision.opened
    return Question(
        **parts.entry(history, step),
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
    why = _why_not(history, decision)
    for step, data in decision.every(PositionTaken):
        yield Stance(
            **parts.entry(history, step),
            by=history.who(f"actor/{data.by}"),
            for_=_whose(history, data),
            value=data.value,
            explained=data.reason is not None,
            counted=step.position not in why,
            why_not=why.get(step.position),
        )


def _why_not(history: History, decision: Decision) -> dict[int, str]:
    """Why a position did not count, by its entry."""
    settling = {act.position for act in decision.acts if act.status != "apart"}
    why: dict[int, str] = {}
    standing: dict[str, tuple[int, bool]] = {}
    settled = False
    for step in decision.steps:
        match step.data:
            case Amended():
                why |= {position: "the question was changed after it" for position, _ in standing.values()}
                standing = {}
            case PositionTaken() as taken:
                whose = _whose(history, taken)
                if whose in standing:
                    why[standing[whose][0]] = "a later position took its place"
                standing[whose] = step.position, settled
            case Made():
                standing, settled = {}, settled or step.position in settling
            case Overridden():
                settled = settled or step.position in settling
            case Reopened():
                settled = False
    late = [position for position, settled_before in standing.values() if settled_before]
    return why | dict.fromkeys(late, "it came after the decision")


def _whose(history: History, data: Any) -> str:
    return history.who(data.for_ or f"actor/{data.by}")


def _passed(history: History, step: Step, data: Escalated) -> Passed:
    return Passed(
        **parts.entry(history, step),
        by=history.who(f"actor/{data.by}"),
        from_=history.who(data.from_),
        to=history.who(data.to),
        reason=data.reason,
    )


def _informed(history: History, decision: Decision, words: list[Word]) -> list[Told]:
    """Whom the row of the last word informs, and since when they knew of it."""
    last = next((word for word in reversed(words) if word.under is not None), None)
    if last is None or last.under is None or last.under.row is None:
        return []
    act = next(act for act in decision.acts if act.position == last.position)
    return [_told(history, decision, act, one.holder) for one in last.under.row.informs]


def _told(history: History, decision: Decision, act: Act, holder: str) -> Told:
    at, position = knew(history, decision, act, holder) or (None, None)
    corrected_by = None if position is None else history.corrected.get(position)
    return Told(holder=holder, told_at=at, position=position, corrected_by=corrected_by)


def _superseded(history: History, id: str) -> Iterator[str]:
    for other in history.decisions.values():
        if any(data.by_decision == id for _, data in other.every(Superseded)):
            yield other.id
