"""What the publishers of fault tests publish: small facts of every sort that views are built from."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]  # in structured mode
Unit = list[Event]  # one event, or an atomic batch

DOMAINS = [f"field-{n}" for n in range(6)]
ACTORS = [f"person-{n}" for n in range(12)]
BODIES = [f"circle-{n}" for n in range(3)]
# The subjects that publishers fight over.
HOT = ["initiative/reform", "initiative/relocation", f"matrix/{DOMAINS[-1]}"]
_START = datetime(2022, 1, 1, tzinfo=UTC)


class Author:
    """One publisher's imagination. Its ids are its own; the same seed gives the same facts."""

    def __init__(self, name: str, seed: str) -> None:
        self.source = f"urn:faults:{name}"
        self._name = name
        self._random = random.Random(seed)
        self._count = 0

    def foundation(self) -> Unit:
        """Domains, people and bodies, so that decisions have somewhere to belong."""
        start = _START - timedelta(days=1)
        person = {"kind": "person", "profile": {"name": "Somebody"}}
        people = [self._event("actor.registered", f"actor/{one}", start, person) for one in ACTORS]
        fields = [
            self._event("domain.defined", f"domain/{one}", start, {"name": one, "parent": DOMAINS[n // 2]})
            for n, one in enumerate(DOMAINS[1:])
        ]
        fields.append(self._event("domain.defined", f"domain/{DOMAINS[0]}", start, {"name": DOMAINS[0]}))
        bodies = [
            self._event(
                "body.formed",
                f"body/{one}",
                start,
                {"name": one, "kind": "circle", "rule": {"kind": "quota", "more_than": "1/2"}},
            )
            for one in BODIES
        ]
        return [*people, *fields, *bodies]

    def lone(self) -> Unit:
        """One new fact; what moves the structure, which every decision is read against, is rare."""
        kinds = [self._made, self._initiative, self._mandate, self._seat]
        (kind,) = self._random.choices(kinds, weights=[70, 26, 2, 2])
        return [kind()]

    def batch(self) -> Unit:
        """A decision from its opening to its end, to be recorded whole or not at all."""
        subject, at = self._subject("decision"), self._moment()
        domain, by = self._random.choice(DOMAINS), self._random.choice(ACTORS)
        electorate = [{"holder": f"actor/{one}"} for one in self._random.sample(ACTORS, 3)]
        opened = {"title": "Whether to go on", "domains": [domain], "electorate": electorate, "by": by}
        voices = [{"by": one["holder"].split("/")[1], "value": "approve"} for one in electorate]
        return [
            self._event("decision.opened", subject, at, opened),
            *(
                self._event("decision.position_taken", subject, at + timedelta(hours=n), voice)
                for n, voice in enumerate(voices, 1)
            ),
            self._made(subject, at + timedelta(days=1), domain),
        ]

    def contested(self, subject: str, version: int) -> Unit:
        """What others publish as well, if its subject is still at this version."""
        if subject.startswith("initiative/"):
            what, data = "initiative.revised", {"ref": f"urn:faults:{version}"}
        else:
            what, data = "matrix.row_set", self._row()
        event = self._event(what, subject, self._seldom_late(), data)
        return [event | {"expectedversion": version}]

    def contested_batch(self, subject: str, version: int) -> Unit:
        """A batch whose last event is contested: all of it depends on the version."""
        return [*self.batch(), *self.contested(subject, version)]

    def _made(
        self, subject: str | None = None, at: datetime | None = None, domain: str | None = None
    ) -> Event:
        holder = self._random.choice([f"actor/{ACTORS[0]}", f"actor/{ACTORS[1]}", f"body/{BODIES[0]}"])
        data = {
            "title": "Who delivers the paper — «the one next door»",
            "domains": [domain or self._random.choice(DOMAINS)],
            "outcome": self._random.choice(["accepted", "rejected", "provisional"]),
            "deciders": [{"holder": holder, "parts": self._random.randint(1, 5)}],
            "attested": "recorded",
            "size": {"amount": self._random.randint(1, 10_000), "unit": "EUR"},
        }
        return self._event("decision.made", subject or self._subject("decision"), at or self._moment(), data)

    def _row(self) -> dict[str, Any]:
        holder, weight = f"body/{self._random.choice(BODIES)}", self._random.randint(1, 9)
        return {
            "by": [self._random.choice(ACTORS)],
            "decides": [{"holder": holder, "weight": weight}],
            "rule": {"kind": "all"},
        }

    def _seat(self) -> Event:
        data = {"actor": self._random.choice(ACTORS), "weight": self._random.randint(1, 4)}
        return self._event(
            "body.seat_taken", f"body/{self._random.choice(BODIES)}", self._seldom_late(), data
        )

    def _mandate(self) -> Event:
        lender, borrower = self._random.sample(ACTORS, 2)
        data = {
            "scope": f"domain/{self._random.choice(DOMAINS)}",
            "from": f"actor/{lender}",
            "to": [f"actor/{borrower}"],
        }
        return self._event("mandate.delegated", self._subject("mandate"), self._seldom_late(), data)

    def _initiative(self) -> Event:
        data = {
            "title": "A better way",
            "domains": [self._random.choice(DOMAINS)],
            "proposers": [f"actor/{self._random.choice(ACTORS)}"],
        }
        return self._event("initiative.proposed", self._subject("initiative"), self._moment(), data)

    def _subject(self, kind: str) -> str:
        return f"{kind}/{self._name}-{self._count}"

    def _moment(self) -> datetime:
        """Any moment of three years: most facts come late."""
        return _START + timedelta(seconds=self._random.randrange(3 * 365 * 86_400))

    def _seldom_late(self) -> datetime:
        """Mostly after everything else: what moves the structure late has every decision since read anew."""
        if self._random.random() < 0.1:
            return self._moment()
        return _START + timedelta(days=3 * 365, minutes=self._count)

    def _event(self, what: str, subject: str, at: datetime, data: dict[str, Any]) -> Event:
        self._count += 1
        return {
            "specversion": "1.0",
            "id": f"{self._name}-{self._count}",
            "source": self.source,
            "type": f"locus.{what}.v1",
            "subject": subject,
            "time": at.isoformat().replace("+00:00", "Z"),
            "data": data,
        }


def altered(unit: Sequence[Event]) -> Unit:
    """The same identities with other content, which no ledger may take for a retry."""
    return [event | {"time": "2021-06-01T00:00:00Z"} for event in unit]
