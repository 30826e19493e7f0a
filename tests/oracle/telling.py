"""What a dossier tells beside the words that decide, gathered in plain loops, without code of services."""

from datetime import datetime
from typing import Any

from tests.oracle.flowing import DAY
from tests.oracle.oracle import World, instant
from tests.oracle.waiting import Waiting

Facts = dict[str, Any]
ABOUT = {"debrief.held": "about", "lesson.recorded": "from", "experiment.started": "initiative"}


class Telling:
    """One decision with its initiative, or one initiative with its decisions: what they are `about`."""

    def __init__(self, of: Waiting, subject: str, about: list[str]) -> None:
        self.of, self.world, self.subject, self.about = of, of.world, subject, about

    def whole(self) -> Facts:
        learnt = self.learnt()
        return {
            "consultations": self.consultations(),
            "mandates": self.mandates(),
            "debriefs": [f["position"] for f in learnt if f["kind"] == "debrief"],
            "lessons": [f["position"] for f in learnt if f["kind"] == "lesson"],
            "experiments": [f["position"] for f in learnt if f["kind"] == "experiment"],
            "shared": self.shared(),
            "rows": self.rows(learnt),
            "raised": self.raised(),
        }

    def actor(self, id: str) -> str:
        return self.world.holder(f"actor/{id}")

    def consultations(self) -> dict[str, Facts]:
        found = {}
        for fact in self.world.of("consultation"):
            if fact["type"] == "consultation.requested" and fact["data"]["about"] in self.about:
                found[fact["id"]] = self._consultation(fact)
        return found

    def _consultation(self, asked: Facts) -> Facts:
        told, data = self.world.of("consultation", asked["id"]), asked["data"]
        closed = [f for f in told if f["type"] == "consultation.closed"][-1:]
        return {
            "position": asked["position"],
            "by": self.actor(data["by"]),
            "asked": sorted(set(map(self.world.holder, data["asked"]))),
            "mandatory": data.get("mandatory", False),
            "due": data.get("due") and datetime.fromisoformat(data["due"]),
            "closed": closed[0]["data"]["reason"] if closed else None,
            "closed at": closed[0]["occurred"] if closed else None,
            "advice": {
                f["position"]: (
                    self.actor(f["data"]["by"]) if f["data"].get("by") else None,
                    f["data"]["stance"],
                    f["corrected_by"],
                    self._answered(told, f),
                )
                for f in told
                if f["type"] == "consultation.advice_given"
            },
        }

    def _answered(self, told: list[Facts], advice: Facts) -> Facts | None:
        """The last answer to it, in the same consultation."""
        found = None
        for f in told:
            named = f["type"] == "consultation.advice_answered" and f["data"]["advice"]
            if named and (named["source"], named["id"]) == (advice["source"], advice["event"]):
                found = (f["position"], self.actor(f["data"]["by"]), f["data"]["disposition"])
        return found

    def mandates(self) -> list[str]:
        """Ever given for any of these, if for an instant."""
        found = []
        for fact in self.world.of("mandate"):
            if fact["type"] == "mandate.delegated" and fact["data"]["scope"] in self.about:
                told = self.world.of("mandate", fact["id"])
                ends = [f["occurred"] for f in told if f["type"] == "mandate.ended"]
                ends += [instant(fact["data"]["until"])] if fact["data"].get("until") else []
                start = fact["data"].get("effective_from")
                start = instant(start) if start else fact["occurred"]
                found += [fact["id"]] if all(start < end for end in ends) else []
        return sorted(found)

    def learnt(self) -> list[Facts]:
        """Debriefs, lessons and experiments about any of these, or about one another."""
        told = [f for kind in ("debrief", "lesson", "experiment") for f in self.world.of(kind)]
        subjects = set(self.about)
        while True:
            more = {f"{f['kind']}/{f['id']}" for f in told if self._named(f) in subjects} - subjects
            if not more:
                break
            subjects |= more
        found = [f for f in told if f"{f['kind']}/{f['id']}" in subjects - set(self.about)]
        return sorted(found, key=lambda f: (f["occurred"], f["position"]))

    @staticmethod
    def _named(fact: Facts) -> str | None:
        named = fact["data"].get(ABOUT.get(fact["type"], ""))
        return f"initiative/{named}" if named and fact["kind"] == "experiment" else named

    def shared(self) -> list[int]:
        """Sessions that named it, or a decision of it."""
        held = [f for f in self.world.of("space") if f["type"] == "space.session_held"]
        ids = {one[9:] for one in self.about if one.startswith("decision/")}
        found = [f for f in held if ids & set(f["data"].get("decisions", ()))]
        return [f["position"] for f in found]

    def rows(self, learnt: list[Facts]) -> list[tuple[str, int, str]]:
        """Rows that rest on it, or on what was learnt from it."""
        bases = {*self.about, *(f"lesson/{f['id']}" for f in learnt if f["kind"] == "lesson")}
        told = [f for f in self.world.of("matrix") if f["data"].get("basis") in bases]
        return sorted((f["id"], f["position"], f["data"]["basis"]) for f in told)

    def raised(self) -> dict[str, Facts]:
        found = {}
        for fact in self.world.of("knot"):
            if fact["type"] == "knot.raised" and set(fact["data"]["about"]) & set(self.about):
                answers = [f for f in self.world.of("knot", fact["id"]) if f["type"] == "knot.answered"]
                found[fact["id"]] = {
                    "pattern": fact["data"]["pattern"],
                    "by": self.actor(fact["data"]["by"]),
                    "responses": [f["data"]["response"] for f in answers],
                }
        return found


