"""Tells one case as steps, in occurred order: the decision, its initiative, its consultations."""

from random import Random

from services.connectors.demo.case import Advice, Afterword, Case, Consultation
from services.connectors.demo.clock import DAY, HOUR, stamp
from services.connectors.demo.pen import FORGE, GOVERNANCE, MEETINGS, Json, Pen, Step

_REASONS = ["it fits what we agreed", "the numbers speak for it", "we can undo it", "our users asked for it"]
_TEXTS = [
    "Seen from where I work, this holds.",
    "Mind those who have to live with it.",
    "We tried this before.",
]
_LATE = 0.02  # of what nothing else hangs on


def course(case: Case, pen: Pen, rng: Random) -> list[Step]:
    """The case's steps. A decision's own order never hangs on two equal seconds."""
    teller = _Course(case, pen, rng)
    teller.tell()
    teller.steps.sort(key=lambda step: step[0])
    return teller.steps


class _Course:
    def __init__(self, case: Case, pen: Pen, rng: Random) -> None:
        self.case = case
        self.pen = pen
        self.rng = rng
        self.steps: list[Step] = []

    def tell(self) -> None:
        case = self.case
        if case.initiative is not None:
            self._initiative(case.initiative)
        for consultation in case.consultations:
            self._consultation(consultation)
        self._deliberation()
        if case.deferred is not None:
            self._decision("made", case.deferred[0], self._word(case.deferred[1]))
        self._made()
        self._followed_up()
        for afterword in case.afterwords:
            self._afterword(afterword)

    def _add(
        self, what: str, id: str, at: int, data: Json, source: str = GOVERNANCE, free: bool = False
    ) -> Json:
        """`free`: nothing hangs on it, so it may be published late."""
        event = self.pen.write(what, id, at, data, source)
        late = int(self.rng.uniform(0.5, 25) * DAY) if free and self.rng.random() < _LATE else 0
        self.steps.append((at, event, late))
        return event

    def _decision(self, what: str, at: int, data: Json, free: bool = False) -> Json:
        event = self._add(f"decision.{what}", self.case.id, at, data, free=free)
        if self.case.initiative is not None:
            event["correlationid"] = self.case.initiative
        return event

    # before

    def _initiative(self, id: str) -> None:
        case, rng = self.case, self.rng
        proposed: Json = {
            "title": case.title,
            "domains": [case.domain],
            "proposers": [f"actor/{case.proposer}"],
        }
        self._add("initiative.proposed", id, case.proposed, proposed, FORGE)
        if rng.random() < 0.1:
            ref = {"ref": f"urn:locus-demo:change:{id}"}
            self._add("initiative.revised", id, case.proposed + HOUR // 2, ref, FORGE, free=True)
        if case.positions and rng.random() < 0.3:
            joined = {"actor": rng.choice(case.positions).by, "as": rng.choice(["sponsor", "steward"])}
            self._add("initiative.joined", id, case.proposed + 2 * HOUR, joined, FORGE, free=True)
        if case.withdrawn is not None:
            self._add("initiative.withdrawn", id, case.withdrawn, {"reason": "it was declined"}, FORGE)
        elif case.executed is not None:
            self._work(id)

    def _work(self, id: str) -> None:
        case = self.case
        self._add("initiative.started", id, case.made + DAY, {}, FORGE)
        if case.paused is not None:
            since, until, waiting_on = case.paused
            paused = {"reason": "something has to be cleared up", "waiting_on": waiting_on}
            self._add("initiative.paused", id, since, paused, FORGE)
            self._add("initiative.resumed", id, until, {}, FORGE)
        if case.completed is not None:
            at, ending = case.completed
            self._add("initiative.completed", id, at, {"outcome": ending}, FORGE)
        if case.failure_debrief is not None:
            self._debrief(f"initiative/{id}", case.failure_debrief)

    def _debrief(self, about: str, at: int) -> None:
        people = [e["holder"] for e in self.case.electorate][:6] or [f"actor/{self.case.proposer}"]
        held: Json = {"about": about, "participants": people, "worked": ["we noticed early"]}
        held |= {"failed": ["we did not ask those who knew"], "adjustments": ["ask them first"]}
        self._add("debrief.held", self.pen.name("r"), at, held, MEETINGS)

    def _consultation(self, said: Consultation) -> None:
        id, case = self.pen.name("c"), self.case
        requested: Json = {"about": f"decision/{case.id}", "asked": said.asked, "by": case.proposer}
        requested |= {"due": stamp(said.due)} | ({"mandatory": True} if said.mandatory else {})
        self._add("consultation.requested", id, said.at, requested)
        for advice in said.advice:
            self._advice(id, advice)
        if self.rng.random() < 0.5:
            whole = all(a.at is not None for a in said.advice)
            closed = {"reason": "complete" if whole else "timeout", "by": case.proposer}
            self._add("consultation.closed", id, case.opened, closed)

    def _advice(self, id: str, advice: Advice) -> None:
        if advice.at is None:
            return
        given: Json = {"by": advice.by, "stance": advice.stance}
        if self.rng.random() < 0.3:
            given["text"] = self.rng.choice(_TEXTS)
        event = self._add("consultation.advice_given", id, advice.at, given, free=True)
        if self.rng.random() < 0.3 and advice.at + HOUR < self.case.made:
            heeded = (advice.stance == "objection") == (self.case.outcome == "rejected")
            answered: Json = {
                "advice": {"source": event["source"], "id": event["id"]},
                "by": self.case.proposer,
            }
            answered["disposition"] = "integrated" if heeded else "declined"
            self._add("consultation.advice_answered", id, advice.at + HOUR // 2, answered)

    # the decision

    def _deliberation(self) -> None:
        case = self.case
        opened: Json = {"title": case.title, "domains": [case.domain], "electorate": case.electorate}
        opened["by"] = case.proposer
        extra = {"initiative": case.initiative, "rule": case.rule, "stakes": case.stakes}
        self._decision("opened", case.opened, opened | {k: v for k, v in extra.items() if v is not None})
        if case.escalated is not None:
            at, from_, to = case.escalated
            by = from_.partition("/")[2]
            self._decision(
                "escalated", at, {"by": by, "from": from_, "to": to, "reason": "we want it seen first"}
            )
        if case.amended is not None:
            self._decision("amended", case.amended, {"by": case.proposer, "round": 2})
        for position in case.positions:
            taken: Json = {"by": position.by, "value": position.value}
            if position.reason:
                taken["reason"] = self.rng.choice(_REASONS)
            self._decision("position_taken", position.at, taken, free=True)

    def _word(self, outcome: str) -> Json:
        case = self.case
        word: Json = {"domains": [case.domain], "outcome": outcome, "deciders": case.deciders}
        word["attested"] = case.attested
        if case.tacit:
            word["formality"] = "tacit"
        if case.written:
            word["ref"] = f"urn:locus-demo:record:{case.id}"
        if case.initiative is not None:
            word["initiative"] = case.initiative
        if case.stakes is not None:
            word["stakes"] = case.stakes
        if case.amount is not None:
            word["size"] = {"amount": case.amount, "unit": "EUR"}
        return word

    def _made(self) -> None:
        case, word = self.case, self._word(self.case.outcome)
        if case.emergency is not None:
            word["emergency"] = {"reason": "it could not wait", "ratify_by": stamp(case.emergency[0])}
        if case.review is not None:
            word["review_on"] = stamp(case.review[0])
        if case.slip is None:
            self._decision("made", case.made, word)
        elif self.rng.random() < 0.5:
            wrong = self._decision("made", case.made + HOUR, word)
            self._correct(wrong, case.slip, {"time": stamp(case.made)})
        else:
            proposer = [{"holder": f"actor/{case.proposer}"}]
            wrong = self._decision("made", case.made, word | {"deciders": proposer})
            self._correct(wrong, case.slip, {"data": word})

    def _correct(self, wrong: Json, at: int, right: Json) -> None:
        named: Json = {"source": wrong["source"], "id": wrong["id"], "reason": "it was noted down wrongly"}
        self._add("event.corrected", "", at, named | right)["subject"] = wrong["subject"]

    # after

    def _followed_up(self) -> None:
        case = self.case
        if case.told and case.told_at is not None:
            self._decision("communicated", case.told_at, {"to": case.told, "channel": "bulletin"}, free=True)
        if case.formalised is not None:
            formal = {"by": case.proposer, "ref": f"urn:locus-demo:record:{case.id}"}
            self._decision("formalised", case.formalised, formal)
        if case.emergency is not None and case.emergency[1] is not None:
            by = [d["holder"][6:] for d in case.deciders if d["holder"].startswith("actor/")]
            self._decision("ratified", case.emergency[1], {"by": by or [case.proposer]})
        if case.review is not None and case.review[1] is not None:
            self._decision("reviewed", case.review[1], {"by": case.proposer, "result": "kept"})
        if case.executed is not None:
            self._decision("executed", case.executed, {"by": case.proposer}, free=True)

    def _afterword(self, after: Afterword) -> None:
        case = self.case
        if after.kind == "reopened":
            self._decision("reopened", after.at, {"by": after.by, "reason": "something new is known"})
            again = self._word(after.outcome or "accepted") | {"deciders": after.deciders}
            self._decision("made", after.at + 6 * DAY, again)
            if case.told:
                self._decision("communicated", after.at + 7 * DAY, {"to": case.told, "channel": "bulletin"})
            return
        word: Json = {"deciders": after.deciders, "reason": "it did not hold"}
        word |= {"outcome": after.outcome} if after.outcome is not None else {}
        self._decision("overridden", after.at, word)
        if case.told:
            self._decision("communicated", after.at + DAY, {"to": case.told, "channel": "bulletin"})
        if after.debrief is not None:
            self._debrief(f"decision/{case.id}", after.debrief)
