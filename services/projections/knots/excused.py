"""What is no shadow authority and no overlap, though out of mandate: escalated, or ratified in time. Pure."""

from schemas.decision import Escalated, Made, Overridden, Ratified
from schemas.types import Size
from services.projections.chosen import seats
from services.projections.history import Act, Decision, History, Step
from services.projections.knots.reading import decision_of, row_of, step_of, undone
from services.projections.knots.spells import domain_stakes
from services.projections.knots.standing import Matter, may
from services.projections.knots.stated import row_at, stances
from services.projections.resolve_mandate import within


def excused(history: History, act: Act, holder: str) -> bool:
    """Whether an act had been escalated to this holder, as the row says, or was ratified in time."""
    return _escalated(history, act, holder) or _ratified(history, act)


def besides(n: int) -> str:
    """How many more there are that are excused."""
    return f" (not counting {n} escalated to them or ratified in time)" if n else ""


def _escalated(history: History, act: Act, holder: str) -> bool:
    """Whether the row names the holder, or a body they sit in, and the decision had been passed on there."""
    passed_on = decision_of(history, act).every(Escalated)
    row = row_of(history, act) if passed_on else None
    if row is None or row.escalates_to is None:
        return False
    named, spoken = history.who(row.escalates_to), (act.at, act.position)
    return holder in {named, *seats(history, named, act.at)} and any(
        step[:2] < spoken and history.who(data.to) in {named, *seats(history, named, step.at)}
        for step, data in passed_on
    )


def _ratified(history: History, act: Act) -> bool:
    """Whether it was an emergency that those who may decide confirmed in time, while it stood."""
    step, decision = step_of(history, act), decision_of(history, act)
    emergency = step.data.emergency if isinstance(step.data, Made | Overridden) else None
    if emergency is None:
        return False
    over = undone(history, act)
    return any(
        step[:2] < ratified[:2]
        and (over is None or ratified[:2] < over[:2])
        and (emergency.ratify_by is None or ratified.at <= emergency.ratify_by)
        and _entitled(history, decision, act, ratified, {history.who(f"actor/{by}") for by in data.by})
        for ratified, data in decision.every(Ratified)
    )


def _entitled(history: History, decision: Decision, act: Act, ratified: Step, by: set[str]) -> bool:
    """Whether these may decide it when they ratify it, in mandate as whoever decides has to be."""
    row = row_at(history, act.home, ratified.at)
    size, stakes = _size(decision, act), act.stakes or domain_stakes(history, act.home, ratified.at)
    matter = Matter(decision.id, act.initiative, size, stakes)
    return (
        row is not None
        and within(row.limits, size, stakes) == "yes"
        and may(history, act.home, by, ratified.at, matter, stances(history, decision, ratified))
    )


def _size(decision: Decision, act: Act) -> Size | None:
    made = [data for step, data in decision.every(Made) if step[:2] <= (act.at, act.position)]
    return made[-1].size if made else None
