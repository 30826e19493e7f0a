"""What a view does grows with what occurred to a subject, not with its square."""

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from services.projections.cases import Narrowing
from services.projections.coordination.window import coordination
from services.projections.dossier import decision, initiative
from services.projections.flow.found import found
from services.projections.flow.parts import flow
from services.projections.history import History
from services.projections.influence import parts as influence
from services.projections.knots.settings import Settings
from services.projections.learning.window import learning
from services.projections.overview.building import overview
from services.projections.participation.window import Participation
from services.projections.trust.window import trust
from services.projections.views.answer import RestsOn
from services.projections.views.knots import Asked, knots
from services.projections.views.question import Question, windows
from tests.pasts import past
from tests.told import event, made, opened, overridden, person, row, team

Json = dict[str, Any]
RESTS_ON = RestsOn(ledger="acme", position=1, root="", view="any", version=1, at=None, known_at=None)
LEAST = 40
SOME: dict[str, Any] = {"contributes": [{"holder": "actor/f"}], "informs": ["actor/g"]}
BASE = [*map(person, "abcdefg"), *team("t", "a", "b"), row(0.5, "x", "body/t", "e", **SOME)]
PROPOSED = event(1, "initiative/i", "initiative.proposed", title="T", proposers=["actor/a"], domains=["x"])


def asked(day: float, id: str, about: str, *who: str) -> Json:
    names = [f"actor/{one}" for one in who]
    return event(day, f"consultation/{id}", "consultation.requested", about=about, by="a", asked=names)


def advised(day: float, id: str, by: str) -> Iterator[Json]:
    given = event(day, f"consultation/{id}", "consultation.advice_given", by=by, stance="support")
    meant = {"source": given["source"], "id": given["id"]}
    yield given
    told: Any = {"advice": meant, "disposition": "integrated", "by": "a"}
    yield event(day, f"consultation/{id}", "consultation.advice_answered", **told)


def of_an_initiative(day: float, n: int) -> Iterator[Json]:
    """Asked about it and decided in it, again and again; shared, looked back on."""
    yield asked(day, f"c-{n}", "initiative/i" if n % 2 else f"decision/d-{n}", "e", "f")
    yield from advised(day, f"c-{n}", "f")
    yield opened(day, f"d-{n}", "a", "a", "b", initiative="i")
    yield event(day, f"decision/d-{n}", "decision.position_taken", by="a", value="approve")
    yield made(day, f"d-{n}", "body/t", initiative="i")
    yield overridden(day, f"d-{n}", "e")
    yield event(day, "space/s", "space.session_held", attendees=["actor/a"], decisions=[f"d-{n}"])
    told: Any = {"participants": ["actor/a"], "worked": ["w"], "failed": ["f"], "adjustments": ["ask"]}
    yield event(day, f"debrief/b-{n}", "debrief.held", about=f"decision/d-{n}", **told)


def of_a_consultation(day: float, n: int) -> Iterator[Json]:
    yield from advised(day, "c", "defg"[n % 4])


def of_a_decision(day: float, n: int) -> Iterator[Json]:
    yield event(day, "decision/d", "decision.position_taken", by=f"p-{n}", value="approve")


def of_a_space(day: float, n: int) -> Iterator[Json]:
    yield made(day, f"d-{n}", "abcd"[n % 4])
    told: Any = {"obstacles": ["again"], "needs": [f"need {n}"], "upcoming": [f"coming {n}"]}
    yield event(day, "space/s", "space.session_held", attendees=["actor/c"], decisions=[f"d-{n}"], **told)


def of_pauses(day: float, n: int) -> Iterator[Json]:
    yield event(day, "initiative/i", "initiative.paused", reason="R", waiting_on="actor/e")
    yield event(day + 0.001, "initiative/i", "initiative.resumed")


def first(many: Callable[[float, int], Iterator[Json]], n: int) -> list[Json]:
    if many is of_a_decision:
        return [*(person(f"p-{one}") for one in range(n)), opened(1, "d", "a", *(f"p-{k}" for k in range(n)))]
    if many is of_a_consultation:
        return [opened(1, "d", "a", "a", "b"), asked(1, "c", "decision/d", "e", "f")]
    space = event(1, "space/s", "space.opened", name="S", kind="circle", cadence="P1D", members=["body/t"])
    return [PROPOSED, space]


def _flow(past: History) -> object:
    taken = found(past, Narrowing())
    return flow(past, taken, windows(Question(), taken.first(), past.at))


def _influence(past: History) -> object:
    question = Question()
    taken = influence.found(past, question, None)
    return influence.influence(past, taken, windows(question, taken.first(), past.at), question.lens)


def _participation(past: History) -> object:
    told = Participation(past, Question(), None)
    return told.windows(), told.paths()


def _dossiers(past: History) -> object:
    return [
        *(decision.dossier(RESTS_ON, past, id) for id in list(past.decisions)[:1]),
        *(initiative.dossier(RESTS_ON, past, id) for id in past.initiatives),
    ]


VIEWS: tuple[Callable[[History], object], ...] = (
    _flow,
    _influence,
    _participation,
    _dossiers,
    lambda past: coordination(past, Question(), None, None),
    lambda past: learning(past, Question(), None),
    lambda past: trust(past, Question(), None),
    lambda past: knots(Asked(state="all"), past, Settings(), RESTS_ON),
    lambda past: overview(RESTS_ON, past, Settings(), Question(), 365),
)


def calls(many: Callable[[float, int], Iterator[Json]], n: int) -> list[int]:
    """How many calls each view makes."""
    events = [*BASE, *first(many, n), *(one for k in range(n) for one in many(2 + k * 0.01, k))]
    told = {(one["subject"], one["id"]): one for one in events}
    assert len(told) == len(events)
    return [counted(view, past(events)) for view in VIEWS]


def counted(view: Callable[[History], object], past: History) -> int:
    made = 0

    def count(_: FrameType, what: str, __: Any) -> None:
        nonlocal made
        made += what in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        view(past)
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize("many", [of_an_initiative, of_a_consultation, of_a_decision, of_a_space, of_pauses])
def test_twice_as_much_takes_no_more_than_twice_the_work(
    many: Callable[[float, int], Iterator[Json]],
) -> None:
    some, twice = calls(many, LEAST), calls(many, 2 * LEAST)
    assert [round(b / a, 1) for a, b in zip(some, twice, strict=True) if b > 2.4 * a] == []
