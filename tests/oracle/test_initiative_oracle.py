"""What dossiers tell of initiatives, and beside the words of decisions, is what plain loops find."""

from collections.abc import Sequence
from random import Random
from types import ModuleType
from typing import Any

import pytest

from services.connectors import demo
from services.projections.dossier import decision, initiative
from services.projections.dossier.answer import DecisionDossier, InitiativeDossier
from services.projections.views.answer import RestsOn
from tests.histories import history
from tests.oracle.asking import moment
from tests.oracle.echoing import unlike
from tests.oracle.flowing import DAY
from tests.oracle.oracle import World, read
from tests.oracle.reflective import reflective
from tests.oracle.telling import OfDecision, OfInitiative
from tests.oracle.test_flow_oracle import RANDOM, SEED, STORIES, listed, near
from tests.oracle.waiting import Waiting
from tests.pasts import HOUR, past
from tests.recorded import entries

Facts = dict[str, Any]
ROUNDING = 0.00051


def whole(of: DecisionDossier | InitiativeDossier) -> Facts:
    return {
        "title": of.title,
        "domains": of.domains,
        "stakes": of.stakes,
        "proposers": of.proposers,
        "state": of.state,
        "consultations": {
            one.consultation: {
                "position": one.position,
                "by": one.by,
                "asked": one.asked,
                "mandatory": one.mandatory,
                "due": one.due,
                "closed": one.closed,
                "closed at": one.closed_at,
                "advice": {
                    said.position: (
                        said.by,
                        said.stance,
                        said.corrected_by,
                        (said.answered.position, said.answered.by, said.answered.disposition)
                        if said.answered
                        else None,
                    )
                    for said in one.advice
                },
            }
            for one in of.consultations
        },
        "mandates": sorted(one.mandate for one in of.mandates),
        "debriefs": [one.position for one in of.debriefs],
        "lessons": [one.position for one in of.lessons],
        "experiments": [one.position for one in of.experiments],
        "shared": [one.position for one in of.shared_in],
        "rows": sorted((one.domain, one.position, one.basis) for one in of.changed_rows),
        "raised": {
            one.knot: {"pattern": one.pattern, "by": one.by, "responses": one.responses} for one in of.raised
        },
    }


def of_initiative(of: InitiativeDossier) -> Facts:
    subject = f"initiative/{of.initiative}"
    return whole(of) | {
        "body": of.body,
        "ref": of.ref,
        "outcome": of.outcome,
        "joined": [one.position for one in of.joined],
        "pauses": [
            {
                "position": one.position,
                "on": one.waiting_on,
                "until": one.until,
                "ended by": one.ended_by,
                "days": one.days,
            }
            for one in of.pauses
        ],
        "decisions": {
            one.decision: {
                "title": one.title,
                "state": one.state,
                "deciders": sorted(one.deciders),
                "mandate": one.in_mandate,
            }
            for one in of.decisions
        },
        "limits": len(of.limits),
        "overdue": of.in_words.count(" was to end on "),
        "legs": {(one.from_, one.to): one.days for one in of.legs if one.of == subject},
        "timeline": {one.position: one.corrected_by for one in of.timeline if one.subject == subject},
    }


def in_days(of: DecisionDossier | InitiativeDossier) -> bool:
    """Whether its lines say how long after the first they occurred."""
    return all(
        (one.at - of.timeline[0].at) / DAY == pytest.approx(one.day, abs=ROUNDING) for one in of.timeline
    )


def of_decision(of: DecisionDossier) -> Facts:
    above, question = of.initiative, of.question
    return whole(of) | {
        "initiative": above
        and {
            "initiative": above.initiative,
            "title": above.title,
            "position": above.position,
            "proposers": above.proposers,
        },
        "question": question
        and {
            "position": question.position,
            "by": question.by,
            "electorate": sorted((one.holder, one.weight) for one in question.electorate),
            "due": question.due,
        },
        "rounds": [one.position for one in of.rounds],
        "passed on": {one.position: (one.by, one.from_, one.to) for one in of.passed_on},
        "afterwards": [one.position for one in of.afterwards],
        "informed": {one.holder: one.position for one in of.informed},
        "superseded by": of.superseded_by,
        "supersedes": of.supersedes,
        "under": {
            one.position: {
                "inherited from": one.under.inherited_from,
                "vacant": one.under.vacant,
                "retroactive": one.under.retroactive,
                "mandates": {lent.mandate.mandate: lent.within for lent in one.under.mandates},
            }
            for one in of.words
            if one.under
        },
    }


def agree(events: Sequence[Facts], rng: Random, times: int, most: int) -> None:
    lines = read(entries("acme", events, HOUR))
    for number in range(times):
        known = rng.randint(len(lines) // 3, len(lines)) if number else len(lines)
        at = moment(rng, lines[:known]) if rng.random() < 0.5 else None
        seen, of = past(events, at=at, known=known), Waiting(World(lines[:known], at=at))
        rests_on = RestsOn(
            ledger="acme", position=1, root="", view="", version=1, at=seen.at, known_at=seen.at
        )
        ids = sorted({fact["id"] for fact in of.world.of("initiative")})
        for id in rng.sample(ids, min(most, len(ids))):
            dossier = initiative.dossier(rests_on, seen, id)
            compare(listed(of_initiative(dossier)), OfInitiative(of, id).expected(), (id, at, known))
            assert not unlike(dossier, of.world), (id, at, known)
            assert in_days(dossier), (id, at, known)
        ids = of.decisions()
        for id in rng.sample(ids, min(most, len(ids))):
            one = decision.dossier(rests_on, seen, id)
            compare(listed(of_decision(one)), OfDecision(of, id).expected(), (id, at, known))
            assert not unlike(one, of.world), (id, at, known)
            assert in_days(one), (id, at, known)


def compare(answer: Facts, expected: Facts, where: Any) -> None:
    for name, figures in expected.items():
        assert answer[name] == near(listed(figures)), (name, where)


@pytest.mark.parametrize("seed", RANDOM)
def test_the_dossiers_of_initiatives_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(reflective(history(rng), rng), rng, times=2, most=6)


@pytest.mark.parametrize("story", STORIES)
def test_the_dossiers_of_initiatives_of_the_stories(story: ModuleType) -> None:
    agree(story.told().events, Random(SEED), times=1, most=10)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 7])
def test_the_dossiers_of_initiatives_of_the_demo(seed: int) -> None:
    agree(list(demo.events(seed)), Random(seed), times=2, most=20)
