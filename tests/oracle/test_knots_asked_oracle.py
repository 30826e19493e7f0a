"""Which knots are shown to whom asks for some, and what people answered: plain loops over all there are."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

import pytest

from services.projections.history import History
from services.projections.knots.knot import Found
from services.projections.knots.registry import PATTERNS, episodes
from services.projections.knots.settings import Settings
from services.projections.views.answer import RestsOn
from services.projections.views.knots import Answer, Asked, Knot, Knots, knots
from tests.histories import ACTORS, BODIES, DECISIONS, DOMAINS, history
from tests.oracle.asking import bounds, moments
from tests.oracle.busy import busy
from tests.oracle.oracle import World
from tests.oracle.test_flow_oracle import RANDOM
from tests.oracle.test_knots_b import EASY
from tests.pasts import past

Facts = dict[str, Any]
LOW = Settings(**EASY)
GRAVITY = ("warning", "notice", "info")
RESPONSES = ("formalise", "formalise", "change", "accept", "dispute")


def answering(events: Sequence[Facts], rng: Random) -> list[Facts]:
    """The same, with answers to what is found in it, to what is not, and with knots that people raised."""
    times = sorted(event["time"] for event in events)
    seen = past(events)
    found = [one.id for pattern in PATTERNS.values() for one in pattern.episodes(seen, LOW)]
    told: list[Facts] = []

    def tell(id: str, what: str, **data: Any) -> None:
        event = {"specversion": "1.0", "id": f"answer-{len(told)}", "source": "urn:test:more"}
        event |= {"subject": f"knot/{id}", "type": f"locus.knot.{what}.v1", "time": rng.choice(times)}
        told.append(event | {"data": data | {"by": rng.choice(ACTORS)}})

    for id in rng.sample(found, min(6, len(found))):
        for _ in range(rng.randint(1, 2)):
            tell(id, "answered", response=rng.choice(RESPONSES))
    tell("gone", "answered", response="accept")
    for number in range(rng.randint(0, 3)):
        about = [f"decision/{rng.choice(DECISIONS)}", f"domain/{rng.choice(DOMAINS)}"]
        about += [f"actor/{rng.choice(ACTORS)}", f"body/{rng.choice(BODIES)}"]
        about = rng.sample(about, rng.randint(1, 4))
        pattern = rng.choice(("stalled", "haste"))
        tell(f"raised-{number}", "raised", pattern=pattern, about=about, entries=[1])
        if rng.random() < 0.5:
            tell(f"raised-{number}", "answered", response="change")
    return [*events, *told]


def said(answers: Sequence[Answer]) -> list[tuple[Any, ...]]:
    return [(one.response, one.by, one.at, one.position, one.note) for one in answers]


class Lives:
    """What people said of knots, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answers(self, id: str) -> list[tuple[Any, ...]]:
        told = [f for f in self.world.of("knot", id) if f["type"] == "knot.answered"]
        return [
            (
                f["data"]["response"],
                self.world.holder(f"actor/{f['data']['by']}"),
                f["occurred"],
                f["position"],
                f["data"].get("note") is not None,
            )
            for f in told
        ]

    def raised(self) -> list[Facts]:
        """The last time each was, the oldest first."""
        last = {f["id"]: f for f in self.world.of("knot") if f["type"] == "knot.raised"}
        return sorted(last.values(), key=lambda f: (f["occurred"], f["id"]))

    def until(self, found: Found) -> tuple[datetime | None, bool]:
        """When it ended, and whether that was because it was formalised: answered so last, and said so."""
        answers = self.answers(found.id)
        if answers and answers[-1][0] == "formalise" and found.stated is not None:
            closed: datetime = max(answers[-1][2], found.stated)
            again = found.latest is not None and found.latest > closed
            if not again and (found.until is None or found.until > closed):
                return closed, True
        return found.until, False

    def whole(self, answer: Knots, found: dict[str, Found]) -> None:
        """All there are."""
        assert {one.id for one in answer.knots} == set(found)
        for one in answer.knots:
            of = found[one.id]
            until, formalised = self.until(of)
            assert (one.until, one.formalised, one.state) == (
                until,
                formalised,
                "closed" if until else "open",
            )
            answers = self.answers(one.id)
            assert (said(one.answers), one.answered) == (answers, answers[-1][0] if answers else None)
            assert (one.entries_total, one.tested) == (len(of.entries), PATTERNS[of.pattern].tested)
            assert [*of.entries[:10], *of.entries[10:][-10:]] == one.entries
        ranks = [(GRAVITY.index(k.severity), k.since, k.pattern, k.scope, k.actors) for k in answer.knots]
        assert ranks == sorted(ranks)
        raised = self.raised()
        assert [(one.id, one.since, one.position, one.pattern, one.about) for one in answer.raised] == [
            (f["id"], f["occurred"], f["position"], f["data"]["pattern"], f["data"]["about"]) for f in raised
        ]
        for other in answer.raised:
            answers = self.answers(other.id)
            assert (said(other.answers), other.answered) == (answers, answers[-1][0] if answers else None)
        known = {*found, *(f["id"] for f in raised)}
        lost = {id for id in {f["id"] for f in self.world.of("knot")} - known if self.answers(id)}
        assert {one.id: said(one.answers) for one in answer.lost} == {id: self.answers(id) for id in lost}

    def takes(self, asked: Asked, knot: Knot) -> bool:
        start, end = asked.window
        return (
            asked.state in ("all", knot.state)
            and asked.pattern in (None, knot.pattern)
            and asked.severity in (None, knot.severity)
            and (asked.domain is None or (knot.domain is not None and self.below(knot.domain, asked.domain)))
            and self.whose(asked) <= set(knot.actors)
            and (end is None or knot.since < end)
            and (start is None or knot.until is None or knot.until > start)
        )

    def shows(self, asked: Asked, raised: Facts) -> bool:
        """Whether one that somebody raised is among them: nobody judged it, or closes it."""
        about, (_, end) = raised["data"]["about"], asked.window
        here = [one[7:] for one in about if one.startswith("domain/")]
        return (
            asked.state != "closed"
            and asked.severity is None
            and asked.pattern in (None, raised["data"]["pattern"])
            and (asked.domain is None or any(self.below(domain, asked.domain) for domain in here))
            and self.whose(asked) <= set(map(self.world.holder, about))
            and (asked.decision is None or f"decision/{asked.decision}" in about)
            and (end is None or raised["occurred"] < end)
        )

    def whose(self, asked: Asked) -> set[str]:
        body = {f"body/{asked.body}"} if asked.body else set()
        return body | ({self.world.holder(f"actor/{asked.actor}")} if asked.actor else set())

    def below(self, domain: str, above: str) -> bool:
        """As the tree is at the world's instant."""
        at: datetime = self.world.at  # type: ignore[assignment]  # always known here
        return above in self.world.line(domain, at)

    def about(self, decision: str, found: Found) -> bool:
        """Whether anything said of a decision, or asked and advised about it, is among its entries."""
        told = self.world.of("decision", decision)
        for fact in self.world.of("consultation"):
            if fact["type"] == "consultation.requested" and fact["data"]["about"] == f"decision/{decision}":
                told = told + self.world.of("consultation", fact["id"])
        return any(fact["position"] in found.entries for fact in told)


