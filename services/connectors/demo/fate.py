"""What may befall an ordinary decision: it is amended, deferred, reviewed, reversed, or published wrongly."""

from random import Random

from services.connectors.demo.case import Afterword, Case, Outcome, Position
from services.connectors.demo.clock import DAY, HOUR
from services.connectors.demo.organisation import Organisation

_NOBODY: frozenset[str] = frozenset()


def befall(case: Case, org: Organisation, rng: Random) -> None:
    """Let chance have its way with a planned case; what must be done in time is still done in time."""
    manner = org.manners[case.domain]
    if manner.amounts:
        case.amount = int(rng.uniform(*manner.amounts)) // 10 * 10
    roll = rng.random()
    if roll < 0.03:
        _defer(case, org, rng)
    elif roll < 0.06 and len(case.positions) > 2 and not manner.habits:
        _amend(case, rng)
    elif roll < 0.09 and len(case.electorate) > 1 and "under" not in case.deciders[0]:
        _escalate(case, org, rng)
    elif roll < 0.105:
        case.emergency = (case.made + 14 * DAY, case.made + int(rng.uniform(2, 9) * DAY))
    _attest(case, org.end, rng)
    _afterlife(case, org, rng)
    if case.initiative is not None:
        _initiative(case, org, rng)


def _defer(case: Case, org: Organisation, rng: Random) -> None:
    delay = int(rng.uniform(6, 14) * DAY)
    if not org.same_row(case.domain, case.made, case.made + delay):
        return
    case.deferred = (case.made, "deferred" if rng.random() < 0.6 else "returned")
    case.made += delay
    if case.told_at is not None:
        case.told_at += delay


def _amend(case: Case, rng: Random) -> None:
    """Somebody blocks, the question is changed, and everybody takes a position once more."""
    case.amended = case.opened + int(3.9 * HOUR)
    again = [Position(p.by, case.amended + int(rng.uniform(0.2, 1) * HOUR), p.value) for p in case.positions]
    blocker = rng.choice(case.positions)
    blocker.value, blocker.reason = "block", True
    case.positions += again


def _escalate(case: Case, org: Organisation, rng: Random) -> None:
    """Those who decide hear somebody above them first, and decide all the same."""
    who = org.somebody(case.domain, case.opened, rng, _NOBODY)
    asker = case.positions[0].by if case.positions else who
    if case.rule and case.rule["kind"] != "any":
        case.escalated = (case.opened + HOUR, f"actor/{asker}", f"actor/{org.team(case.domain).head}")


def _attest(case: Case, end: int, rng: Random) -> None:
    roll = rng.random()
    case.attested = "inferred" if roll < 0.03 else "observed" if roll < 0.1 else "recorded"
    mended = case.made + int(rng.uniform(1, 12) * DAY)
    if rng.random() < 0.008 and mended < end:
        case.slip = mended


def _afterlife(case: Case, org: Organisation, rng: Random) -> None:
    if rng.random() < 0.08:
        due = case.made + int(rng.uniform(50, 120) * DAY)
        case.review = (due, due - int(rng.uniform(1, 6) * DAY))
    if case.outcome == "rejected":
        return
    case.executed = case.made + int(rng.uniform(2, 24) * DAY) if rng.random() < 0.7 else None
    roll = rng.random()
    at = case.made + int(rng.uniform(15, 80) * DAY)
    by = org.somebody(case.domain, at, rng, _NOBODY)
    chance = org.manners[case.domain].second_thoughts
    if roll >= 2 * chance or not org.same_row(case.domain, case.made, at + 7 * DAY):
        return
    if roll < chance:
        debrief = at + int(rng.uniform(2, 20) * DAY)
        outcome: Outcome | None = "rejected" if rng.random() < 0.6 else None
        case.afterwords = [Afterword("overridden", at, by, case.deciders, outcome, debrief)]
    else:
        case.afterwords = [Afterword("reopened", at, by, case.deciders, "accepted")]


def _initiative(case: Case, org: Organisation, rng: Random) -> None:
    """Started and done where it was accepted, withdrawn where it was not."""
    if case.outcome == "rejected":
        case.withdrawn = case.made + int(rng.uniform(1, 20) * DAY)
        return
    if rng.random() < 0.07:
        since = case.made + int(rng.uniform(2, 3) * DAY)
        waiting_on = org.somebody(case.domain, since, rng, _NOBODY)
        case.paused = (since, since + int(rng.uniform(2, 9) * HOUR), f"actor/{waiting_on}")
    if case.executed is not None:
        ending = "succeeded" if rng.random() < 0.8 else "partial" if rng.random() < 0.6 else "failed"
        case.completed = (case.executed + int(rng.uniform(4, 15) * DAY), ending)
        if ending == "failed":
            case.failure_debrief = case.completed[0] + int(rng.uniform(2, 20) * DAY)
