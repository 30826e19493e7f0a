"""Random histories with more of what goes on around decisions: sessions, pulses, lessons, initiatives."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.histories import ACTORS, BODIES, DECISIONS, DOMAINS, INITIATIVES, SOURCES
from tests.lifecycles import possible

Facts = dict[str, Any]
TITLES = ["A question", "a  question.", "Something", "Who pays", "nobody knows", "Nobody  knows."]
HOLDERS = [*(f"actor/{actor}" for actor in ACTORS), *(f"body/{body}" for body in BODIES)]


def reflective(events: list[Facts], rng: Random) -> list[Facts]:
    """The same, and more in the midst of it: what a ledger would take, in the order of publication."""
    more = _More(events, rng)
    more.spaces()
    more.pulses()
    more.learning()
    for number in range(rng.randint(0, 3)):
        more.initiative(number)
    for _ in range(rng.randint(0, 10)):
        more.tell(f"decision/{rng.choice(DECISIONS)}", "communicated", more.at(), to=more.holders(1, 4))
    late = timedelta(days=60)
    told = sorted(more.told, key=lambda e: datetime.fromisoformat(e["time"]) + late * (rng.random() < 0.15))
    places = sorted(rng.randint(len(events) // 4, len(events)) for _ in told)
    merged = list(events)
    for place, event in reversed(list(zip(places, told, strict=True))):
        merged.insert(place, event)
    return taken(merged)


def taken(events: list[Facts]) -> list[Facts]:
    """Those that a ledger would take."""
    streams: dict[str, list[Facts]] = {}
    for event in events:
        stream = streams.setdefault(event["subject"], [])
        if possible([*stream, event]):
            stream.append(event)
    kept = {id(event) for stream in streams.values() for event in stream}
    return [event for event in events if id(event) in kept]


class _More:
    """What is told beside a history, in the time it took."""

    def __init__(self, events: list[Facts], rng: Random) -> None:
        times = sorted(datetime.fromisoformat(event["time"]) for event in events)
        self.rng, self.first, self.last = rng, times[0], times[-1]
        self.told: list[Facts] = []

    def at(self, since: datetime | None = None, until: datetime | None = None) -> datetime:
        since, until = since or self.first, until or self.last
        return since + (until - since) * self.rng.random()

    def tell(self, subject: str, what: str, time: datetime, **data: Any) -> None:
        self.told.append(
            {
                "specversion": "1.0",
                "id": f"r-{len(self.told)}",
                "source": self.rng.choice(SOURCES),
                "subject": subject,
                "type": f"locus.{subject.partition('/')[0]}.{what}.v1",
                "time": time.isoformat().replace("+00:00", "Z"),
                "data": {name: value for name, value in data.items() if value is not None},
            }
        )

    def some(self, chance: float, *of: Any) -> Any:
        """One of these with this chance, else None."""
        return self.rng.choice(of) if self.rng.random() < chance else None

    def holders(self, least: int, most: int) -> list[str]:
        return self.rng.sample(HOLDERS, self.rng.randint(least, most))

    def texts(self) -> list[str]:
        return self.rng.choices(TITLES, k=self.rng.choice((0, 0, 1, 2)))

    def spaces(self) -> None:
        for number in range(self.rng.randint(1, 3)):
            space, opened = f"space/r-{number}", self.at()
            self.tell(
                space,
                "opened",
                opened,
                name="A circle",
                kind="circle",
                members=self.holders(0, 4),
                domains=self.rng.sample(DOMAINS, self.rng.choice((0, 1, 2))),
                cadence=self.some(0.75, "P7D", "P2W", "P1M"),
            )
            ends = self.some(0.3, self.at(opened))
            for _ in range(self.rng.randint(0, 8)):
                weeks = opened + timedelta(days=7 * self.rng.randint(0, 4))  # just when a period ends
                time = weeks if self.rng.random() < 0.2 else self.at(opened, ends)
                if time <= (ends or self.last):
                    self.session(space, time)
            if ends:
                self.tell(space, "closed", ends)

    def session(self, space: str, time: datetime) -> None:
        said = {name: self.texts() for name in ("obstacles", "insights", "needs", "upcoming")}
        shared = self.rng.choices(DECISIONS, k=self.rng.randint(0, 3))
        facilitator = self.some(0.5, *HOLDERS)
        came = self.holders(1, 5)
        self.tell(
            space, "session_held", time, attendees=came, decisions=shared, facilitator=facilitator, **said
        )

    def pulses(self) -> None:
        for number in range(self.rng.randint(0, 12)):
            self.tell(
                f"pulse/r-{number}",
                "recorded",
                self.at(),
                body=self.rng.choice(BODIES),
                question=self.rng.choice(("trust", "trust", "clarity", "autonomy", "energy")),
                experienced=round(self.rng.random(), 2),
                respondents=self.rng.randint(5, 20),
                stated=self.some(0.7, 0, 0.25, 0.5, 0.83, 1),
            )

    def learning(self) -> None:
        """Experiments, debriefs, lessons and rows that rest on them."""
        rng = self.rng
        abouts = [f"decision/{d}" for d in DECISIONS] + [f"initiative/{i}" for i in INITIATIVES]
        for number in range(rng.randint(0, 4)):
            abouts.append(f"experiment/r-{number}")
            self.experiment(abouts[-1])
        for number in range(rng.randint(0, 6)):
            said = {name: self.texts() for name in ("worked", "failed", "adjustments")}
            about, people = rng.choice(abouts), self.holders(0, 3)
            abouts.append(f"debrief/r-{number}")
            self.tell(abouts[-1], "held", self.at(), about=about, participants=people, **said)
        for number in range(rng.randint(0, 6)):
            source = {"from": rng.choice(abouts)}
            row = self.some(0.6, *DOMAINS)
            self.tell(
                f"lesson/r-{number}", "recorded", self.at(), text="It is so.", proposes_row=row, **source
            )
            for _ in range(rng.choice((0, 1, 2))):
                self.row(f"lesson/r-{number}")

    def experiment(self, subject: str) -> None:
        start = self.at()
        self.tell(
            subject,
            "started",
            start,
            hypothesis="It may do.",
            initiative=self.some(0.5, *INITIATIVES),
            limits=self.some(0.5, {"text": "within reason"}),
            ends_at=self.some(0.5, self.at(start).isoformat()),
        )
        if self.rng.random() < 0.6:
            result = self.rng.choice(("supported", "refuted", "inconclusive"))
            self.tell(subject, "concluded", self.at(start), result=result, evidence=self.some(0.5, "seen"))

    def row(self, basis: str) -> None:
        self.tell(
            f"matrix/{self.rng.choice(DOMAINS)}",
            "row_set",
            self.at(),
            by=["a-1"],
            decides=[{"holder": holder} for holder in self.holders(1, 3)],
            rule={"kind": "any"},
            contributes=[],
            informs=self.holders(0, 2),
            basis=basis,
        )

    def initiative(self, number: int) -> None:
        """One initiative from its proposal to its end, and the decisions it leads to."""
        rng, subject, start = self.rng, f"initiative/r-{number}", self.at()
        self.tell(
            subject,
            "proposed",
            start,
            title=rng.choice(TITLES),
            domains=rng.sample(DOMAINS, rng.choice((1, 2))),
            proposers=self.holders(0, 3),
            stakes=self.some(0.4, "low", "high"),
            body=self.some(0.4, *BODIES),
            ref=self.some(0.3, "https://plans.example/1"),
        )
        for _ in range(rng.choice((0, 1, 2))):
            as_ = {"as": rng.choice(("sponsor", "steward", "contributor"))}
            self.tell(subject, "joined", self.at(start), actor=rng.choice(ACTORS), **as_)
        if rng.random() < 0.5:
            self.tell(subject, "revised", self.at(start), ref=self.some(0.7, "https://plans.example/2"))
        self.work(subject, start)
        for decision in range(rng.choice((0, 1, 2))):
            self.decision(f"decision/r-{number}-{decision}", f"r-{number}", start)
        if rng.random() < 0.6:
            self.consultation(f"consultation/r-{number}", subject, start)

    def work(self, subject: str, start: datetime) -> None:
        moments = iter(sorted(self.at(start) for _ in range(5)))
        for what, chance in (("started", 0.7), ("paused", 0.6), ("resumed", 0.5), ("paused", 0.3)):
            if self.rng.random() < chance:
                on = {"reason": "waiting", "waiting_on": self.some(0.7, *HOLDERS)} if what == "paused" else {}
                self.tell(subject, what, next(moments), **on)
        if self.rng.random() < 0.2:
            self.tell(subject, "withdrawn", next(moments), reason=self.some(0.5, "no longer"))
        elif self.rng.random() < 0.5:
            self.tell(
                subject, "completed", next(moments), outcome=self.some(0.8, "succeeded", "partial", "failed")
            )

    def decision(self, subject: str, initiative: str, start: datetime) -> None:
        opened = self.at(start)
        self.tell(
            subject,
            "opened",
            opened,
            title=self.rng.choice(TITLES),
            domains=self.rng.sample(DOMAINS, 1),
            electorate=[{"holder": one} for one in self.holders(0, 3)],
            by=self.rng.choice(ACTORS),
            initiative=initiative,
        )
        if self.rng.random() < 0.7:
            self.tell(
                subject,
                "made",
                self.at(opened),
                domains=self.rng.sample(DOMAINS, 1),
                outcome=self.rng.choice(("accepted", "accepted", "rejected", "deferred")),
                deciders=[{"holder": one} for one in self.holders(0, 2)],
                attested=self.rng.choice(("recorded", "inferred")),
            )

    def consultation(self, subject: str, about: str, start: datetime) -> None:
        asked = self.at(start)
        self.tell(
            subject, "requested", asked, about=about, asked=self.holders(0, 3), by=self.rng.choice(ACTORS)
        )
        for _ in range(self.rng.randint(0, 2)):
            stance = self.rng.choice(("support", "concern"))
            self.tell(subject, "advice_given", self.at(asked), stance=stance, by=self.some(0.9, *ACTORS))
        if self.rng.random() < 0.4:
            self.tell(subject, "closed", self.at(asked), reason="timeout")
