"""One PEP from its first appearance to its last header, as facts (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from schemas import Data, initiative
from services.connectors.peps.consultations import Consultations
from services.connectors.peps.decision import Decision
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.history import Version
from services.connectors.peps.mandates import Mandates
from services.connectors.peps.reading import ANOTHER, Reading, Readings, Step, carried

_ENDED = frozenset({"rejected", "withdrawn", "superseded", "april fool"})
_REASONS = {"superseded": "Superseded by another", "april fool": "It was an April fool's joke"}
_GONE = frozenset({"withdrawn", *_REASONS})


def story(versions: Iterable[Version], readings: Readings) -> Account:
    """Fold the versions of one PEP, parents first."""
    account = Account()
    told = Initiative(account)
    consultations, decision, mandates = Consultations(account), Decision(account), Mandates(account)
    before: Reading | None = None
    for version in versions:
        step = _step(version, readings, before, account)
        stood = decision.standing is not None
        told.follow(step, decided=stood)
        consultations.follow(step)
        decision.follow(step)
        mandates.follow(step, decision.acts[-1] if decision.standing else None, stood=stood)
        before = step.after
    return account


def _step(version: Version, readings: Readings, before: Reading | None, account: Account) -> Step:
    parent = version.parents[0].header if len(version.parents) == 1 else None
    now = version.commit.time
    if account.events:
        now = max(now, account.events[-1][0])
    after = carried(before, parent, version, readings[version])
    return Step(version=version, now=now, before=before, after=after)


@dataclass(slots=True)
class Initiative:
    """The proposal itself: put forward, laid aside, taken up again, withdrawn.

    One that another took the place of before it was decided, or that was a joke, was given up too.
    """

    account: Account
    proposed: Fact | None = None
    told: list[Fact] = field(default_factory=list)  # what else was said of this proposal
    withdrawn: Fact | None = None
    paused: bool = field(default=False)
    known: set[str] = field(default_factory=set)  # those who proposed it, or joined

    def follow(self, step: Step, *, decided: bool) -> None:
        """`decided` says whether a decision stood before this step."""
        if self.proposed is None:
            self.proposed = self._say(step, "proposed", self._proposal(step))
        elif step.renumbered:
            self._replace(step, self.proposed)
        else:
            self._restate(step, self.proposed)
        self._join(step, self.proposed.data)
        if step.turned or step.renumbered:
            self._turn(step, decided=decided)

    def _turn(self, step: Step, *, decided: bool) -> None:
        status = step.after.status
        if self.withdrawn and status not in _GONE:
            # The language has no word for taking up what was withdrawn: the withdrawal does not hold.
            self.account.retract(self.withdrawn, "it was taken up again", step.commit, step.now)
            self.withdrawn = None
        if status in _GONE and not self.withdrawn and not (decided and status == "superseded"):
            reason = _REASONS.get(status)
            self.withdrawn = self._tell(step, "withdrawn", initiative.Withdrawn(reason=reason))
        elif status == "deferred" and not self.paused:
            self._tell(step, "paused", initiative.Paused(reason="Deferred"))
            self.paused = True
        elif self.paused and status != "deferred" and status not in _ENDED:
            self._tell(step, "resumed", initiative.Resumed())
            self.paused = False

    def _proposal(self, step: Step) -> initiative.Proposed:
        return initiative.Proposed(
            title=step.after.title,
            domains=step.after.domains,
            proposers=step.after.authors,
            ref=f"https://peps.python.org/{step.name}/",
        )

    def _replace(self, step: Step, fact: Fact) -> None:
        """The number was given to another proposal, which appears now; nothing else was said of it before."""
        for said in reversed(self.told):
            if said.standing:
                self.account.retract(said, ANOTHER, step.commit, step.now)
        self.told, self.withdrawn, self.paused, self.known = [], None, False, set()
        self.account.restate(fact, self._proposal(step), step.now, step.commit, step.now)

    def _restate(self, step: Step, fact: Fact) -> None:
        """The type may be restated; title and authors are those of the first text, while it is the same.

        Many of the oldest named no author at first; theirs are those who were named first.
        """
        data = fact.data
        if isinstance(data, initiative.Proposed):
            proposers = data.proposers or step.after.authors
            data = msgspec.structs.replace(data, domains=step.after.domains, proposers=proposers)
        self.account.restate(fact, data, fact.time, step.commit, step.now)

    def _join(self, step: Step, proposal: Data) -> None:
        """Whoever joins the authors later contributes from then on."""
        if isinstance(proposal, initiative.Proposed):
            self.known.update(proposal.proposers)
        for author in step.after.joining:
            if author not in self.known:
                id_ = author.removeprefix("actor/")
                self._tell(step, f"joined/{id_}", initiative.Joined(actor=id_, as_="contributor"))
        self.known.update(step.after.authors)

    def _tell(self, step: Step, what: str, data: Data) -> Fact:
        self.told.append(self._say(step, what, data))
        return self.told[-1]

    def _say(self, step: Step, what: str, data: Data) -> Fact:
        id_ = f"{step.name}/{what}@{short(step.commit)}"
        return self.account.state(Fact(id_, f"initiative/{step.name}", data, step.now), step.now)