class OfInitiative(Telling):
    """One initiative of a world."""

    def __init__(self, of: Waiting, id: str) -> None:
        self.id = id
        self.decisions = [one for one in of.decisions() if of.initiative(one) == id]
        super().__init__(
            of, f"initiative/{id}", [f"initiative/{id}", *(f"decision/{d}" for d in self.decisions)]
        )
        self.facts = self.world.of("initiative", id)

    def expected(self) -> Facts:
        proposed = next((f for f in self.facts if f["type"] == "initiative.proposed"), None)
        data = proposed["data"] if proposed else {}
        over = [f for f in self.facts if f["type"] in ("initiative.completed", "initiative.withdrawn")][-1:]
        refs = [f["data"]["ref"] for f in self.facts if f["data"].get("ref")]
        return self.whole() | {
            "title": data.get("title"),
            "domains": data.get("domains") or [],
            "stakes": self.of._begun(self.subject)["stakes"],
            "proposers": sorted(self.of.proposers(self.subject)),
            "body": data.get("body"),
            "ref": refs[-1] if refs else None,
            "state": self._state(),
            "outcome": over[0]["data"].get("outcome") if over else None,
            "joined": [f["position"] for f in self.facts if f["type"] == "initiative.joined"],
            "pauses": self._pauses(),
            "decisions": {one: self._decision(one) for one in self.decisions},
            "limits": self._limits(),
            "overdue": self._overdue(),
            "legs": {
                leg: None if one["how"] else (one["end"] - one["start"]) / DAY
                for leg, one in self.of.legs()
                if one["of"] == self.subject
            },
            "timeline": {f["position"]: f["corrected_by"] for f in self.facts},
        }

    def _state(self) -> str:
        """What was proposed late of what was at work already does not begin anew."""
        state = "unknown"
        for fact in self.facts:
            what = fact["type"].partition(".")[2]
            if what in ("started", "resumed"):
                state = "started"
            elif what in ("paused", "completed", "withdrawn") or (what, state) == ("proposed", "unknown"):
                state = what
        return state

    def _pauses(self) -> list[Facts]:
        found = []
        for place, fact in enumerate(self.facts):
            if fact["type"] == "initiative.paused":
                ends = [
                    f
                    for f in self.facts[place + 1 :]
                    if f["type"] in ("initiative.resumed", "initiative.completed", "initiative.withdrawn")
                ][:1]
                end = ends[0]["occurred"] if ends else self.world.at
                on = fact["data"].get("waiting_on")
                found.append(
                    {
                        "position": fact["position"],
                        "on": on and self.world.holder(on),
                        "until": ends[0]["occurred"] if ends else None,
                        "ended by": ends[0]["position"] if ends else None,
                        "days": (end - fact["occurred"]) / DAY,
                    }
                )
        return found

    def _decision(self, id: str) -> Facts:
        words = self.of.words.get(id, [])
        acts = [w for w in words if w["word"] != "reopened"]
        last = acts[-1] if acts else None
        titles = [f["data"]["title"] for f in self.world.of("decision", id) if f["data"].get("title")]
        return {
            "title": titles[-1] if titles else None,
            "state": state(self.world, id, words),
            "deciders": sorted(self.world.actual_keys(last)) if last else [],
            "mandate": self.world.in_mandate(last) if last else None,
        }

    def _overdue(self) -> int:
        """Experiments that were to have ended, and of which nobody said how."""
        learnt = self.learnt()
        begun: dict[str, Facts] = {}
        for fact in learnt:
            if fact["type"] == "experiment.started":
                begun.setdefault(fact["id"], fact["data"])
        over = {f["id"] for f in learnt if f["type"] == "experiment.concluded"}
        due = [instant(one["ends_at"]) for id, one in begun.items() if one.get("ends_at") and id not in over]
        return sum(end < self.world.at for end in due)

    def _limits(self) -> int:
        learnt = self.learnt()
        return sum(1 for f in learnt if f["type"] == "experiment.started" and f["data"].get("limits"))


