"""One initiative whole. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from schemas.experiment import Concluded
from schemas.experiment import Started as ExperimentStarted
from schemas.initiative import Completed, Paused, Proposed, Resumed, Revised, Started, Withdrawn
from services.projections.cases import Cases
from services.projections.dossier import parts
from services.projections.dossier.answer import Brief, InitiativeDossier, Pause
from services.projections.dossier.decision import brief
from services.projections.flow.told import in_days
from services.projections.history import Decision, History, Initiative, Stream
from services.projections.knots.wording import day
from services.projections.views.answer import RestsOn
from services.projections.wording import listed, numbered

State = Literal["unknown", "proposed", "started", "paused", "completed", "withdrawn"]
OPEN: Final = frozenset({"open", "deferred", "returned", "reopened"})
"""The states of decisions that wait for a word that stands."""
_NOW: Final = {"proposed": "open", "started": "under way"}


def dossier(rests_on: RestsOn, history: History, id: str) -> InitiativeDossier:
    """The dossier of an initiative that has entries or decisions."""
    initiative = history.initiatives.get(id) or Initiative(id)
    said = initiative.proposed[1] if initiative.proposed else None
    decisions = sorted(history.decided.get(id, ()), key=lambda one: (one.steps[0][:2], one.id))
    subjects = [f"initiative/{id}", *(f"decision/{one.id}" for one in decisions)]
    following = parts.following(history, subjects)
    ended = initiative.last(Completed)
    briefs = [brief(history, one) for one in decisions]
    stakes = Cases(history).work(initiative).stakes if initiative.steps else None
    return InitiativeDossier(
        rests_on=rests_on,
        initiative=id,
        title=said.title if said else None,
        state=_state(initiative)[0],
        outcome=ended[1].outcome if ended else None,
        in_words="; ".join(
            [_in_words(history, initiative, briefs), *_overdue(following.values(), history.at)]
        ),
        domains=list(said.domains) if said else [],
        stakes=stakes,
        proposers=parts.proposers(history, said),
        body=said.body if said else None,
        ref=_ref(initiative),
        joined=[parts.later(history, step) for step, _ in initiative.joined],
        pauses=list(_pauses(history, initiative)),
        consultations=parts.consulted(history, subjects, decisions),
        decisions=briefs,
        mandates=parts.lent(history, subjects),
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
        why_null=_why_null(initiative, stakes),
        **parts.learnt(history, subjects),
    )


def _everything(
    history: History, initiative: Initiative, decisions: Sequence[Decision], subjects: Sequence[str]
) -> Iterator[parts.Told]:
    yield from ((f"initiative/{initiative.id}", step) for step in initiative.steps)
    for one in decisions:
        yield from ((f"decision/{one.id}", step) for step in one.steps)
    yield from parts.everything(history, subjects, frozenset(one.id for one in decisions))


def _ref(initiative: Initiative) -> str | None:
    """Where it can be read, as said last."""
    said = [step.data.ref for step in initiative.steps if isinstance(step.data, Proposed | Revised)]
    return next((ref for ref in reversed(said) if ref is not None), None)


def _state(initiative: Initiative) -> tuple[State, datetime | None]:
    """Where it stands, and since when."""
    found: tuple[State, datetime | None] = "unknown", None
    for step in initiative.steps:
        match step.data:
            case Started() | Resumed():
                found = "started", step.at
            case Paused():
                found = "paused", step.at
            case Completed():
                found = "completed", step.at
            case Withdrawn():
                found = "withdrawn", step.at
            case Proposed() if found[0] == "unknown":
                found = "proposed", step.at
    return found


def _in_words(history: History, initiative: Initiative, decisions: Sequence[Brief]) -> str:
    left = sum(one.state in OPEN for one in decisions)
    made = len(decisions) - left
    told = numbered("{made} {made:decision|decisions} made, {left} open", made=made, left=left)
    state, since = _state(initiative)
    if initiative.proposed is None or since is None:
        return f"nothing is recorded of its proposal; {told}"
    step, said = initiative.proposed
    by = listed(parts.proposers(history, said)) or "somebody unknown"
    begun = f"proposed by {by} on {step.at.day} {step.at:%B %Y}"
    if state == "proposed" and made and not left:
        return f"{begun}; {told}"
    if initiative.ended is None:
        return f"{begun}, {_NOW.get(state, state)} for {in_days(parts.days(since, history.at))}; {told}"
    return f"{begun}, {state} after {in_days(parts.days(step.at, initiative.ended.at))}; {told}"


def _overdue(following: Iterable[Stream], at: datetime) -> Iterator[str]:
    """The experiments that were to have ended, and of which nothing was concluded."""
    for stream in following:
        started = stream.first(ExperimentStarted)
        ends = started[1].ends_at if started else None
        if ends is not None and ends < at and not stream.last(Concluded):
            ago = in_days(parts.days(ends, at))
            yield f"an experiment was to end on {day(ends)}, {ago} ago, and nothing was concluded"


def _pauses(history: History, initiative: Initiative) -> Iterator[Pause]:
    for step, data, end in initiative.pauses:
        yield Pause(
            **parts.entry(history, step),
            reason=data.reason,
            waiting_on=None if data.waiting_on is None else history.who(data.waiting_on),
            until=end.at if end else None,
            ended_by=end.position if end else None,
            days=parts.days(step.at, end.at if end else history.at),
        )


def _why_null(initiative: Initiative, stakes: str | None) -> dict[str, str]:
    said = initiative.proposed[1] if initiative.proposed else None
    why = "its proposal does not say" if said else "nothing is recorded of its proposal"
    null = ["title"] if said is None else []
    null += ["body"] if said is None or said.body is None else []
    null += ["ref"] if _ref(initiative) is None else []
    told = dict.fromkeys(null, why)
    if stakes is None:
        told["stakes"] = "neither its proposal nor any of its domains says" if said else why
    return told
