"""Who was asked about one PEP: Discussions-To and Post-History as `consultation.requested` (pure)."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas import consultation
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.reading import ANOTHER, Step


@dataclass(slots=True)
class Consultations:
    """Folds one PEP's steps: one consultation a posting, and one for the place of discussion.

    Anyone may answer; the first author asks. A posting's date that the header no longer gives was wrong.
    """

    account: Account
    posted: dict[datetime, Fact] = field(default_factory=dict)
    discussion: Fact | None = None

    def follow(self, step: Step) -> None:
        asker = next((author for author in step.after.authors if author.startswith("actor/")), None)
        if asker is None:
            return
        self._discuss(step, asker)
        for date in step.after.posted:
            self._post(step, asker, date)
        self._withdraw(step)

    def _discuss(self, step: Step, asker: str) -> None:
        told = self.discussion
        if told is not None and step.renumbered and not step.after.discussed:
            self.account.retract(told, ANOTHER, step.commit, step.now)
        elif told is None and step.after.discussed:
            self.discussion = self._request(step, asker, "discussion", step.now)
        elif told is not None and step.after.discussed and (step.renumbered or not told.standing):
            self.account.restate(told, _requested(step, asker), step.now, step.commit, step.now)

    def _post(self, step: Step, asker: str, date: datetime) -> None:
        fact = self.posted.get(date)
        if fact is None:
            time = min(date, step.now)  # a posting announced is known when it is announced
            self.posted[date] = self._request(step, asker, f"{date:%Y-%m-%d}", time)
        elif step.renumbered:
            self.account.restate(fact, _requested(step, asker), fact.time, step.commit, step.now)
        elif not fact.standing:
            self.account.restate(fact, fact.data, fact.time, step.commit, step.now)

    def _request(self, step: Step, asker: str, what: str, time: datetime) -> Fact:
        name = f"{step.name}-{what}"
        id_ = f"{name}/requested@{short(step.commit)}"
        fact = Fact(id_, f"consultation/{name}", _requested(step, asker), time)
        return self.account.state(fact, step.now)

    def _withdraw(self, step: Step) -> None:
        for date, fact in self.posted.items():
            if fact.standing and date not in step.after.posted:
                reason = ANOTHER if step.renumbered else "the header no longer gives this date"
                self.account.retract(fact, reason, step.commit, step.now)


def _requested(step: Step, asker: str) -> consultation.Requested:
    return consultation.Requested(about=f"initiative/{step.name}", asked=(), by=asker.removeprefix("actor/"))
