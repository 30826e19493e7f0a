"""Each kind of entry as one says it, naming holders by their subjects. Pure."""

from collections.abc import Callable, Iterable

from schemas import consultation, debrief, decision, experiment, initiative, knot, lesson, space
from schemas.types import Data
from services.projections.facts.occurrences import kind_of
from services.projections.history import History, Step
from services.projections.wording import listed


def what(step: Step) -> str:
    """The kind of event: `decision.made`."""
    return kind_of(type(step.data))


def doers(history: History, step: Step) -> list[str]:
    """Who did it, as far as it says, after merges."""
    data = step.data
    match data:
        case decision.Made(deciders=deciders) | decision.Overridden(deciders=deciders) if deciders:
            return _each(history, (f"body/{d.under}" if d.under else d.holder for d in deciders))
        case initiative.Proposed(proposers=proposers):
            return _each(history, proposers)
        case initiative.Joined(actor=actor):
            return _each(history, [f"actor/{actor}"])
        case decision.Ratified(by=by):
            return _each(history, (f"actor/{actor}" for actor in by))
        case debrief.Held(participants=participants):
            return _each(history, participants)
        case space.SessionHeld(facilitator=facilitator):
            return _each(history, [facilitator] if facilitator else [])
    one: str | None = getattr(data, "by", None)
    return _each(history, [f"actor/{one}"] if isinstance(one, str) else [])


def told(history: History, step: Step) -> str:
    """The entry in words."""
    by = listed(doers(history, step))
    return _told(step.data, by or "somebody", lambda names: listed(_each(history, names)))


def _each(history: History, holders: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(history.who, holders)))


def _told(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    module = type(data).__module__.rpartition(".")[2]
    teller = {
        "decision": _decision,
        "initiative": _initiative,
        "consultation": _consultation,
    }.get(module, _learning)
    return teller(data, by, names)


def _decision(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    match data:
        case decision.Opened(electorate=electorate):
            voters = names(one.holder for one in electorate)
            return f"{by} put the question" + (f" to {voters}" if voters else "")
        case decision.Amended(round=round):
            return f"{by} changed the question (round {round}); positions taken before lapse"
        case decision.PositionTaken(value=value, for_=held_for):
            spoken = f" for {names([held_for])}" if held_for else ""
            return f"{by} {_STANCES[value]}{spoken}" + (", with reasons" if data.reason else "")
        case decision.Escalated(from_=source, to=to, reason=reason):
            return f"{by} passed it on from {names([source])} to {names([to])}: {reason}"
    return _decided(data, by, names)


def _decided(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    match data:
        case decision.Made(outcome=outcome, deciders=deciders):
            doer = by if deciders else "somebody unknown"
            return f"{doer} decided: {outcome}"
        case decision.Ratified():
            return f"{by} ratified it"
        case decision.Formalised():
            return f"{by} wrote it down"
        case decision.Reopened(reason=reason):
            return f"{by} reopened it: {reason}"
        case decision.Overridden(outcome=outcome, reason=reason):
            return f"{by} overrode it ({outcome or 'void'}): {reason}"
    return _afterwards(data, by, names)


def _afterwards(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    match data:
        case decision.Superseded(by_decision=later):
            return f"decision/{later} took its place"
        case decision.Reviewed(result=result):
            return f"{by} reviewed it: {result}"
        case decision.Communicated(to=to, channel=channel):
            return f"told {names(to) or 'nobody'}" + (f" by {channel}" if channel else "")
        case decision.Executed():
            return f"{by} carried it out"
    return kind_of(type(data))


_STANCES = {
    "approve": "approved",
    "reject": "rejected",
    "abstain": "abstained",
    "hold": "asked for time",
    "block": "objected",
}


def _initiative(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    match data:
        case initiative.Proposed(title=title):
            return f"{by} proposed “{title}”"
        case initiative.Revised():
            return "the proposal was revised"
        case initiative.Joined(as_=role):
            return f"{by} joined as {role}"
        case initiative.Started():
            return "work began"
        case initiative.Paused(reason=reason, waiting_on=holder):
            return "work paused" + (f", waiting on {names([holder])}" if holder else "") + f": {reason}"
        case initiative.Resumed():
            return "work went on"
        case initiative.Completed(outcome=outcome):
            return "it was completed" + (f": {outcome}" if outcome else "")
        case initiative.Withdrawn(reason=reason):
            return "it was withdrawn" + (f": {reason}" if reason else "")
    return kind_of(type(data))


def _consultation(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    match data:
        case consultation.Requested(asked=asked, mandatory=mandatory):
            must = ", as the matrix demands" if mandatory else ""
            return f"{by} asked {names(asked) or 'anyone'} for advice{must}"
        case consultation.AdviceGiven(stance=stance, by=adviser):
            return f"{by if adviser else 'somebody unnamed'} advised: {stance}"
        case consultation.AdviceAnswered(disposition=disposition, reason=reason):
            return f"{by} answered the advice: {disposition}" + (f", {reason}" if reason else "")
        case consultation.Closed(reason=reason):
            return f"the consultation closed: {reason}"
    return kind_of(type(data))


def _learning(data: Data, by: str, names: Callable[[Iterable[str]], str]) -> str:
    match data:
        case space.SessionHeld(attendees=attendees):
            return f"shared in a session that {names(attendees) or 'nobody'} attended"
        case experiment.Started(hypothesis=hypothesis):
            return f"an experiment began: {hypothesis}"
        case experiment.Concluded(result=result):
            return f"the experiment ended: {result}"
        case debrief.Held():
            return f"{by} looked back on it"
        case lesson.Recorded(text=text, proposes_row=row):
            return f"a lesson: {text}" + (f" (it would change the row of {row})" if row else "")
        case knot.Raised(pattern=pattern):
            return f"{by} named a knot: {pattern}"
        case knot.Answered(response=response):
            return f"{by} answered the knot: {response}"
    return kind_of(type(data))
