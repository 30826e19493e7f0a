"""What of a world a question is about, in plain loops, without code of services.

Decisions are chosen as they were made; whatever else occurred, by the domains of what it is about, as the
tree was when it occurred. By stakes, level or people it is chosen where it leads to a decision or an
initiative that would be.
"""

from datetime import datetime
from typing import Any

from tests.oracle.flowing import Flowing
from tests.oracle.oracle import COUNTED

Facts = dict[str, Any]
OF_WORK = ("stakes", "level")


class Narrowed:
    """One question; `people` is a body that is to have a part, itself or by somebody seated in it then."""

    def __init__(self, of: Flowing, asked: Facts, people: str | None = None) -> None:
        self.of, self.world, self.asked, self.people = of, of.world, asked, people
        self.leads = people is not None or any(name in asked for name in OF_WORK)

    # decisions

    def acts(self) -> list[tuple[datetime, Facts]]:
        """Those that decided something, with the instant that places each in a window."""
        credited = self.world.credited(self.asked.get("tense", "made"))
        return [(t, act) for t, act in credited if act["outcome"] in COUNTED and self.takes_act(act)]

    def takes_act(self, act: Facts) -> bool:
        asked = self.asked
        case = self.of.case(f"decision/{act['decision']}", act)
        return (
            asked.get("domain", "") in act["scopes"]
            and ("body" not in asked or f"body/{asked['body']}" in self.world.actual_keys(act))
            and ("actor" not in asked or f"actor/{asked['actor']}" in case["holders"])
            and not (asked.get("attested") == "recorded" and act["attested"] == "inferred")
            and self._of_work(case, act["occurred"])
        )

    def _of_work(self, case: Facts, t: datetime) -> bool:
        stakes, level = self.asked.get("stakes"), self.asked.get("level")
        return (
            stakes in (None, case["stakes"] or "none")
            and (level is None or level in case["levels"])
            and (self.people is None or self._among(case["holders"], t))
        )

    def _among(self, holders: set[str], t: datetime) -> bool:
        return not {f"body/{self.people}", *self.world.seats(self.people or "", t)}.isdisjoint(holders)

    # what else occurred

    def concerns(self, subject: str, t: datetime) -> bool:
        return self.within(subject, t) and self.takes(subject, t)

    def within(self, subject: str, t: datetime) -> bool:
        asked = self.asked.get("domain")
        return asked is None or any(asked in self.world.line(d, t) for d in self.domains(subject, set()))

    def takes(self, subject: str, t: datetime) -> bool:
        work = self.work(subject, set()) if self.leads else ()
        return not self.leads or any(self._of_work(self.of.case(one, self.of.last(one)), t) for one in work)

    def domains(self, subject: str, seen: set[str]) -> set[str]:
        """What a subject is about, or what it leads to is."""
        kind, id = subject.split("/", 1)
        if subject in seen:
            return set()
        seen.add(subject)
        if kind in ("domain", "matrix"):
            return {id}
        for what in WHERE.get(kind, ()):
            told = [f["data"] for f in self.world.of(kind, id) if f["type"] == f"{kind}.{what}"]
            if told:
                return set(told[-1].get("domains") or ())
        if kind in WHERE:
            return set()
        return {d for above in self.above(subject) for d in self.domains(above, seen)}

    def work(self, subject: str, seen: set[str]) -> set[str]:
        """The decisions and initiatives a subject leads to; an initiative to what was decided in it."""
        kind, id = subject.split("/", 1)
        if subject in seen:
            return set()
        seen.add(subject)
        if kind == "decision":
            return {subject} if self.world.of(kind, id) else set()
        if kind == "initiative":
            decided = {f"decision/{d}" for d in self.of.decisions() if self.of.initiative(d) == id}
            return decided | ({subject} if self.world.of(kind, id) else set())
        return {one for above in self.above(subject) for one in self.work(above, seen)}

    def above(self, subject: str) -> set[str]:
        """What a subject says it is about."""
        kind, id = subject.split("/", 1)
        found = set()
        for fact in self.world.of(kind, id):
            data = fact["data"] or {}
            found |= {data[name] for name in NAMED.get(kind, ()) if data.get(name)}
            found |= {f"domain/{data['proposes_row']}"} if data.get("proposes_row") else set()
            if kind == "experiment" and data.get("initiative"):
                found.add(f"initiative/{data['initiative']}")
        return found


WHERE = {"decision": ("made", "opened"), "initiative": ("proposed",), "space": ("opened",)}
NAMED = {"consultation": ("about",), "debrief": ("about",), "lesson": ("from",)}
