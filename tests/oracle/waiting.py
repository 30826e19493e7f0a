"""Who was waited on, in plain loops over what the world of the oracle knows, without code of services."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.oracle.flowing import OVER, Flowing, span
from tests.oracle.oracle import World

Facts = dict[str, Any]
DECIDES = ("decision.made", "decision.overridden", "decision.superseded")
ANEW = ("decision.amended", "decision.reopened")


class Waiting(Flowing):
    """The waits of one world: asked for advice, for a position, by a pause, by an escalation."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.of_initiative: dict[str | None, list[str]] = {}
        for id in self.decisions():
            self.of_initiative.setdefault(self.initiative(id), []).append(id)
        self.all_waits = list(self._waits())

    def waits(self) -> list[Facts]:
        return self.all_waits

    def _waits(self) -> Iterator[Facts]:
        yield from self._advice()
        yield from self._positions()
        for fact in self.world.of("initiative"):
            if fact["type"] == "initiative.paused" and fact["data"].get("waiting_on"):
                ends = [
                    f["occurred"]
                    for f in self._after(fact)
                    if f["type"] in ("initiative.resumed", "initiative.completed", "initiative.withdrawn")
                ]
                of = f"initiative/{fact['id']}"
                yield self._wait("pause", fact["data"]["waiting_on"], of, fact, ends)
        for fact in self.world.of("decision"):
            if fact["type"] == "decision.escalated":
                of = f"decision/{fact['id']}"
                ends = self._settled(of, fact)
                yield self._wait("escalation", fact["data"]["to"], of, fact, ends) | {
                    "by": fact["data"]["from"]
                }

    def _wait(self, kind: str, holder: str, of: str, since: Facts, ends: list[datetime]) -> Facts:
        end = max(min(ends), since["occurred"]) if ends else None
        told = span(of, since["occurred"], end, self.world.at)
        return told | {"kind": kind, "holder": self.world.holder(holder)}

    def _after(self, fact: Facts) -> list[Facts]:
        """What the same subject says after one of its facts."""
        told = self.world.of(fact["kind"], fact["id"])
        return told[told.index(fact) + 1 :]

    def _settled(self, subject: str, since: Facts) -> list[datetime]:
        """When what a subject asks was decided, or its initiative was over, from a fact on."""
        kind, id = subject.split("/", 1)
        if kind not in ("decision", "initiative"):
            return []
        initiative = self.initiative(id) if kind == "decision" else id
        ids = [id] if kind == "decision" else self.of_initiative.get(id, [])
        told = [fact for d in ids for fact in self.world.of("decision", d) if fact["type"] in DECIDES]
        if initiative is not None:
            told += [fact for fact in self.world.of("initiative", initiative) if fact["type"] in OVER]
        when = since["occurred"], since["position"]
        return [fact["occurred"] for fact in told if (fact["occurred"], fact["position"]) >= when]

    def _advice(self) -> Iterator[Facts]:
        for fact in self.world.of("consultation"):
            if fact["type"] != "consultation.requested":
                continue
            told = self.world.of("consultation", fact["id"])
            shut = [f["occurred"] for f in told if f["type"] == "consultation.closed"]
            ends = [t for t in shut if t >= fact["occurred"]] + self._settled(fact["data"]["about"], fact)
            for holder in {self.world.holder(one): one for one in fact["data"]["asked"]}:
                spoke = [
                    f["occurred"]
                    for f in told
                    if f["type"] == "consultation.advice_given"
                    and f["data"].get("by")
                    and self.speaks(f["data"]["by"], holder, f["occurred"])
                ]
                yield self._wait("advice", holder, fact["data"]["about"], fact, ends + spoke)

    def speaks(self, actor: str, holder: str, at: datetime) -> bool:
        """Whether an actor is a holder, or has a seat in it."""
        who = self.world.holder(f"actor/{actor}")
        return who == holder or (holder.startswith("body/") and who in self.world.seats(holder[5:], at))

    def _positions(self) -> Iterator[Facts]:
        """Electors are waited for, anew where the question is amended or reopened."""
        for id in self.decisions():
            told = self.world.of("decision", id)
            electors: list[str] = []
            for fact in told:
                if fact["type"] == "decision.opened":
                    electors = sorted(
                        {self.world.holder(one["holder"]) for one in fact["data"]["electorate"]}
                    )
                elif fact["type"] not in ("decision.amended", "decision.reopened"):
                    continue
                for holder in electors:
                    if fact["type"] == "decision.opened" or not self._waits_for(holder, told, fact):
                        answers = [f for f in self._after(fact) if self._answers(f, holder)]
                        ends = [f["occurred"] for f in answers[:1]] + self._settled(f"decision/{id}", fact)
                        yield self._wait("position", holder, f"decision/{id}", fact, ends)

    def _answers(self, fact: Facts, holder: str) -> bool:
        if fact["type"] != "decision.position_taken":
            return False
        spoken_for = fact["data"].get("for")
        if spoken_for:
            return self.world.holder(spoken_for) == holder
        return self.speaks(fact["data"]["by"], holder, fact["occurred"])

    def _waits_for(self, holder: str, told: list[Facts], fact: Facts) -> bool:
        """Whether an elector was still waited for when something occurred to the decision."""
        waits = False
        for one in told[: told.index(fact)]:
            if one["type"] in ("decision.opened", "decision.amended", "decision.reopened"):
                waits = True
            elif one["type"] in DECIDES or self._answers(one, holder):
                waits = False
        return waits
