"""Authority lent for one PEP: its delegates, as `mandate.*` facts (pure)."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from schemas import mandate
from services.connectors.peps.authority import COUNCIL_SEATED, authority
from services.connectors.peps.decision import Act
from services.connectors.peps.facts import Account, Fact, short
from services.connectors.peps.reading import Step


@dataclass(slots=True)
class Lent:
    """A mandate that stands, who lent it and to whom."""

    grantor: str
    delegates: tuple[str, ...]
    fact: Fact


@dataclass(slots=True)
class Mandates:
    """Folds one PEP's steps. A mandate is stated when the header names a delegate, by who could lend then."""

    account: Account
    lent: list[Lent] = field(default_factory=list)
    named: datetime | None = None  # when the present delegates were first named

    def follow(self, step: Step, act: Act | None, *, stood: bool) -> None:
        """`act` is the decision that stands after this step, if one does; `stood` if one did before it."""
        before = step.before.delegates if step.before else ()
        if step.after.delegates != before:
            self.named = step.now
            if not stood:
                self._recall(step, before, act.time if act else step.now)
            elif step.after.delegates:  # a header that was only tidied away takes nothing back
                self._disown(step, before)
            if act is None:
                self._lend(step, step.after.delegates, authority(step.now), step.now, None)
        if act is not None:
            self._cover(step, act)

    def _cover(self, step: Step, act: Act) -> None:
        """See that whoever decided had it in hand: a header is often written after the decision."""
        grantor, delegates, time = authority(act.time), act.lent_to(), act.time
        for lent in self.lent:
            if lent.grantor == grantor and lent.delegates == delegates:
                self._reach_back(step, lent, time)
                return
        stated = step.now
        if self.named is not None and authority(self.named) is None:
            stated = self.named  # named while nobody could lend: in force once somebody could
        start = max(stated, COUNCIL_SEATED) if stated < step.now else stated
        effective = min(start, time)
        self._lend(step, delegates, grantor, stated, effective if effective != stated else None)

    def _reach_back(self, step: Step, lent: Lent, time: datetime) -> None:
        data = lent.fact.data
        if not isinstance(data, mandate.Delegated) or time >= (data.effective_from or lent.fact.time):
            return
        earlier = msgspec.structs.replace(data, effective_from=time)
        self.account.restate(lent.fact, earlier, lent.fact.time, step.commit, step.now)

    def _lend(
        self,
        step: Step,
        delegates: tuple[str, ...],
        grantor: str | None,
        stated: datetime,
        effective: datetime | None,
    ) -> None:
        to = tuple(holder for holder in delegates if holder != grantor)
        if grantor is None or not to:
            return
        data = mandate.Delegated(
            scope=f"initiative/{step.name}", from_=grantor, to=to, effective_from=effective
        )
        id_ = f"{step.name}/delegated@{short(step.commit)}"
        fact = Fact(id_, f"mandate/{step.name}-{short(step.commit)}", data, stated)
        self.lent.append(Lent(grantor, to, self.account.state(fact, step.now)))

    def _recall(self, step: Step, delegates: tuple[str, ...], time: datetime) -> None:
        """Others are named, or none: whom the header named has no say from now, or in this decision."""
        for lent in self._lent_to(delegates):
            data = mandate.Ended(reason="The header names others")
            id_ = f"{lent.fact.id}/ended@{short(step.commit)}"
            fact = Fact(id_, lent.fact.subject, data, max(time, lent.fact.time))
            self.account.state(fact, step.now)
            self.lent.remove(lent)

    def _disown(self, step: Step, delegates: tuple[str, ...]) -> None:
        """Others are named after the decision: the newest header says who decided, so these never could."""
        for lent in self._lent_to(delegates):
            self.account.retract(lent.fact, "the header names others", step.commit, step.now)
            self.lent.remove(lent)

    def _lent_to(self, delegates: tuple[str, ...]) -> list[Lent]:
        return [lent for lent in self.lent if set(lent.delegates) <= set(delegates)]
