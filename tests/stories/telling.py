"""How a story is told: plain CloudEvents in the order they arrive, and what a reader should see in them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

Json = dict[str, Any]
Rule = str | Json


class Seen(NamedTuple):
    """A knot that is open at the end. `since` bounds its beginning, both days included.

    `scopes`: any of these is right where the words leave it open; `actors` None: the words do not say whose.
    """

    pattern: str
    scopes: tuple[str, ...]
    actors: frozenset[str] | None
    since: tuple[datetime, datetime] | None
    severity: str | None


class Missed(NamedTuple):
    """What looks like a knot and is none: nothing of this pattern in this scope, ever.

    `mended`: it was one for a while, and is none any more.
    """

    pattern: str
    scope: str
    why: str
    actors: frozenset[str] | None = None
    mended: bool = False


def day(start: str, days: float = 0, hours: float = 0, minutes: float = 0) -> str:
    """An instant some time after the start of a day, or after an instant."""
    return spelt(moment(start) + timedelta(days=days, hours=hours, minutes=minutes))


def moment(text: str) -> datetime:
    """`2025-02-03` is nine in the morning of that day."""
    if "T" not in text:
        text += "T09:00:00"
    told = datetime.fromisoformat(text)
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def spelt(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def holder(name: str) -> str:
    """`ada` is `actor/ada`; `body/board` stays."""
    return name if "/" in name else f"actor/{name}"


def rule_of(rule: Rule) -> Json:
    return {"kind": rule} if isinstance(rule, str) else rule


class Story:
    """One organisation, as of the instant its story ends."""

    def __init__(self, name: str, start: str, end: str) -> None:
        self.name, self.start, self.end = name, start, moment(end)
        self._told: list[tuple[datetime, int, Json]] = []
        self.knots: list[Seen] = []
        self.near_misses: list[Missed] = []

    @property
    def events(self) -> list[Json]:
        """In the order they arrive."""
        return [event for _, _, event in sorted(self._told, key=lambda told: told[:2])]

    def tell(self, when: str, what: str, id: str, /, *, late: str | None = None, **data: Any) -> Json:
        """An event; `late`: it arrived only then. A trailing underscore in a member's name is dropped."""
        event = {
            "specversion": "1.0",
            "id": f"e-{len(self._told) + 1}",
            "source": f"urn:story:{self.name}",
            "type": f"locus.{what}.v1",
            "subject": f"{what.partition('.')[0]}/{id}",
            "time": spelt(moment(when)),
            "data": {name.rstrip("_"): value for name, value in data.items() if value is not None},
        }
        self._told.append((moment(late or when), len(self._told), event))
        return event

    def retract(self, when: str, event: Json) -> None:
        self._about(when, "retracted", event)

    def correct(self, when: str, event: Json, **change: Any) -> None:
        self._about(when, "corrected", event, **change)

    def _about(self, when: str, what: str, event: Json, **change: Any) -> None:
        named = {"source": event["source"], "id": event["id"], "reason": "It was noted wrongly."}
        self.tell(when, f"event.{what}", "x", **named, **change)["subject"] = event["subject"]

    def people(self, *names: str, **reports: str) -> None:
        """People, and those who report to somebody: `people("ada", ben="ada")`."""
        for name in (*names, *reports):
            told = {"kind": "person", "profile": {"name": name.title()}, "reports_to": reports.get(name)}
            self.tell(self.start, "actor.registered", name, **told)

    def agent(self, name: str, reports_to: str) -> None:
        told = {"kind": "agent", "profile": {"name": name}, "reports_to": reports_to}
        self.tell(self.start, "actor.registered", name, **told)

    def body(self, name: str, *seats: str, rule: Rule | None = None) -> None:
        stated = None if rule is None else rule_of(rule)
        self.tell(self.start, "body.formed", name, name=name.title(), kind="team", rule=stated)
        for actor in seats:
            self.tell(self.start, "body.seat_taken", name, actor=actor)

    def domain(self, name: str, parent: str | None = None, stakes: str | None = None) -> None:
        self.tell(self.start, "domain.defined", name, name=name.title(), parent=parent, stakes=stakes)

    def row(
        self, domain: str, decides: Iterable[str], rule: Rule = "any", when: str | None = None, **more: Any
    ) -> Json:
        """`must_ask`: mandatory contributors; `may_ask`: others."""
        must, may = more.pop("must_ask", ()), more.pop("may_ask", ())
        asked = [{"holder": holder(one), "mandatory": True} for one in must]
        asked += [{"holder": holder(one)} for one in may]
        for name in ("informs",):
            more |= {name: [holder(one) for one in more[name]]} if name in more else {}
        if "amends" in more:
            more["amends"] = [{"holder": holder(one)} for one in more["amends"]]
        told = {
            "by": [],
            "decides": [{"holder": holder(one)} for one in decides],
            "rule": rule_of(rule),
            "contributes": asked or None,
        }
        return self.tell(when or self.start, "matrix.row_set", domain, **told, **more)

    def field(self, domain: str, decides: Iterable[str], rule: Rule = "any", **more: Any) -> None:
        """A domain and its row, from the start."""
        self.domain(domain, more.pop("parent", None), more.pop("stakes", None))
        self.row(domain, decides, rule, **more)

    def opened(
        self, id: str, when: str, domain: str, by: str, electorate: Iterable[str] = (), **more: Any
    ) -> None:
        voters = [{"holder": holder(one)} for one in electorate]
        if "rule" in more:
            more["rule"] = rule_of(more["rule"])
        told = {"title": f"About {domain}", "domains": [domain], "electorate": voters, "by": by}
        self.tell(when, "decision.opened", id, **told, **more)

    def position(self, id: str, when: str, by: str, value: str = "approve", **more: Any) -> None:
        self.tell(when, "decision.position_taken", id, by=by, value=value, **more)

    def made(self, id: str, when: str, domain: str, *deciders: str, **more: Any) -> Json:
        """Written down, recorded and accepted, unless told otherwise."""
        told = {
            "domains": [domain],
            "outcome": "accepted",
            "deciders": [{"holder": holder(one)} for one in deciders],
            "attested": "recorded",
            "formality": "formal",
            "ref": f"https://minutes.example/{id}",
        }
        return self.tell(when, "decision.made", id, **told | more)

    def overridden(self, id: str, when: str, *deciders: str, outcome: str | None = "rejected") -> Json:
        told = {"deciders": [{"holder": holder(one)} for one in deciders], "reason": "It did not fit."}
        return self.tell(when, "decision.overridden", id, **told, outcome=outcome)

    def reopened(self, id: str, when: str, by: str) -> None:
        self.tell(when, "decision.reopened", id, by=by, reason="It was not thought through.")

    def asked(self, id: str, when: str, about: str, by: str, *asked: str, **more: Any) -> None:
        """A consultation about a decision."""
        told = {"about": f"decision/{about}", "asked": [holder(one) for one in asked], "by": by}
        self.tell(when, "consultation.requested", id, **told, **more)

    def advised(self, id: str, when: str, by: str, stance: str = "information") -> None:
        self.tell(when, "consultation.advice_given", id, by=by, stance=stance)

    def communicated(self, id: str, when: str, *to: str, late: str | None = None) -> None:
        self.tell(when, "decision.communicated", id, to=[holder(one) for one in to], late=late)

    def initiative(self, id: str, when: str, domain: str, *proposers: str) -> None:
        told = {"title": f"Change {domain}", "domains": [domain]}
        self.tell(when, "initiative.proposed", id, **told, proposers=[holder(one) for one in proposers])

    def debrief(self, id: str, when: str, about: str, *participants: str) -> None:
        told = {"about": about, "participants": [holder(one) for one in participants]}
        self.tell(when, "debrief.held", id, **told, worked=["We talked."])

    def knot(
        self,
        pattern: str,
        scope: str | tuple[str, ...],
        *actors: str | None,
        since: tuple[str, str] | str | None = None,
        severity: str | None = None,
    ) -> None:
        """One that is there at the end; actors `None`: the words do not say whose."""
        scopes = (scope,) if isinstance(scope, str) else scope
        first, last = (since, since) if isinstance(since, str) else since or (None, None)
        spelled = (moment(f"{first}T00:00"), moment(f"{last}T23:59:59")) if first and last else None
        whose = None if None in actors else frozenset(holder(one) for one in actors if one)
        named = tuple(f"domain/{one}" for one in scopes)
        self.knots.append(Seen(pattern, named, whose, spelled, severity))

    def near_miss(self, pattern: str, scope: str, why: str, *actors: str, mended: bool = False) -> None:
        whose = frozenset(map(holder, actors)) if actors else None
        self.near_misses.append(Missed(pattern, f"domain/{scope}", why, whose, mended))
