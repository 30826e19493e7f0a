"""Histories in which anything is said of anything, in whatever order: few subjects, often at one instant."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.told import event, made, on, opened, overridden, person, row, team

Json = dict[str, Any]
DAYS = 60
DOMAINS = ("w", "x", "y", "z")
ACTORS = ("a", "b", "c")
_TIED = (
    "decision",
    "initiative",
    "consultation",
    "debrief",
    "lesson",
    "experiment",
    "domain",
    "space",
    "knot",
)


def unruly(rng: Random, length: int) -> list[Json]:
    """The events, in the order they are told in: when they occurred is another matter."""
    begun = [*map(person, ACTORS), *team("t", "a", "b"), row(0, "w", "a", "b")]
    begun.append(event(0, "domain/x", "domain.defined", name="X", parent="w"))
    said = [_said(rng, max(2, length // 6)) for _ in range(length)]
    for place, one in enumerate(said):
        one["id"] = f"{place}"
    found = [*begun]
    for one in said:
        found.append(one)
        if rng.random() < 0.12:
            found.append(_again(rng, rng.choice(found[len(begun) :]), len(found)))
    return found


def _said(rng: Random, many: int) -> Json:
    def some(kind: str) -> str:
        return f"{kind[0]}{rng.randrange(many)}"

    def any_subject() -> str:
        kind = rng.choices(_TIED, (6, 5, 2, 2, 2, 2, 1, 1, 1))[0]
        return f"{kind}/{rng.choice(DOMAINS) if kind == 'domain' else some(kind)}"

    day, who, domain = float(rng.randrange(DAYS)), rng.choice(ACTORS), rng.choice(DOMAINS)
    id, of = some("decision"), some("initiative")
    initiative, experiment = f"initiative/{some('initiative')}", f"experiment/{some('experiment')}"
    filed: Json = {"initiative": of} if rng.random() < 0.6 else {}
    filed |= {"stakes": "high"} if rng.random() < 0.4 else {}
    outcome = rng.choice(("accepted", "rejected", "provisional", "deferred", "returned"))
    space = f"space/{some('space')}"
    ways: list[Callable[[], Json]] = [
        lambda: opened(day, id, who, *rng.sample(ACTORS, 2), title=f"T{id}", domains=[domain], **filed),
        lambda: made(day, id, who, domains=[domain], outcome=outcome, **filed),
        lambda: made(day, id, who, domains=[domain, rng.choice(DOMAINS)], outcome=outcome, **filed),
        lambda: overridden(day, id, who, outcome=outcome),
        lambda: event(day, f"decision/{id}", "decision.superseded", by_decision=some("decision")),
        lambda: event(day, f"decision/{id}", "decision.reopened", by=who, reason="R"),
        lambda: event(day, f"decision/{id}", "decision.amended", by=who, round=1),
        lambda: event(day, f"decision/{id}", "decision.position_taken", by=who, value="approve"),
        lambda: event(
            day, f"decision/{id}", "decision.escalated", by=who, from_=f"actor/{who}", to="body/t", reason="R"
        ),
        lambda: event(
            day, initiative, "initiative.proposed", title="Tx", domains=[domain], proposers=[f"actor/{who}"]
        ),
        lambda: event(day, initiative, "initiative.paused", reason="R", waiting_on=f"actor/{who}"),
        lambda: event(day, initiative, rng.choice(("initiative.resumed", "initiative.withdrawn"))),
        lambda: event(day, initiative, "initiative.completed", outcome="failed"),
        lambda: event(day, experiment, "experiment.started", initiative=of, hypothesis="H"),
        lambda: event(day, experiment, "experiment.concluded", result="refuted"),
        lambda: event(
            day, f"debrief/{some('debrief')}", "debrief.held", about=any_subject(), participants=[]
        ),
        lambda: event(
            day,
            f"lesson/{some('lesson')}",
            "lesson.recorded",
            from_=any_subject(),
            text="L",
            **({"proposes_row": domain} if rng.random() < 0.5 else {}),
        ),
        lambda: event(
            day,
            space,
            "space.session_held",
            attendees=[f"actor/{who}"],
            decisions=[id],
            upcoming=[rng.choice((f"t{id}", "Tx."))],
        ),
        lambda: event(day, space, "space.opened", name="S", kind="circle", domains=[domain]),
        lambda: row(day, domain, who, basis=f"lesson/{some('lesson')}"),
        *2 * [lambda: made(day, id, who, domains=[domain], **filed)],
        *3 * [lambda: _consulting(rng, day, who, some("consultation"), any_subject())],
    ]
    return rng.choice(ways)()


def _consulting(rng: Random, day: float, who: str, id: str, about: str) -> Json:
    subject = f"consultation/{id}"
    match rng.randrange(4):
        case 0:
            return event(day, subject, "consultation.closed", reason="complete")
        case 1:
            return event(day, subject, "consultation.advice_given", by=who, stance="support")
        case _:
            asked = [f"actor/{who}"]
            return event(
                day, subject, "consultation.requested", about=about, asked=asked, by=rng.choice(ACTORS)
            )


def _again(rng: Random, of: Json, place: int) -> Json:
    """Retracted, or told of another day."""
    named = {"source": of["source"], "id": of["id"], "reason": "R"}
    if rng.random() < 0.5:
        return event(DAYS, of["subject"], "event.retracted", **named) | {"id": f"again-{place}"}
    named["time"] = on(rng.randrange(DAYS)).isoformat()
    return event(DAYS, of["subject"], "event.corrected", **named) | {"id": f"again-{place}"}
