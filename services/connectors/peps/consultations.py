"""Who was asked about one PEP: Discussions-To and Post-History as `consultation.requested` (pure)."""

from dataclasses import dataclass, field
from datetime import datetime

from schemas import consultation
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.reading import Step


@dataclass(slots=True)
class Consultations:
    """Folds one PEP's steps: one consultation a posting, and one for the place of discussion.

    Anyone may answer; the first author asks. A posting's date that the header no longer gives was wrong.
    """

    account: Account
    posted: dict[datetime, Fact] = field(default_factory=dict)
    discussed: bool = False

    def follow(self, step: Step) -> None:
        asker = next((author for author in step.after.authors if author.startswith("actor/")), None)
        if asker is None:
            return
        if step.after.discussed and not self.discussed:
            self.discussed = True
            self._request(step, asker, "discussion", step.now)
        for date in step.after.posted:
            self._post(step, asker, date)
        if step.after.posted:
            self._withdraw(step)

    def _post(self, step: Step, asker: str, date: datetime) -> None:
        fact = self.posted.get(date)
        if fact is None:
            time = min(date, step.now)  # a posting announced is known when it is announced
            self.posted[date] = self._request(step, asker, f"{date:%Y-%m-%d}", time)
        elif not fact.standing:
            self.account.restate(fact, fact.data, fact.time, step.commit, step.now)

    def _request(self, step: Step, asker: str, what: str, time: datetime) -> Fact:
        name = f"{step.name}-{what}"
        data = consultation.Requested(
            about=f"decision/{step.name}", asked=(), by=asker.removeprefix("actor/")
        )
        id_ = f"{name}/requested@{short(step.commit)}"
        return self.account.state(Fact(id_, f"consultation/{name}", data, time), step.now)

    def _withdraw(self, step: Step) -> None:
        for date, fact in self.posted.items():
            if fact.standing and date not in step.after.posted:
                reason = "the header no longer gives this date"
                self.account.retract(fact, reason, step.commit, step.now)
