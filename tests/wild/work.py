"""What an organisation does through its years: decisions asked for, made and told as its rows want."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.wild.charter import Charter, Row
from tests.wild.log import DAY, HOUR, MINUTE, Json, Log, spelt

STANCES = ("support", "concern", "objection", "information")


def wins(rule: Json, holders: dict[str, int], chosen: set[str]) -> bool:
    """Whether those chosen may decide, and nobody decides alone what several are named for."""
    if len(chosen) < max(rule.get("quorum", 0), 1 if rule["kind"] == "any" else min(2, len(holders))):
        return False
    if rule["kind"] == "all":
        return chosen == set(holders)
    if rule["kind"] == "quota":
        cast, total = sum(holders[one] for one in chosen), sum(holders.values())
        if "at_least" in rule:
            return cast >= min(rule["at_least"], total)
        part, whole = map(int, rule["more_than"].split("/"))
        return cast * whole > part * total
    return True


class Work:
    """The decisions of one organisation; its habits are drawn once."""

    def __init__(self, rng: Random, log: Log, charter: Charter) -> None:
        self.rng, self.log, self.c = rng, log, charter
        self.taking_part = rng.uniform(0.55, 1)
        self.days = rng.choice((0.5, 2, 6, 15, 30))
        self.undoing = rng.uniform(0, 0.02)
        self.formal = rng.random()
        self.initiatives = rng.random() * 0.6
        self.asks = rng.random() * 0.5
        self.attested = rng.choice(
            (("recorded",), ("recorded", "recorded", "observed"), ("inferred", "recorded"))
        )
        self.stances = [rng.uniform(0.4, 0.8), 0.15, rng.uniform(0.05, 0.2), 0.1]
        self.accepted = rng.uniform(0.6, 0.95)
        self.taken: list[tuple[datetime, str]] = []
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def soon(self, median: float, least: float = 0.02, most: float = 60) -> timedelta:
        days = self.rng.lognormvariate(0, 0.8) * median
        return timedelta(minutes=int(1440 * min(most, max(least, days))))

    # One piece of work

    def piece(self, domain: str, t: datetime) -> None:
        """From the first idea to what became of it."""
        rng = self.rng
        id, initiative = self.name("x"), None
        made = t + self.soon(self.days, 0.3, 45)
        row = self.c.row(domain, made)[1]
        deciders, who = self.deciders(domain, row, made)
        proposer = self.proposer(row, who, t, made)
        domains = [domain, *rng.sample([d for d in self.c.rows if d != domain], 1 if self._twice() else 0)]
        if proposer and rng.random() < self.initiatives:
            initiative = self.name("i")
            told = {"title": "An idea", "domains": domains, "proposers": [f"actor/{proposer}"]}
            self.log.tell(t, "initiative.proposed", initiative, **told)
            if rng.random() < 0.05:
                self.log.tell(t + self.soon(10), "initiative.withdrawn", initiative, reason="Not now.")
                return
        about = f"initiative/{initiative}" if initiative and rng.random() < 0.4 else f"decision/{id}"
        made = self.consulted(about, domain, proposer, who, t + 10 * MINUTE, made)
        row = self.c.row(domain, made)[1]
        deciders, who = self.drawn(domain, row, made, proposer, who)
        if proposer and rng.random() < self.formal:
            self.debated(id, domain, domains, initiative, proposer, row, who, t + HOUR, made)
        first = (
            "deferred"
            if rng.random() < 0.02
            else rng.choices(
                ("accepted", "provisional", "rejected"), (self.accepted, 0.05, 0.95 - self.accepted + 0.01)
            )[0]
        )
        self.made(id, domain, domains, initiative, row, deciders, made, first)
        if first == "deferred":
            again = self.consulted(
                f"decision/{id}", domain, proposer, who, made + HOUR, made + self.soon(8, 1, 20)
            )
            row = self.c.row(domain, again)[1]
            deciders, who = self.drawn(domain, row, again, proposer, who)
            self.made(id, domain, domains, initiative, row, deciders, again, "accepted")
            made = again
        self.afterwards(id, domain, domains, initiative, proposer, who, made)
        if initiative:
            self.carried_out(initiative, domain, made, proposer)

    def _twice(self) -> bool:
        return len(self.c.rows) > 1 and self.rng.random() < 0.05

    def drawn(
        self, domain: str, row: Row, t: datetime, proposer: str | None, before: set[str] | None = None
    ) -> tuple[list[Json], set[str]]:
        """Who decides, but for a proposer alone whose domain came to name others since."""
        named = {one for holder in row.decides for one in self.c.members(holder, t)}
        while True:
            deciders, who = self.deciders(domain, row, t, before)
            if not who == {proposer} != named:
                return deciders, who

    def deciders(
        self, domain: str, row: Row, t: datetime, before: set[str] | None = None
    ) -> tuple[list[Json], set[str]]:
        """Drawn from the row's own rule: one of `any`, equally; of others whoever came and as it takes."""
        if row.rule["kind"] == "any":
            holder = self.rng.choice(sorted(row.decides))
            lent = [
                to
                for since, until, d, f, to, _ in self.c.mandates
                if f == holder and since <= t < until and d in self.c.line(domain, t)
            ]
            holder = self.rng.choice(lent) if lent else holder
            alone = [one for one in before or () if f"actor/{one}" == holder]
            return self._of(holder, t, alone)
        chosen = self._who(row.rule, row.decides)
        if len(row.decides) == 1:
            return self._of(next(iter(row.decides)), t, [])
        people = {one.partition("/")[2] for one in chosen if one.startswith("actor/")}
        return [{"holder": one} for one in sorted(chosen)], people

    def _who(self, rule: Json, holders: dict[str, int]) -> set[str]:
        came = {one for one in sorted(holders) if self.rng.random() < self.taking_part}
        order = self.rng.sample(sorted(holders), len(holders))
        while not wins(rule, holders, came):
            came.add(next(one for one in order if one not in came))
        return came

    def _of(self, holder: str, t: datetime, alone: list[str]) -> tuple[list[Json], set[str]]:
        """A person; or a body, as one or by name."""
        if not holder.startswith("body/"):
            return [{"holder": holder}], {holder.partition("/")[2]}
        body = self.c.bodies[holder.partition("/")[2]]
        members = body.members(t)
        rule = body.rule or {"kind": "all"}
        people = {self.rng.choice(sorted(members))} if rule["kind"] == "any" else self._who(rule, members)
        if self.rng.random() < 0.5:
            return [{"holder": holder}], people
        under = holder.partition("/")[2]
        return [{"holder": f"actor/{one}", "under": under} for one in sorted(people)], people

    def proposer(self, row: Row, who: set[str], t: datetime, made: datetime) -> str | None:
        """Whoever may decide alone proposes only where no other is named; all others anything."""
        able: set[str] = set()
        for holder in row.decides:
            able |= set(self.c.members(holder, made)) | set(self.c.members(holder, t))
        able |= {to.partition("/")[2] for *_, to, _ in self.c.mandates}
        here = set(self.c.live(t, 200 * DAY))
        if row.rule["kind"] != "any":
            return self.rng.choice(sorted(here))
        others = {one for holder in row.decides for one in self.c.members(holder, made)} - who
        own = sorted(here & who) if len(who) == 1 and not others else []
        pool = own if own and self.rng.random() < 0.5 else sorted(here - able)
        return self.rng.choice(pool) if pool else None

    # Asking

    def consulted(
        self, about: str, domain: str, by: str | None, who: set[str], t: datetime, made: datetime
    ) -> datetime:
        """Everyone the row in force when it is made wants asked was asked in time; that instant."""
        asked: set[str] = set()
        asker = by or (sorted(a for a in who if a in self.c.people) or self.c.live(t))[0]
        extra = self._others(t) if self.rng.random() < self.asks else set()
        while True:
            row = self.c.row(domain, made)[1]
            missing = set(row.must) - asked | extra
            if self.rng.random() < 0.6:
                missing |= set(row.may) - asked
            if not missing:
                return made
            since = t if not asked else made
            made = max(made, since + timedelta(days=row.wait) + 4 * HOUR)
            self._ask(about, asker, missing, set(row.must), who, since, made)
            asked, extra = asked | missing, set()

    def _others(self, t: datetime) -> set[str]:
        return {
            f"actor/{a}"
            for a in self.rng.sample(self.c.live(t, 60 * DAY), min(2, len(self.c.live(t, 60 * DAY))))
        }

    def _ask(
        self, about: str, by: str, asked: set[str], must: set[str], who: set[str], t: datetime, made: datetime
    ) -> None:
        rng, id = self.rng, self.name("c")
        told = {"about": about, "asked": sorted(asked), "by": by, "mandatory": bool(asked & must) or None}
        self.log.tell(t, "consultation.requested", id, **told)
        for holder in sorted(asked):
            speaker = [one for one in self.c.members(holder, t) if one in self.c.live(t)]
            if speaker and rng.random() < self.taking_part:
                when = self._between(t, made)
                stance = rng.choices(STANCES, self.stances)[0]
                note = self.log.tell(
                    when, "consultation.advice_given", id, by=rng.choice(speaker), stance=stance
                )
                if rng.random() < 0.3:
                    ref = {"source": note["source"], "id": note["id"]}
                    told = {"advice": ref, "by": by, "disposition": rng.choice(("integrated", "declined"))}
                    self.log.tell(when + (made - when) / 2, "consultation.advice_answered", id, **told)
        if rng.random() < 0.6:
            self.log.tell(made - 2 * MINUTE, "consultation.closed", id, reason="complete", by=by)

    def _between(self, t: datetime, made: datetime) -> datetime:
        late = t + self.soon(self.days * 0.3)
        return late if late < made - HOUR else t + (made - HOUR - t) * self.rng.random()

    def debated(
        self,
        id: str,
        domain: str,
        domains: list[str],
        initiative: str | None,
        by: str,
        row: Row,
        who: set[str],
        t: datetime,
        made: datetime,
    ) -> None:
        """Opened, and positions of those who took part."""
        rng, rule, voters = self.rng, None, dict(row.decides)
        if len(voters) == 1 and next(iter(voters)).startswith("body/"):
            body = self.c.bodies[next(iter(voters)).partition("/")[2]]
            rule, voters = body.rule, {f"actor/{a}": w for a, w in body.members(made).items()}
        elif row.rule["kind"] == "any":
            voters = {f"actor/{a}": 1 for a in who}
        told: dict[str, Any] = {"title": "A question", "domains": domains, "by": by, "initiative": initiative}
        electorate = [{"holder": one, "weight": weight} for one, weight in voters.items()]
        self.log.tell(t, "decision.opened", id, **told, electorate=electorate, rule=rule or row.rule)
        if rng.random() < 0.1:
            t += (made - t) / 2
            self.log.tell(t, "decision.amended", id, by=by, round=2)
        for one in sorted(who):
            value = rng.choices(("approve", "reject", "abstain"), (0.7, 0.2, 0.1))[0]
            reason = "It fits." if rng.random() < 0.4 else None
            self.log.tell(
                self._between(t, made), "decision.position_taken", id, by=one, value=value, reason=reason
            )

    # Deciding, and after

    def made(
        self,
        id: str,
        domain: str,
        domains: list[str],
        initiative: str | None,
        row: Row,
        deciders: list[Json],
        t: datetime,
        outcome: str,
    ) -> None:
        rng, stakes = self.rng, None
        if row.limits or rng.random() < 0.1:
            stakes = rng.choice(("low", "medium", "high"))
        size = {"amount": rng.randint(10, 50000), "unit": "EUR"} if "max" in (row.limits or {}) else None
        review = (
            t + timedelta(days=rng.randint(30, 200))
            if outcome == "provisional" or rng.random() < 0.05
            else None
        )
        told = {
            "domains": domains,
            "initiative": initiative,
            "outcome": outcome,
            "deciders": deciders,
            "attested": rng.choice(self.attested),
            "formality": "formal",
            "stakes": stakes,
            "size": size,
            "ref": f"https://minutes.example/{id}",
            "review_on": spelt(review) if review else None,
        }
        event = self.log.tell(t, "decision.made", id, **told)
        self.taken.append((t, id))
        if review:
            by = min(self.c.live(review))
            self.log.tell(review - self.soon(5, 1, 20), "decision.reviewed", id, by=by, result="kept")
        if rng.random() < 0.01:
            self.log.mend(t, event, "corrected", data=event["data"] | {"title": "Its right title"})
        self.told(id, domain, row, t)

    def told(self, id: str, domain: str, row: Row, t: datetime) -> None:
        when = t + self.soon(1, 0.02, 10)
        to = sorted({*row.informs, *self.c.row(domain, when)[1].informs})
        if to or self.rng.random() < 0.2:
            self.log.tell(when, "decision.communicated", id, to=to or ["actor/p0"])

    def afterwards(
        self,
        id: str,
        domain: str,
        domains: list[str],
        initiative: str | None,
        by: str | None,
        who: set[str],
        made: datetime,
    ) -> None:
        rng = self.rng
        if rng.random() < 0.4:
            self.log.tell(made + self.soon(10), "decision.executed", id)
        fate, t = rng.random(), made + self.soon(25, 11, 80)
        row = self.c.row(domain, t)[1]
        _, able = self.deciders(domain, row, t)
        if fate < self.undoing / 2:
            voice = (sorted(a for a in able if a in self.c.people) or ["p0"])[0]
            self.log.tell(t, "decision.reopened", id, by=voice, reason="New facts.")
            again = self.consulted(
                f"decision/{id}", domain, voice, able, t + HOUR, t + self.soon(self.days, 1, 30)
            )
            row = self.c.row(domain, again)[1]
            self.made(
                id, domain, domains, initiative, row, self.drawn(domain, row, again, by)[0], again, "accepted"
            )
        elif fate < self.undoing:
            when = self.consulted(f"decision/{id}", domain, by, able, t, t + self.soon(5, 1, 20))
            row = self.c.row(domain, when)[1]
            deciders, able = self.deciders(domain, row, when)
            told = {"deciders": deciders, "outcome": rng.choice((None, "accepted", "rejected"))}
            self.log.tell(when, "decision.overridden", id, **told, reason="It did not hold.")
            self.told(id, domain, row, when)
            self.debrief(when, f"decision/{id}")
        elif fate < self.undoing + 0.01 and len(self.taken) > 1:
            self.log.tell(t, "decision.superseded", id, by_decision=rng.choice(self.taken[:-1])[1])
        elif fate < self.undoing + 0.02 and t + 40 * DAY < self.c.end:
            wrong = {
                "domains": [domain],
                "outcome": "accepted",
                "attested": "recorded",
                "deciders": [{"holder": "actor/p1"}],
            }
            self.log.mend(t, self.log.tell(t, "decision.made", self.name("x"), **wrong), "retracted")

    def debrief(self, t: datetime, about: str) -> None:
        when = t + self.soon(8, 1, 24)
        people = [f"actor/{a}" for a in self.c.live(when)[:5]]
        self.log.tell(
            when, "debrief.held", self.name("h"), about=about, participants=people, worked=["Most."]
        )
        if self.rng.random() < 0.4:
            self.log.tell(when + DAY, "lesson.recorded", self.name("l"), from_=about, text="Ask sooner.")

    def carried_out(self, id: str, domain: str, made: datetime, by: str | None) -> None:
        rng, t = self.rng, made + self.soon(3)
        self.log.tell(t, "initiative.started", id)
        if rng.random() < 0.3:
            self.log.tell(t + HOUR, "initiative.joined", id, actor=rng.choice(self.c.live(t)), as_="steward")
        if rng.random() < 0.1:
            waiting = f"actor/{rng.choice(self.c.live(t, 90 * DAY))}"
            self.log.tell(t + 2 * HOUR, "initiative.paused", id, reason="We wait.", waiting_on=waiting)
            t += self.soon(7, 1, 40)
            self.log.tell(t, "initiative.resumed", id)
        if rng.random() < 0.2:
            self.experiment(id, t + DAY)
        end = t + self.soon(60, 5, 300)
        outcome = rng.choices(("succeeded", "partial", "failed"), (8, 1, 1))[0]
        self.log.tell(end, "initiative.completed", id, outcome=outcome)
        if outcome == "failed" or rng.random() < 0.2:
            self.debrief(end, f"initiative/{id}")

    def experiment(self, initiative: str, t: datetime) -> None:
        id, ends = self.name("e"), t + self.soon(40, 7, 120)
        told = {"initiative": initiative, "hypothesis": "It is quicker.", "ends_at": spelt(ends)}
        self.log.tell(t, "experiment.started", id, **told)
        done = ends + self.soon(4, 0.1, 20)
        self.log.tell(
            done, "experiment.concluded", id, result=self.rng.choice(("supported", "refuted", "inconclusive"))
        )
        self.debrief(done, f"experiment/{id}")