def question(rng: Random, whole: Knots, window: tuple[datetime | None, datetime | None]) -> Asked:
    """For some: by what one of them is, mostly."""
    start, end = (None if one is None else one.isoformat() for one in window)
    about: Facts = rng.choice(
        (
            {"domain": rng.choice(DOMAINS)},
            {"actor": rng.choice(ACTORS)},
            {"body": rng.choice(BODIES)},
            {"severity": rng.choice(GRAVITY)},
            {"pattern": rng.choice([one.pattern for one in whole.knots] or ["stalled"])},
            {"decision": rng.choice(DECISIONS)},
            {},
        )
    )
    return Asked(state=rng.choice(("open", "closed", "all")), start=start, end=end, **about)


def compare(seen: History, world: World, rng: Random, windows: Sequence[Any]) -> None:
    rests_on = RestsOn(ledger="acme", position=1, root="", view="", version=1, at=seen.at, known_at=seen.at)
    lives, found = Lives(world), {one.id: one for one in episodes(seen, LOW)}
    whole = knots(Asked(state="all"), seen, LOW, rests_on)
    lives.whole(whole, found)
    for window in windows:
        asked = question(rng, whole, window)
        some = knots(asked, seen, LOW, rests_on)
        expected = [one for one in whole.knots if lives.takes(asked, one)]
        if asked.decision:
            expected = [one for one in expected if lives.about(asked.decision, found[one.id])]
        assert some.knots == expected, (asked, seen.at)
        raised = [one["id"] for one in lives.raised() if lives.shows(asked, one)]
        assert [one.id for one in some.raised] == raised, (asked, seen.at)
        assert some.counts == {name: sum(one.severity == name for one in expected) for name in GRAVITY}
        assert some.lost == ([] if asked.narrowed else whole.lost), asked


def agree(events: Sequence[Facts], rng: Random, times: int, questions: int) -> None:
    for _, lines, seen, world, _ in moments(answering(events, rng), rng, times):
        compare(seen, world, rng, [bounds(rng, lines, seen.at) for _ in range(questions)])


@pytest.mark.parametrize("seed", RANDOM)
def test_the_knots_shown_of_random_histories(seed: int) -> None:
    rng = Random(seed)
    agree(history(rng) if rng.random() < 0.5 else busy(rng), rng, times=2, questions=6)
