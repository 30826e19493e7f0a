"""Who proposed, advised, attended, was asked and heard, and how much is known, in plain loops.

It shares no code with the services.
"""

from datetime import timedelta
from fractions import Fraction
from typing import Any

from tests.oracle.flowing import DAY
from tests.oracle.knots_b_habits import by_themselves, could_alone, had_part
from tests.oracle.rostered import Roster, spread
from tests.oracle.test_part_oracle import Parts

Facts = dict[str, Any]


class TakingPart(Parts):
    """One window of a world, by holder."""

    def part(self, holder: str) -> Facts:
        waited, taken = self.waited(holder), self.taken(holder)
        still = [one for one in self.waits() if one["holder"] == holder and not one["ended"]]
        own = taken["decided_alone"] + taken["decided_with_others"]
        return {
            "kind": self.kind(holder),
            "proposed": self.proposed(holder),
            "taken": taken,
            "without asking up": (own, own + taken["asked_up"]),
            "asked": self.asked(holder),
            "not asked": self.not_asked(holder),
            "advising": self.advising(holder),
            "silent": self.silent(holder),
            "decided": self.decided(holder),
            "shares": [self.share(holder, lens) for lens in ("node", "seat")],
            "electing": self.electing(holder),
            "attending": self.attending(holder),
            "waited": list(waited.values()),
            "oldest": max(((one["end"] - one["start"]) / DAY for one in still), default=None),
            "did": self.everything(holder),
        }

    def told(self, what: str) -> list[Facts]:
        """Those in the window that are asked about."""
        facts = self.world.of(what.partition(".")[0])
        facts = [f for f in facts if f["type"] == what and self.inside(f["occurred"])]
        return [f for f in facts if self.narrowed.concerns(f"{f['kind']}/{f['id']}", f["occurred"])]

    def kind(self, holder: str) -> str | None:
        """As it was stated last."""
        told = [f["data"] or {} for f in self.world.of(*holder.split("/", 1))]
        kinds = [data["kind"] for data in told if "kind" in data]
        return kinds[-1] if kinds else None

    def share(self, holder: str, lens: str) -> float | None:
        parts = [self.world.actual(act, lens).get(holder, Fraction(0)) for act in self.made]
        return float(sum(parts) / len(parts)) if parts else None

    def everything(self, holder: str) -> Facts:
        """What they did, by its name."""
        (asked, unasked, late), (came, _, led) = self.advising(holder), self.attending(holder)
        more = {"proposed": self.proposed(holder), "decided": self.decided(holder)}
        more |= {"advised": asked, "advised_unasked": unasked, "advised_late": late}
        more |= {"attended": came, "facilitated": led}
        return self.did(holder) | {name: count for name, count in more.items() if count}

    def actor(self, id: str) -> str:
        return self.world.holder(f"actor/{id}")

    # meeting

    def attending(self, holder: str) -> tuple[int, int, int]:
        came = absent = led = 0
        for session in self.world.of("space"):
            if session["type"] != "space.session_held" or not self.inside(session["occurred"]):
                continue
            if not self.shared(session):
                continue
            there = set(map(self.world.holder, session["data"]["attendees"]))
            opened = [f for f in self.world.of("space", session["id"]) if f["type"] == "space.opened"]
            members = set(map(self.world.holder, opened[-1]["data"].get("members", ()) if opened else ()))
            t = session["occurred"]
            people = {seat for one in there if one[:5] == "body/" for seat in self.world.seats(one[5:], t)}
            meant = {one for one in members if one[:6] == "actor/" and self.world.live(one, t)}
            meant |= {seat for one in members if one[:5] == "body/" for seat in self.world.seats(one[5:], t)}
            came += holder in there
            absent += holder in meant - there - people
            facilitator = session["data"].get("facilitator")
            led += bool(facilitator) and self.world.holder(facilitator) == holder
        return came, absent, led

    def shared(self, session: Facts) -> bool:
        """Whether its space lies where it is asked, and it shared something of the stakes and level asked."""
        subject, t = f"space/{session['id']}", session["occurred"]
        told = [subject, *(f"decision/{one}" for one in session["data"].get("decisions", ()))]
        return self.narrowed.within(subject, t) and any(self.narrowed.takes(one, t) for one in told)

    # advising

    def advising(self, holder: str) -> tuple[int, int, int]:
        """Pieces where they were asked by name, where they were not, and after it had been decided."""
        asked = unasked = late = 0
        for given in self.told("consultation.advice_given"):
            by = given["data"].get("by")
            if not by or self.actor(by) != holder:
                continue
            requests = [
                f for f in self.world.of("consultation", given["id"]) if f["type"] == "consultation.requested"
            ]
            if not requests:
                continue  # about nothing that is known
            if self._over(requests[0], given):
                late += 1
            elif self._named(requests[0], given):
                asked += 1
            else:
                unasked += 1
        return asked, unasked, late

    def _named(self, asked: Facts, given: Facts) -> bool:
        by, t = given["data"]["by"], given["occurred"]
        return any(self.of.speaks(by, self.world.holder(one), t) for one in asked["data"]["asked"])

    def _over(self, asked: Facts, given: Facts) -> bool:
        ends = self.of._settled(asked["data"]["about"], asked)
        return bool(ends) and min(ends) < given["occurred"]

    def silent(self, holder: str) -> int:
        """Asked by name in the window, and closed or decided without their word."""
        found = 0
        for asked in self.world.of("consultation"):
            if asked["type"] != "consultation.requested":
                continue
            if holder not in set(map(self.world.holder, asked["data"]["asked"])):
                continue
            if not self.narrowed.concerns(asked["data"]["about"], asked["occurred"]):
                continue
            told = self.world.of("consultation", asked["id"])
            ends = self.of._settled(asked["data"]["about"], asked)
            ends += [
                f["occurred"]
                for f in told
                if f["type"] == "consultation.closed" and f["occurred"] >= asked["occurred"]
            ]
            spoke = [
                f["occurred"]
                for f in told
                if f["type"] == "consultation.advice_given"
                and f["data"].get("by")
                and self.of.speaks(f["data"]["by"], holder, f["occurred"])
            ]
            over = min(ends, default=None)
            spoke += [
                f["occurred"]
                for f in told
                if f["type"] == "consultation.advice_given" and not f["data"].get("by")
            ]  # it may have been theirs
            if over is not None and not any(t <= over for t in spoke):
                found += self.inside(asked["occurred"])
        return found

    def not_asked(self, holder: str) -> int:
        """Named as contributor, there, neither proposing nor deciding; nobody asked them or their seats."""
        found = 0
        for act in self.made:
            t, row = act["occurred"], self.world.row(act["domains"][0], act["occurred"])
            named = {
                self.world.holder(one["holder"]) for one in (row[1].get("contributes") or () if row else ())
            }
            if act["word"] != "made" or holder not in named or not self.world.live(holder, t):
                continue
            lists = self.requests(act)
            known = {self.world.holder(one) for asked in lists for one in asked}
            known |= {*self.world.actual(act, "node"), *self.world.actual(act, "seat")}
            known |= self.of.proposers(f"decision/{act['decision']}")
            bodies = {fact["id"] for fact in self.world.of("body")}
            beside = {f"body/{body}" for body in bodies if holder in self.world.seats(body, t)}
            beside |= set(self.world.seats(holder[5:], t)) if holder.startswith("body/") else set()
            found += all(lists) and not known & {holder, *beside}
        return found

    def requests(self, act: Facts) -> list[list[str]]:
        """Who was asked about a decision or its initiative before an act, request by request."""
        about = {f"decision/{act['decision']}", f"initiative/{self.of.initiative(act['decision'])}"}
        told = [f for f in self.world.of("consultation") if f["type"] == "consultation.requested"]
        told = [f for f in told if f["data"]["about"] in about and f["occurred"] <= act["occurred"]]
        return [f["data"]["asked"] for f in told]

    # being in an electorate

    def electing(self, holder: str) -> tuple[int, int]:
        """Of the first word that decided: with their position or part, or without; never under `any`."""
        heard = silent = 0
        for id in self.of.decisions():
            told = self.world.of("decision", id)
            opened = [f for f in told if f["type"] == "decision.opened"][-1:]
            words = [f for f in told if f["type"] in ("decision.made", "decision.overridden")][:1]
            if not opened or not words or not self.inside(words[0]["occurred"]):
                continue
            if not self.narrowed.concerns(f"decision/{id}", words[0]["occurred"]):
                continue
            data, word = opened[0]["data"], words[0]
            electors = {self.world.holder(one["holder"]) for one in data["electorate"]}
            if holder not in electors or self._rule(data, word).get("kind") == "any":
                continue
            if self._heard(told, word, holder):
                heard += 1
            else:
                silent += 1
        return heard, silent

    def _rule(self, opened: Facts, word: Facts) -> Facts:
        """The rule it was opened with, else the row's."""
        (act,) = [act for act in self.of.words[word["id"]] if act["position"] == word["position"]]
        row = self.world.row(act["domains"][0], act["occurred"])
        return opened.get("rule") or (row[1].get("rule") if row else None) or {}

    def _heard(self, told: list[Facts], word: Facts, holder: str) -> bool:
        acts = [act for act in self.of.words[word["id"]] if act["position"] == word["position"]]
        act = acts[0]
        if act["deciders"] and holder in {*self.world.actual(act, "node"), *self.world.actual(act, "seat")}:
            return True
        live: dict[str, Facts] = {}
        for f in told[: told.index(word)]:
            if f["type"] == "decision.amended":
                live = {}
            elif f["type"] == "decision.position_taken":
                whose = f["data"].get("for") or f"actor/{f['data']['by']}"
                live[self.world.holder(whose)] = f
        return holder in live or any(
            self.of.speaks(f["data"]["by"], holder, word["occurred"]) for f in live.values()
        )

    # what else they did

    def did(self, holder: str) -> Facts:
        """By its name, without what has figures of its own."""
        found = dict.fromkeys(("sponsored", "stewarded", "contributed", "debriefed"), 0)
        found |= dict.fromkeys(("executed", "reviewed", "formalised", "ratified", "position"), 0)
        joined = {"sponsor": "sponsored", "steward": "stewarded", "contributor": "contributed"}
        for f in self.told("initiative.joined"):
            found[joined[f["data"]["as"]]] += self.actor(f["data"]["actor"]) == holder
        for f in self.told("debrief.held"):
            found["debriefed"] += holder in set(map(self.world.holder, f["data"]["participants"]))
        for name in ("executed", "reviewed", "formalised"):
            for f in self.told(f"decision.{name}"):
                found[name] += bool(f["data"].get("by")) and self.actor(f["data"]["by"]) == holder
        for f in self.told("decision.ratified"):
            found["ratified"] += sum(self.actor(one) == holder for one in f["data"]["by"])
        for f in self.told("decision.position_taken"):
            found["position"] += self.actor(f["data"]["by"]) == holder
        return {name: count for name, count in found.items() if count}

    # proposing

    def taken(self, holder: str) -> Facts:
        """How what they proposed came to be decided, each time it was made; if up, whether it had to be."""
        found = dict.fromkeys(("decided_alone", "decided_with_others", "asked_up", "could_alone"), 0)
        for act in self.made:
            proposers = self.of.proposers(f"decision/{act['decision']}")
            if act["word"] != "made" or holder not in proposers:
                continue
            if not had_part(self.world, act, holder) or self._escalated(act, holder):
                found["asked_up"] += 1
                found["could_alone"] += could_alone(self.world, act, holder)
            elif by_themselves(self.world, act, proposers):
                found["decided_alone"] += 1
            else:
                found["decided_with_others"] += 1
        return found

    def _escalated(self, act: Facts, holder: str) -> bool:
        return any(
            f["type"] == "decision.escalated"
            and self.actor(f["data"]["by"]) == holder
            and (f["occurred"], f["position"]) <= (act["occurred"], act["position"])
            for f in self.world.of("decision", act["decision"])
        )

    # how much is known

    def coverage(self) -> Facts:
        known = self.made
        shares = [self.world.actual(act, "seat") for act in known]
        kept = sum(part for one in shares for key, part in one.items() if key.startswith("body/"))
        anonymous = [f for f in self.told("consultation.advice_given") if not f["data"].get("by")]
        return {
            "decisions": len(known),
            "inferred": sum(act["attested"] == "inferred" for act in known),
            "unknown": len(self.chosen) - len(known),
            "proposers": sum(bool(self.of.proposers(f"decision/{act['decision']}")) for act in known),
            "electorate": sum(self._elected(act) for act in known),
            "consultation": sum(bool(self.requests(act)) for act in known),
            "unresolved": float(kept) / len(known) if known else None,
            "anonymous": sum(self._about_something(f) for f in anonymous),
        }

    def _elected(self, act: Facts) -> bool:
        told = self.world.of("decision", act["decision"])
        opened = [f["data"] for f in told if f["type"] == "decision.opened"]
        return bool(opened and opened[-1].get("electorate"))

    def _about_something(self, given: Facts) -> bool:
        told = self.world.of("consultation", given["id"])
        return any(f["type"] == "consultation.requested" for f in told)

    # all together

    def together(self, asked: Facts) -> Facts:
        """Of all of these: who took part, and how it was spread; of a body, over its people."""
        roster = Roster(self.world, self.start, self.end).of(asked)
        put = [self._seated(one) for one in self.proposals() if one["parts"]]
        idle = {one for one in roster if not self.everything(one) and one not in added(put)}

        def spreading(of: dict[str, Any], n: int) -> Facts:
            within = {one: part for one, part in of.items() if one in roster or not asked.get("body")}
            return spread(within, roster) | {"n": n}

        seat = [self.world.actual(act, "seat") for act in self.made]
        given = [f["data"].get("by") for f in self.told("consultation.advice_given")]
        heard = {one: sum(self.advising(one)[:2]) for one in {self.actor(by) for by in given if by}}
        waits = self.waits()
        return {
            "roster": (len(roster) - len(idle), len(roster)),
            "idle": sorted(idle),
            "deciding": spreading(added(seat), len(self.made)),
            "advising": spreading(heard, sum(heard.values())),
            "proposing": spreading(added(put), len(put)),
            "waiting": spreading(
                added([{w["holder"]: (w["end"] - w["start"]) // MICROSECOND} for w in waits]), len(waits)
            ),
        }

    def _seated(self, proposal: Facts) -> dict[str, Fraction]:
        """The parts of a proposal, those of bodies over who sits in them."""
        parts: dict[str, Fraction] = {}
        for holder, part in proposal["parts"].items():
            seats = sorted(self.world.seats(holder[5:], proposal["start"])) if holder[:5] == "body/" else []
            for one in seats or [holder]:
                parts[one] = parts.get(one, Fraction(0)) + part / len(seats or [holder])
        return parts


MICROSECOND = timedelta(microseconds=1)


def added(several: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: sum(one.get(key, 0) for one in several) for key in {key for one in several for key in one}}