def state(world: World, id: str, words: list[Facts]) -> str:
    if any(f["type"] == "decision.superseded" for f in world.of("decision", id)):
        return "superseded"
    if not words:
        return "open"
    return "reopened" if words[-1]["word"] == "reopened" else str(words[-1]["outcome"])


class OfDecision(Telling):
    """One decision of a world, beside its words."""

    def __init__(self, of: Waiting, id: str) -> None:
        self.id, self.initiative = id, of.initiative(id)
        above = [f"initiative/{self.initiative}"] if self.initiative else []
        super().__init__(of, f"decision/{id}", [f"decision/{id}", *above])
        self.facts = self.world.of("decision", id)

    def expected(self) -> Facts:
        told = [f["data"] for f in self.facts if f["type"] == "decision.made"][-1:]
        told += [f["data"] for f in self.facts if f["type"] == "decision.opened"][-1:]
        titles = [f["data"]["title"] for f in self.facts if f["data"].get("title")]
        gone = [f for f in self.facts if f["type"] == "decision.superseded"][-1:]
        return self.whole() | {
            "title": titles[-1] if titles else None,
            "domains": told[0]["domains"] if told else [],
            "initiative": self._above(),
            "question": self._question(),
            "rounds": self._positions("amended"),
            "passed on": {
                f["position"]: (
                    self.actor(f["data"]["by"]),
                    self.world.holder(f["data"]["from"]),
                    self.world.holder(f["data"]["to"]),
                )
                for f in self.facts
                if f["type"] == "decision.escalated"
            },
            "afterwards": self._positions(
                "ratified", "formalised", "reviewed", "communicated", "executed", "superseded"
            ),
            "informed": self._informed(),
            "superseded by": gone[0]["data"]["by_decision"] if gone else None,
            "supersedes": sorted(
                {
                    f["id"]
                    for f in self.world.of("decision")
                    if f["type"] == "decision.superseded" and f["data"]["by_decision"] == self.id
                }
            ),
            "under": {
                word["position"]: self._under(word)
                for word in self.of.words.get(self.id, [])
                if word["word"] != "reopened"
            },
        }

    def _positions(self, *whats: str) -> list[int]:
        return [f["position"] for f in self.facts if f["type"].partition(".")[2] in whats]

    def _above(self) -> Facts | None:
        if self.initiative is None:
            return None
        told = [f for f in self.world.of("initiative", self.initiative) if f["type"] == "initiative.proposed"]
        return {
            "initiative": self.initiative,
            "title": told[0]["data"]["title"] if told else None,
            "position": told[0]["position"] if told else None,
            "proposers": sorted(set(map(self.world.holder, told[0]["data"]["proposers"]))) if told else [],
        }

    def _question(self) -> Facts | None:
        opened = [f for f in self.facts if f["type"] == "decision.opened"][-1:]
        if not opened:
            return None
        data = opened[0]["data"]
        return {
            "position": opened[0]["position"],
            "by": self.actor(data["by"]),
            "electorate": sorted(
                (self.world.holder(one["holder"]), one.get("weight") or 1) for one in data["electorate"]
            ),
            "due": instant(data["due"]) if data.get("due") else None,
        }

    def _informed(self) -> dict[str, int | None]:
        """Whom the row in force at the last word informs, and by which entry they knew of it."""
        words = [w for w in self.of.words.get(self.id, []) if w["word"] != "reopened"]
        if not words:
            return {}
        last = words[-1]
        found = self.world.row(last["domains"][0], last["occurred"])
        holders = map(self.world.holder, found[1].get("informs", ()) if found else ())
        return {holder: self._knew(last, holder) for holder in holders}

    def _knew(self, last: Facts, holder: str) -> int | None:
        """Who decided did at once; others when told, a body too when the last of its people is."""
        knows = set()
        if last["deciders"]:
            knows = {*self.world.actual_keys(last), *self.world.actual(last, "seat")}
        entries = [last, *(f for f in self.facts if f["type"] == "decision.communicated")]
        for entry in entries:
            if (entry["occurred"], entry["position"]) < (last["occurred"], last["position"]):
                continue
            for one in map(self.world.holder, entry["data"]["to"]) if entry is not last else ():
                knows |= {one, *(self.world.seats(one[5:], entry["occurred"]) if one[:5] == "body/" else ())}
            people = set(self.world.seats(holder[5:], entry["occurred"]) if holder[:5] == "body/" else ())
            if holder in knows or (people and people <= knows):
                return int(entry["position"])
        return None

    def _under(self, word: Facts) -> Facts:
        t, home = word["occurred"], word["domains"][0]
        found = self.world.row(home, t)
        return {
            "inherited from": found[0] if found and found[0] != home else None,
            "vacant": self.world.stated(word, "node") is None if found else None,
            "retroactive": self._retroactive(word, found),
            "mandates": self._covering(word),
        }

    def _retroactive(self, word: Facts, found: tuple[str, Facts] | None) -> bool:
        """Stated only after it, by the row or a mandate that covers it."""
        rows = [f for f in self.world.of("matrix") if found and f["data"] is found[1]]
        lent = [f for f in self.world.of("mandate") if f["id"] in self._covering(word)]
        lent = [f for f in lent if f["type"] == "mandate.delegated"]
        return any(f["occurred"] > word["occurred"] for f in [*rows, *lent])

    def _covering(self, word: Facts) -> dict[str, str]:
        """The mandates live at its instant that cover it, and whether it is within their limits."""
        t, covering = word["occurred"], {}
        for f in self.world.of("mandate"):
            if f["type"] != "mandate.delegated":
                continue
            data = f["data"]
            start = instant(data["effective_from"]) if data.get("effective_from") else f["occurred"]
            ends = [e["occurred"] for e in self.world.of("mandate", f["id"]) if e["type"] == "mandate.ended"]
            ends += [instant(data["until"])] if data.get("until") else []
            kind, id = data["scope"].split("/", 1)
            covers = {
                "decision": id == self.id,
                "initiative": id == word["initiative"],
                "domain": id in self.world.line(word["domains"][0], t),
            }[kind]
            if covers and start <= t and all(t < end for end in ends):
                covering[f["id"]] = self.world.within(data.get("limits"), word["size"], word["stakes"])
        return covering
