"""One initiative whole. Pure."""

from collections.abc import Iterator, Sequence
from typing import Literal

from schemas.experiment import Started as ExperimentStarted
from schemas.initiative import Completed, Paused, Resumed, Started, Withdrawn
from services.projections.cases import Cases
from services.projections.dossier import parts
from services.projections.dossier.answer import InitiativeDossier, Pause
from services.projections.dossier.decision import brief
from services.projections.dossier.telling import listed
from services.projections.flow.told import in_days
from services.projections.history import Decision, History, Initiative
from services.projections.views.answer import RestsOn

State = Literal["unknown", "proposed", "started", "paused", "completed", "withdrawn"]


def dossier(rests_on: RestsOn, history: History, id: str) -> InitiativeDossier:
    """The dossier of an initiative that has entries or decisions."""
    initiative = history.initiatives.get(id) or Initiative(id)
    said = initiative.proposed[1] if initiative.proposed else None
    decisions = sorted(history.decided.get(id, ()), key=lambda one: (one.steps[0][:2], one.id))
    subjects = [f"initiative/{id}", *(f"decision/{one.id}" for one in decisions)]
    following = parts.following(history, subjects)
    ended = initiative.last(Completed)
    return InitiativeDossier(
        rests_on=rests_on,
        initiative=id,
        title=said.title if said else None,
        state=_state(initiative),
        outcome=ended[1].outcome if ended else None,
        in_words=_in_words(history, initiative, decisions),
        domains=list(said.domains) if said else [],
        stakes=Cases(history).work(initiative).stakes if initiative.steps else None,
        proposers=parts.proposers(history, said),
        body=said.body if said else None,
        ref=said.ref if said else None,
        joined=[parts.later(history, step) for step, _ in initiative.joined],
        pauses=list(_pauses(history, initiative)),
        consultations=parts.consulted(history, subjects, decisions),
        decisions=[brief(history, one) for one in decisions],
        mandates=parts.lent(history, f"initiative/{id}"),
        shared_in=parts.shared(history, frozenset(one.id for one in decisions)),
        changed_rows=parts.based(history, frozenset([*subjects, *following])),
        raised=parts.raised(history, frozenset(subjects)),
        limits=[
            data.limits
            for stream in following.values()
            for _, data in stream.every(ExperimentStarted)
            if data.limits is not None
        ],
        legs=parts.took(history, subjects),
        timeline=parts.timeline(history, _everything(history, initiative, decisions, subjects)),
        links=parts.links(rests_on, said.domains[0] if said and said.domains else None),
        why_null=_why_null(initiative),
        **parts.learnt(history, subjects),
    )


def _everything(
    history: History, initiative: Initiative, decisions: Sequence[Decision], subjects: Sequence[str]
) -> Iterator[parts.Told]:
    yield from ((f"initiative/{initiative.id}", step) for step in initiative.steps)
    for one in decisions:
        yield from ((f"decision/{one.id}", step) for step in one.steps)
    yield from parts.everything(history, subjects, frozenset(one.id for one in decisions))


def _state(initiative: Initiative) -> State:
    found: State = "unknown"
    for step in initiative.steps:
        match step.data:
            case Started() | Resumed():
                found = "started"
            case Paused():
                found = "paused"
            case Completed():
                found = "completed"
            case Withdrawn():
                found = "withdrawn"
            case _ if found == "unknown" and initiative.proposed is not None:
                found = "proposed"
    return found


def _in_words(history: History, initiative: Initiative, decisions: Sequence[Decision]) -> str:
    made = sum(bool(one.words) for one in decisions)
    left = len(decisions) - made
    told = f"{made} {'decision' if made == 1 else 'decisions'} made, {left} open"
    proposed, ended = initiative.proposed, initiative.ended
    if proposed is None:
        return f"nothing is recorded of its proposal; {told}"
    by = listed(parts.proposers(history, proposed[1])) or "somebody unknown"
    begun = f"proposed by {by} on {proposed[0].at.day} {proposed[0].at:%B %Y}"
    if ended is None:
        return f"{begun}, {_state(initiative)} for {in_days(parts.days(proposed[0].at, history.at))}; {told}"
    lasted = in_days(parts.days(proposed[0].at, ended.at))
    return f"{begun}, {_state(initiative)} after {lasted}; {told}"


def _pauses(history: History, initiative: Initiative) -> Iterator[Pause]:
    for step, data, end in initiative.pauses:
        yield Pause(
            at=step.at,
            position=step.position,
            reason=data.reason,
            waiting_on=None if data.waiting_on is None else history.who(data.waiting_on),
            until=end.at if end else None,
            ended_by=end.position if end else None,
            days=parts.days(step.at, end.at if end else history.at),
        )


def _why_null(initiative: Initiative) -> dict[str, str]:
    said = initiative.proposed[1] if initiative.proposed else None
    if said is None:
        return dict.fromkeys(("title", "stakes", "body", "ref"), "nothing is recorded of its proposal")
    return {
        name: "its proposal does not say" for name in ("stakes", "body", "ref") if getattr(said, name) is None
    }
